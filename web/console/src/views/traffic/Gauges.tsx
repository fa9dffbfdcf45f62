// What flows per second, with the last minute behind it; what is kept, and what was missed.

import { useInterval } from "@mantine/hooks";
import { useState } from "react";
import { KEPT_MAX, type Recording } from "./recording";
import { rateOf, type Second, SECONDS } from "./rates";
import classes from "./Traffic.module.css";

const rate = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const count = (number: number) => number.toLocaleString("en");

export function Gauges({ recording }: { recording: Recording }) {
  const [now_ms, setNow] = useState(() => performance.now());
  useInterval(() => setNow(performance.now()), 1_000, { autoInvoke: true });
  const past = recording.rates.past(Math.max(now_ms, performance.now()));
  return (
    <dl className={classes.gauges}>
      <div>
        <dt>In, per second</dt>
        <dd>{rate.format(rateOf(past, "in"))}</dd>
        <Spark past={past} way="in" />
      </div>
      <div>
        <dt>Out, per second</dt>
        <dd>{rate.format(rateOf(past, "out"))}</dd>
        <Spark past={past} way="out" />
      </div>
      <div>
        <dt>Heard</dt>
        <dd data-testid="heard">{count(recording.heard)}</dd>
        <dd className={classes.note}>the last {count(KEPT_MAX)} kept</dd>
      </div>
      <div data-bad={recording.dropped > 0 || undefined}>
        <dt>Dropped</dt>
        <dd data-testid="dropped">{count(recording.dropped)}</dd>
        <dd className={classes.note}>too fast to hand over</dd>
      </div>
    </dl>
  );
}

const SPARK_PX = 28;

function Spark({ past, way }: { past: Second[]; way: keyof Second }) {
  const most = Math.max(1, ...past.map((second) => second[way]));
  const points = past.map((second, index) => `${index},${(SPARK_PX - (second[way] / most) * (SPARK_PX - 2)).toFixed(1)}`);
  return (
    <svg className={classes.spark} data-way={way} viewBox={`0 0 ${SECONDS - 2} ${SPARK_PX}`} preserveAspectRatio="none" aria-hidden>
      <path d={`M0,${SPARK_PX} L${points.join(" ")} L${SECONDS - 2},${SPARK_PX} Z`} />
      <polyline points={points.join(" ")} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
