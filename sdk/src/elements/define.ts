// The elements by their names.

import { AppElement } from "./app.ts";
import { RedirectElement } from "./redirect.ts";
import { RefresherElement } from "./refresher.ts";
import { StatusElement } from "./status.ts";
import { ToasterElement } from "./toaster.ts";

export { merge, remember } from "./merge.ts";
export type { RefreshDetail } from "./refresher.ts";
export { AppElement, RedirectElement, RefresherElement, StatusElement, ToasterElement };

const ELEMENTS = {
  "campanile-app": AppElement,
  "campanile-toaster": ToasterElement,
  "campanile-refresher": RefresherElement,
  "campanile-redirect": RedirectElement,
  "campanile-status": StatusElement,
};

declare global {
  interface HTMLElementTagNameMap {
    "campanile-app": AppElement;
    "campanile-toaster": ToasterElement;
    "campanile-refresher": RefresherElement;
    "campanile-redirect": RedirectElement;
    "campanile-status": StatusElement;
  }
}

/** Defines them, but for names that the page has defined already. */
export function define(): void {
  for (const [name, element] of Object.entries(ELEMENTS)) {
    if (!customElements.get(name)) customElements.define(name, element);
  }
}
