// `GET /api/v1/traffic`: what watchers are told of events, acks, comings and goings, and who may watch.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { watchTraffic } from "./traffic.mjs";
import { CHEAP_PASSWORDS, arrived, connect, createApp, passwordOf, refused, startHub, until } from "./support.mjs";

const PUBLIC = {};

describe("live traffic", () => {
  let hub;
  before(async () => {
    hub = await startHub();
  });
  after(() => hub?.stop());

  test("shows a request, its reply, a broadcast and an ack with who sent and got them", async (t) => {
    const watch = await watchTraffic(t, hub, "?app=public");
    const provider = await connect(t, hub, PUBLIC);
    const client = await connect(t, hub, PUBLIC);
    provider.on("new_request", (request) => provider.emit("provider_reply", { ...request, result: 42 }));
    await provider.emitWithAck("register_provider", { provider_id: "SIM", name: "Simulator" });
    await client.emitWithAck("register_client", { master_provider_id: "SIM" });
    client.emit("request_provider", { to_provider_id: "SIM", cmd: "double_me", data: 21 });
    await until("the reply", () => client.arrivals.some(([name]) => name === "provider_reply"));
    await provider.emitWithAck("sent_to_my_clients", { provider_id: "SIM", cmd: "showSpeed", data: 7 });

    const asProvider = { kind: "socket", id: provider.id, name: "SIM", role: "provider" };
    const asClient = { kind: "socket", id: client.id, role: "client" };
    const request = await watch.flow((flow) => flow.event === "request_provider");
    assert.deepEqual([request.kind, request.from, request.to], ["received", asClient, { kind: "hub" }]);
    const forwarded = await watch.flow((flow) => flow.event === "new_request");
    assert.deepEqual([forwarded.kind, forwarded.from, forwarded.to], ["sent", { kind: "hub" }, asProvider]);
    assert.match(forwarded.preview, /"cmd":"double_me"/);
    const reply = await watch.flow((flow) => flow.event === "provider_reply" && flow.kind === "sent");
    assert.deepEqual([reply.from, reply.to], [{ kind: "hub" }, asClient]);
    const broadcast = await watch.flow((flow) => flow.event === "message_from_provider" && flow.receivers === 1);
    assert.deepEqual(broadcast.to, { kind: "room", name: "followers of SIM" });
    assert.equal(broadcast.preview, '{"provider_id":"SIM","cmd":"showSpeed","data":7}');
    assert.equal(broadcast.bytes, broadcast.preview.length);
    await watch.flow((flow) => flow.kind === "acked" && flow.to.id === provider.id);

    client.close();
    const gone = await watch.flow((flow) => flow.kind === "disconnect" && flow.from.id === asClient.id);
    assert.equal(gone.reason, "client namespace disconnect");
    assert.ok(watch.flows.every(({ app, namespace }) => app === "public" && namespace === "/"));
    assert.ok(Math.abs(gone.at_ms - Date.now()) < 60_000);
  });

  test("shows pushes to a user and to everyone, and no session that a socket presents", async (t) => {
    const app = await createApp(hub);
    const session = await app.user("ann");
    const watch = await watchTraffic(t, hub, `?app=${app.id}`);
    const socket = await connect(t, hub, { app_id: app.key, session_id: session });
    await app.push("ann", "alert", "for Ann");
    await app.push("*", "alert", "for all");
    await arrived(socket, 2);
    await socket.emitWithAck("authenticate", { session_id: session });

    const toAnn = await watch.flow((flow) => flow.event === "alert" && flow.to.kind === "room");
    assert.deepEqual([toAnn.to, toAnn.preview], [{ kind: "room", name: "user ann" }, '"for Ann"']);
    const toAll = await watch.flow((flow) => flow.event === "alert" && flow.to.kind === "everyone");
    assert.equal(toAll.preview, '"for all"');
    const secret = await watch.flow((flow) => flow.event === "authenticate");
    assert.deepEqual([secret.preview, secret.from.name, secret.from.role], [undefined, "ann", "user"]);
    assert.ok(!JSON.stringify(watch.flows).includes(session));
  });

  test("is cut after 256 bytes, at the border of a character", async (t) => {
    const app = await createApp(hub);
    const watch = await watchTraffic(t, hub, `?app=${app.id}`);
    await connect(t, hub, { app_id: app.key });
    await app.push("*", "long", "ü".repeat(1_000));
    const { preview, bytes } = await watch.flow((flow) => flow.event === "long");
    const socket = await connect(t, hub, { app_id: app.key });
    socket.emit("n".repeat(100_000));
    await watch.flow((flow) => flow.event === "n".repeat(256));
    assert.equal(preview, `"${"ü".repeat(127)}`);
    assert.equal(bytes, 2_002);
  });

  test("is for administrators", async () => {
    const app = await createApp(hub);
    refused(await app.api.call("GET", "/traffic"), 403, "forbidden");
    refused(await app.api.call("GET", "/traffic", undefined, { authorization: "" }), 401, "unauthorized");
    refused(await hub.api.call("GET", "/traffic?app=nobodys"), 404, "app_not_found");
    refused(await hub.api.call("GET", "/traffic?apps=public"), 400, "invalid_payload");
  });

  test("ends with the login", async (t) => {
    const login = await hub.api.post("/admin/login", { name: "admin", password: passwordOf(hub) });
    const watch = await watchTraffic(t, hub, "", { authorization: `Bearer ${login.token}` });
    await hub.api.call("POST", "/admin/logout", undefined, { authorization: `Bearer ${login.token}` });
    assert.deepEqual(await watch.end(), { code: "unauthorized" });
  });
});

test("who is too slow misses flows, which are counted, and nobody else does", async (t) => {
  const hub = await startHub({ config: `${CHEAP_PASSWORDS}[limits]\ntraffic_flows_waiting_max = 10\ntraffic_watchers_max = 1\n` });
  t.after(() => hub.stop());
  const watch = await watchTraffic(t, hub, "?app=public");
  assert.deepEqual(watch.hello, { flows_waiting_max: 10 });
  refused(await hub.api.call("GET", "/traffic"), 429, "limit_reached");

  const provider = await connect(t, hub, PUBLIC);
  const client = await connect(t, hub, PUBLIC);
  await provider.emitWithAck("register_provider", { provider_id: "SIM" });
  await client.emitWithAck("register_client", { master_provider_id: "SIM" });
  const count = 500;
  for (let index = 0; index < count; index++) provider.emit("sent_to_my_clients", { provider_id: "SIM", cmd: index });
  await until("all messages", () => client.arrivals.filter(([name]) => name === "message_from_provider").length === count);
  await until("word of what was missed", () => watch.dropped > 0);
  const { counters, gauges } = await hub.api.get("/stats");
  assert.equal(gauges.traffic_watchers, 1);
  assert.ok(counters.traffic_flows_dropped >= watch.dropped);
  assert.ok(counters.traffic_flows_told >= watch.flows.length);

  watch.close();
  await until("the watcher to be forgotten", async () => (await hub.api.get("/stats")).gauges.traffic_watchers === 0);
});
