// The language switch opens under the pointer and with the focus. Escape closes it, until both have left it.
;(() => {
  for (const select of document.querySelectorAll(".md-header .md-select")) {
    select.addEventListener("keydown", (event) => {
      if (event.key === "Escape") select.dataset.dismissed = ""
    })
    for (const leaving of ["mouseleave", "focusout"]) {
      select.addEventListener(leaving, (event) => {
        if (!select.contains(event.relatedTarget)) delete select.dataset.dismissed
      })
    }
  }
})()
