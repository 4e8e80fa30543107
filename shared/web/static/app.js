// What makes the pages a little better where scripts run. Every page works without.
(() => {
  "use strict";

  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));

  // The error summary gets focus, so that a screen reader reads it first.
  const focusSummary = (root) => all("[data-focus]", root).slice(0, 1).forEach((element) => element.focus());

  // Counts down what may still be written; says it aloud only when the writer pauses.
  const countDown = (field) => {
    const words = document.getElementById(`${field.id}-limit`);
    const status = words.parentElement.querySelector("[data-counter-status]");
    const limit = Number(field.dataset.limit);
    let pause;
    const show = () => {
      // A line break is sent as two characters, and counts as one here and on the server.
      const left = limit - Array.from(field.value).length;
      const text = (left < 0 ? words.dataset.over : words.dataset.left).replace("#", Math.abs(left));
      words.textContent = text;
      words.toggleAttribute("data-over-now", left < 0);
      clearTimeout(pause);
      pause = setTimeout(() => { status.textContent = left < limit / 5 ? text : ""; }, 900);
    };
    field.addEventListener("input", show);
    show();
  };

  // A double click sends once. Coming back with the back button, the form can be sent again.
  const sendOnce = (form) => {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "yes";
      setTimeout(() => { delete form.dataset.sent; }, 8000);
    });
  };
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));

  const enhance = (root) => {
    all("textarea[data-limit]", root).forEach(countDown);
    all("form[data-once]", root).forEach(sendOnce);
    focusSummary(root);
  };

  enhance(document);
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.target instanceof Element) enhance(event.target);
  });
})();
