// Times as people say them, with the exact one at hand.

import { useInterval } from "@mantine/hooks";
import { useState } from "react";

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000_000],
  ["month", 2_592_000_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** How long ago, or in how long. */
export function distance(at_ms: number, now_ms: number): string {
  const ms = at_ms - now_ms;
  const unit = UNITS.find(([, size_ms]) => Math.abs(ms) >= size_ms);
  return unit ? relative.format(Math.round(ms / unit[1]), unit[0]) : "just now";
}

/** A length of time in its largest two units. */
export function duration(ms: number): string {
  const s = Math.round(ms / 1000);
  const parts: [number, string][] = [[Math.floor(s / 86_400), "d"], [Math.floor(s / 3_600) % 24, "h"], [Math.floor(s / 60) % 60, "min"], [s % 60, "s"]];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "0\u00a0s";
  return parts.slice(first, first + 2).filter(([count]) => count > 0).map(([count, unit]) => `${count}\u00a0${unit}`).join(" ");
}

export function Moment({ at_ms }: { at_ms: number }) {
  const [now_ms, setNow] = useState(Date.now);
  useInterval(() => setNow(Date.now()), 30_000, { autoInvoke: true });
  return (
    <time dateTime={new Date(at_ms).toISOString()} title={exact.format(at_ms)}>
      {distance(at_ms, now_ms)}
    </time>
  );
}
