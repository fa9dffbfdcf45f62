// Objects in rows, with an order that visitors choose.

import type { Surroundings } from "../block.ts";
import type { Column, TableSpec } from "../document.ts";
import { h } from "../dom.ts";
import type { Scope } from "../template.ts";
import { shown } from "../words.ts";
import { ListBlock } from "./list.ts";

export class TableBlock extends ListBlock<TableSpec> {
  protected readonly list = h("tbody");
  readonly #heads: Map<string, HTMLElement>;

  constructor(spec: TableSpec, page: Surroundings) {
    super(spec, page);
    this.#heads = new Map(spec.columns.map((column) => [column.field, this.#head(column)]));
    const table = h("table", {}, h("thead", {}, h("tr", {}, ...this.#heads.values())), this.list);
    const label = `Rows of ${spec.title || spec.endpoint}`;
    const scroller = h("div", { className: "scroller", tabIndex: 0, attributes: { role: "region", "aria-label": label } }, table);
    this.content.append(scroller, this.empty, this.pager.element);
    this.#showOrder();
  }

  #head({ field, title }: Column): HTMLElement {
    return h("th", { scope: "col" }, h("button", { type: "button", onclick: () => void this.#sortBy(field) }, title || field));
  }

  async #sortBy(field: string): Promise<void> {
    const former = this.sort;
    this.sort = this.#direction(field) === "ascending" ? `${field},desc` : `${field},asc`;
    this.pager.page = 0;
    this.#showOrder();
    await this.load();
    // Some fields have no order; the hub says so, and the rows are as they were.
    if (!this.isRefused) return;
    this.sort = former;
    this.#showOrder();
  }

  protected isRefused = false;

  protected override calm(): void {
    this.isRefused = false;
    super.calm();
  }

  protected override fail(error: unknown): void {
    this.isRefused = true;
    super.fail(error);
  }

  #direction(field: string): "ascending" | "descending" | undefined {
    const [first, direction] = (this.sort ?? "").split(",").map((word) => word.trim());
    if (first !== field) return undefined;
    return direction?.toLowerCase() === "desc" ? "descending" : "ascending";
  }

  #showOrder(): void {
    for (const [field, head] of this.#heads) {
      const direction = this.#direction(field);
      if (direction) head.ariaSort = direction;
      else head.removeAttribute("aria-sort");
    }
  }

  protected item(object: Scope, former: HTMLElement | undefined): HTMLElement {
    const row = former ?? h("tr", {}, ...this.spec.columns.map(() => h("td")));
    this.spec.columns.forEach(({ field }, index) => {
      const cell = row.children[index] as HTMLElement;
      const value = object[field];
      const text = shown(field, value);
      if (cell.textContent !== text) cell.replaceChildren(linkTo(value) ?? text);
      cell.classList.toggle("number", typeof value === "number");
    });
    return row;
  }
}

/** A file is kept as its address. */
function linkTo(value: unknown): HTMLElement | undefined {
  if (typeof value !== "string" || !/^https?:\/\/\S+$/i.test(value) || !URL.canParse(value)) return undefined;
  return h("a", { href: value, rel: "noopener noreferrer" }, value);
}
