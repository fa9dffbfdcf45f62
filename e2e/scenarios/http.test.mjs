// HTTP steps against a server of the test's own: what goes out and comes back, repeats, and where they may not go.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { CHEAP_PASSWORDS, createApp, startHub } from "../push/support.mjs";
import { ended, put, runs } from "./support.mjs";

let hub, closed, app, other, server;
before(async () => {
  hub = await startHub({ config: `${CHEAP_PASSWORDS}[outgoing]\nallow_addresses = ["127.0.0.1/32"]\n` });
  closed = await startHub();
  [app, other] = [await createApp(hub), await createApp(closed)];
  await app.api.put(`${app.path}/structures/orders`, { fields: [{ name: "total", type: "number" }, { name: "note", type: "string" }] });
  server = await listen();
});
after(async () => {
  server?.close();
  await Promise.all([hub?.stop(), closed?.stop()]);
});

/** A server that keeps what it is asked, and answers with what `answers` holds next, or 200. */
async function listen() {
  const listening = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    listening.asked.push({ method: request.method, url: request.url, headers: request.headers, body });
    const { status = 200, headers = {}, body: answer = '{"ok":true}' } = listening.answers.shift() ?? {};
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(answer);
  });
  Object.assign(listening, { asked: [], answers: [] });
  listening.listen(0, "127.0.0.1");
  await once(listening, "listening");
  listening.url = `http://127.0.0.1:${listening.address().port}`;
  return listening;
}

async function run(of, steps, given = {}) {
  await put(of, { id: "http", trigger: { type: "webhook" }, steps });
  const { run } = await of.api.post(`${of.path}/scenarios/http/run`, { given });
  return ended(of, run);
}

test("a request goes out as it is written, and its answer is at hand for later steps", async () => {
  server.asked.length = 0;
  server.answers.push({ status: 201, headers: { "x-number": "7" }, body: '{"price": 12.5}' });
  const done = await run(
    app,
    [
      {
        ...{ type: "http", method: "POST", url: `${server.url}/prices?of={{HttpRequest.what}}`, as: "answer" },
        headers: { Authorization: "Bearer {{HttpRequest.token}}" },
        body: { what: "{{HttpRequest.what}}", count: 2 },
      },
      { type: "log", message: "{{answer.status}} {{answer.headers.x-number}} {{answer.body.price}}" },
    ],
    { HttpRequest: { what: "tea", token: "secret" } },
  );
  assert.equal(done.status, "done", JSON.stringify(done.error));
  assert.equal(done.steps[1].input.message, "201 7 12.5");
  const [{ method, url, headers, body }] = server.asked;
  assert.deepEqual([method, url, JSON.parse(body)], ["POST", "/prices?of=tea", { what: "tea", count: 2 }]);
  assert.deepEqual([headers.authorization, headers["content-type"]], ["Bearer secret", "application/json"]);
  assert.equal(headers["idempotency-key"], `${app.id}:run-${done.run}:steps[0]`);
});

test("a request is repeated with the same key until its answer counts, and the runs behind it wait", async () => {
  server.asked.length = 0;
  await put(app, {
    ...{ id: "told", trigger: { type: "object_changed", structure: "orders" } },
    steps: [{ type: "http", method: "POST", url: `${server.url}/told`, body: "{{note}}", retries: 3 }],
  });
  const path = `${app.path}/structures/orders/objects`;
  await app.api.post(path, { id: "7" });
  server.answers.push({ status: 503 });
  await app.api.patch(`${path}/7`, { note: "first" });
  await app.api.patch(`${path}/7`, { note: "second" });
  const [first, second] = await runs(app, "scenario=told", 2);
  assert.deepEqual([first.status, second.status], ["done", "done"]);
  assert.deepEqual(server.asked.map(({ body }) => body), ["first", "first", "second"], "in the order of the changes");
  const keys = server.asked.map(({ headers }) => headers["idempotency-key"]);
  assert.ok(keys[0] === keys[1] && keys[1] !== keys[2], keys.join(" "));
  const { steps } = await app.api.get(`${app.path}/runs/${first.run}`);
  assert.deepEqual(steps.map(({ attempt, output }) => [attempt, output.status]), [[1, 503], [2, 200]]);
});

test("an answer that doesn't change is one that counts", async () => {
  server.asked.length = 0;
  server.answers.push({ status: 404, body: '{"error":"none"}' });
  const done = await run(app, [
    { type: "http", url: `${server.url}/none`, retries: 3, as: "answer" },
    { type: "if", condition: "answer.status == 404", then: [{ type: "log", message: "{{answer.body.error}}" }] },
  ]);
  assert.deepEqual([done.status, server.asked.length, done.steps[2].input.message], ["done", 1, "none"]);
});

test("no request reaches the hub's own network, however it is named", async () => {
  const port = new URL(server.url).port;
  server.asked.length = 0;
  for (const host of ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "169.254.169.254", "10.0.0.1", "0.0.0.0"]) {
    const { status, error } = await run(other, [{ type: "http", url: `http://${host}:${port}/`, timeout_ms: 5000 }]);
    assert.deepEqual([status, error.code, error.step], ["failed", "address_refused", "steps[0]"], host);
  }
  assert.deepEqual(server.asked, []);
});

test("a redirect to the hub's own network is refused as well", async () => {
  server.answers.push({ status: 302, headers: { location: "http://127.0.0.2:1/" } });
  const { error } = await run(app, [{ type: "http", url: `${server.url}/away` }]);
  assert.equal(error.code, "address_refused");
});

test("what a template makes of a URL or a header is checked", async () => {
  for (const [step, code] of [
    [{ url: "{{HttpRequest.bad}}" }, "url_invalid"],
    [{ url: `${server.url}/`, headers: { "X-Name": "{{HttpRequest.lines}}" } }, "header_invalid"],
  ]) {
    const { status, error } = await run(app, [{ type: "http", ...step }], { HttpRequest: { bad: "ftp://x", lines: "a\r\nX-Evil: 1" } });
    assert.deepEqual([status, error.code], ["failed", code]);
  }
});
