// What tables and cards have in common: a part of a list, in an order, each object in an element that stays while the object is
// what it was.

import type { Surroundings } from "../block.ts";
import { Block } from "../block.ts";
import type { CardsSpec, TableSpec } from "../document.ts";
import { fill, h } from "../dom.ts";
import type { Part } from "../hub.ts";
import { Pager } from "../pager.ts";
import type { Scope } from "../template.ts";

interface Item {
  written: string;
  element: HTMLElement;
}

export abstract class ListBlock<Spec extends TableSpec | CardsSpec> extends Block<Spec> {
  protected sort: string | null | undefined;
  protected readonly pager: Pager;
  protected readonly empty = h("p", { className: "empty", hidden: true }, "There is nothing here yet.");
  /** Where the objects are. */
  protected abstract readonly list: HTMLElement;
  #items = new Map<string, Item>();

  constructor(spec: Spec, page: Surroundings) {
    super(spec, page);
    this.sort = spec.sort;
    this.pager = new Pager(() => void this.load());
  }

  protected async fetch(): Promise<() => void> {
    const part = await this.#part();
    return () => this.#show(part);
  }

  async #part(): Promise<Part> {
    for (;;) {
      const { endpoint, page_size } = this.spec;
      const part = await this.page.hub.read(endpoint, { page: this.pager.page, page_size, sort: this.sort });
      if (this.pager.admits(part)) return part;
    }
  }

  #show(part: Part): void {
    const former = this.#items;
    this.#items = new Map();
    part.items.forEach((object, index) => {
      const id = String(object.id ?? index);
      // Templates see who looks, too.
      const written = JSON.stringify([object, this.page.visitor.user]);
      const known = former.get(id);
      const element = known?.written === written ? known.element : this.item(object, known?.element);
      this.#items.set(id, { written, element });
    });
    fill(this.list, [...this.#items.values()].map(({ element }) => element));
    this.empty.hidden = part.items.length > 0;
    this.pager.show(part);
  }

  protected override clear(): void {
    this.#items.clear();
    this.list.replaceChildren();
    this.empty.hidden = true;
    this.pager.element.hidden = true;
  }

  /** The element of an object: the one that it has had, with what is new in it, or a new one. */
  protected abstract item(object: Scope, former: HTMLElement | undefined): HTMLElement;
}
