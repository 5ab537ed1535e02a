// In a site that was opened from its folder, nobody turns a link to a folder into one to its page.
(() => {
  if (location.protocol !== "file:") return
  function lead(link) {
    if (!link || link.protocol !== "file:" || !link.pathname.endsWith("/")) return
    link.pathname += "index.html"
  }
  const leadAll = () => document.querySelectorAll("a[href]").forEach(lead)
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", leadAll)
  else leadAll()
  for (const event of ["click", "auxclick", "focusin"])
    document.addEventListener(event, ({ target }) => lead(target.closest?.("a[href]")), true)
})()
