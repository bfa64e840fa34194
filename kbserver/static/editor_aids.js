// Beside the text: the page it will become, what is missing, and what there is already.

import { goToLine, sectionNumber } from "./editor_text.js";
import { isComposing, whenPaused } from "./ui.js";

const SEE_PAUSE = 250;
const CHECK_PAUSE = 700;

export const attachAids = (editor, form, text, { showPane }) => {
  const preview = editor.querySelector("[data-preview]");
  const checks = editor.querySelector("[data-checks]");
  const count = editor.querySelector("[data-open-checks]");

  // The newest answer counts; one that comes late is dropped.
  const asker = (path, show) => {
    let asking;
    return async () => {
      asking?.abort();
      asking = new AbortController();
      try {
        const answer = await fetch(form.getAttribute("action") + path, { method: "POST", body: new FormData(form), signal: asking.signal });
        if (answer.ok) show(await answer.text());
      } catch {
        // Without a connection the last answer stays; saving says what is the matter.
      }
    };
  };

  const see = asker("/preview", (html) => {
    const opened = [...preview.querySelectorAll("details")].map((one) => one.open);
    preview.innerHTML = html;
    preview.querySelectorAll("details").forEach((one, index) => (one.open = opened[index] ?? one.open));
    follow();
  });
  const check = asker("/checks", (html) => {
    checks.innerHTML = html;
    const open = checks.querySelectorAll("[data-missing]").length;
    count.textContent = open || "";
  });
  const seeSoon = whenPaused(SEE_PAUSE, see);
  const checkSoon = whenPaused(CHECK_PAUSE, check);

  form.addEventListener("input", (event) => {
    if (isComposing(event)) return;
    seeSoon();
    checkSoon();
  });

  // The preview shows the section that is written in; its own scrolling is left alone while that is in sight.
  let shownSection = -1;
  const follow = () => {
    const number = sectionNumber(text);
    if (number === shownSection || document.activeElement !== text) return;
    shownSection = number;
    const pane = preview.parentElement;
    const heading = preview.querySelectorAll("[data-body] :is(h1, h2, h3, h4, h5, h6)")[number];
    if (!heading || pane.scrollHeight <= pane.clientHeight) return;
    const place = heading.getBoundingClientRect().top - pane.getBoundingClientRect().top;
    if (place < 0 || place > pane.clientHeight * 0.6) pane.scrollTop += place - 24;
  };
  document.addEventListener("selectionchange", () => requestAnimationFrame(follow));

  // A link in the preview must not lead away from what is being written.
  preview.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    window.open(link.href, "_blank", "noopener");
  });

  checks.addEventListener("click", (event) => {
    const place = event.target.closest("[data-line], [data-field]");
    if (!place) return;
    event.preventDefault();
    showPane("write");
    if (place.dataset.line) return goToLine(text, Number(place.dataset.line));
    const field = form.elements[place.dataset.field];
    const folded = field.closest("details");
    if (folded) folded.open = true;
    field.focus();
  });

  return { checkSoon, check };
};
