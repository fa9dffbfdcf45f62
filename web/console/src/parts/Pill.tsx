// A word about a state, in its colour. The word says it; the colour only helps.

import type { ReactNode } from "react";
import classes from "./Pill.module.css";

export type Tone = "good" | "bad" | "warn" | "info" | "plain";

export function Pill({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className={classes.pill} data-tone={tone}>
      {children}
    </span>
  );
}

/** Whether somebody is there. */
export function Presence({ online, children }: { online: boolean; children?: ReactNode }) {
  return (
    <span className={classes.presence} data-online={online || undefined}>
      {children ?? (online ? "online" : "offline")}
    </span>
  );
}
