// Connection state recovery with the stock client: what a follower missed reaches it when it comes back, also to
// another shard, also after the hub itself was restarted.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { startHub } from "./support.mjs";

const { io } = createRequire(import.meta.url)("sio484");

const CONFIG = `
shards = 2
[socketio.recovery]
enabled = true
`;

/** A socket that keeps the numbers that its provider broadcast. */
async function connect(t, hub, options = {}) {
  const socket = io(hub.url, { transports: ["websocket"], forceNew: true, reconnectionDelay: 50, ...options });
  t.after(() => socket.close());
  socket.numbers = [];
  socket.on("message_from_provider", ({ data }) => socket.numbers.push(data));
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

const register = (socket, id) => socket.emitWithAck("register_provider", { provider_id: id });
const broadcast = (socket, data) => socket.emitWithAck("sent_to_my_clients", { cmd: "count", data });

async function until(condition) {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `in vain: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("a follower that drops again and again misses nothing and gets nothing twice", async (t) => {
  const hub = await startHub({ config: CONFIG });
  t.after(() => hub.stop());
  const provider = await connect(t, hub);
  await register(provider, "RECOVERY");
  const follower = await connect(t, hub);
  await follower.emitWithAck("register_client", { master_provider_id: "RECOVERY" });
  const id = follower.id;
  let count = 0;
  for (let round = 0; round < 12; round++) {
    await broadcast(provider, count++);
    follower.io.engine.close();
    for (let missed = 0; missed < 3; missed++) await broadcast(provider, count++);
    await new Promise((resolve) => follower.once("connect", resolve));
    assert.equal(follower.recovered, true);
    assert.equal(follower.id, id);
  }
  await broadcast(provider, count++);
  await until(() => follower.numbers.length >= count);
  assert.deepEqual(follower.numbers, Array.from({ length: count }, (_, at) => at));
});

test("a provider that recovers serves its id again without registering", async (t) => {
  const hub = await startHub({ config: CONFIG });
  t.after(() => hub.stop());
  const provider = await connect(t, hub);
  await register(provider, "BACK-AGAIN");
  const client = await connect(t, hub);
  provider.io.engine.close();
  await new Promise((resolve) => provider.once("connect", resolve));
  provider.on("new_request", (request) => provider.emit("provider_reply", { ...request, result: "here" }));
  const reply = await client.emitWithAck("request_provider", { to_provider_id: "BACK-AGAIN", cmd: "ping", data: 1 });
  assert.equal(reply.result, "here");
});

test("a restart of the hub loses nothing", async (t) => {
  const first = await startHub({ config: CONFIG });
  const address = new URL(first.url).host;
  const provider = await connect(t, first);
  await register(provider, "RESTARTED");
  const follower = await connect(t, first, { reconnectionDelay: 1000, randomizationFactor: 0 });
  await follower.emitWithAck("register_client", { master_provider_id: "RESTARTED" });
  await broadcast(provider, 0);
  await until(() => follower.numbers.length === 1);
  const id = follower.id;

  const data = await first.stopAndKeepData();
  const second = await startHub({ config: CONFIG, listen: address, data });
  t.after(() => second.stop());
  if (!provider.connected) await new Promise((resolve) => provider.once("connect", resolve));
  await broadcast(provider, 1);
  if (!follower.connected) await new Promise((resolve) => follower.once("connect", resolve));
  await broadcast(provider, 2);
  await until(() => follower.numbers.length >= 3);
  assert.deepEqual(follower.numbers, [0, 1, 2]);
  assert.equal(follower.recovered, true);
  assert.equal(follower.id, id);
});
