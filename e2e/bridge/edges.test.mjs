// What the bridge does at its edges, with its default settings: who may write to whom, and payloads that make no sense.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { connect } from "./peers.mjs";
import { startHub, until } from "./support.mjs";

const ID_BYTES_MAX = 256;

let hub;
before(async () => {
  hub = await startHub();
});
after(() => hub?.stop());

const register = async (provider, provider_id) =>
  assert.equal((await provider.ask("register_provider", { provider_id })).ok, true);
const follow = async (client, master_provider_id) =>
  assert.equal((await client.ask("register_client", { master_provider_id })).ok, true);

/** Both wait until whatever `provider` has sent to `client` before must have arrived: the hub keeps that order. */
async function fence(provider, client, to_provider_id) {
  client.emit("request_provider", { to_provider_id, cmd: "fence" });
  provider.emit("provider_reply", { ...(await provider.next("new_request", ({ cmd }) => cmd === "fence")), fence: true });
  await client.next("provider_reply", (reply) => reply.fence);
}

describe("following", () => {
  test("registering again with another id replaces the first", async (t) => {
    const [first, second, client] = await Promise.all([connect(t, hub), connect(t, hub), connect(t, hub)]);
    await register(first, "following/first");
    await register(second, "following/second");
    await follow(client, "following/first");
    await follow(client, "following/second");
    assert.equal((await first.ask("sent_to_my_clients", { cmd: "from the first" })).ok, true);
    assert.equal((await second.ask("sent_to_my_clients", { cmd: "from the second" })).ok, true);
    assert.deepEqual(await client.next("message_from_provider"), { cmd: "from the second" });
    await fence(first, client, "following/first");
    assert.equal(client.seen("message_from_provider").length, 1);
  });

  test("a client may come before its provider", async (t) => {
    const [provider, client] = await Promise.all([connect(t, hub), connect(t, hub)]);
    await follow(client, "following/late");
    await register(provider, "following/late");
    await client.next("provider_status", ({ provider_id, online }) => provider_id === "following/late" && online);
    provider.emit("sent_to_my_clients", { cmd: "hello" });
    assert.deepEqual(await client.next("message_from_provider"), { cmd: "hello" });
  });

  test("one socket may be provider and client at once, of itself too", async (t) => {
    const both = await connect(t, hub);
    await register(both, "following/both");
    await follow(both, "following/both");
    both.emit("sent_to_my_clients", { cmd: "echo" });
    assert.deepEqual(await both.next("message_from_provider"), { cmd: "echo" });
    await fence(both, both, "following/both");
  });

  test("only the provider that went away is told to be offline", async (t) => {
    const [going, staying, client] = await Promise.all([connect(t, hub), connect(t, hub), connect(t, hub)]);
    await register(going, "following/going");
    await register(staying, "following/staying");
    await follow(client, "following/staying");
    await going.disconnect();
    await until("the provider that left is gone", async () => !(await hub.provider("following/going")));
    await fence(staying, client, "following/staying");
    assert.deepEqual(client.seen("provider_status").filter(({ online }) => !online), []);
  });
});

