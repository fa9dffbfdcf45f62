// What was heard: the last flows, those of them that fit the filter, and what waits while one has paused. All of it is
// bounded. Whoever shows it is told at most once per frame.

import { isEmpty, type Filter, testOf } from "./filter";
import { type Batch, cut, type Flow, type Party } from "./flow";
import { type Known, Parties } from "./parties";
import { Rates } from "./rates";
import { Ring } from "./ring";

/** So many flows are kept; while one has paused, so many more wait. */
export const KEPT_MAX = 50_000;

export interface Entry {
  /** Counted from the first one that was heard. */
  number: number;
  at_ms: number;
  /** On the page's own clock, when its arrow begins to be drawn. */
  shown_ms: number;
  from: Known;
  to: Known;
  /** Absent where flows are missing. */
  flow?: Omit<Flow, "from" | "to">;
  /** How many are missing there, if anybody knows. */
  missing?: number;
}

/** What comes at once is drawn one after the other, so that one sees what followed what. */
const STAGGER_MS = 45;
const STAGGER_MS_MAX = 360;

const HUB: Party = { kind: "hub" };

export class Recording {
  readonly rates = new Rates();
  readonly parties = new Parties();
  /** Those that fit the filter. */
  readonly fitting = new Ring<Entry>(KEPT_MAX);
  /** How many that fitted were forgotten: so stays the place of the others what it was. */
  forgotten = 0;
  heard = 0;
  dropped = 0;
  /** How many that fit wait until one goes on. */
  fresh = 0;
  isPaused = false;
  version = 0;
  /** Another one when the filter has changed, or all was cleared. */
  generation = 0;

  #kept = new Ring<Entry>(KEPT_MAX);
  #waiting = new Ring<Entry>(KEPT_MAX);
  #fits: (entry: Entry) => boolean = () => true;
  #isFiltered = false;
  #numbered = 0;
  /** Whether nothing has been heard since flows were missing. */
  #isDeaf = false;
  #listeners = new Set<() => void>();
  #frame = 0;

  subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  get kept(): number {
    return this.#kept.length;
  }

  get isFiltered(): boolean {
    return this.#isFiltered;
  }

  take({ flows, dropped = 0 }: Batch) {
    if (dropped > 0) this.miss(dropped);
    const now_ms = performance.now();
    this.#isDeaf &&= flows.length === 0;
    for (const [index, { from, to, ...flow }] of flows.entries()) {
      this.heard += 1;
      const shown_ms = now_ms + Math.min(index * STAGGER_MS, STAGGER_MS_MAX);
      if (flow.kind === "received") this.rates.count("in", now_ms);
      if (flow.kind === "sent") this.rates.count("out", now_ms);
      if (flow.event !== undefined) flow.event = cut(flow.event);
      this.#add(this.#entry(from, to, { at_ms: flow.at_ms, shown_ms, flow }));
    }
    this.#change();
  }

  /** Notes that flows are missing here; how many, if anybody knows. What isn't known is noted once. */
  miss(count?: number) {
    if (count === undefined && (this.heard === 0 || this.#isDeaf)) return;
    this.dropped += count ?? 0;
    this.#isDeaf = count === undefined;
    this.#add(this.#entry(HUB, HUB, { at_ms: Date.now(), shown_ms: 0, missing: count }));
    this.#change();
  }

  filter(filter: Filter) {
    this.#fits = testOf(filter);
    this.#isFiltered = !isEmpty(filter);
    this.#restart();
    for (const entry of this.#kept) if (this.#fits(entry)) this.fitting.push(entry);
    for (const entry of this.#waiting) if (this.#fits(entry)) this.fresh += 1;
    this.#change();
  }

  pause() {
    this.isPaused = true;
    this.#change();
  }

  goOn() {
    this.isPaused = false;
    this.fresh = 0;
    for (const entry of this.#waiting) this.#keep(entry);
    this.#waiting.clear();
    this.#change();
  }

  clear() {
    for (const ring of [this.#kept, this.#waiting]) {
      for (const entry of ring) this.#release(entry);
      ring.clear();
    }
    this.#restart();
    this.heard = 0;
    this.dropped = 0;
    this.#change();
  }

  #entry(from: Party, to: Party, more: Omit<Entry, "number" | "from" | "to">): Entry {
    this.#numbered += 1;
    return { number: this.#numbered, from: this.parties.take(from), to: this.parties.take(to), ...more };
  }

  #add(entry: Entry) {
    if (!this.isPaused) return this.#keep(entry);
    const forgotten = this.#waiting.push(entry);
    if (forgotten) this.#release(forgotten);
    if (this.#fits(entry)) this.fresh += 1;
  }

  #keep(entry: Entry) {
    const forgotten = this.#kept.push(entry);
    if (forgotten) this.#forget(forgotten);
    if (this.#fits(entry)) this.fitting.push(entry);
  }

  #forget(entry: Entry) {
    this.#release(entry);
    if (this.fitting.at(0) !== entry) return;
    this.fitting.shift();
    this.forgotten += 1;
  }

  #release({ from, to }: Entry) {
    this.parties.release(from);
    this.parties.release(to);
  }

  #restart() {
    this.generation += 1;
    this.fitting.clear();
    this.forgotten = 0;
    this.fresh = 0;
  }

  #change() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.version += 1;
      for (const listener of this.#listeners) listener();
    });
  }
}
