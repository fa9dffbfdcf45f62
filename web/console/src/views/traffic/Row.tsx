// One flow as two lines of text: when, from whom to whom; in which app, what, and how it begins.

import { ArrowRight } from "lucide-react";
import { memo } from "react";
import type { Known } from "./parties";
import type { Entry } from "./recording";
import classes from "./Traffic.module.css";

interface Props {
  id: string;
  entry: Entry;
  /** Counted from 1, among how many. */
  place: number;
  total: number;
  isChosen: boolean;
}

export const Row = memo(function Row({ id, entry, place, total, isChosen }: Props) {
  const { flow, at_ms, number, from, to } = entry;
  return (
    <div id={id} role="option" aria-selected={isChosen} aria-posinset={place} aria-setsize={total} data-number={number} data-kind={flow?.kind ?? "gap"} className={classes.row}>
      {flow ? (
        <div className={classes.text}>
          <span className={classes.time}>{clock(at_ms)}</span>
          <span className={classes.way}>
            <Name of={from} />
            <ArrowRight size={12} aria-hidden />
            <span className="visually-hidden"> to </span>
            <Name of={to} />
          </span>
          <span className={classes.size}>{flow.receivers !== undefined && `×${flow.receivers.toLocaleString("en")}`}</span>
          <span className={classes.app}>{flow.app}</span>
          <span className={classes.what}>
            <strong>{flow.event ?? flow.kind}</strong> <code>{flow.preview ?? flow.reason}</code>
          </span>
          <span className={classes.size}>{flow.bytes !== undefined && bytes(flow.bytes)}</span>
        </div>
      ) : (
        <Gap missing={entry.missing} />
      )}
    </div>
  );
});

function Name({ of: { key, kind, name } }: { of: Known }) {
  return (
    <span className={classes.name} data-party={kind === "hub" ? undefined : key}>
      {name}
    </span>
  );
}

function Gap({ missing }: { missing?: number }) {
  return (
    <div className={classes.gap}>
      {missing === undefined ? "Nothing was heard for a while: flows may be missing here" : `${missing.toLocaleString("en")} flows are missing here: there were more than the hub hands over`}
    </div>
  );
}

const two = (number: number) => String(number).padStart(2, "0");

/** A formatter of the browser's would take longer than all the rest of a row. */
export function clock(at_ms: number): string {
  const at = new Date(at_ms);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

export const bytes = (count: number) => (count < 1_000 ? `${count} B` : count < 1_000_000 ? `${(count / 1_000).toFixed(1)} kB` : `${(count / 1_000_000).toFixed(1)} MB`);
