// Two providers and a hundred clients of all JavaScript makes and transports at once: everybody gets what is theirs,
// in order, and nobody gets anything else.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connect, javascriptMakes, transports } from "./peers.mjs";
import { startHub } from "./support.mjs";

const CLIENTS = 100;
const BROADCASTS = 30;
const ids = ["CROWD-A", "CROWD-B"];

let hub;
before(async () => {
  hub = await startHub();
});
after(() => hub?.stop());

test("two providers and a hundred clients", async (t) => {
  const kinds = javascriptMakes.flatMap((make) => Object.keys(transports).map((transport) => [make, transport]));
  const providers = await Promise.all(ids.map((id, i) => answering(t, id, kinds[i])));
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, async (_, i) => {
      const peer = await connect(t, hub, ...kinds[i % kinds.length]);
      // Every fifth follows nobody; the others follow one of the two.
      const followed = i % 5 === 0 ? undefined : ids[i % 2];
      if (followed) await peer.ask("register_client", { master_provider_id: followed });
      return { peer, followed, number: i };
    }),
  );

  for (let data = 0; data < BROADCASTS; data++) {
    providers.forEach((provider, i) => provider.emit("sent_to_my_clients", { provider_id: ids[i], cmd: "tick", data }));
    clients.forEach(({ peer, number }) => {
      if (data % 10 === 0) peer.emit("request_provider", { to_provider_id: ids[number % 2], cmd: "mine", data: [number, data] });
    });
  }

  // Each client asks both providers last: what they sent to it before comes before their answers.
  await Promise.all(
    clients.flatMap(({ peer, number }) =>
      ids.map((id) => peer.ask("request_provider", { to_provider_id: id, cmd: "last", data: [number] })),
    ),
  );
  for (const { peer, followed, number } of clients) {
    const expected = followed ? Array.from({ length: BROADCASTS }, (_, data) => ({ provider_id: followed, cmd: "tick", data })) : [];
    await peer.take("message_from_provider", expected.length);
    assert.deepEqual(peer.seen("message_from_provider"), expected);

    await peer.take("provider_reply", 5);
    const replies = peer.seen("provider_reply");
    assert.deepEqual(replies.filter(({ cmd }) => cmd === "mine").map(({ data }) => data), [[number, 0], [number, 10], [number, 20]]);
    assert.deepEqual(replies.map(({ request_from }) => request_from), Array(5).fill(peer.id));
    assert.deepEqual(replies.filter(({ cmd }) => cmd === "last").map(({ data }) => data), [[number], [number]]);
  }
  assert.deepEqual((await Promise.all(ids.map(hub.provider))).map(({ followers }) => followers), [40, 40]);
});

/** A provider that echoes every request. */
async function answering(t, id, kind) {
  const provider = await connect(t, hub, ...kind);
  provider.socket.on("new_request", (request) => provider.emit("provider_reply", { ...request, result: id }));
  await provider.ask("register_provider", { provider_id: id });
  return provider;
}
