// The page: a bar with its title and who is there, and the blocks of its document. A document that takes the place of another
// keeps the blocks that are in both.

import type { Block, Surroundings } from "./block.ts";
import { make } from "./blocks/make.ts";
import type { PageDocument } from "./document.ts";
import { fill, h } from "./dom.ts";

export class Page {
  readonly element = h("main", { className: "page", tabIndex: -1 });
  readonly #surroundings: Surroundings;
  readonly #heading: HTMLElement;
  #blocks: { written: string; block: Block }[] = [];

  constructor(surroundings: Surroundings, heading: HTMLElement) {
    [this.#surroundings, this.#heading] = [surroundings, heading];
  }

  show(page: PageDocument): void {
    document.title = this.#heading.textContent = String(page.title ?? "");
    document.documentElement.lang = page.lang || "en";
    const former = this.#blocks;
    const specs = Array.isArray(page.blocks) ? page.blocks : [];
    const loaded: Block[] = [];
    this.#blocks = specs.map((spec) => {
      const written = JSON.stringify(spec);
      const known = former.findIndex((each) => each.written === written);
      if (known >= 0) return former.splice(known, 1)[0]!;
      const block = make(spec, this.#surroundings);
      loaded.push(block);
      return { written, block };
    });
    for (const { block } of former) block.stop();
    fill(this.element, this.#blocks.map(({ block }) => block.element));
    for (const block of loaded) void block.load();
  }

  /** Everything anew, as after a login of the same user. */
  reload(): void {
    for (const { block } of this.#blocks) void block.load();
  }

  clear(): void {
    for (const { block } of this.#blocks.splice(0)) block.stop();
  }
}
