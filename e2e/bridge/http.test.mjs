// Callers without a socket: the providers of the app `public` over HTTP.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { connect } from "./peers.mjs";
import { startHub, until } from "./support.mjs";

let hub;
before(async () => {
  hub = await startHub();
});
after(() => hub?.stop());

async function problem(response, statuses, code) {
  assert.ok(statuses.includes(response.status), `status ${response.status}`);
  assert.match(response.headers.get("content-type"), /^application\/problem\+json/);
  assert.equal((await response.json()).code, code);
}

test("lists who is online and how many follow", async (t) => {
  const [provider, ...clients] = await Promise.all([1, 2, 3].map(() => connect(t, hub)));
  await provider.ask("register_provider", { provider_id: "listed", name: "Listed ✓" });
  for (const client of clients) await client.ask("register_client", { master_provider_id: "listed" });
  assert.deepEqual(await hub.provider("listed"), { provider_id: "listed", name: "Listed ✓", online: true, members: 1, followers: 2 });

  await clients[0].ask("register_client", { master_provider_id: "another" });
  await clients[1].disconnect();
  await until("nobody follows any more", async () => (await hub.provider("listed")).followers === 0);
  await provider.disconnect();
  await until("the provider has left the list", async () => !(await hub.provider("listed")));
});

describe("requests", () => {
  test("are answered by the first reply", async (t) => {
    const provider = await connect(t, hub);
    await provider.ask("register_provider", { provider_id: "asked" });
    const response = hub.post("/asked/request", { cmd: "double_me", data: 21, extra: { kept: [null] } });
    const request = await provider.next("new_request");
    assert.deepEqual([request.cmd, request.data, request.extra], ["double_me", 21, { kept: [null] }]);
    assert.ok(typeof request.request_from === "string" && request.request_from.length > 0);
    provider.emit("provider_reply", { ...request, result: 42 });
    provider.emit("provider_reply", { ...request, result: "a second one" });
    assert.equal((await response).status, 200);
    const { cmd, data, result } = await (await response).json();
    assert.deepEqual({ cmd, data, result }, { cmd: "double_me", data: 21, result: 42 });
  });

  test("need not wait", async (t) => {
    const provider = await connect(t, hub);
    await provider.ask("register_provider", { provider_id: "told" });
    const response = await hub.post("/told/request?wait=0", { cmd: "Start", data: null });
    assert.equal(response.status, 202);
    const request = await provider.next("new_request");
    assert.deepEqual([request.cmd, request.data], ["Start", null]);
  });

  test("open at once get each its own reply", async (t) => {
    const provider = await connect(t, hub);
    await provider.ask("register_provider", { provider_id: "busy" });
    const responses = Array.from({ length: 10 }, (_, data) => hub.post("/busy/request", { cmd: "double_me", data }));
    for (const request of (await provider.take("new_request", 10)).reverse()) {
      provider.emit("provider_reply", { ...request, result: 2 * request.data });
    }
    const results = await Promise.all(responses.map(async (response) => (await (await response).json()).result));
    assert.deepEqual(results, Array.from({ length: 10 }, (_, i) => 2 * i));
  });

  test("to nobody", async () => {
    await problem(await hub.post("/nobody/request", { cmd: "x" }), [404, 503], "provider_offline");
    await problem(await hub.post("/nobody/request?wait=0", { cmd: "x" }), [404, 503], "provider_offline");
  });

  test("reach an id that needs escaping", async (t) => {
    const id = "a/b ü?#%";
    const provider = await connect(t, hub);
    await provider.ask("register_provider", { provider_id: id });
    const response = hub.post(`/${encodeURIComponent(id)}/request`, { cmd: "x" });
    provider.emit("provider_reply", { ...(await provider.next("new_request")), result: "found" });
    assert.equal((await (await response).json()).result, "found");
  });
});

test("broadcasts reach the followers and nobody else", async (t) => {
  const [provider, follower, stranger] = await Promise.all([1, 2, 3].map(() => connect(t, hub)));
  await provider.ask("register_provider", { provider_id: "heard" });
  await follower.ask("register_client", { master_provider_id: "heard" });
  await stranger.ask("register_client", { master_provider_id: "not heard" });
  const response = await hub.post("/heard/broadcast", { cmd: "showSpeed", data: 5, extra: [1] });
  assert.equal(response.status, 202);
  assert.equal((await response.json()).followers, 1);
  assert.deepEqual(await follower.next("message_from_provider"), { cmd: "showSpeed", data: 5, extra: [1] });

  // Were the first broadcast sent to everybody, it would have come before the stranger's own.
  await provider.ask("register_provider", { provider_id: "not heard" });
  assert.equal((await hub.post("/not%20heard/broadcast", { cmd: "fence" })).status, 202);
  await stranger.next("message_from_provider", ({ cmd }) => cmd === "fence");
  assert.equal(stranger.seen("message_from_provider").length, 1);
});

test("bodies that make no sense", async (t) => {
  const provider = await connect(t, hub);
  await provider.ask("register_provider", { provider_id: "careful" });
  for (const part of ["request", "broadcast"]) {
    for (const body of ["", "{", '{"cmd":}', "[1]", '"text"', "null", "7", '{"cmd":"x"} trailing']) {
      await problem(await hub.post(`/careful/${part}`, body), [400], "invalid_payload");
    }
  }
  assert.deepEqual(provider.seen("new_request"), []);
});
