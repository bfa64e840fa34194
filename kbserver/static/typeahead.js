// Suggestions under a search box, as the ARIA combobox pattern has it.

import { isComposing, onTyped, whenPaused } from "./ui.js";

const PAUSE = 120;

const attach = (form) => {
  const input = form.querySelector("input");
  const list = form.querySelector("[data-suggest]");
  const status = form.querySelector("[data-suggest-status]");
  list.id = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", list.dataset.label);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
    input.setAttribute(name, value);
  }

  let asking;
  let active = -1;
  const options = () => [...list.querySelectorAll("[role=option]")];

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const choose = (index) => {
    const all = options();
    all[active]?.setAttribute("aria-selected", "false");
    active = index < -1 ? all.length - 1 : index >= all.length ? -1 : index;
    if (active < 0) return input.removeAttribute("aria-activedescendant");
    all[active].setAttribute("aria-selected", "true");
    all[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", all[active].id);
  };

  const show = ({ queries, articles }) => {
    list.replaceChildren();
    const typed = input.value.trim();
    const other = queries.filter((query) => query !== typed);
    if (other.length) list.append(head(list.dataset.queries), ...other.map((query) => option(query, `/search?q=${encodeURIComponent(query)}`, "search")));
    if (articles.length) list.append(head(list.dataset.articles), ...articles.map(({ title, url }) => option(title, url, "file")));
    const all = options();
    all.forEach((item, index) => (item.id = `suggestion-${index}`));
    if (!all.length || document.activeElement !== input) return close();
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    status.textContent = list.dataset.count.replace("{n}", all.length);
  };

  const head = (text) => {
    const line = document.createElement("div");
    line.className = "suggest-head";
    line.setAttribute("role", "presentation");
    line.textContent = text;
    return line;
  };

  const option = (text, url, symbol) => {
    const item = document.createElement("a");
    item.href = url;
    item.tabIndex = -1;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    const label = document.createElement("span");
    label.textContent = text;
    item.append(form.querySelector(`[data-symbol=${symbol}]`).content.cloneNode(true), label);
    return item;
  };

  const ask = whenPaused(PAUSE, async () => {
    const text = input.value.trim();
    asking?.abort();
    if (!text) return close();
    asking = new AbortController();
    try {
      const answer = await fetch(`/api/v1/typeahead?q=${encodeURIComponent(text)}`, { signal: asking.signal });
      if (answer.ok) show(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  });

  onTyped(input, ask);
  input.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault());
  form.addEventListener("submit", close);
  input.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return ask();
      event.preventDefault();
      choose(active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      options()[active].click();
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
};

document.querySelectorAll("[data-search]").forEach(attach);
