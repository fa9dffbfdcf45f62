// What blocks of every kind do: they stand in their place, fetch their content, fetch it again when an event says so, and say
// what went wrong. What the content looks like is up to each kind.

import { Burst, quiet } from "../../../sdk/src/burst.ts";
import type { App } from "../../../sdk/src/app.ts";
import type { BlockSpec } from "./document.ts";
import { h, newId } from "./dom.ts";
import type { Hub } from "./hub.ts";
import { HubError } from "./hub.ts";
import type { Scope } from "./template.ts";
import type { Visitor } from "./visitor.ts";

/** Events within this time share a fetch. */
const QUIET_MS = 150;

/** What a block reaches of its page. */
export interface Surroundings {
  hub: Hub;
  visitor: Visitor;
  /** The connection; absent if the app has none. */
  app: App<Record<string, unknown>> | undefined;
  isPreview: boolean;
  askToLogIn: () => void;
}

export abstract class Block<Spec extends BlockSpec = BlockSpec> {
  readonly element: HTMLElement;
  protected readonly spec: Spec;
  protected readonly page: Surroundings;
  protected readonly content = h("div", { className: "content" });
  readonly #problem = h("div", { className: "problem", hidden: true, attributes: { role: "alert" } });
  readonly #burst: Burst;
  readonly #forget: (() => void)[];
  #turn = 0;

  constructor(spec: Spec, page: Surroundings) {
    [this.spec, this.page] = [spec, page];
    const heading = spec.title ? h("h2", { id: newId("title") }, spec.title) : undefined;
    const width = Number.isInteger(spec.width) ? Math.min(Math.max(spec.width ?? 12, 1), 12) : 12;
    const attributes = { "data-type": spec.type, "aria-labelledby": heading?.id };
    this.element = h("section", { className: `block w-${width}`, attributes }, heading, this.content, this.#problem);
    if (spec.id) this.element.id = spec.id;
    this.#burst = new Burst(() => quiet(QUIET_MS), () => this.load());
    const names = Array.isArray(spec.refresh_on) ? spec.refresh_on : [];
    this.#forget = names.flatMap((name) => page.app?.onRefresh(name, () => this.refresh()) ?? []);
  }

  /** Fetches the content and shows it; what was shown before stays if that fails. */
  async load(): Promise<void> {
    const turn = (this.#turn += 1);
    this.element.setAttribute("aria-busy", "true");
    try {
      const show = await this.fetch();
      if (turn !== this.#turn) return;
      show();
      this.calm();
    } catch (error) {
      if (turn === this.#turn) this.fail(error);
    }
    if (turn === this.#turn) this.element.removeAttribute("aria-busy");
  }

  /** Fetches the content again, soon. */
  refresh(): void {
    this.#burst.signal();
  }

  stop(): void {
    this.#turn = Infinity;
    this.#burst.stop();
    for (const forget of this.#forget) forget();
    this.element.remove();
  }

  /** Gets the content, and returns what shows it. */
  protected abstract fetch(): Promise<() => void>;

  /** Takes away what was fetched. */
  protected abstract clear(): void;

  /** What values of a template are looked up in. */
  protected scopes(object: Scope = {}): Scope[] {
    const { user } = this.page.visitor;
    const around = { HttpRequest: this.page.hub.parameters, ...(user && { WebUser: { id: user.id, role: user.role } }) };
    return [around, object];
  }

  /** Somebody isn't let do something: who is it? */
  protected askWho(): void {
    const { visitor, askToLogIn } = this.page;
    if (visitor.isIn) void visitor.doubt();
    else askToLogIn();
  }

  protected calm(): void {
    this.#problem.hidden = true;
  }

  protected fail(error: unknown): void {
    const isForbidden = error instanceof HubError && error.status === 403;
    const { visitor, askToLogIn } = this.page;
    // What this visitor may not see any more goes; after other failures the former content is better than none.
    if (isForbidden) this.clear();
    if (isForbidden && visitor.isIn) void visitor.doubt();
    const again =
      isForbidden && !visitor.isIn
        ? h("button", { type: "button", onclick: askToLogIn }, "Log in")
        : h("button", { type: "button", onclick: () => void this.load() }, "Try again");
    this.#problem.replaceChildren(h("p", {}, messageOf(error)), again);
    this.#problem.hidden = false;
  }
}

export function messageOf(error: unknown): string {
  if (!(error instanceof HubError)) console.error(error);
  return error instanceof Error ? error.message : String(error);
}
