// Which class draws a block. A preview may bring kinds that there aren't.

import type { Surroundings } from "../block.ts";
import { Block } from "../block.ts";
import type { BlockSpec } from "../document.ts";
import { CardsBlock } from "./cards.ts";
import { ChartBlock } from "./chart.ts";
import { ChatBlock } from "./chat.ts";
import { FormBlock } from "./form.ts";
import { TableBlock } from "./table.ts";
import { HtmlBlock, TextBlock } from "./text.ts";

export function make(spec: BlockSpec, page: Surroundings): Block {
  try {
    return known(spec, page);
  } catch (error) {
    return new BrokenBlock(spec, page, String(error));
  }
}

function known(spec: BlockSpec, page: Surroundings): Block {
  switch (spec.type) {
    case "text":
      return new TextBlock(spec, page);
    case "html":
      return new HtmlBlock(spec, page);
    case "table":
      return new TableBlock(spec, page);
    case "cards":
      return new CardsBlock(spec, page);
    case "form":
      return new FormBlock(spec, page);
    case "chat":
      return new ChatBlock(spec, page);
    case "chart":
      return new ChartBlock(spec, page);
    default:
      throw new Error(`There is no block of the kind "${String((spec as { type?: unknown }).type)}".`);
  }
}

/** Stands where a block would be that can't be drawn. */
class BrokenBlock extends Block {
  readonly #why: string;

  constructor(spec: BlockSpec, page: Surroundings, why: string) {
    super({ type: "text", text: "", title: spec?.title ?? null, width: spec?.width ?? null }, page);
    this.#why = why;
  }

  protected override clear(): void {}

  protected fetch(): Promise<() => void> {
    throw new Error(this.#why);
  }
}
