// Nothing that was typed is lost: it is kept in this browser at once and on the server every few seconds.

import { isComposing, whenPaused } from "./ui.js";

const KEEP_PAUSE = 250;
const SAVE_PAUSE = 1500;
const SAVE_AT_LEAST = 5000;
const RETRY = 5000;
const MOST_AT_CLOSING = 60_000;

const NOT_TEXT = new Set(["csrf_token", "draft_version", "action"]);

const fieldsOf = (form) => [...new FormData(form)].filter(([name]) => !NOT_TEXT.has(name));
const textOf = (form) => JSON.stringify(fieldsOf(form));

export const attachSaving = (form, { status, notes, words, onSaved }) => {
  // The buttons are named action, so the form's property of that name is one of them.
  const address = form.getAttribute("action");
  const key = `draft:${words.editor}`;
  const version = form.elements.draft_version;
  let saved = textOf(form);
  let saving = null;
  let isStopped = false;
  let isLeaving = false;
  let lastSaved = Date.now();

  const say = (text, kind = "") => {
    status.textContent = text;
    status.dataset.kind = kind;
  };

  // ---- In this browser ----

  const stored = () => {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  };

  const forget = () => {
    try {
      localStorage.removeItem(key);
    } catch {
      // A browser that keeps nothing has nothing to forget.
    }
  };

  const keep = () => {
    if (isLeaving) return;
    try {
      localStorage.setItem(key, JSON.stringify({ version: version.value, fields: fieldsOf(form) }));
    } catch {
      // Storage may be full or forbidden; the server has the text in a moment.
    }
  };

  const bringBack = () => {
    const kept = stored();
    if (!kept || new URLSearchParams(location.search).has("settled")) return forget();
    if (JSON.stringify(kept.fields) === saved) return forget();
    const before = fieldsOf(form);
    put(kept.fields);
    // The text belongs to the version it was written on; where that has passed, saving shows both texts.
    const current = version.value;
    version.value = kept.version;
    note(words.restored, words.discard, () => {
      put(before);
      version.value = current;
      forget();
    });
    save();
  };

  const put = (fields) => {
    for (const [name, value] of fields) {
      const field = form.elements[name];
      if (field && "value" in field) field.value = value;
    }
    form.dispatchEvent(new InputEvent("input", { bubbles: true }));
  };

  const note = (text, label, act) => {
    const line = document.createElement("p");
    line.className = "notice caution";
    const said = document.createElement("span");
    said.textContent = text;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = label;
    button.addEventListener("click", () => {
      line.remove();
      act();
    });
    line.append(said, button);
    notes.append(line);
  };

  // ---- On the server ----

  const isDirty = () => textOf(form) !== saved;

  const save = async () => {
    if (isStopped) return false;
    if (saving) {
      await saving;
      return isDirty() ? save() : true;
    }
    if (!isDirty()) return true;
    saving = send();
    const isDone = await saving;
    saving = null;
    return isDone;
  };

  const send = async () => {
    const text = textOf(form);
    say(words.saving);
    try {
      const answer = await fetch(address, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
      if (!answer.ok) return refused(answer.status, await answer.json());
      const told = await answer.json();
      version.value = told.version;
      saved = text;
      lastSaved = Date.now();
      say(words.saved.replace("{time}", told.saved));
      isDirty() ? keep() : forget();
      onSaved();
      return true;
    } catch {
      say(words.offline, "caution");
      saveLater();
      return false;
    }
  };

  const refused = (code, problem) => {
    if (code === 409) {
      isStopped = true;
      say(words.conflict, "caution");
      note(words.conflict, words.compare, () => leaveBy(form.querySelector("[data-save]")));
    } else if (code === 401 || code === 403) {
      say(words.signedOut, "caution");
    } else {
      say(problem.detail, "caution");
    }
    if (code >= 500) saveLater();
    return false;
  };

  const saveLater = whenPaused(RETRY, save);
  const saveSoon = whenPaused(SAVE_PAUSE, save);
  const keepSoon = whenPaused(KEEP_PAUSE, () => isDirty() && keep());

  form.addEventListener("input", (event) => {
    if (isComposing(event)) return;
    if (!isStopped && isDirty()) say(words.unsaved);
    keepSoon();
    Date.now() - lastSaved > SAVE_AT_LEAST && !saving ? save() : saveSoon();
  });
  form.addEventListener("change", () => save());
  window.addEventListener("online", () => save());
  window.addEventListener("blur", () => save());

  // ---- Leaving ----

  const leaveBy = (button) => {
    isLeaving = true;
    form.requestSubmit(button);
  };

  // What is still on its way must arrive first, or the page would meet its own save as somebody else's.
  form.addEventListener("submit", async (event) => {
    if (isLeaving) return;
    event.preventDefault();
    const button = event.submitter;
    saveSoon.cancel();
    if (button?.matches("[data-save]")) return save();
    if (isDirty()) keep();
    // A form that is still telling its listeners of one submission begins no other.
    if ((await save()) || isStopped) setTimeout(leaveBy, 0, button);
  });

  const atClosing = () => {
    if (isStopped || isLeaving || !isDirty()) return;
    keep();
    if (saving || textOf(form).length * 3 > MOST_AT_CLOSING) return;
    fetch(address, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, keepalive: true });
  };
  document.addEventListener("visibilitychange", () => (document.visibilityState === "hidden" ? save() : undefined));
  window.addEventListener("pagehide", atClosing);

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const button = form.querySelector({ s: "[data-save]", Enter: "[data-submit]" }[event.key]);
    if (!button || isComposing(event)) return;
    event.preventDefault();
    form.requestSubmit(button);
  });

  bringBack();
};