describe("requests", () => {
  test("to a provider that is not there", async (t) => {
    const client = await connect(t, hub);
    const answer = await client.ask("request_provider", { to_provider_id: "requests/nobody", cmd: "anyone?" });
    assert.equal(answer.error.code, "provider_offline");
    assert.equal(typeof answer.error.message, "string");
  });

  test("to a provider that is not there, without an ack, are dropped and not kept for later", async (t) => {
    const [provider, client] = await Promise.all([connect(t, hub), connect(t, hub)]);
    client.emit("request_provider", { to_provider_id: "requests/later", cmd: "too early" });
    await follow(client, "requests/later");
    await register(provider, "requests/later");
    await fence(provider, client, "requests/later");
    assert.deepEqual(provider.seen("new_request").map(({ cmd }) => cmd), ["fence"]);
  });

  test("come from whom the hub says, whatever the client writes", async (t) => {
    const [provider, client, victim] = await Promise.all([connect(t, hub), connect(t, hub), connect(t, hub)]);
    await register(provider, "requests/spoofed");
    client.emit("request_provider", { request_from: victim.id, to_provider_id: "requests/spoofed", cmd: "boo" });
    const request = await provider.next("new_request");
    assert.equal(request.request_from, client.id);
    provider.emit("provider_reply", { ...request, result: 1 });
    assert.equal((await client.next("provider_reply")).result, 1);
    await fence(provider, victim, "requests/spoofed");
    assert.equal(victim.seen("provider_reply").length, 1);
  });

  test("with emitWithAck", async (t) => {
    for (const make of ["sio460", "sio484"]) {
      const [provider, client] = await Promise.all([connect(t, hub), connect(t, hub, make)]);
      await register(provider, `requests/${make}`);
      const answer = client.socket.emitWithAck("request_provider", { to_provider_id: `requests/${make}`, cmd: "sum", data: [1, 2] });
      const request = await provider.next("new_request");
      provider.emit("provider_reply", { ...request, result: 3 });
      const { result, data } = await answer;
      assert.deepEqual({ result, data }, { result: 3, data: [1, 2] });
    }
  });

  test("open at once are answered each by its own reply", async (t) => {
    const [provider, client] = await Promise.all([connect(t, hub), connect(t, hub)]);
    await register(provider, "requests/many");
    const answers = Array.from({ length: 20 }, (_, data) =>
      client.ask("request_provider", { to_provider_id: "requests/many", cmd: "double_me", data }),
    );
    const requests = await provider.take("new_request", 20);
    assert.equal(new Set(requests.map(({ request_id }) => request_id)).size, 20);
    for (const request of requests.reverse()) provider.emit("provider_reply", { ...request, result: 2 * request.data });
    assert.deepEqual((await Promise.all(answers)).map(({ result }) => result), Array.from({ length: 20 }, (_, i) => 2 * i));
  });

  test("keep numbers that JavaScript can't hold", async (t) => {
    const [provider, client] = await Promise.all([connect(t, hub, "python_async"), connect(t, hub, "python_sync")]);
    // Python tells whether all digits survived; between it and this test they travel as text.
    await register(provider, "requests/exact");
    const exact = { to_provider_id: "requests/exact", cmd: "exact", data: { $integer: "123456789012345678901234567890" } };
    client.emit("request_provider", exact);
    assert.deepEqual((await provider.next("new_request")).data, exact.data);
  });
});

describe("broadcasts", () => {
  test("from a socket that doesn't serve the id are refused", async (t) => {
    const [owner, intruder, client] = await Promise.all([connect(t, hub), connect(t, hub), connect(t, hub)]);
    await register(owner, "broadcasts/owned");
    await register(intruder, "broadcasts/intruder");
    await follow(client, "broadcasts/owned");
    for (const event of ["sent_to_my_clients", "send_to_all_clients"]) {
      const answer = await intruder.ask(event, { provider_id: "broadcasts/owned", cmd: "lie" });
      assert.equal(answer.error.code, "not_owner");
    }
    await fence(intruder, client, "broadcasts/intruder");
    assert.deepEqual(client.seen("message_from_provider"), []);
  });

  test("from a socket that serves nothing are refused", async (t) => {
    const nobody = await connect(t, hub);
    assert.equal((await nobody.ask("sent_to_my_clients", { cmd: "hello" })).error.code, "not_owner");
    assert.equal((await nobody.ask("sent_to_my_clients", { provider_id: "broadcasts/unknown" })).error.code, "not_owner");
  });

  test("need an id from a socket that serves several", async (t) => {
    const [provider, client] = await Promise.all([connect(t, hub), connect(t, hub)]);
    await register(provider, "broadcasts/one");
    await register(provider, "broadcasts/two");
    await follow(client, "broadcasts/two");
    assert.equal(typeof (await provider.ask("sent_to_my_clients", { cmd: "to whom?" })).error.code, "string");
    assert.equal((await provider.ask("sent_to_my_clients", { provider_id: "broadcasts/one", cmd: "not yours" })).ok, true);
    assert.equal((await provider.ask("sent_to_my_clients", { provider_id: "broadcasts/two", cmd: "yours" })).ok, true);
    await fence(provider, client, "broadcasts/two");
    assert.deepEqual(client.seen("message_from_provider"), [{ provider_id: "broadcasts/two", cmd: "yours" }]);
  });

  test("of a provider that left are refused from its next connection", async (t) => {
    const provider = await connect(t, hub);
    await register(provider, "broadcasts/left");
    await provider.disconnect();
    await provider.connect();
    const answer = await provider.ask("sent_to_my_clients", { provider_id: "broadcasts/left", cmd: "still me" });
    assert.equal(answer.error.code, "not_owner");
  });
});

