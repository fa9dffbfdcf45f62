// Texts in Markdown, and pieces of HTML.

import { Block } from "../block.ts";
import type { HtmlSpec, TextSpec } from "../document.ts";
import { html, markdown } from "../markup.ts";

abstract class MarkupBlock<Spec extends TextSpec | HtmlSpec> extends Block<Spec> {
  protected async fetch(): Promise<() => void> {
    const { endpoint } = this.spec;
    const object = endpoint ? await this.page.hub.first(endpoint) : undefined;
    return () => this.#show(this.nodes(this.scopes(object)));
  }

  protected abstract nodes(scopes: ReturnType<Block["scopes"]>): DocumentFragment;

  /** What hasn't changed stays, with what a visitor has selected or opened in it. */
  #show(nodes: DocumentFragment): void {
    this.content.classList.add("prose");
    const next = document.createElement("div");
    next.append(nodes);
    if (!next.isEqualNode(this.#shown)) this.content.replaceChildren(...[...next.cloneNode(true).childNodes]);
    this.#shown = next;
  }

  protected override clear(): void {
    this.content.replaceChildren();
    this.#shown = null;
  }

  #shown: Element | null = null;
}

export class TextBlock extends MarkupBlock<TextSpec> {
  protected nodes(scopes: ReturnType<Block["scopes"]>): DocumentFragment {
    return markdown(this.spec.text, scopes);
  }
}

export class HtmlBlock extends MarkupBlock<HtmlSpec> {
  protected nodes(scopes: ReturnType<Block["scopes"]>): DocumentFragment {
    return html(this.spec.html, scopes);
  }
}
