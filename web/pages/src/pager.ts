// Which part of a list is shown, and the buttons for the others.

import { h } from "./dom.ts";
import type { Part } from "./hub.ts";

export class Pager {
  readonly element: HTMLElement;
  page = 0;
  readonly #before: HTMLButtonElement;
  readonly #after: HTMLButtonElement;
  readonly #place = h("span", { attributes: { "aria-live": "polite" } });

  constructor(turned: () => void) {
    const button = (name: string, by: number): HTMLButtonElement => h("button", { type: "button", onclick: () => turn(by) }, name);
    const turn = (by: number) => {
      if ((by < 0 ? this.#before : this.#after).ariaDisabled === "true") return;
      this.page += by;
      turned();
    };
    [this.#before, this.#after] = [button("Previous", -1), button("Next", 1)];
    this.element = h("nav", { className: "pager", hidden: true, attributes: { "aria-label": "Pages" } }, this.#before, this.#place, this.#after);
  }

  /** Whether the list is still so long; if it isn't, its last page is meant. */
  admits({ items, pages }: Part): boolean {
    if (items.length > 0 || this.page === 0) return true;
    this.page = Math.min(this.page - 1, pages - 1);
    return false;
  }

  show({ page, pages, total }: Part): void {
    this.page = page;
    this.element.hidden = pages < 2;
    this.#place.textContent = `Page ${page + 1} of ${pages} (${total})`;
    // A button that is disabled outright would lose the focus.
    this.#before.ariaDisabled = String(page === 0);
    this.#after.ariaDisabled = String(page + 1 >= pages);
  }
}