describe("replies", () => {
  test("to a socket that never asked are refused", async (t) => {
    const [provider, victim] = await Promise.all([connect(t, hub), connect(t, hub)]);
    await register(provider, "replies/forward");
    const answer = await provider.ask("provider_reply", { request_from: victim.id, cmd: "boo", result: "unasked" });
    assert.equal(answer.error.code, "unknown_request");
    await fence(provider, victim, "replies/forward");
    assert.equal(victim.seen("provider_reply").length, 1);
  });

  test("to a socket that asked somebody else are refused", async (t) => {
    const [asked, other, victim] = await Promise.all([connect(t, hub), connect(t, hub), connect(t, hub)]);
    await register(asked, "replies/asked");
    await register(other, "replies/other");
    const open = victim.ask("request_provider", { to_provider_id: "replies/asked", cmd: "secret?" });
    const request = await asked.next("new_request");
    assert.equal((await other.ask("provider_reply", { ...request, result: "forged" })).error.code, "unknown_request");
    assert.equal((await asked.ask("provider_reply", { ...request, result: "true" })).ok, true);
    assert.equal((await open).result, "true");
    await fence(other, victim, "replies/other");
    assert.deepEqual(victim.seen("provider_reply").filter(({ result }) => result === "forged"), []);
  });

  test("from a socket that serves nothing are refused", async (t) => {
    const [nobody, victim] = await Promise.all([connect(t, hub), connect(t, hub)]);
    const answer = await nobody.ask("provider_reply", { request_from: victim.id, result: 1 });
    assert.equal(answer.error.code, "unknown_request");
  });

  test("to a requester that has left are harmless", async (t) => {
    const [provider, client, next] = await Promise.all([connect(t, hub), connect(t, hub), connect(t, hub)]);
    await register(provider, "replies/left");
    client.emit("request_provider", { to_provider_id: "replies/left", cmd: "forget it" });
    const request = await provider.next("new_request");
    await client.disconnect();
    provider.emit("provider_reply", { ...request, result: 1 });
    await fence(provider, next, "replies/left");
  });
});

describe("payloads that make no sense", () => {
  const nonObjects = [undefined, null, 7, "text", true, ["array"], Buffer.from("bytes")];
  const long = "é".repeat(ID_BYTES_MAX / 2) + "x";
  const nonIds = [undefined, null, 7, { an: "object" }, ["array"], Buffer.from("bytes"), long];
  const fields = {
    register_provider: "provider_id",
    register_client: "master_provider_id",
    request_provider: "to_provider_id",
    provider_reply: "request_from",
  };

  for (const [event, field] of Object.entries(fields)) {
    test(`${event} names the field`, async (t) => {
      const peer = await connect(t, hub);
      for (const id of nonIds) {
        const { error } = await peer.ask(event, { [field]: id, cmd: "x" });
        assert.equal(error?.code, "invalid_payload", `${field}: ${id}`);
        assert.match(error.message, new RegExp(`\\b${field}\\b`));
      }
    });
  }

  for (const event of [...Object.keys(fields), "sent_to_my_clients", "send_to_all_clients"]) {
    test(`${event} takes an object only`, async (t) => {
      const peer = await connect(t, hub);
      await register(peer, `payloads/${event}`);
      for (const payload of nonObjects) {
        const args = payload === undefined ? [] : [payload];
        const { error } = await peer.ask(event, ...args);
        assert.equal(error?.code, "invalid_payload", `${event} ${payload}`);
        peer.emit(event, ...args);
      }
      await fence(peer, peer, `payloads/${event}`);
    });
  }

  test("a broadcast whose id is not a string is not sent to the provider's only id", async (t) => {
    const peer = await connect(t, hub);
    await register(peer, "payloads/inferred");
    await follow(peer, "payloads/inferred");
    for (const provider_id of [7, null, {}, long]) {
      assert.equal(typeof (await peer.ask("sent_to_my_clients", { provider_id, cmd: "x" })).error?.code, "string");
    }
    await fence(peer, peer, "payloads/inferred");
    assert.deepEqual(peer.seen("message_from_provider"), []);
  });

  test(`an id of ${ID_BYTES_MAX} bytes is fine`, async (t) => {
    const [provider, client] = await Promise.all([connect(t, hub), connect(t, hub)]);
    const id = "é".repeat(ID_BYTES_MAX / 2);
    await register(provider, id);
    await follow(client, id);
    await fence(provider, client, id);
  });

  test("an event that nobody knows is ignored", async (t) => {
    const peer = await connect(t, hub);
    peer.emit("no_such_event", { cmd: "x" });
    peer.emit("message_from_provider", { cmd: "x" });
    peer.emit("new_request", { cmd: "x", request_from: peer.id });
    await register(peer, "payloads/unknown");
    await follow(peer, "payloads/unknown");
    await fence(peer, peer, "payloads/unknown");
    assert.deepEqual(peer.seen("message_from_provider"), []);
    assert.deepEqual(peer.seen("new_request").map(({ cmd }) => cmd), ["fence"]);
  });
});
