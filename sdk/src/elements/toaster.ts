// `<campanile-toaster>`: where an app's alerts appear. The newest is nearest to the edge; above the page, and above its
// dialogs where the browser can do that.

import type { Alert, Position } from "../alert.ts";
import { DURATION_MS, isPosition } from "../alert.ts";
import type { App } from "../app.ts";
import { wearToasts } from "../sheet.ts";
import { KEEP, numberIn, Part } from "./part.ts";
import { Toast } from "./toast.ts";

const POSITION: Position = "top-center";
const TOASTS_MAX = 6;
const TRAVEL_PX = 12;

export class ToasterElement extends Part {
  /** Oldest first. */
  readonly #toasts = new Map<string, Toast>();
  #shown = 0;

  /** Shows an alert, or in the place of the one with its id. */
  show(alert: Alert): void {
    const id = alert.options.id ?? `campanile-${(this.#shown += 1)}`;
    const known = this.#toasts.get(id);
    if (known?.isGoing) known.remove();
    const toast = this.#toasts.get(id) ?? this.#added(id, alert.options.position ?? this.#position);
    toast.show(alert, numberIn(this, "duration-ms", DURATION_MS), this.getAttribute("close-label") ?? "Close");
  }

  protected override join(app: App): () => void {
    wearToasts();
    this.setAttribute(KEEP, "");
    if (!this.hasAttribute("role")) this.setAttribute("role", "region");
    if (!this.hasAttribute("aria-label")) this.setAttribute("aria-label", "Notifications");
    const forget = app.onAlert((alert) => this.show(alert));
    document.addEventListener("visibilitychange", this.#judge);
    return () => {
      forget();
      document.removeEventListener("visibilitychange", this.#judge);
      for (const toast of [...this.#toasts.values()]) toast.remove();
    };
  }

  get #position(): Position {
    const position = this.getAttribute("position");
    return isPosition(position) ? position : POSITION;
  }

  #added(id: string, position: Position): Toast {
    this.#makeRoom();
    const isTop = position.startsWith("top");
    const toast = new Toast(isTop ? -TRAVEL_PX : TRAVEL_PX, () => this.#toasts.delete(id));
    toast.element.dataset.id = id;
    this.#toasts.set(id, toast);
    this.#stack(position)[isTop ? "prepend" : "append"](toast.element);
    this.#raise();
    return toast;
  }

  #stack(position: Position): Element {
    const known = this.querySelector(`[data-position="${position}"]`);
    if (known) return known;
    const stack = document.createElement("campanile-toasts");
    stack.dataset.position = position;
    this.append(stack);
    return stack;
  }

  /** A dialog that was opened later covers it, until it is raised again. */
  #raise(): void {
    if (!this.showPopover) return;
    this.popover = "manual";
    if (document.querySelector(":modal") && !this.matches(":focus-within")) this.hidePopover();
    if (!this.matches(":popover-open")) this.showPopover();
  }

  #makeRoom(): void {
    const most = Math.max(numberIn(this, "toasts-max", TOASTS_MAX), 1);
    const staying = [...this.#toasts.values()].filter((toast) => !toast.isGoing);
    for (const toast of staying.slice(0, Math.max(staying.length + 1 - most, 0))) toast.dismiss();
  }

  readonly #judge = (): void => {
    for (const toast of this.#toasts.values()) toast.judge();
  };
}
