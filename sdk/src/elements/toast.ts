// One toast on the page: its card, its time, and how it comes and goes. Texts are put in as texts. Where toasts stand
// is the toaster's matter.

import type { Alert } from "../alert.ts";
import { Countdown } from "../countdown.ts";
import { hyphenated } from "../style.ts";
import { CLOSE, drawing, ERROR, SUCCESS } from "./icons.ts";

const REMOVE_DELAY_MS = 1_000;
/** Screen readers announce what is put into a region that they know already. */
const ANNOUNCE_DELAY_MS = 60;
const COME_MS = 260;
const GO_MS = 200;
const EASING = "cubic-bezier(0.2, 0.8, 0.2, 1)";

export class Toast {
  readonly element = document.createElement("campanile-toast");
  isGoing = false;
  readonly #removed: () => unknown;
  readonly #travelPx: number;
  readonly #text = part("campanile-toast-text");
  #countdown = new Countdown(0, () => {});
  #removeDelayMs = REMOVE_DELAY_MS;

  /** @param travelPx from where it comes to its place */
  constructor(travelPx: number, removed: () => unknown) {
    this.#travelPx = travelPx;
    this.#removed = removed;
    for (const event of ["mouseenter", "mouseleave", "focusin", "focusout"]) {
      this.element.addEventListener(event, () => this.judge());
    }
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && this.dismiss());
  }

  /** Shows an alert, for its own time, in the place of what it has shown before. */
  show(alert: Alert, durationMs: number, closeLabel: string): void {
    const { duration = durationMs, removeDelay = REMOVE_DELAY_MS } = alert.options;
    const isNew = !this.element.hasChildNodes();
    this.#countdown.run(false);
    this.#countdown = new Countdown(duration, () => this.dismiss());
    this.#removeDelayMs = removeDelay;
    this.#draw(alert, closeLabel);
    if (isNew) setTimeout(() => this.#come(alert), ANNOUNCE_DELAY_MS);
    else this.#say(alert);
    this.judge();
  }

  /** Its time stands still while somebody is at it, or nobody can see it. */
  judge(): void {
    this.#countdown.run(!this.isGoing && !document.hidden && !this.element.matches(":hover, :focus-within"));
  }

  dismiss(): void {
    if (this.isGoing) return;
    this.isGoing = true;
    this.judge();
    this.element.inert = true;
    this.element.dataset.state = "dismissed";
    this.#animate([{}, this.#away(0)], { duration: GO_MS, fill: "forwards" });
    setTimeout(() => this.remove(), this.#removeDelayMs);
  }

  remove(): void {
    if (!this.element.parentNode) return;
    this.#countdown.run(false);
    this.element.remove();
    this.#removed();
  }

  #draw(alert: Alert, closeLabel: string): void {
    const { element } = this;
    const { className = "", style = {}, ariaProps = ariaOf(alert) } = alert.options;
    element.className = `campanile-toast ${className}`.trim();
    element.dataset.variant = alert.variant;
    element.removeAttribute("style");
    for (const [property, value] of Object.entries(style)) element.style.setProperty(hyphenated(property), value);
    for (const [name, value] of Object.entries(ariaProps)) this.#text.setAttribute(name, value);
    element.replaceChildren(...iconOf(alert), this.#text, closeButton(closeLabel, () => this.dismiss()));
  }

  #say({ text, description }: Alert): void {
    const both = [part("campanile-toast-title", text), part("campanile-toast-description", description)];
    this.#text.replaceChildren(...(description ? both : [text]));
  }

  #come(alert: Alert): void {
    if (this.isGoing) return;
    this.#say(alert);
    this.element.dataset.state = "shown";
    this.#animate([this.#away(this.#travelPx), {}], { duration: COME_MS });
  }

  /** How it looks when it isn't there. Its neighbours have taken its place. */
  #away(travelPx: number): Keyframe {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return { opacity: 0 };
    const transform = `translateY(${travelPx}px) scale(0.97)`;
    return { opacity: 0, transform, marginBlockEnd: `${-this.element.offsetHeight}px` };
  }

  #animate(frames: Keyframe[], timing: KeyframeAnimationOptions): void {
    this.element.animate(frames, { easing: EASING, ...timing });
  }
}

const ariaOf = ({ variant }: Alert): object =>
  variant === "destructive" ? { role: "alert", "aria-live": "assertive" } : { role: "status", "aria-live": "polite" };

/** The one that the message brings, or that of its variant. Colours for an icon mean that there is to be one. */
function iconOf({ options: { icon: text, iconTheme }, variant }: Alert): HTMLElement[] {
  const drawn = variant === "destructive" ? ERROR : variant === "success" || iconTheme ? SUCCESS : undefined;
  if (!text && !drawn) return [];
  const icon = part("campanile-toast-icon", text);
  icon.ariaHidden = "true";
  if (drawn && !text) icon.append(drawing(drawn, iconTheme));
  return [icon];
}

function closeButton(label: string, close: () => void): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "campanile-toast-close";
  button.ariaLabel = label;
  button.append(drawing(CLOSE));
  button.addEventListener("click", close);
  return button;
}

function part(name: string, text = ""): HTMLElement {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}
