// Copies the address of a case; the button is hidden where scripts or the clipboard are not there.
(() => {
  "use strict";
  if (!navigator.clipboard) return;
  document.querySelectorAll("[data-copy]").forEach((button) => {
    const status = button.parentElement.querySelector("[data-copy-status]");
    const words = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).href);
      button.textContent = button.dataset.copied;
      status.textContent = button.dataset.copied;
      setTimeout(() => { button.textContent = words; status.textContent = ""; }, 4000);
    });
  });
})();
