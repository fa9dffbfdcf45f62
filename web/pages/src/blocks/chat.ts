// Messages with the newest at the bottom, and a line to write the next one.

import type { Surroundings } from "../block.ts";
import { Block, messageOf } from "../block.ts";
import type { ChatSpec } from "../document.ts";
import { fill, h, newId } from "../dom.ts";
import { HubError } from "../hub.ts";
import type { Scope } from "../template.ts";
import { textOf } from "../template.ts";
import { shown, timeIn } from "../words.ts";

/** Messages that come at once, newest first. */
const PART_SIZE = 50;
/** So near to the end counts as the end. */
const END_PX = 24;

export class ChatBlock extends Block<ChatSpec> {
  readonly #log: HTMLElement;
  readonly #list = h("ol", { className: "messages" });
  readonly #earlier = h("button", { type: "button", className: "earlier", hidden: true, onclick: () => void this.#more() }, "Earlier messages");
  readonly #newer = h("button", { type: "button", className: "newer", hidden: true, onclick: () => this.#toEnd() }, "New messages ↓");
  readonly #input: HTMLTextAreaElement;
  readonly #mistake = h("p", { className: "mistake", attributes: { role: "alert" } });
  readonly #send = h("button", { type: "submit", className: "primary" }, "Send");
  #messages = new Map<string, { written: string; element: HTMLElement }>();
  #parts = 1;
  #isSending = false;

  constructor(spec: ChatSpec, page: Surroundings) {
    super(spec, page);
    const label = spec.title || "Messages";
    const attributes = { role: "log", "aria-label": label, "aria-live": "polite" };
    const onscroll = () => this.#isAtEnd && (this.#newer.hidden = true);
    this.#log = h("div", { className: "log", tabIndex: 0, onscroll, attributes }, this.#earlier, this.#list);
    this.#input = h("textarea", { rows: 2, id: newId("message"), placeholder: "Write a message", onkeydown: (event) => this.#pressed(event) });
    this.content.append(this.#log, h("div", { className: "newer-place" }, this.#newer));
    if (spec.write) this.content.append(this.#line(label));
  }

  #line(label: string): HTMLElement {
    const onsubmit = (event: SubmitEvent) => {
      event.preventDefault();
      void this.#sendIt();
    };
    const name = h("label", { htmlFor: this.#input.id, className: "unseen" }, "Your message");
    return h("form", { className: "line", onsubmit, attributes: { "aria-label": `Write to ${label}` } }, name, this.#input, this.#send, this.#mistake);
  }

  get #field(): { text: string; author: string; time: string } {
    const { text, author, time } = this.spec;
    return { text: text || "text", author: author || "created_by", time: time || "created_at_ms" };
  }

  protected async fetch(): Promise<() => void> {
    const parts = await Promise.all(Array.from({ length: this.#parts }, (_, page) => this.#part(page)));
    const total = parts[0]?.total ?? 0;
    // A message that came between two parts is in both of them.
    const messages = new Map(parts.flatMap(({ items }) => items).map((message, index) => [String(message.id ?? index), message]));
    return () => this.#show([...messages].reverse(), total);
  }

  #part(page: number) {
    return this.page.hub.read(this.spec.read, { page, page_size: PART_SIZE, sort: `${this.#field.time},desc` });
  }

  #show(messages: [string, Scope][], total: number): void {
    const [wasAtEnd, fromEnd] = [this.#isAtEnd, this.#log.scrollHeight - this.#log.scrollTop];
    const former = this.#messages;
    const newest = messages.at(-1)?.[0];
    const isNew = newest !== undefined && !former.has(newest);
    this.#messages = new Map(messages.map(([id, message]) => [id, this.#message(message, former.get(id))]));
    fill(this.#list, [...this.#messages.values()].map(({ element }) => element));
    this.#earlier.hidden = total <= messages.length;
    if (former.size === 0 || wasAtEnd) return this.#toEnd();
    // What a visitor reads stays where it is, whatever comes above or below.
    if (!isNew) this.#log.scrollTop = this.#log.scrollHeight - fromEnd;
    this.#newer.hidden = !isNew && this.#newer.hidden;
  }

  protected override clear(): void {
    this.#messages.clear();
    this.#list.replaceChildren();
    this.#earlier.hidden = this.#newer.hidden = true;
  }

  #message(message: Scope, former: { written: string; element: HTMLElement } | undefined) {
    const user = this.page.visitor.user?.id;
    const written = JSON.stringify([message, user]);
    if (former?.written === written) return former;
    const { text, author, time } = this.#field;
    const name = textOf(message[author]);
    const isOwn = user !== undefined && name === user;
    const moment = timeIn(time, message[time]);
    const when = h("time", { dateTime: moment?.toISOString() ?? "" }, shown(time, message[time]));
    const head = h("div", { className: "head" }, h("span", { className: "author" }, isOwn ? "You" : name || "Somebody"), " ", when);
    return { written, element: h("li", { className: isOwn ? "own" : "" }, head, h("p", {}, textOf(message[text]))) };
  }

  get #isAtEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    return scrollHeight - scrollTop - clientHeight <= END_PX;
  }

  #toEnd(): void {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#newer.hidden = true;
  }

  async #more(): Promise<void> {
    this.#parts += 1;
    await this.load();
  }

  #pressed(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void this.#sendIt();
  }

  async #sendIt(): Promise<void> {
    const written = this.#input.value;
    if (this.#isSending || written.trim() === "" || !this.spec.write) return;
    if (this.page.isPreview) return void (this.#mistake.textContent = "In the preview nothing is sent.");
    this.#setSending(true);
    this.#mistake.textContent = "";
    try {
      await this.page.hub.write(this.spec.write, this.#object(written.trim()));
      // Whatever was typed meanwhile stays.
      if (this.#input.value.startsWith(written)) this.#input.value = this.#input.value.slice(written.length);
      this.#toEnd();
      this.refresh();
    } catch (error) {
      this.#mistake.textContent = messageOf(error);
      if (error instanceof HubError && error.status === 403) this.askWho();
    }
    this.#setSending(false);
  }

  /** What the hub itself knows of a message isn't sent. */
  #object(written: string): Scope {
    const { text, author, time } = this.#field;
    const user = this.page.visitor.user?.id;
    return {
      [text]: written,
      ...(author !== "created_by" && user && { [author]: user }),
      ...(time !== "created_at_ms" && time !== "updated_at_ms" && { [time]: new Date().toISOString() }),
    };
  }

  #setSending(isSending: boolean): void {
    this.#isSending = isSending;
    this.#send.disabled = isSending;
  }
}
