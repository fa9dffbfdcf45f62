// Hears the traffic while the view is open. A tab that nobody looks at goes on for a while, since one comes back to it;
// then it stops, and what it didn't hear is marked.

import { useEffect, useState } from "react";
import { type FeedState, follow } from "./feed";
import type { Recording } from "./recording";

const UNSEEN_MAX_MS = 60_000;

export function useFeed(recording: Recording, app: string | undefined) {
  const [state, setState] = useState<FeedState>({ kind: "connecting" });
  const [attempt, setAttempt] = useState(0);
  const isAwake = useAwake();
  useEffect(() => {
    if (!isAwake) return;
    const stop = new AbortController();
    const onState = (state: FeedState) => {
      if (state.kind === "lost") recording.miss();
      setState(state);
    };
    void follow(app, { onState, onBatch: (batch) => recording.take(batch) }, stop.signal);
    return () => stop.abort();
  }, [app, attempt, isAwake]);
  // What happens while it sleeps isn't heard.
  useEffect(() => {
    if (!isAwake) recording.miss();
  }, [isAwake]);
  return { state, tryAgain: () => setAttempt((former) => former + 1) };
}

/** Whether somebody looks at the tab, or did a little while ago. */
function useAwake(): boolean {
  const [isAwake, setAwake] = useState(true);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      if (document.visibilityState === "visible") setAwake(true);
      else timer = setTimeout(() => setAwake(false), UNSEEN_MAX_MS);
    };
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  return isAwake;
}
