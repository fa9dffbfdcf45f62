// What the hub counted while the console was open: samples become rates, for charts. Kept when one looks at something
// else meanwhile; a longer memory is Prometheus's job.

import type { HubStats } from "../../api/client";

const SAMPLES_MAX = 300;

/** Two samples further apart than this have a gap between them: the tab was hidden. */
const GAP_MS = 12_000;

export const SERIES = [
  "connections",
  "users_online",
  "events_in",
  "events_out",
  "deliveries",
  "pushes",
  "push_deliveries",
  "latency_median_ms",
  "latency_95_ms",
] as const;

export type Series = (typeof SERIES)[number];

type Sample = Record<Series, number | null>;

/** Moments in seconds, and for each series as many values; null where there is none. */
export interface History {
  at_s: number[];
  values: Record<Series, (number | null)[]>;
}

const nothing = Object.fromEntries(SERIES.map((name) => [name, null])) as Sample;

let history: History = { at_s: [], values: Object.fromEntries(SERIES.map((name) => [name, []])) as unknown as History["values"] };
let latest: HubStats | undefined;

export const pastOf = () => history;

/** Takes a sample that was just read. */
export function remember(stats: HubStats): HubStats {
  const former = latest;
  latest = stats;
  const isNext = former && former.started_at_ms === stats.started_at_ms && stats.at_ms - former.at_ms < GAP_MS;
  if (former && !isNext) append((former.at_ms + stats.at_ms) / 2000, nothing);
  append(stats.at_ms / 1000, { ...gaugesOf(stats), ...(isNext ? rates(former, stats) : {}) });
  return stats;
}

function append(at_s: number, sample: Sample) {
  const kept = <T>(values: T[], value: T) => [...values, value].slice(-SAMPLES_MAX);
  const values = SERIES.map((name) => [name, kept(history.values[name], sample[name])]);
  history = { at_s: kept(history.at_s, at_s), values: Object.fromEntries(values) };
}

const gaugesOf = ({ gauges }: HubStats): Sample => ({
  ...nothing,
  connections: gauges.connections ?? null,
  users_online: gauges.users_online ?? null,
});

function rates(former: HubStats, stats: HubStats): Partial<Sample> {
  const s = (stats.at_ms - former.at_ms) / 1000;
  if (s <= 0) return {};
  const rate = (name: Series) => ((stats.counters[name] ?? 0) - (former.counters[name] ?? 0)) / s;
  const { bounds_ms, counts } = stats.request_latency;
  const fresh = counts.map((count, index) => count - (former.request_latency.counts[index] ?? 0));
  return {
    events_in: rate("events_in"),
    events_out: rate("events_out"),
    deliveries: rate("deliveries"),
    pushes: rate("pushes"),
    push_deliveries: rate("push_deliveries"),
    latency_median_ms: quantile(0.5, bounds_ms, fresh),
    latency_95_ms: quantile(0.95, bounds_ms, fresh),
  };
}

/** Where this part of the requests is done, by the buckets that they were counted in; null if there were none. */
export function quantile(part: number, bounds_ms: number[], counts: number[]): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = part * total;
  for (const [index, count] of counts.entries()) {
    const from_ms = bounds_ms[index - 1] ?? 0;
    const to_ms = bounds_ms[index] ?? from_ms;
    if (left <= count) return from_ms + (to_ms - from_ms) * (left / Math.max(count, 1));
    left -= count;
  }
  return bounds_ms.at(-1) ?? null;
}
