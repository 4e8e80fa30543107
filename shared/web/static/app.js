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
      const text = (left < 0 ? words.dataset.over : words.dataset.left).replace("#", Math.abs(left).toLocaleString(document.documentElement.lang));
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

  // A select becomes a search field over its choices (the ARIA combobox pattern). The select stays in the
  // form, hidden, and holds the value that is sent.
  const searchable = (field) => {
    const select = field.querySelector("select");
    if (!select || field.querySelector(".combobox")) return;
    const choices = Array.from(select.options).map((option) => ({
      option,
      label: option.textContent.trim(),
      words: `${option.textContent} ${option.dataset.words || ""}`.toLocaleLowerCase(),
    }));
    const input = document.createElement("input");
    const list = document.createElement("ul");
    const status = document.createElement("span");
    const box = document.createElement("div");
    let shown = [];
    let active = -1;

    input.type = "text";
    input.className = "ds-input";
    input.id = select.id;
    input.autocomplete = "off";
    input.spellcheck = false;
    const set = (attributes) => Object.entries(attributes).forEach(([name, value]) => input.setAttribute(name, value));
    set({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${select.id}-list` });
    ["aria-describedby", "aria-invalid", "required"].forEach((name) => {
      if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    });
    list.id = `${select.id}-list`;
    list.className = "combobox__list";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", field.querySelector("label").firstChild.textContent.trim());
    status.className = "ds-sr-only";
    status.setAttribute("role", "status");
    box.className = "combobox";
    select.id = `${select.id}-select`;
    select.hidden = true;
    select.required = false;
    select.before(box);
    box.append(input, list, status, select);

    const chosen = () => choices.find((choice) => choice.option.selected);
    const restore = () => { input.value = chosen() ? chosen().label : ""; };
    const close = () => {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const activate = (position) => {
      active = position;
      Array.from(list.children).forEach((item, index) => item.toggleAttribute("data-active", index === active));
      if (active < 0) return;
      const item = list.children[active];
      input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    };
    const choose = (choice) => {
      choice.option.selected = true;
      select.dispatchEvent(new Event("change", { bubbles: true }));
      restore();
      close();
    };
    const open = (query) => {
      const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
      shown = choices.filter((choice) => words.every((word) => choice.words.includes(word)));
      list.replaceChildren(...shown.map((choice, index) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${index}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", String(choice.option.selected));
        item.textContent = choice.label;
        // mousedown, not click: the field must not lose focus first.
        item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(choice); });
        return item;
      }));
      status.textContent = shown.length ? field.dataset.found.replace("#", shown.length) : field.dataset.none;
      none.hidden = shown.length > 0;
      list.hidden = shown.length === 0;
      input.setAttribute("aria-expanded", String(shown.length > 0));
      input.removeAttribute("aria-activedescendant");
      active = -1;
    };
    const none = document.createElement("p");
    none.className = "combobox__none";
    none.setAttribute("aria-hidden", "true");
    none.textContent = field.dataset.none;
    none.hidden = true;
    box.append(none);

    input.addEventListener("input", () => open(input.value));
    input.addEventListener("click", () => { if (list.hidden) { input.select(); open(""); } });
    input.addEventListener("blur", () => {
      const exact = choices.find((choice) => choice.label.toLocaleLowerCase() === input.value.trim().toLocaleLowerCase());
      if (exact && !exact.option.selected) choose(exact);
      restore();
      close();
      none.hidden = true;
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) { open(""); }
        const step = event.key === "ArrowDown" ? 1 : -1;
        activate((active + step + shown.length) % (shown.length || 1));
      } else if (event.key === "Enter" && !list.hidden && active >= 0) {
        event.preventDefault();
        choose(shown[active]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        restore();
        close();
      }
    });
    // The browser may bring a choice back with the back button after this has run.
    window.addEventListener("pageshow", restore);
    restore();
  };

  const enhance = (root) => {
    all("[data-searchable]", root).forEach(searchable);
    all("textarea[data-limit]", root).forEach(countDown);
    all("form[data-once]", root).forEach(sendOnce);
    focusSummary(root);
  };

  enhance(document);
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.target instanceof Element) enhance(event.target);
  });
})();
