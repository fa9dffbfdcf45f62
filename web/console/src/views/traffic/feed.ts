// Hears the hub's traffic for as long as somebody looks. It is read with `fetch`, since an `EventSource` can't tell a
// refusal from a hub that is down: the one is shown, after the other it is tried again, less and less often.

import { Problem, problemOf } from "../../api/client";
import { ME, queries } from "../../api/queries";
import type { Batch } from "./flow";
import { type Bytes, eventsOf } from "./sse";

export type FeedState =
  | { kind: "connecting" }
  | { kind: "live" }
  | { kind: "lost"; problem: Problem }
  | { kind: "refused"; problem: Problem };

interface Ears {
  onState: (state: FeedState) => void;
  onBatch: (batch: Batch) => void;
}

const AGAIN_MS = { min: 1_000, max: 15_000 };

/** The hub says something three times as often, if only that it is there. */
const SILENCE_MAX_MS = 45_000;

/** Follows the traffic of one app, or of all, until it is told to stop or refused. */
export async function follow(app: string | undefined, ears: Ears, signal: AbortSignal) {
  ears.onState({ kind: "connecting" });
  for (let again_ms = AGAIN_MS.min; !signal.aborted; again_ms = Math.min(again_ms * 2, AGAIN_MS.max)) {
    try {
      await hear(app, ears, signal, () => (again_ms = AGAIN_MS.min));
      throw new Problem("unreachable", "the hub ended the stream");
    } catch (error) {
      if (signal.aborted) return;
      // What isn't a refusal is the network's.
      const problem = error instanceof Problem ? error : new Problem("unreachable", "the hub doesn't answer");
      if (isFinal(problem)) return refuse(problem, ears);
      ears.onState({ kind: "lost", problem });
      await pause(again_ms, signal);
    }
  }
}

async function hear(app: string | undefined, { onState, onBatch }: Ears, signal: AbortSignal, onHello: () => void) {
  const silence = new AbortController();
  const watch = watchFor(() => silence.abort(new Problem("unreachable", "the hub has fallen silent")));
  const query = app === undefined ? "" : `?app=${encodeURIComponent(app)}`;
  const response = await fetch(`/api/v1/traffic${query}`, { signal: AbortSignal.any([signal, silence.signal]), cache: "no-store", headers: { Accept: "text/event-stream" } });
  if (!response.ok || !response.body) throw await problemOf(response);
  for await (const { event, data } of eventsOf(response.body.pipeThrough(watch))) {
    if (event === "hello") {
      onHello();
      onState({ kind: "live" });
    }
    if (event === "flows") onBatch(JSON.parse(data) as Batch);
    // Whoever isn't logged in any more finds that out by asking who they are, and sees the login.
    if (event === "end") await queries.refetchQueries({ queryKey: ME });
  }
}

/** Lets bytes through, and notices when none have come for too long. */
function watchFor(onSilence: () => void) {
  let timer = setTimeout(onSilence, SILENCE_MAX_MS);
  const stop = () => clearTimeout(timer);
  const transform = (bytes: Bytes, onward: TransformStreamDefaultController<Bytes>) => {
    stop();
    timer = setTimeout(onSilence, SILENCE_MAX_MS);
    onward.enqueue(bytes);
  };
  return new TransformStream<Bytes, Bytes>({ transform, flush: stop });
}

/** What won't be otherwise when it is asked again. */
const isFinal = ({ status }: Problem) => status >= 400 && status < 500 && status !== 429;

function refuse(problem: Problem, { onState }: Ears) {
  if (problem.code === "unauthorized") queries.setQueryData(ME, null);
  onState({ kind: "refused", problem });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
