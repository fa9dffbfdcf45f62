// What all elements of the kit but `<campanile-app>` have in common: each belongs to an app's element, which may come
// before or after it, or be replaced.

import type { App } from "../app.ts";

/** On an element that no refresh touches. */
export const KEEP = "data-campanile-keep";

/** Sent to the document when an app's element comes, goes, or connects elsewhere. */
export const APPS_CHANGED = "campanile-apps";

export interface HasApp extends HTMLElement {
  readonly app: App | undefined;
}

export abstract class Part extends HTMLElement {
  #app: App | undefined;
  #leave: (() => void) | undefined;

  connectedCallback(): void {
    document.addEventListener(APPS_CHANGED, this.#look);
    this.#look();
  }

  /** Moving it within the page is no reason to leave the app. */
  connectedMoveCallback(): void {}

  disconnectedCallback(): void {
    document.removeEventListener(APPS_CHANGED, this.#look);
    this.#enter(undefined);
  }

  /** Starts to listen, and returns what ends it. */
  protected abstract join(app: App): () => void;

  /** Leaves the app and joins it again, with attributes that have changed. */
  protected rejoin(): void {
    const app = this.#app;
    this.#enter(undefined);
    this.#enter(app);
  }

  readonly #look = (): void => this.#enter(this.#owner()?.app);

  /** The one that `app` names by its id, or the nearest around it, or the first of the page. */
  #owner(): HasApp | null {
    const id = this.getAttribute("app");
    if (id) return document.getElementById(id) as HasApp | null;
    return this.closest<HasApp>("campanile-app") ?? document.querySelector<HasApp>("campanile-app");
  }

  #enter(app: App | undefined): void {
    if (app === this.#app) return;
    this.#leave?.();
    this.#app = app;
    this.#leave = app && this.join(app);
  }
}

/** Sends an event that bubbles to the page; whether the page lets what it announces happen. */
export const announce = (element: Element, name: string, detail: object): boolean =>
  element.dispatchEvent(new CustomEvent(`campanile-${name}`, { bubbles: true, composed: true, cancelable: true, detail }));

/** An attribute that is a number of milliseconds or things; anything else counts as absent. */
export function numberIn(element: Element, attribute: string, otherwise: number): number {
  const number = Number(element.getAttribute(attribute) ?? NaN);
  return number >= 0 ? number : otherwise;
}
