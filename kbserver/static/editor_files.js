// Pictures and files: pasted, dropped or chosen; each is sent at once and written where the caret was.

import { replace } from "./editor_text.js";
import { say } from "./ui.js";

export const attachFiles = (editor, text, words) => {
  const form = editor.querySelector("[data-upload]");
  const chooser = form.querySelector("[data-file]");
  const list = editor.querySelector("[data-files]");
  const count = editor.querySelector("[data-file-count]");
  const address = form.getAttribute("action");
  let sent = 0;

  const send = async (file) => {
    const name = file.name || "image.png";
    const mark = `![${words.uploading.replace("{name}", name)} ${++sent}]()`;
    const before = text.value.slice(0, text.selectionStart);
    replace(text, text.selectionStart, text.selectionEnd, before === "" || /\s$/.test(before) ? mark : ` ${mark}`);
    const body = new FormData(form);
    body.set("file", file, name);
    const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
    const told = await answer?.json().catch(() => null);
    put(mark, answer?.ok ? told.markdown : "");
    if (answer?.ok) show(told);
    else say(`${words.uploadFailed.replace("{name}", name)} ${told?.detail ?? words.offline}`, 6000);
  };

  // The text may have changed while the file was on its way; what stands around the mark stays.
  const put = (mark, markdown) => {
    const start = text.value.indexOf(mark);
    if (start < 0) return;
    const { selectionStart, selectionEnd } = text;
    const moved = markdown.length - mark.length;
    const shift = (position) => (position <= start ? position : Math.max(start, position + moved));
    replace(text, start, start + mark.length, markdown, shift(selectionStart), shift(selectionEnd));
  };

  const show = ({ name, markdown }) => {
    if ([...list.querySelectorAll("a")].some((link) => link.textContent === name)) return;
    const link = Object.assign(document.createElement("a"), { href: `${address}/${encodeURIComponent(name)}`, target: "_blank", rel: "noopener", textContent: name });
    const code = Object.assign(document.createElement("code"), { textContent: markdown });
    const item = document.createElement("li");
    item.append(link, code);
    list.append(item);
    count.textContent = list.children.length;
  };

  const sendAll = async (files) => {
    for (const file of files) await send(file);
  };

  text.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    // Office puts a picture of copied text beside the text itself; the text is meant then.
    if (!files.length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    sendAll(files);
  });

  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  const area = text.closest(".write");
  area.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    area.classList.add("is-dropping");
  });
  area.addEventListener("dragleave", (event) => area.contains(event.relatedTarget) || area.classList.remove("is-dropping"));
  area.addEventListener("drop", (event) => {
    area.classList.remove("is-dropping");
    if (!hasFiles(event)) return;
    event.preventDefault();
    sendAll([...event.dataTransfer.files]);
  });

  chooser.addEventListener("change", () => {
    const chosen = [...chooser.files];
    chooser.value = "";
    sendAll(chosen);
  });
  for (const button of editor.querySelectorAll("[data-choose]")) {
    button.addEventListener("click", () => {
      chooser.accept = button.dataset.choose;
      chooser.click();
    });
  }
};
