// The namespace `/admin`: what the protocol of `@socket.io/admin-ui` promises, spoken with the stock client.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CHEAP_PASSWORDS, arrived, connect, connected, createApp, passwordOf, refusal, socketOf, startHub, until } from "./support.mjs";

const CONFIG = `${CHEAP_PASSWORDS}[socketio]\nadmin_ui = true\n`;
const PUBLIC = {};

const at = (hub) => ({ ...hub, url: `${hub.url}/admin` });

/** A viewer with a function that waits for the newest event of a name, for which `is` holds. */
async function view(t, hub, auth = { username: "admin", password: passwordOf(hub) }) {
  const socket = socketOf(t, at(hub), auth);
  await connected(socket);
  const heard = async (name, is = () => true) => {
    const find = () => socket.arrivals.findLast(([event, ...args]) => event === name && is(...args))?.slice(1);
    await until(`${name}; there are ${JSON.stringify(socket.arrivals.map(([event]) => event))}`, find);
    return find();
  };
  return { socket, heard };
}

describe("the namespace /admin", () => {
  let hub;
  before(async () => {
    hub = await startHub({ config: CONFIG });
  });
  after(() => hub?.stop());

  test("shows the sockets that there are, and the hub's numbers", async (t) => {
    const client = await connect(t, hub, PUBLIC);
    await client.emitWithAck("register_provider", { provider_id: "SIM" });
    const { heard } = await view(t, hub);
    const [{ supportedFeatures }] = await heard("config");
    assert.deepEqual(supportedFeatures, ["EMIT", "DISCONNECT", "MDISCONNECT", "AGGREGATED_EVENTS", "ALL_EVENTS"]);
    const [sockets] = await heard("all_sockets");
    const seen = sockets.find(({ id }) => id === client.id);
    assert.deepEqual([seen.nsp, seen.transport, seen.rooms[0]], ["/", "websocket", client.id]);
    assert.deepEqual([seen.data, seen.handshake.address], [{ role: "provider", name: "SIM" }, "127.0.0.1"]);
    assert.ok(sockets.every(({ nsp }) => nsp !== "/admin"));
    const [stats] = await heard("server_stats");
    assert.ok(stats.clientsCount >= 2 && stats.uptime >= 0 && stats.pid > 0 && stats.serverId);
    assert.ok(stats.namespaces.some(({ name, socketsCount }) => name === "/" && socketsCount >= 1));
    const [later] = await heard("server_stats", ({ aggregatedEvents }) => aggregatedEvents.length > 0);
    assert.ok(later.aggregatedEvents.every(({ type, count, timestamp }) => type && count > 0 && timestamp > 0));
  });

  test("shows who comes and goes, rooms, and events in both directions", async (t) => {
    const app = await createApp(hub);
    const namespace = `/${app.id}`;
    const session = await app.user("ann");
    const { heard } = await view(t, hub);
    await heard("all_sockets");
    const client = await connect(t, hub, { app_id: app.key, session_id: session });
    const { id } = client;
    const [came, cameAt] = await heard("socket_connected", (socket) => socket.id === id);
    assert.deepEqual([came.nsp, came.data.name], [namespace, "ann"]);
    assert.ok(Math.abs(new Date(cameAt) - Date.now()) < 60_000);
    await heard("room_joined", (nsp, room, socket) => nsp === namespace && room === "user:ann" && socket === id);
    client.emit("hello", { n: 1 }, "two");
    const [, , args] = await heard("event_received", (nsp, socket) => nsp === namespace && socket === id);
    assert.deepEqual(args, ["hello", { n: 1 }, "two"]);
    await app.push("ann", "alert", "ding");
    const [, receiver, sent] = await heard("event_sent", (nsp, _, [event]) => nsp === namespace && event === "alert");
    assert.deepEqual([receiver, sent], ["user ann", ["alert", "ding"]]);
    client.close();
    const [, , reason] = await heard("socket_disconnected", (nsp, socket) => nsp === namespace && socket === id);
    assert.equal(reason, "client namespace disconnect");
  });

  test("lets viewers emit to a socket, to a room and to everybody, and send them away", async (t) => {
    const { socket: viewer } = await view(t, hub);
    const app = await createApp(hub);
    const namespace = `/${app.id}`;
    const one = await connect(t, hub, { app_id: app.key });
    const other = await connect(t, hub, { app_id: app.key });
    viewer.emit("emit", namespace, one.id, "direct", { n: 1 }, [2]);
    viewer.emit("emit", namespace, null, "all", "x");
    await arrived(one, 2);
    await arrived(other, 1);
    assert.deepEqual([one.arrivals, other.arrivals], [[["direct", { n: 1 }, [2]], ["all", "x"]], [["all", "x"]]]);

    // What isn't offered, or isn't said clearly, does nothing; the last one shows that all before it were read.
    viewer.emit("join", namespace, "user:ann");
    viewer.emit("emit", namespace, [one.id], "odd");
    viewer.emit("emit", namespace, one.id, "disconnect");
    viewer.emit("emit", "/nowhere", null, "odd");
    viewer.emit("_disconnect", namespace, true, [one.id]);
    viewer.emit("emit", namespace, other.id, "last");
    await arrived(other, 2);
    assert.deepEqual([one.arrivals.length, one.connected, other.arrivals.at(-1)], [2, true, ["last"]]);

    viewer.emit("_disconnect", namespace, false, one.id);
    await until("the end of the one", () => one.endings.length === 1);
    assert.deepEqual([one.endings, one.arrivals.at(-1)[1].code], [["io server disconnect"], "disconnected_by_operator"]);
    assert.ok(other.connected);
    viewer.emit("_disconnect", namespace, true);
    await until("the end of the other", () => other.endings.length === 1);
    assert.ok(viewer.connected);
  });

  test("lets in by password or by the session that came of it, and nobody else", async (t) => {
    const { socket, heard } = await view(t, hub);
    const [sessionId] = await heard("session");
    socket.close();
    const back = await view(t, hub, { sessionId });
    await back.heard("all_sockets");
    assert.ok(back.socket.arrivals.every(([name]) => name !== "session"));

    for (const auth of [{}, { username: "admin", password: "wrong" }, { sessionId: "guessed" }, { app_id: "public" }]) {
      const error = await refusal(t, at(hub), auth);
      assert.deepEqual([error.message, error.data.code], ["invalid credentials", "credentials_wrong"]);
    }
    await hub.api.call("POST", "/admin/logout", undefined, { authorization: `Bearer ${sessionId}` });
    await until("the end of the viewer", () => back.socket.endings.length === 1);
  });

  test("doesn't tell of itself", async (t) => {
    const { socket, heard } = await view(t, hub);
    const { socket: second } = await view(t, hub);
    const client = await connect(t, hub, PUBLIC);
    await heard("socket_connected", ({ id }) => id === client.id);
    const told = JSON.stringify(socket.arrivals.filter(([name]) => name !== "session"));
    assert.ok(!told.includes(second.id) && !told.includes(socket.id));
  });
});

test("is off unless the operator turns it on", async (t) => {
  const hub = await startHub();
  t.after(() => hub.stop());
  const socket = socketOf(t, at(hub), { username: "admin", password: passwordOf(hub) });
  await assert.rejects(connected(socket), { message: "Invalid namespace" });
});
