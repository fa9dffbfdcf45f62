// Who talks to whom, as a sequence: the hub, a line for each of the busiest parties, one for all others, and an arrow for
// each flow. Knows no pixel and no colour.

import type { Kind } from "./flow";
import type { Known } from "./parties";
import type { Entry } from "./recording";

/** So many parties have a line of their own at most, where there is room. */
export const LINES_MAX = 12;

/** The busiest are found in so many flows before the last one that is shown. */
export const LOOKED_AT = 400;

/** Whoever has a line keeps it until another is so many times as busy. */
const LOYALTY = 1.5;

const OTHERS = "others";

export interface Line {
  key: string;
  name: string;
  kind: Known["kind"] | "others";
  role?: string;
  /** How many flows of those that were looked at. */
  flows: number;
}

export interface Arrow {
  number: number;
  /** Which lines, counted from the first. */
  from: number;
  to: number;
  kind: Kind;
  event: string;
  /** How many sockets it went to, if it went to more than one party by name. */
  receivers?: number;
  shown_ms: number;
}

/** A place in the list where there is no arrow, since flows are missing. */
export interface Gap {
  number: number;
  missing?: number;
}

export interface Sequence {
  lines: Line[];
  /** One for each entry, in their order. */
  steps: (Arrow | Gap)[];
}

/** Draws up the sequence of these entries; `lines` are those that it has room for. */
export function sequenceOf(entries: Entry[], lines: Line[]): Sequence {
  const places = new Map(lines.map(({ key }, index) => [key, index]));
  const others = places.get(OTHERS) ?? 0;
  const steps = entries.map(({ number, shown_ms, from, to, flow, missing }): Arrow | Gap => {
    if (!flow) return { number, missing };
    const receivers = to.kind === "room" || to.kind === "everyone" ? (flow.receivers ?? 1) : undefined;
    return { number, from: places.get(from.key) ?? others, to: places.get(to.key) ?? others, kind: flow.kind, event: flow.event ?? flow.kind, receivers, shown_ms };
  });
  return { lines, steps };
}

/** The lines for these entries: at most `room` beside the hub. Those that were there stay where they were. */
export function linesOf(entries: Iterable<Entry>, room: number, former: Line[]): Line[] {
  const flows = countOf(entries);
  const hub = [...flows.keys()].find(({ kind }) => kind === "hub");
  if (hub) flows.delete(hub);
  const places = new Map(former.map(({ key }, index) => [key, index]));
  const weight = ([{ key }, count]: [Known, number]) => count * (places.has(key) ? LOYALTY : 1);
  const ranked = [...flows].sort((a, b) => weight(b) - weight(a));
  const own = ranked.length <= room ? ranked : ranked.slice(0, Math.max(room - 1, 0));
  const rest = ranked.slice(own.length);
  const lines = own.map(([known, count]) => lineOf(known, count)).sort((a, b) => (places.get(a.key) ?? Infinity) - (places.get(b.key) ?? Infinity) || 0);
  const left = lines.filter((line) => !isAtRight(line));
  // New ones at the left come outermost, so that nobody changes places.
  const fresh = left.filter(({ key }) => !places.has(key)).reverse();
  const before = [...fresh, ...left.filter(({ key }) => places.has(key))];
  const others: Line[] = rest.length > 0 ? [{ key: OTHERS, name: `${rest.length} others`, kind: "others", flows: rest.reduce((sum, [, count]) => sum + count, 0) }] : [];
  return [...others, ...before, { key: "hub", name: "hub", kind: "hub", flows: 0 }, ...lines.filter(isAtRight)];
}

/** Whoever serves stands at the right of the hub, whoever asks and listens at its left. */
const isAtRight = ({ role }: Line) => role === "provider";

const lineOf = ({ key, name, kind, role }: Known, flows: number): Line => ({ key, name, kind, role, flows });

function countOf(entries: Iterable<Entry>): Map<Known, number> {
  const flows = new Map<Known, number>();
  const count = (known: Known) => flows.set(known, (flows.get(known) ?? 0) + 1);
  for (const { flow, from, to } of entries) {
    if (!flow) continue;
    count(from);
    count(to);
  }
  return flows;
}

/** The same in words. */
export function inWords({ lines, steps }: Sequence): string {
  const name = (index: number) => lines[index]?.name ?? OTHERS;
  const said = steps.map((step) => {
    if (!("kind" in step)) return step.missing ? `${step.missing} flows are missing` : "flows may be missing";
    return `${name(step.from)} to ${name(step.to)}: ${step.event}${step.receivers === undefined ? "" : ` (${step.receivers} sockets)`}`;
  });
  return `Lines: ${lines.map(({ name }) => name).join(", ")}. Arrows: ${said.join("; ")}.`;
}
