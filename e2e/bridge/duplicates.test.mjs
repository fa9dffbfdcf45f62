// A provider id that is registered twice, under each of the settings for that.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { connect } from "./peers.mjs";
import { startHub, until } from "./support.mjs";

const id = "TWICE";

/** Two sockets, the first of which serves the id, and a client that follows it. */
async function cast(t, hub) {
  const [first, second, client] = await Promise.all([connect(t, hub), connect(t, hub), connect(t, hub)]);
  assert.equal((await first.ask("register_provider", { provider_id: id })).ok, true);
  assert.equal((await client.ask("register_client", { master_provider_id: id })).ok, true);
  return { first, second, client };
}

async function answeredBy(provider, client, cmd) {
  const answer = client.ask("request_provider", { to_provider_id: id, cmd });
  provider.emit("provider_reply", { ...(await provider.next("new_request", (request) => request.cmd === cmd)), result: cmd });
  assert.equal((await answer).result, cmd);
}

const offline = (peer) => peer.seen("provider_status").filter(({ online }) => !online);

for (const config of [undefined, '[bridge]\nduplicate_provider = "replace"\n']) {
  describe(config ? "replace" : "the default", () => {
    let hub;
    before(async () => {
      hub = await startHub({ config });
    });
    after(() => hub?.stop());

    test("the last one wins, the one before is told and has no say any more", async (t) => {
      const { first, second, client } = await cast(t, hub);
      assert.equal((await second.ask("register_provider", { provider_id: id })).ok, true);
      assert.equal((await first.next("provider_replaced")).provider_id, id);
      assert.equal((await first.ask("sent_to_my_clients", { provider_id: id, cmd: "mine" })).error.code, "not_owner");
      await answeredBy(second, client, "after the replacement");

      // The one before serves a second id, whose disappearance shows that its departure has been dealt with.
      await first.ask("register_provider", { provider_id: "CANARY" });
      await first.disconnect();
      await until("the departure is known", async () => !(await hub.provider("CANARY")));
      await answeredBy(second, client, "after the departure");
      assert.deepEqual(offline(client), []);
      assert.deepEqual(first.seen("new_request"), []);
    });

    test("registering again on the same socket replaces nobody", async (t) => {
      const { first, client } = await cast(t, hub);
      assert.equal((await first.ask("register_provider", { provider_id: id })).ok, true);
      await answeredBy(first, client, "still there");
      assert.deepEqual(first.seen("provider_replaced"), []);
    });
  });
}

describe("reject", () => {
  let hub;
  before(async () => {
    hub = await startHub({ config: '[bridge]\nduplicate_provider = "reject"\n' });
  });
  after(() => hub?.stop());

  test("the first one stays until it leaves", async (t) => {
    const { first, second, client } = await cast(t, hub);
    const { error } = await second.ask("register_provider", { provider_id: id });
    assert.equal(error.code, "duplicate_provider");
    assert.equal(typeof error.message, "string");
    assert.equal((await second.ask("sent_to_my_clients", { provider_id: id, cmd: "mine" })).error.code, "not_owner");
    assert.equal((await first.ask("register_provider", { provider_id: id })).ok, true);
    await answeredBy(first, client, "the first");
    assert.deepEqual(first.seen("provider_replaced"), []);

    await first.disconnect();
    await client.next("provider_status", ({ online }) => !online);
    assert.equal((await second.ask("register_provider", { provider_id: id })).ok, true);
    await answeredBy(second, client, "the second");
    assert.deepEqual(second.seen("new_request").map(({ cmd }) => cmd), ["the second"]);
  });
});

describe("share", () => {
  let hub;
  before(async () => {
    hub = await startHub({ config: '[bridge]\nduplicate_provider = "share"\n' });
  });
  after(() => hub?.stop());

  test("members take turns, and the group is there until the last one leaves", async (t) => {
    const { first, second, client } = await cast(t, hub);
    assert.equal((await second.ask("register_provider", { provider_id: id })).ok, true);
    assert.equal((await second.ask("register_provider", { provider_id: id })).ok, true);
    assert.equal((await hub.provider(id)).members, 2);

    for (let data = 0; data < 6; data++) client.emit("request_provider", { to_provider_id: id, cmd: "turn", data });
    const turns = await Promise.all([first, second].map((member) => member.take("new_request", 3)));
    const taken = turns.map((requests) => requests.map(({ data }) => data));
    assert.deepEqual(taken.toSorted((a, b) => a[0] - b[0]), [[0, 2, 4], [1, 3, 5]]);

    // Either member may answer: who asked the group has asked each of its members.
    assert.equal((await first.ask("provider_reply", { ...turns[0][0], result: "one" })).ok, true);
    assert.equal((await second.ask("provider_reply", { ...turns[1][0], result: "two" })).ok, true);
    assert.deepEqual((await client.take("provider_reply", 2)).map(({ result }) => result).toSorted(), ["one", "two"]);

    for (const member of [first, second]) assert.equal((await member.ask("sent_to_my_clients", { cmd: member.id })).ok, true);
    const messages = (await client.take("message_from_provider", 2)).map(({ cmd }) => cmd);
    assert.deepEqual(messages.toSorted(), [first.id, second.id].toSorted());

    await first.disconnect();
    await until("one member is left", async () => (await hub.provider(id)).members === 1);
    await answeredBy(second, client, "the one that is left");
    await answeredBy(second, client, "again");
    assert.deepEqual(offline(client), []);
    assert.deepEqual(second.seen("provider_replaced"), []);

    await second.disconnect();
    await client.next("provider_status", ({ online }) => !online);
    const refused = await client.ask("request_provider", { to_provider_id: id, cmd: "anyone?" });
    assert.equal(refused.error.code, "provider_offline");
  });
});
