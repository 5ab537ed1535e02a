// The wheel lies beside the pages wherever they are served from, so the command names this copy of the site.
const address = (code) => new URL(code.dataset.edgedocsWheel, document.baseURI).href
for (const code of document.querySelectorAll("[data-edgedocs-wheel]"))
  code.textContent = `pip install "${code.dataset.edgedocsBefore}${address(code)}"`

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest(".edgedocs-install__copy") : null
  if (button) navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent)
})
