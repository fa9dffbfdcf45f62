// Numbers as a picture, and as a table for whoever can't see it. What draws it is loaded with the first chart.

import { Block } from "../block.ts";
import type { ChartSpec } from "../document.ts";
import { h } from "../dom.ts";
import type { Scope } from "../template.ts";
import { shown, timeIn } from "../words.ts";
import type { Drawing, Series } from "../draw.ts";

/** As many objects as an endpoint shows at once. */
const POINTS_MAX = 200;
const DAY_MS = 86_400_000;

export class ChartBlock extends Block<ChartSpec> {
  #drawing: Drawing | undefined;
  #written = "";

  protected async fetch(): Promise<() => void> {
    const { endpoint, sort, x } = this.spec;
    const [{ items }, { Drawing }] = await Promise.all([
      this.page.hub.read(endpoint, { page_size: POINTS_MAX, sort: sort || x }),
      import("../draw.ts"),
    ]);
    return () => this.#show(items, Drawing);
  }

  #show(items: Scope[], Kind: typeof Drawing): void {
    const written = JSON.stringify(items);
    if (written === this.#written) return;
    this.#written = written;
    this.#drawing?.stop();
    const isOpen = this.content.querySelector("details")?.open ?? false;
    const picture = h("div", { className: "picture", ariaHidden: "true" });
    const table = h("details", { open: isOpen }, h("summary", {}, "The numbers as a table"), h("div", { className: "scroller", tabIndex: 0 }, this.#table(items)));
    const empty = items.length === 0 && h("p", { className: "empty" }, "There is nothing here yet.");
    this.content.replaceChildren(h("figure", {}, picture, empty || table));
    if (items.length > 0) this.#drawing = new Kind(picture, this.#series(items), this.spec.kind ?? "line");
  }

  /** To the right are numbers, moments, or texts one after the other. */
  #series(items: Scope[]): Series {
    const { x, y } = this.spec;
    const values = items.map((item) => item[x]);
    const moments = values.map((value) => timeIn(x, value));
    const isMidnight = (moment: Date | undefined) => (moment?.getTime() ?? NaN) % DAY_MS === 0;
    const isTime = moments.includes(undefined) ? undefined : moments.every(isMidnight) ? "day" : "moment";
    const isNumber = values.every((value) => typeof value === "number");
    const places = isTime ? moments.map((moment) => (moment?.getTime() ?? 0) / 1000) : isNumber ? (values as number[]) : items.map((_, index) => index);
    const labels = isTime || isNumber ? undefined : values.map((value) => shown(x, value));
    const lines = y.map((field) => ({ name: field, values: items.map((item) => numberIn(item[field])) }));
    const order = places.map((_, index) => index).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
    const sorted = <T>(all: T[]) => order.map((index) => all[index] as T);
    return { places: sorted(places), labels, isTime, lines: lines.map(({ name, values }) => ({ name, values: sorted(values) })) };
  }

  #table(items: Scope[]): HTMLElement {
    const fields = [this.spec.x, ...this.spec.y];
    const head = h("thead", {}, h("tr", {}, ...fields.map((field) => h("th", { scope: "col" }, field))));
    const row = (item: Scope) => h("tr", {}, ...fields.map((field) => h("td", {}, shown(field, item[field]))));
    return h("table", {}, head, h("tbody", {}, ...items.map(row)));
  }

  protected override clear(): void {
    this.#drawing?.stop();
    this.#written = "";
    this.content.replaceChildren();
  }

  override stop(): void {
    this.#drawing?.stop();
    super.stop();
  }
}

const numberIn = (value: unknown): number | null => (typeof value === "number" ? value : null);
