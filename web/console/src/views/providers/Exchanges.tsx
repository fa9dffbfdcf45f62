// What was said to a provider and what came back, newest first. It is gone when one leaves.

import { Snippet } from "../../parts/Copy";
import { tidy } from "../../parts/JsonField";
import type { Exchange } from "./exchange";
import classes from "./Providers.module.css";

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

export function Exchanges({ exchanges }: { exchanges: Exchange[] }) {
  if (exchanges.length === 0) return null;
  return (
    <ol className={classes.exchanges} aria-label="What was said" data-testid="exchanges">
      {exchanges.map(({ at_ms, payload, answer, kind, took_ms }) => (
        <li key={at_ms}>
          <p>
            <time>{clock.format(at_ms)}</time> <code>{payload.replace(/\s+/g, " ")}</code>
          </p>
          {kind === "reply" ? <Snippet code={tidy(answer)} what="the reply" /> : <p className={classes.note}>{answer}</p>}
          <p className={classes.took}>after {Math.max(1, Math.round(took_ms))} ms</p>
        </li>
      ))}
    </ol>
  );
}
