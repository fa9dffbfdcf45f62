// Who listens to something, and telling them. One that throws keeps nobody else from hearing.

import { report } from "./errors.ts";

export class Listeners<Arguments extends unknown[]> {
  readonly #all = new Set<{ tell: (...args: Arguments) => void }>();

  /** Adds a listener, also one that listens already, and returns what removes it. */
  add(tell: (...args: Arguments) => void): () => void {
    const listener = { tell };
    this.#all.add(listener);
    return () => void this.#all.delete(listener);
  }

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  tell(...args: Arguments): void {
    for (const listener of [...this.#all]) {
      try {
        listener.tell(...args);
      } catch (error) {
        report(error);
      }
    }
  }
}
