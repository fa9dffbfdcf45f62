// Many signals, few runs. A signal is followed by a run that began after it; signals that come while one is being
// waited for share it, and those that come during a run share the next.

import { report } from "./errors.ts";

type State = "idle" | "waiting" | "running" | "running_again" | "stopped";

export class Burst {
  readonly #wait: () => Promise<void>;
  readonly #run: () => Promise<void> | void;
  #state: State = "idle";

  /** @param wait what passes between a signal and its run */
  constructor(wait: () => Promise<void>, run: () => Promise<void> | void) {
    this.#wait = wait;
    this.#run = run;
  }

  signal(): void {
    if (this.#state === "running") this.#state = "running_again";
    if (this.#state === "idle") void this.#work();
  }

  /** No run begins any more. */
  stop(): void {
    this.#state = "stopped";
  }

  async #work(): Promise<void> {
    do {
      this.#state = "waiting";
      await this.#wait();
      if (this.#is("stopped")) return;
      this.#state = "running";
      try {
        await this.#run();
      } catch (error) {
        report(error);
      }
    } while (this.#is("running_again"));
    if (!this.#is("stopped")) this.#state = "idle";
  }

  /** Asks the field anew, which others change while `#work` waits. */
  #is(state: State): boolean {
    return this.#state === state;
  }
}

/** Waits a while, and then for somebody to look at the page if nobody does. */
export async function quiet(delayMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  while (globalThis.document?.hidden) {
    await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  }
}
