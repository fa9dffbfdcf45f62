// How much flowed in each of the last seconds.

export interface Second {
  in: number;
  out: number;
}

export const SECONDS = 60;

/** So many of the last full seconds make a rate. */
const AVERAGED = 2;

export class Rates {
  #seconds: Second[] = Array.from({ length: SECONDS }, () => ({ in: 0, out: 0 }));
  #now_s = 0;

  count(way: keyof Second, now_ms: number) {
    this.#advance(now_ms);
    this.#seconds.at(-1)![way] += 1;
  }

  /** The last seconds, of which the present one, not being over, isn't one. */
  past(now_ms: number): Second[] {
    this.#advance(now_ms);
    return this.#seconds.slice(0, -1);
  }

  #advance(now_ms: number) {
    const now_s = Math.floor(now_ms / 1000);
    const steps = Math.min(now_s - this.#now_s, SECONDS);
    this.#now_s = now_s;
    for (let step = 0; step < steps; step++) {
      this.#seconds.shift();
      this.#seconds.push({ in: 0, out: 0 });
    }
  }
}

export const rateOf = (past: Second[], way: keyof Second) => past.slice(-AVERAGED).reduce((sum, second) => sum + second[way], 0) / AVERAGED;
