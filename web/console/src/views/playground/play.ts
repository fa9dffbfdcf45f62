// Starts and stops a dashboard. Nothing of it runs before somebody says so; from then on changed plugins start it anew.

import { useEffect, useRef, useState } from "react";
import { type Log, type Order, Run, type RunState, useRun } from "./run";
import type { Signals } from "./signals";

export interface Play {
  run?: Run;
  state?: RunState;
  start: () => void;
  stop: () => Promise<void>;
}

export function usePlay(order: Order, signals: Signals, log: Log): Play {
  const [run, setRun] = useState<Run>();
  const state = useRun(run);
  const wanted = JSON.stringify(order);
  const latest = useRef(order);
  latest.current = order;
  const played = useRef<string>(undefined);
  const begin = () => {
    played.current = JSON.stringify(latest.current);
    setRun(new Run(latest.current, signals, log));
  };
  useEffect(() => () => run?.end(), [run]);
  useEffect(() => {
    // One that stops is followed by what is wanted then, or by nothing.
    if (run && run.state.stage !== "stopping" && played.current !== wanted) void run.stop().then(begin);
    // A run that begins has what is wanted.
  }, [wanted]);
  const stop = async () => {
    await run?.stop();
    setRun(undefined);
  };
  return { run, state, start: begin, stop };
}
