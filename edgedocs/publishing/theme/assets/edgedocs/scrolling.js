// A table that is wider than the page scrolls inside it; so that this can be done with the keyboard too, it takes the
// focus, and says under which heading it stands. Material puts tables into their frames when the page has been read.
;(() => {
  const article = document.querySelector("article")
  if (!article) return
  const headings = "h1, h2, h3, h4, h5, h6"

  function heading(frame) {
    const before = [...article.querySelectorAll(headings)].filter(
      (other) => other.compareDocumentPosition(frame) & Node.DOCUMENT_POSITION_FOLLOWING,
    )
    return before.at(-1)?.firstChild?.textContent.trim() ?? document.title
  }

  function mark() {
    for (const frame of article.querySelectorAll(".md-typeset__scrollwrap")) {
      if (frame.scrollWidth > frame.clientWidth) {
        frame.tabIndex = 0
        frame.setAttribute("role", "group")
        frame.setAttribute("aria-label", heading(frame))
      } else if (frame.hasAttribute("tabindex")) {
        for (const name of ["tabindex", "role", "aria-label"]) frame.removeAttribute(name)
      }
    }
  }

  new MutationObserver(mark).observe(article, { childList: true, subtree: true })
  new ResizeObserver(mark).observe(article)
})()
