// One conversation over the bridge, held by every make of client over every transport, as provider and as client.
// The other parties are of the newest JavaScript make.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { connect, makes, transports } from "./peers.mjs";
import { startHub } from "./support.mjs";

const CONVERSATIONS_AT_ONCE = 4;
const BURST = 60;
const bytes = Buffer.from(Array.from({ length: 300 }, (_, i) => i % 256));
const anyData = [7, -0.5, "größer ✓ \u2028 \"quoted\"", { deep: [{ er: null }] }, [1, [2, []]], true, false, null];

let hub;
before(async () => {
  hub = await startHub();
});
after(() => hub?.stop());

describe("a conversation", { concurrency: CONVERSATIONS_AT_ONCE }, () => {
  for (const make of makes) {
    for (const transport of Object.keys(transports)) {
      test(`with ${make} over ${transport} as provider`, async (t) => {
        await converse(t, { provider: [make, transport], client: [] });
      });
      test(`with ${make} over ${transport} as client`, async (t) => {
        await converse(t, { provider: [], client: [make, transport] });
      });
    }
  }
});

async function converse(t, kinds) {
  const id = `${t.name}`;
  const parties = await gather(t, id, kinds);
  await t.test("broadcasts reach the followers in order", () => broadcasts(parties));
  await t.test("requests arrive whole", () => requests(parties));
  await t.test("replies reach the requester, in order", () => replies(parties));
  await t.test("bytes pass both ways", () => binary(parties));
  await t.test("the first reply answers the ack", () => acks(parties));
  await t.test("upgraded where it was asked for", () => settled(parties, kinds));
  await t.test("the provider leaves and returns", () => leaveAndReturn(parties));
  await t.test("nothing reached the strangers", () => strangers(parties));
}

/** A provider, a client, a second follower that asks nothing, and a stranger that follows somebody else. */
async function gather(t, id, kinds) {
  const [provider, client, follower, stranger] = await Promise.all([
    connect(t, hub, ...kinds.provider),
    connect(t, hub, ...kinds.client),
    connect(t, hub),
    connect(t, hub),
  ]);
  assert.equal((await provider.ask("register_provider", { provider_id: id, name: "A provider" })).ok, true);
  for (const [peer, followed] of [[client, id], [follower, id], [stranger, `not ${id}`]]) {
    assert.equal((await peer.ask("register_client", { master_provider_id: followed })).ok, true);
  }
  return { id, provider, client, follower, stranger };
}

async function broadcasts({ id, provider, client, follower }) {
  const sent = Array.from({ length: BURST }, (_, i) => ({ provider_id: id, cmd: "showSpeed", data: i, more: { unit: "km/h" } }));
  sent.forEach((payload, i) => provider.emit(i % 2 ? "sent_to_my_clients" : "send_to_all_clients", payload));
  for (const peer of [client, follower]) {
    assert.deepEqual(await peer.take("message_from_provider", BURST), sent);
  }
}

async function requests({ id, provider, client }) {
  for (const data of anyData) {
    const sent = { to_provider_id: id, cmd: "any", data, request_from: "somebody else", extra: { kept: [data] } };
    client.emit("request_provider", sent);
    const { request_id, ...arrived } = await provider.next("new_request");
    assert.deepEqual(arrived, { ...sent, request_from: client.id });
  }
}

async function replies({ id, provider, client, follower }) {
  client.emit("request_provider", { to_provider_id: id, cmd: "stream", data: null });
  const request = await provider.next("new_request");
  for (let result = 0; result < BURST; result++) provider.emit("provider_reply", { ...request, result });
  const arrived = await client.take("provider_reply", BURST);
  assert.deepEqual(arrived, Array.from({ length: BURST }, (_, result) => ({ ...request, result })));

  // The hub keeps the order from one sender to one receiver: what this broadcast has not overtaken never comes.
  provider.emit("sent_to_my_clients", { provider_id: id, cmd: "fence" });
  await follower.next("message_from_provider", ({ cmd }) => cmd === "fence");
  await client.next("message_from_provider", ({ cmd }) => cmd === "fence");
  assert.deepEqual(follower.seen("provider_reply"), []);
}

async function binary({ id, provider, client, follower }) {
  const broadcast = { provider_id: id, cmd: "frame", data: bytes, more: [{ empty: Buffer.alloc(0) }, bytes.subarray(3, 9)] };
  provider.emit("sent_to_my_clients", broadcast);
  assert.deepEqual(await client.next("message_from_provider"), broadcast);
  assert.deepEqual(await follower.next("message_from_provider"), broadcast);

  client.emit("request_provider", { to_provider_id: id, cmd: "store", data: { file: bytes } });
  const request = await provider.next("new_request");
  assert.deepEqual(request.data, { file: bytes });
  assert.equal(request.request_from, client.id);

  provider.emit("provider_reply", { ...request, result: bytes.subarray(100) });
  const reply = await client.next("provider_reply");
  assert.deepEqual(reply, { ...request, result: bytes.subarray(100) });
}

async function acks({ id, provider, client }) {
  for (const result of ["a number", bytes]) {
    const answer = client.ask("request_provider", { to_provider_id: id, cmd: "double_me", data: 21 });
    const request = await provider.next("new_request");
    assert.equal(typeof request.request_id, "string");
    provider.emit("provider_reply", { ...request, result });
    provider.emit("provider_reply", { ...request, result: "a second one" });
    assert.deepEqual((await answer).result, result);
    assert.deepEqual((await client.take("provider_reply", 2)).map((reply) => reply.result), [result, "a second one"]);
  }
}

async function settled(parties, kinds) {
  for (const role of ["provider", "client"]) {
    const [, transport = "websocket"] = kinds[role];
    assert.equal(await parties[role].settledTransport(), transport === "upgrade" ? "websocket" : transport);
  }
}

async function leaveAndReturn({ id, provider, client, follower }) {
  const status = (online) => (status) => status.provider_id === id && status.online === online;
  await provider.disconnect();
  await client.next("provider_status", status(false));
  await follower.next("provider_status", status(false));
  const refused = await client.ask("request_provider", { to_provider_id: id, cmd: "anyone?", data: 1 });
  assert.equal(refused.error.code, "provider_offline");

  await provider.connect();
  assert.equal((await provider.ask("register_provider", { provider_id: id })).ok, true);
  await client.next("provider_status", status(true));
  provider.emit("sent_to_my_clients", { provider_id: id, cmd: "back" });
  assert.deepEqual(await client.next("message_from_provider"), { provider_id: id, cmd: "back" });
}

async function strangers({ id, provider, client, follower, stranger }) {
  stranger.emit("request_provider", { to_provider_id: id, cmd: "fence", data: 0 });
  const request = await provider.next("new_request");
  provider.emit("provider_reply", { ...request, result: "fence" });
  assert.equal((await stranger.next("provider_reply")).result, "fence");
  assert.deepEqual(stranger.seen("message_from_provider"), []);
  assert.equal(stranger.seen("provider_reply").length, 1);
  assert.deepEqual(follower.seen("provider_reply"), []);
  assert.deepEqual([client, follower, stranger].flatMap((peer) => peer.seen("new_request")), []);
}
