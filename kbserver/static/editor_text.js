// The text itself: marks by button and key, lists that go on, and Tab from one empty section to the next.

import { isComposing } from "./ui.js";

const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])(\s+)(\[[ xX]\]\s+)?(.*)$/;
const HEADING = /^#{1,6}\s/;
const FENCE = /^ {0,3}(```+|~~~+)/;
const INDENT = "    ";

// ---- Changing text so that undo knows of it ----

export const replace = (area, start, end, text, from = start + text.length, to = from) => {
  area.focus({ preventScroll: true });
  area.setSelectionRange(start, end);
  const isNothing = start === end && text === "";
  if (!isNothing && !document.execCommand(text ? "insertText" : "delete", false, text)) {
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  area.setSelectionRange(from, to);
};

const lineAt = (text, position) => {
  const start = text.lastIndexOf("\n", position - 1) + 1;
  const end = text.indexOf("\n", position);
  return { start, end: end < 0 ? text.length : end };
};

const linesAt = (area) => {
  const { value, selectionStart, selectionEnd } = area;
  const start = lineAt(value, selectionStart).start;
  const last = selectionEnd > selectionStart && value[selectionEnd - 1] === "\n" ? selectionEnd - 1 : selectionEnd;
  const end = lineAt(value, last).end;
  return { start, end, lines: value.slice(start, end).split("\n") };
};

const isInFence = (text, position) => {
  let fence = "";
  for (const line of text.slice(0, lineAt(text, position).start).split("\n")) {
    const mark = FENCE.exec(line)?.[1];
    if (fence ? mark?.startsWith(fence) : mark) fence = fence ? "" : mark;
  }
  return fence !== "";
};

// ---- Sections ----

const sectionsOf = (text) => {
  const sections = [];
  let position = 0;
  let fence = "";
  for (const line of text.split("\n")) {
    const mark = FENCE.exec(line)?.[1];
    if (fence ? mark?.startsWith(fence) : mark) fence = fence ? "" : mark;
    else if (!fence && HEADING.test(line)) sections.push({ heading: position, start: position + line.length });
    position += line.length + 1;
  }
  return sections.map((section, index) => {
    const end = sections[index + 1]?.heading ?? text.length;
    const body = text.slice(section.start, end);
    const isParent = body.trim() === "" && index + 1 < sections.length && /^#{3,6}\s/.test(text.slice(end)) && !/^#{3,6}\s/.test(text.slice(section.heading));
    return { ...section, end, isEmpty: !isParent && /^\s*(?:1\.|[-*+])?\s*$/.test(body), body };
  });
};

const goTo = (area, section) => {
  const mark = /^\s*\n((?:1\.|[-*+]) )/.exec(section.body);
  if (mark) return place(area, section.start + mark[0].length);
  if (!section.isEmpty) return place(area, section.start + section.body.trimEnd().length);
  // An empty section needs a line of its own below the heading, and one more before the next heading.
  const isLast = section.end === area.value.length;
  const wanted = isLast ? "\n\n" : "\n\n\n\n";
  if (section.body.length < wanted.length && /^\s*$/.test(section.body)) replace(area, section.start, section.end, wanted, section.start + 2);
  else place(area, section.start + 2);
};

const place = (area, position) => {
  area.focus({ preventScroll: true });
  area.setSelectionRange(position, position);
  scrollToCaret(area);
};

// A text area does not scroll its page to the caret when a script sets it; leaving and entering makes it.
const scrollToCaret = (area) => {
  area.blur();
  area.focus();
};

export const goToFirstEmpty = (area) => {
  const section = sectionsOf(area.value).find((one) => one.isEmpty);
  section ? goTo(area, section) : area.focus();
};

const goToNextEmpty = (area) => {
  const section = sectionsOf(area.value).find((one) => one.isEmpty && one.heading > area.selectionStart);
  if (section) goTo(area, section);
  return section !== undefined;
};

const goToSection = (area, step) => {
  const sections = sectionsOf(area.value);
  const here = sections.findLastIndex((one) => one.heading <= area.selectionStart);
  const section = sections[here + step];
  if (section) goTo(area, section);
};

export const sectionNumber = (area) => sectionsOf(area.value).findLastIndex((one) => one.heading <= area.selectionStart);

export const goToLine = (area, number) => {
  const before = area.value.split("\n").slice(0, number - 1);
  const start = before.reduce((sum, line) => sum + line.length + 1, 0);
  place(area, lineAt(area.value, start).end);
};

// ---- Marks ----

const wrap = (area, mark, word) => {
  const { selectionStart: start, selectionEnd: end, value } = area;
  const size = mark.length;
  if (value.slice(start - size, start) === mark && value.slice(end, end + size) === mark && start >= size) {
    return replace(area, start - size, end + size, value.slice(start, end), start - size, end - size);
  }
  const text = value.slice(start, end) || word;
  replace(area, start, end, mark + text + mark, start + size, start + size + text.length);
};

const listed = (area, isNumbered, word) => {
  const { start, end, lines } = linesAt(area);
  const isOn = lines.every((line) => (isNumbered ? /^\s*\d+[.)]\s/ : /^\s*[-*+]\s/).test(line));
  const texts = lines.map((line) => line.replace(/^(\s*)(?:[-*+]|\d+[.)])\s+/, "$1"));
  if (isOn) return replace(area, start, end, texts.join("\n"));
  const isBlank = texts.join("").trim() === "";
  let number = 0;
  const marked = texts.map((text) => (text.trim() || isBlank ? `${isNumbered ? `${++number}.` : "-"} ${text.trim() || word}` : text));
  const text = marked.join("\n");
  replace(area, start, end, text, isBlank ? start + text.length - word.length : start + text.length, start + text.length);
};

// Blocks stand between blank lines, whatever stands there already.
const block = (area, text, from, to) => {
  const { selectionStart: start, selectionEnd: end, value } = area;
  const before = value.slice(0, start);
  const lead = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const after = value.slice(end);
  const tail = after.startsWith("\n\n") || after === "" ? "" : after.startsWith("\n") ? "\n" : "\n\n";
  const at = start + lead.length;
  replace(area, start, end, lead + text + tail, at + from, at + to);
};

const chosen = (area) => area.value.slice(area.selectionStart, area.selectionEnd);

const link = (area, words) => {
  const { selectionStart: start, selectionEnd: end } = area;
  const text = chosen(area);
  if (/^https?:\/\/\S+$/.test(text)) return replace(area, start, end, `[${words.link}](${text})`, start + 1, start + 1 + words.link.length);
  const label = text || words.link;
  const at = start + label.length + 3;
  replace(area, start, end, `[${label}](https://)`, at, at + 8);
};

const table = (area, words) => {
  const head = `| ${words.column} 1 | ${words.column} 2 |`;
  block(area, `${head}\n| --- | --- |\n|  |  |\n`, 2, 2 + words.column.length + 2);
};

const fence = (area) => {
  const text = chosen(area).replace(/\n$/, "");
  block(area, `\`\`\`\n${text}\n\`\`\`\n`, text ? 3 : 4, text ? 3 : 4);
};

const caution = (area, words) => {
  const text = (chosen(area).trim() || words.advice).split("\n").join(`\n${INDENT}`);
  const head = `!!! warning "${words.warning}"\n${INDENT}`;
  block(area, `${head}${text}\n`, head.length, head.length + text.length);
};

const MARKS = {
  bold: (area, words) => wrap(area, "**", words.bold),
  code: (area, words) => wrap(area, "`", words.code),
  fence,
  bullets: (area, words) => listed(area, false, words.item),
  steps: (area, words) => listed(area, true, words.step),
  link,
  table,
  caution,
};

const KEYS = { b: "bold", e: "code", k: "link", "shift+e": "fence", "shift+7": "steps", "shift+8": "bullets", "shift+9": "caution" };

// Digits by their place on the keyboard: with Shift they type other characters, and not the same ones everywhere.
const keyOf = (event) => {
  const digit = /^Digit(\d)$/.exec(event.code)?.[1];
  return (event.shiftKey ? "shift+" : "") + (digit ?? event.key.toLowerCase());
};

// ---- Keys while writing ----

const continueLine = (area) => {
  const { value, selectionStart: at, selectionEnd } = area;
  if (at !== selectionEnd || isInFence(value, at)) return false;
  const line = lineAt(value, at);
  const item = ITEM.exec(value.slice(line.start, line.end));
  if (!item) return leaveSection(area, line);
  const [, indent, mark, space, task, text] = item;
  if (at < line.start + indent.length + mark.length + 1) return false;
  if (!text.trim()) {
    replace(area, line.start, line.end, "");
    goToNextEmptyIfDone(area);
    return true;
  }
  const next = /\d/.test(mark) ? `${Number.parseInt(mark) + 1}${mark.at(-1)}` : mark;
  replace(area, at, at, `\n${indent}${next}${space}${task ? "[ ] " : ""}`);
  return true;
};

const isSectionDone = (area, at) => {
  const section = sectionsOf(area.value).findLast((one) => one.heading <= at);
  return section !== undefined && !section.isEmpty && area.value.slice(at, section.end).trim() === "";
};

const goToNextEmptyIfDone = (area) => {
  const sections = sectionsOf(area.value);
  const here = sections.findLastIndex((one) => one.heading <= area.selectionStart);
  return isSectionDone(area, area.selectionStart) && sections[here + 1]?.isEmpty && goToNextEmpty(area);
};

const leaveSection = (area, line) => line.start === line.end && Boolean(goToNextEmptyIfDone(area));

const shift = (area, isBack) => {
  const { start, end, lines } = linesAt(area);
  const { selectionStart, selectionEnd } = area;
  const moved = lines.map((line) => (isBack ? line.replace(/^(?: {1,4}|\t)/, "") : line && INDENT + line));
  const text = moved.join("\n");
  if (text === lines.join("\n")) return;
  const first = moved[0].length - lines[0].length;
  replace(area, start, end, text, Math.max(start, selectionStart + first), selectionEnd + text.length - (end - start));
};

// Tab indents where that means something: in lists, in code, over several lines. Anywhere else it goes on to the
// next empty section, or out of the text as everywhere; after Escape it always goes out.
const tab = (area, isBack) => {
  const { value, selectionStart: at, selectionEnd: end } = area;
  if (value.slice(at, end).includes("\n")) return shift(area, isBack), true;
  const line = lineAt(value, at);
  const text = value.slice(line.start, line.end);
  if (isInFence(value, at)) return isBack ? shift(area, true) : replace(area, at, end, INDENT), true;
  const item = ITEM.exec(text);
  if (item && (isBack ? /^\s/.test(text) : item[5].trim())) return shift(area, isBack), true;
  if (isBack) return false;
  const section = sectionsOf(value).findLast((one) => one.heading <= at);
  // A number that was typed by going on and not used is taken away.
  if (item && section && !section.isEmpty) replace(area, line.start, line.end, "");
  return goToNextEmpty(area);
};

export const attachText = (area, toolbar, words) => {
  let mayLeave = false;

  area.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    const isLeaving = mayLeave && event.key === "Tab";
    if (!["Shift", "Control", "Alt", "Meta"].includes(event.key)) mayLeave = event.key === "Escape";
    if (event.altKey && !event.ctrlKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      goToSection(area, event.key === "ArrowDown" ? 1 : -1);
    } else if ((event.ctrlKey || event.metaKey) && !event.altKey) {
      const mark = KEYS[keyOf(event)];
      if (!mark) return;
      event.preventDefault();
      MARKS[mark](area, words);
    } else if (event.key === "Enter" && !event.shiftKey) {
      if (continueLine(area)) event.preventDefault();
    } else if (event.key === "Tab" && !isLeaving && tab(area, event.shiftKey)) {
      event.preventDefault();
    }
  });

  area.addEventListener("paste", (event) => {
    const pasted = event.clipboardData.getData("text/plain").trim();
    const text = chosen(area);
    if (!text || text.includes("\n") || !/^https?:\/\/\S+$/.test(pasted) || /^https?:/.test(text)) return;
    event.preventDefault();
    replace(area, area.selectionStart, area.selectionEnd, `[${text}](${pasted})`);
  });

  toolbar.addEventListener("click", (event) => {
    const mark = event.target.closest("[data-mark]")?.dataset.mark;
    if (mark in MARKS) MARKS[mark](area, words);
  });
  toolbar.addEventListener("mousedown", (event) => event.preventDefault());
  roam(toolbar);
};

// A toolbar is one stop for Tab; arrows move inside it.
const roam = (toolbar) => {
  const buttons = [...toolbar.querySelectorAll("button")];
  toolbar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const here = buttons.indexOf(document.activeElement);
    if (!step || here < 0) return;
    event.preventDefault();
    const next = buttons[(here + step + buttons.length) % buttons.length];
    buttons[here].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
};
