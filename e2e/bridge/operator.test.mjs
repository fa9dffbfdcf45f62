// What an operator sets and sees: TLS, addresses, transports, compression, cookie, path, logs, metrics, shutdown.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import https from "node:https";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import WebSocket from "ws";
import { binary, startHub } from "./support.mjs";

const { io } = createRequire(import.meta.url)("sio484");

async function hubWith(t, config, options = {}) {
  const hub = await startHub({ config, ...options });
  t.after(() => hub.stop());
  return hub;
}

async function connect(t, url, options) {
  const socket = io(url, { forceNew: true, reconnection: false, ...options });
  t.after(() => socket.close());
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  return socket;
}

/** Has two sockets of the hub talk over the bridge once. */
async function talks(t, url, options) {
  const provider = await connect(t, url, options);
  await provider.emitWithAck("register_provider", { provider_id: "TALKS" });
  provider.on("new_request", (request) => provider.emit("provider_reply", { ...request, result: request.data * 2 }));
  const client = await connect(t, url, options);
  const reply = await client.emitWithAck("request_provider", { to_provider_id: "TALKS", cmd: "double_me", data: 21 });
  assert.equal(reply.result, 42);
  return client;
}

test("TLS carries polling, WebSocket and the upgrade", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "campanile-tls-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  execFileSync("openssl", [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost".split(" "),
    ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate],
  ], { stdio: "ignore" });
  const hub = await hubWith(t, `shards = 2\n[tls]\nkey = "${key}"\ncertificate = "${certificate}"\n`);
  assert.match(hub.url, /^https:/);
  const ca = await readFile(certificate);
  for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
    const client = await talks(t, hub.url, { transports, ca });
    if (transports.length === 2 && client.io.engine.transport.name !== "websocket") {
      await once(client.io.engine, "upgrade");
    }
    assert.equal(client.io.engine.transport.name, transports.at(-1));
  }
  const status = await new Promise((resolve, reject) => {
    https.get(`${hub.url}/healthz`, { ca }, (response) => resolve(response.statusCode)).on("error", reject);
  });
  assert.equal(status, 200);
});

test("IPv4 and IPv6 are served side by side", async (t) => {
  const hub = await hubWith(t, 'listen = ["127.0.0.1:0", "[::1]:0"]\n', { listen: null });
  assert.equal(hub.urls.length, 2);
  assert.match(hub.urls[1], /^http:\/\/\[::1\]:/);
  for (const url of hub.urls) await talks(t, url);
});

test("an offline port is free again for the next hub at once", async (t) => {
  const first = await startHub({ config: "" });
  const address = new URL(first.url).host;
  await talks(t, first.url, { transports: ["websocket"] });
  await first.stop();
  const second = await hubWith(t, "", { listen: address });
  await talks(t, second.url);
});

