// `<campanile-status>`: says in words how the connection stands. Styles of the page may tell states apart by the
// attribute `state`.

import type { App } from "../app.ts";
import type { State, Status } from "../connection.ts";
import { KEEP, Part } from "./part.ts";

const TEXTS: Record<State, string> = {
  connecting: "Connecting…",
  online: "Live",
  offline: "Offline, trying again…",
  refused: "Refused",
  closed: "Signed out",
};

export class StatusElement extends Part {
  static readonly observedAttributes = Object.keys(TEXTS).map((state) => `${state}-text`);

  attributeChangedCallback(): void {
    this.rejoin();
  }

  protected override join(app: App): () => void {
    this.setAttribute(KEEP, "");
    if (!this.hasAttribute("role")) this.setAttribute("role", "status");
    this.#show(app.status);
    return app.onStatus((status) => this.#show(status));
  }

  #show({ state, code }: Status): void {
    this.setAttribute("state", state);
    if (code) this.setAttribute("code", code);
    else this.removeAttribute("code");
    this.textContent = this.getAttribute(`${state}-text`) ?? TEXTS[state];
  }
}
