// `<campanile-refresher event-name for src>`: brings content up to date when a push with that name comes. The page may
// do it in its own way instead.

import type { App } from "../app.ts";
import { Burst, quiet } from "../burst.ts";
import { CampanileError } from "../errors.ts";
import { pageAt } from "./content.ts";
import { merge, remember } from "./merge.ts";
import { announce, numberIn, Part } from "./part.ts";

/** Signals that come so soon after another share its fetch. */
const DELAY_MS = 150;

/** What the event `campanile-refresh` carries. A listener may change `url`. */
export interface RefreshDetail {
  eventName: string;
  /** The last message that came with the event. */
  message: unknown;
  url: string;
  /** For listeners that prevent the default: no other refresh begins before this one is over. */
  waitUntil(done: Promise<unknown>): void;
}

export class RefresherElement extends Part {
  static readonly observedAttributes = ["event-name", "for"];

  #burst: Burst | undefined;
  #message: unknown = "";
  #signalledAt = 0;

  attributeChangedCallback(): void {
    this.rejoin();
  }

  /** Refreshes as if the event had come. */
  refresh(): void {
    this.#signal("");
  }

  protected override join(app: App): () => void {
    const burst = new Burst(() => quiet(numberIn(this, "delay-ms", DELAY_MS)), () => this.#run());
    this.#burst = burst;
    afterParsing(() => this.#rememberTarget());
    const name = this.#eventName;
    const forget = name ? app.onRefresh(name, (message) => this.#signal(message)) : undefined;
    return () => {
      forget?.();
      burst.stop();
    };
  }

  #signal(message: unknown): void {
    this.#message = message;
    this.#signalledAt = performance.now();
    this.#burst?.signal();
  }

  #rememberTarget(): void {
    const target = this.isConnected && this.#find(document);
    if (target) remember(target);
  }

  async #run(): Promise<void> {
    try {
      await this.#refresh();
      announce(this, "refreshed", { eventName: this.#eventName });
    } catch (error) {
      const { code, message } = error instanceof CampanileError ? error : new CampanileError("handler_failed", String(error));
      console.warn(`campanile: the refresh failed (${code}): ${message}`);
      announce(this, "refresh-failed", { code, message });
    }
  }

  async #refresh(): Promise<void> {
    const waits: Promise<unknown>[] = [];
    const detail: RefreshDetail = {
      eventName: this.#eventName,
      message: this.#message,
      url: new URL(this.getAttribute("src") ?? location.href, location.href).href,
      waitUntil: (done) => void waits.push(done),
    };
    const isOurs = announce(this, "refresh", detail);
    await (isOurs ? this.#fetchAndMerge(detail.url) : Promise.all(waits));
  }

  async #fetchAndMerge(address: string): Promise<void> {
    const url = new URL(address, location.href);
    url.hash = "";
    const page = await pageAt(url, this.#signalledAt);
    const [live, next] = [this.#find(document), this.#find(page)];
    if (!live || !next) throw new CampanileError("target_missing", `${live ? url.href : "this page"} has no such element`);
    // Others may need the page that was fetched, and merging uses it up.
    if (this.isConnected) merge(live, next.cloneNode(true) as Element);
  }

  /** What `for` names; without it the page's main part, or all of it. */
  #find(page: Document): Element | null {
    const id = this.getAttribute("for");
    if (id) return page.getElementById(id);
    const mains = page.querySelectorAll("main");
    return mains.length === 1 ? (mains[0] as Element) : page.body;
  }

  get #eventName(): string {
    return this.getAttribute("event-name") ?? "";
  }
}

/** While the page is being read its parts may not be there yet. */
function afterParsing(act: () => void): void {
  if (document.readyState !== "loading") return act();
  document.addEventListener("DOMContentLoaded", act, { once: true });
}
