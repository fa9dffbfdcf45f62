// A time that can be held. Nothing is on its way while it is.

export class Countdown {
  readonly #end: () => void;
  #leftMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #startedAt = 0;

  /** @param leftMs `Infinity` never ends */
  constructor(leftMs: number, end: () => void) {
    this.#leftMs = leftMs;
    this.#end = end;
  }

  /** Goes on, or is held. It is held at first. */
  run(isRunning: boolean): void {
    if (isRunning === (this.#timer !== undefined)) return;
    if (isRunning) this.#start();
    else this.#hold();
  }

  #start(): void {
    this.#startedAt = performance.now();
    if (this.#leftMs < Infinity) this.#timer = setTimeout(this.#end, this.#leftMs);
  }

  #hold(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#leftMs -= performance.now() - this.#startedAt;
  }
}
