// Reads the stream of `GET /api/v1/traffic`. Knows server-sent events and their names, nothing of what flows.

import assert from "node:assert/strict";
import { until } from "./support.mjs";

/** Watches until the test is over. What comes is kept in `flows` and `dropped`. */
export async function watchTraffic(t, hub, query, headers = { authorization: `Bearer ${hub.token}` }) {
  const controller = new AbortController();
  const response = await fetch(`${hub.url}/api/v1/traffic${query}`, { headers, signal: controller.signal });
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type"), /^text\/event-stream/);
  const watch = {
    flows: [],
    dropped: 0,
    hello: undefined,
    ended: undefined,
    close: () => controller.abort(),
    /** The first flow for which `is` holds. */
    flow: async (is) => {
      await until(`such a flow; there are ${JSON.stringify(watch.flows.map(({ kind, event }) => [kind, event]))}`, () => watch.flows.some(is));
      return watch.flows.find(is);
    },
    /** Why the stream ended. */
    end: async () => {
      await until("the end of the stream", () => watch.ended);
      return watch.ended;
    },
  };
  t.after(watch.close);
  read(response.body, (name, data) => {
    if (name === "hello") watch.hello = data;
    if (name === "end") watch.ended = data;
    if (name === "flows") {
      watch.flows.push(...data.flows);
      watch.dropped += data.dropped;
    }
  }).catch((error) => error.name === "AbortError" || (watch.ended ??= { code: String(error) }));
  await until("the stream's first words", () => watch.hello);
  return watch;
}

async function read(body, take) {
  let text = "";
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const events = (text + chunk).split("\n\n");
    text = events.pop();
    for (const event of events) {
      const field = (name) => event.match(new RegExp(`^${name}: ?(.*)$`, "m"))?.[1];
      if (field("data")) take(field("event"), JSON.parse(field("data")));
    }
  }
}