test("a port in use ends the second hub with exit code 2 and one line, also over shards", async (t) => {
  const hub = await hubWith(t, "shards = 2\n");
  const address = new URL(hub.url).host;
  const { CAMPANILE_BIN, ...env } = process.env;
  const folder = await mkdtemp(join(tmpdir(), "campanile-unused-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const child = spawn(binary(), ["serve", "--listen", address, "--data-dir", folder], { env });
  let text = "";
  child.stderr.on("data", (data) => (text += data));
  const [code] = await once(child, "close");
  assert.equal(code, 2);
  assert.equal(text, `cannot listen on ${address}: Address already in use (os error 98)\n`);
});

test("WebSocket messages are compressed where the operator turns it on", async (t) => {
  const hub = await hubWith(t, "[socketio]\nper_message_deflate = true\n");
  const ws = new WebSocket(`${hub.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`, {
    perMessageDeflate: { threshold: 0 },
  });
  t.after(() => ws.terminate());
  const next = async (start) => {
    for (;;) {
      const [data] = await once(ws, "message");
      if (String(data).startsWith(start)) return String(data);
    }
  };
  await next("0{");
  assert.match(ws.extensions, /permessage-deflate/);
  const joined = next("40{");
  ws.send("40");
  await joined;
  const text = "campanile ".repeat(5_000);
  for (const packet of ['421["register_provider",{"provider_id":"Z"}]', '422["register_client",{"master_provider_id":"Z"}]']) {
    const answer = next("43");
    ws.send(packet);
    await answer;
  }
  const before = ws._socket.bytesRead;
  const arrives = next("42");
  ws.send(`42["sent_to_my_clients",{"data":"${text}"}]`);
  assert.equal(JSON.parse((await arrives).slice(2))[1].data, text);
  const read = ws._socket.bytesRead - before;
  assert.ok(read < text.length / 10, `${read} bytes for ${text.length} characters`);
});

test("transports and upgrades can be turned off", async (t) => {
  const socketsOnly = await hubWith(t, '[socketio]\ntransports = ["websocket"]\n');
  const refused = await fetch(`${socketsOnly.url}/socket.io/?EIO=4&transport=polling`);
  assert.deepEqual([refused.status, await refused.json()], [400, { code: 0, message: "Transport unknown" }]);
  await talks(t, socketsOnly.url, { transports: ["websocket"] });

  const noUpgrades = await hubWith(t, "[socketio]\nallow_upgrades = false\n");
  const open = await (await fetch(`${noUpgrades.url}/socket.io/?EIO=4&transport=polling`)).text();
  assert.deepEqual(JSON.parse(open.slice(1)).upgrades, []);
});

test("path, limits and heartbeats are the operator's", async (t) => {
  const hub = await hubWith(t, '[socketio]\npath = "/bells"\nping_interval_ms = 1234\nping_timeout_ms = 567\nmax_payload_bytes = 890\n');
  const open = await (await fetch(`${hub.url}/bells/?EIO=4&transport=polling`)).text();
  const { pingInterval, pingTimeout, maxPayload } = JSON.parse(open.slice(1));
  assert.deepEqual([pingInterval, pingTimeout, maxPayload], [1234, 567, 890]);
  assert.equal((await fetch(`${hub.url}/socket.io/?EIO=4&transport=polling`)).status, 404);
  assert.equal((await fetch(`${hub.url}/bells/socket.io.min.js`)).status, 200);
  await talks(t, hub.url, { path: "/bells/" });
});

test("the session cookie is set where the operator turns it on", async (t) => {
  const hub = await hubWith(t, '[socketio.cookie]\nenabled = true\nname = "route"\nsame_site = "strict"\nmax_age_s = 60\n');
  const response = await fetch(`${hub.url}/socket.io/?EIO=4&transport=polling`);
  const { sid } = JSON.parse((await response.text()).slice(1));
  assert.equal(response.headers.get("set-cookie"), `route=${sid}; Path=/; Max-Age=60; HttpOnly; SameSite=Strict`);
});

test("pages of other origins are held to the list, over Socket.IO and over HTTP", async (t) => {
  const hub = await hubWith(t, '[socketio.cors]\norigins = ["https://good.example"]\ncredentials = true\n');
  const ask = (path, origin) => fetch(`${hub.url}${path}`, { headers: origin ? { origin } : {} });
  const socketPath = "/socket.io/?EIO=4&transport=polling";
  for (const path of [socketPath, "/api/v1/apps/public/providers"]) {
    const good = await ask(path, "https://good.example");
    assert.equal(good.status, 200);
    assert.equal(good.headers.get("access-control-allow-origin"), "https://good.example");
    assert.equal(good.headers.get("access-control-allow-credentials"), "true");
    for (const origin of ["https://evil.example", "null", "https://good.example.evil.example"]) {
      const refused = await ask(path, origin);
      assert.equal(refused.status, 403, `${path} ${origin}`);
      assert.equal(refused.headers.get("access-control-allow-origin"), null);
    }
    assert.equal((await ask(path)).status, 200);
  }
});

test("the stock client is served in all its forms", async (t) => {
  const hub = await hubWith(t, "");
  for (const name of ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"]) {
    for (const file of [name, `${name}.map`]) {
      const response = await fetch(`${hub.url}/socket.io/${file}`);
      assert.equal(response.status, 200, file);
      assert.equal(response.headers.get("cache-control"), "public, max-age=0");
      const etag = response.headers.get("etag");
      const again = await fetch(`${hub.url}/socket.io/${file}`, { headers: { "if-none-match": etag } });
      assert.equal(again.status, 304, file);
    }
  }
});

test("logs can be one JSON object per line", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "campanile-logs-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const env = { ...process.env, CAMPANILE_LOG__FORMAT: "json", CAMPANILE_NO_SUCH_KEY: "1" };
  const child = spawn(binary(), ["serve", "--listen", "127.0.0.1:0", "--data-dir", folder], { env });
  const lines = [];
  createInterface({ input: child.stderr }).on("line", (line) => lines.push(JSON.parse(line)));
  await once(child.stdout, "data");
  child.kill("SIGTERM");
  const [code] = await once(child, "close");
  assert.equal(code, 0);
  assert.ok(lines.some((line) => line.level === "WARN" && /CAMPANILE_NO_SUCH_KEY/.test(line.message)));
  assert.ok(lines.every((line) => line.timestamp && line.level && line.target));
});

test("SIGTERM tells clients, waits for them and exits with 0", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "campanile-drain-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const child = spawn(binary(), ["serve", "--listen", "127.0.0.1:0", "--data-dir", folder]);
  t.after(() => child.kill("SIGKILL"));
  const [banner] = await once(child.stdout, "data");
  const url = String(banner).match(/listening on (http:\S+)/)[1];
  const ws = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
  await once(ws, "message");
  const polling = await connect(t, url, { transports: ["polling"] });
  const gone = once(polling, "disconnect");
  const closed = once(ws, "close");
  const ended = once(child, "close");
  child.kill("SIGTERM");
  const [code, reason] = await closed;
  assert.deepEqual([code, String(reason)], [1001, "server shutting down"]);
  await gone;
  assert.deepEqual(await ended, [0, null]);
});

test("metrics count what happened", async (t) => {
  const hub = await hubWith(t, "shards = 2\n");
  await talks(t, hub.url, { transports: ["websocket"] });
  const stranger = await connect(t, hub.url, { transports: ["websocket"] });
  const refused = await stranger.emitWithAck("sent_to_my_clients", { cmd: "x" });
  assert.equal(refused.error.code, "not_owner");
  const response = await fetch(`${hub.url}/metrics`);
  assert.match(response.headers.get("content-type"), /openmetrics-text/);
  const text = await response.text();
  const value = (name) => Number(text.match(new RegExp(`^campanile_${name.replace(/[{}"]/g, "\\$&")} (\\S+)$`, "m"))?.[1]);
  assert.equal(value("connections"), 3);
  assert.equal(value("sockets"), 3);
  assert.equal(value("providers"), 1);
  assert.equal(value("bridge_requests_total"), 1);
  assert.equal(value("bridge_replies_total"), 1);
  assert.equal(value('dropped_total{reason="not_owner"}'), 1);
  assert.equal(value("bridge_request_duration_seconds_count"), 1);
  assert.ok(text.endsWith("# EOF\n"));
});
