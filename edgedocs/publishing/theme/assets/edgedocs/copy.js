// The copy button gives the tested text to the byte. Material trims the end of data-copy; its clipboard code leaves
// data-clipboard-text as it is, and reads that first.
document.addEventListener(
  "click",
  (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-clipboard-target]") : null
    const code = button ? document.querySelector(button.getAttribute("data-clipboard-target")) : null
    const block = code ? code.closest("[data-copy]") : null
    if (block) button.setAttribute("data-clipboard-text", block.getAttribute("data-copy"))
  },
  true,
)
