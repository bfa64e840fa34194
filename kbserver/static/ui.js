// What several pages share: the toast, copying, and waiting for a pause in typing.

const toast = document.querySelector("[data-toast]");
let hiding;

export const say = (text, milliseconds = 1800) => {
  toast.textContent = text;
  toast.classList.add("is-shown");
  clearTimeout(hiding);
  hiding = setTimeout(() => toast.classList.remove("is-shown"), milliseconds);
};

export const copy = async (text, done = toast.dataset.copied) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // The clipboard is closed to pages that do not come over https or from this machine.
    if (!copyBySelection(text)) return say(toast.dataset.failed);
  }
  say(done);
};

const copyBySelection = (text) => {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "hidden";
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  return isCopied;
};

export const copySteps = async (id) => {
  const answer = await fetch(`/articles/${encodeURIComponent(id)}/steps`);
  const text = answer.ok ? await answer.text() : "";
  if (!text.trim()) return say(toast.dataset.noSteps);
  await copy(text, toast.dataset.steps);
  tell(id, "copied");
};

export const tell = (id, event) => send(`/articles/${encodeURIComponent(id)}/feedback`, { event, search_id: searchId() }, { keepalive: true });

// Everything that changes something carries the page's token, as the forms do.
export const send = (address, fields, options = {}) => {
  const headers = { "X-CSRF-Token": document.querySelector("meta[name=csrf-token]").content, "X-Requested-With": "fetch" };
  return fetch(address, { method: "POST", headers, body: new URLSearchParams(fields), ...options });
};

const searchId = () =>
  document.querySelector("[data-search-id]")?.dataset.searchId ?? document.querySelector("[name=search_id]")?.value ?? "";

export const whenPaused = (milliseconds, act) => {
  let waiting;
  const later = (...values) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => act(...values), milliseconds);
  };
  later.cancel = () => clearTimeout(waiting);
  return later;
};

// While an input method composes, what stands in the box is not yet what is meant.
export const onTyped = (input, act) => {
  input.addEventListener("input", (event) => event.isComposing || act());
  input.addEventListener("compositionend", act);
};

export const isComposing = (event) => event.isComposing || event.keyCode === 229;
