// Objects, each as a card.

import type { Surroundings } from "../block.ts";
import type { CardsSpec } from "../document.ts";
import { h } from "../dom.ts";
import { imageAddress, markdown } from "../markup.ts";
import type { Scope } from "../template.ts";
import { render } from "../template.ts";
import { ListBlock } from "./list.ts";

export class CardsBlock extends ListBlock<CardsSpec> {
  protected readonly list = h("div", { className: "cards" });

  constructor(spec: CardsSpec, page: Surroundings) {
    super(spec, page);
    this.content.append(this.list, this.empty, this.pager.element);
  }

  protected item(object: Scope): HTMLElement {
    const { heading, text, image } = this.spec;
    const scopes = this.scopes(object);
    const address = image ? imageAddress(render(image, scopes)) : undefined;
    const picture = address ? h("img", { src: address, alt: "", loading: "lazy" }) : undefined;
    const title = h("h3", {}, render(heading, scopes));
    const prose = text ? h("div", { className: "prose" }, markdown(text, scopes)) : undefined;
    return h("article", { className: "card" }, picture, title, prose);
  }
}
