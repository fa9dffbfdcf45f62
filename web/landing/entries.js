// A list of what arrived, newest first. It keeps a bounded number of entries and draws once per frame, so that a
// fast provider can't drown the page. Payloads are shown as text, never as markup.

const ENTRIES_MAX = 200;
const ENTRY_CHARS_MAX = 2000;

export class EntryList {
  #list;
  #count;
  #arrived = [];
  #total = 0;

  constructor(list, count) {
    this.#list = list;
    this.#count = count;
  }

  add(payload) {
    if (this.#arrived.length === 0) requestAnimationFrame(() => this.#draw());
    this.#arrived.unshift({ payload, at: new Date() });
    this.#arrived.length = Math.min(this.#arrived.length, ENTRIES_MAX);
    this.#total += 1;
  }

  clear() {
    this.#arrived.length = 0;
    this.#total = 0;
    this.#list.replaceChildren();
    this.#count.textContent = "";
  }

  #draw() {
    const items = this.#arrived.splice(0).map(entryItem);
    this.#list.prepend(...items);
    while (this.#list.childElementCount > ENTRIES_MAX) this.#list.lastElementChild.remove();
    this.#count.textContent = this.#total > 0 ? this.#total : "";
  }
}

function entryItem({ payload, at }) {
  const item = document.createElement("li");
  const title = textElement("strong", headline(payload));
  const time = textElement("time", at.toLocaleTimeString());
  time.dateTime = at.toISOString();
  item.append(title, time, textElement("code", asText(payload)));
  if (payload?.error) item.className = "error";
  return item;
}

/** The command, and what it brought: `data` of a message, `result` of a reply. */
function headline(payload) {
  if (payload === null || typeof payload !== "object") return "";
  if (payload.error) return `${payload.cmd}: ${payload.error.code}`;
  const value = "result" in payload ? payload.result : payload.data;
  return value === undefined ? String(payload.cmd) : `${payload.cmd} → ${asText(value)}`;
}

function asText(value) {
  const binary = (_, part) => (part instanceof ArrayBuffer ? `(${part.byteLength} bytes)` : part);
  const text = JSON.stringify(value, binary) ?? "";
  return text.length > ENTRY_CHARS_MAX ? `${text.slice(0, ENTRY_CHARS_MAX)}…` : text;
}

function textElement(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}
