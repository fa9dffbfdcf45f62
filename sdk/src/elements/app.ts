// `<campanile-app>`: the connection that the other elements of a page share.

import { App } from "../app.ts";
import type { Io } from "../connection.ts";
import { announce, APPS_CHANGED } from "./part.ts";

const CONNECTION = ["host", "app-id", "path"];

export class AppElement extends HTMLElement {
  static readonly observedAttributes = [...CONNECTION, "session-id"];

  /** Gives the stock client, for a hub at this address; the page's own if undefined. */
  static io: (host: string | undefined, path: string | undefined) => Io | Promise<Io>;

  /** The hub of elements that name none. */
  static host: string | undefined;

  #app: App | undefined;
  #isStale = false;

  get app(): App | undefined {
    return this.#app;
  }

  connectedCallback(): void {
    this.#connect();
  }

  connectedMoveCallback(): void {}

  disconnectedCallback(): void {
    this.#close();
    document.dispatchEvent(new Event(APPS_CHANGED));
  }

  attributeChangedCallback(name: string): void {
    if (!this.#app) return;
    if (name === "session-id") return void this.#app.setSession(this.#attribute("session-id"));
    // Attributes are set one by one, and connecting once is enough.
    if (!this.#isStale) queueMicrotask(() => this.#isStale && this.isConnected && this.#connect());
    this.#isStale = true;
  }

  #connect(): void {
    this.#close();
    const [host, path] = [this.#attribute("host") ?? AppElement.host, this.#attribute("path")];
    const io = AppElement.io(host, path);
    this.#app = new App(io, { host, path, appId: this.#attribute("app-id"), sessionId: this.#attribute("session-id") });
    this.#app.onPush((name, message) => announce(this, "push", { name, message }));
    document.dispatchEvent(new Event(APPS_CHANGED));
  }

  #close(): void {
    this.#isStale = false;
    this.#app?.close();
    this.#app = undefined;
  }

  #attribute(name: string): string | undefined {
    return this.getAttribute(name)?.trim() || undefined;
  }
}
