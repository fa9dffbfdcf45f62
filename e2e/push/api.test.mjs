// The whole API against its own description: whoever may not call, or calls with nonsense, gets the right status and
// code, and no answer has a form that the description doesn't know.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root } from "../bridge/support.mjs";
import { apiOf, connect, createApp, refused, startHub } from "./support.mjs";

const METHODS = ["get", "post", "put", "patch", "delete"];

let hub, app, document, operations, names;
before(async () => {
  hub = await startHub();
  app = await createApp(hub, {}, ["socket.io", "bridge"]);
  await app.user("ann");
  const fields = [["customer", "link"], ["total", "number"], ["status", "string"]];
  await hub.api.put(`${app.path}/structures/orders`, { fields: fields.map(([name, type]) => ({ name, type })) });
  await hub.api.post(`${app.path}/structures/orders/objects`, { id: 1 });
  const trigger = { type: "object_created", structure: "orders" };
  await hub.api.put(`${app.path}/scenarios/1`, { id: "1", trigger, steps: [] });
  await hub.api.put(`${app.path}/pages/1`, { title: "One", blocks: [] });
  document = await hub.api.get("/openapi.json");
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ path, method: method.toUpperCase(), ...item[method] })),
  );
  names = operations.map(({ method, path }) => `${method} ${path}`);
});
after(() => hub?.stop());

/** Requests from the root: the description's paths are whole. */
const send = async (operation, { path = concrete(operation.path), body, headers = {}, api = { authorization: `Bearer ${hub.token}` } } = {}) => {
  const response = await fetch(hub.url + path, { method: operation.method, body, headers: { ...api, ...headers } });
  const text = await response.text();
  const answer = { status: response.status, headers: response.headers, text };
  answer.body = /json/.test(response.headers.get("content-type") ?? "") ? JSON.parse(text) : undefined;
  described(operation, answer);
  return answer;
};

/** Asserts that the description knows this status of the operation. */
function described(operation, answer) {
  const known = Object.keys(operation.responses);
  const about = `${operation.method} ${operation.path}: ${answer.status} isn't one of ${known} ${answer.text.slice(0, 200)}`;
  assert.ok(known.includes(String(answer.status)), about);
  const { content } = resolved(operation.responses[answer.status]);
  const type = answer.headers.get("content-type")?.split(";")[0];
  if (content && answer.text) assert.ok(type in content, `${about}: ${type}`);
}

const resolved = (thing) =>
  thing?.$ref ? thing.$ref.slice(2).split("/").reduce((at, name) => at[name], document) : thing;

/** The path with this test's app, and ids that exist where something has to be found first. */
const concrete = (path, values = {}) =>
  path.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? { app: app.id, user: "ann", name: "bridge", structure: "orders" }[name] ?? "1");

const isPublic = ({ security }) => security?.length === 0 || security?.some((each) => Object.keys(each).length === 0);
const ours = () => operations.filter(({ path }) => path.startsWith("/api/v1/"));
const withBody = () => ours().filter(({ requestBody }) => requestBody);
const json = { "content-type": "application/json" };

test("the description names every call that was promised", () => {
  const promised = [
    ...["POST /admin/login", "POST /admin/logout", "GET /admin/me", "PUT /admin/password", "GET /apps", "POST /apps"],
    ...["GET", "PATCH", "DELETE"].map((method) => `${method} /apps/{app}`),
    ...["GET /apps/{app}/keys", "POST /apps/{app}/keys", "DELETE /apps/{app}/keys/{key}"],
    ...["GET /apps/{app}/secret-keys", "POST /apps/{app}/secret-keys", "DELETE /apps/{app}/secret-keys/{id}"],
    ...["GET /apps/{app}/plugins", "PUT /apps/{app}/plugins/{name}", "DELETE /apps/{app}/plugins/{name}"],
    ...["GET /apps/{app}/users", "POST /apps/{app}/users"],
    ...["GET", "PATCH", "DELETE"].map((method) => `${method} /apps/{app}/users/{user}`),
    ...["DELETE /apps/{app}/users/{user}/sessions", "GET /apps/{app}/sessions", "POST /apps/{app}/sessions"],
    ...["DELETE /apps/{app}/sessions/{id}", "POST /apps/{app}/push", "POST /apps/{app}/push/batch", "GET /apps/{app}/pushes"],
    ...["GET /apps/{app}/sockets", "DELETE /apps/{app}/sockets/{id}", "GET /audit", "GET /stats", "GET /traffic"],
    ...["GET", "PUT", "DELETE"].map((method) => `${method} /apps/{app}/structures/{structure}`),
    ...["GET", "POST"].map((method) => `${method} /apps/{app}/structures/{structure}/objects`),
    ...["GET", "PATCH", "PUT", "DELETE"].map((method) => `${method} /apps/{app}/structures/{structure}/objects/{object}`),
    ...["GET", "PUT", "DELETE"].map((method) => `${method} /apps/{app}/endpoints/{structure}/{method}`),
    ...["GET /apps/{app}/structures", "GET /apps/{app}/endpoints"],
    ...["GET /apps/{app}/providers", "POST /apps/{app}/providers/{id}/request", "POST /apps/{app}/providers/{id}/broadcast"],
    ...["GET", "PUT", "PATCH", "DELETE"].map((method) => `${method} /apps/{app}/scenarios/{scenario}`),
    ...["GET /apps/{app}/scenarios", "GET /apps/{app}/scenarios/{scenario}/versions"],
    ...["POST /apps/{app}/scenarios/{scenario}/run", "POST /apps/{app}/scenarios/{scenario}/test"],
    ...["GET /apps/{app}/runs", "GET /apps/{app}/runs/{run}", "DELETE /apps/{app}/runs/{run}"],
    ...["GET", "PUT", "DELETE"].map((method) => `${method} /apps/{app}/pages/{page}`),
    ...["GET /apps/{app}/pages", "POST /apps/{app}/pages/{page}/check"],
    ...["GET /openapi.json", "GET /schemas/scenario.json", "GET /schemas/page.json"],
  ];
  const unnamed = (name) => name.replace(/\{\w+\}/g, "{}");
  const known = new Set(names.map(unnamed));
  const missing = promised.map((name) => unnamed(name.replace(" /", " /api/v1/"))).filter((name) => !known.has(name));
  assert.deepEqual(missing, []);
  for (const operation of operations) {
    assert.ok(operation.operationId && operation.summary, `${operation.method} ${operation.path} has no name or summary`);
    assert.ok(!Object.values(operation).includes(null), `${operation.method} ${operation.path} has an empty part`);
  }
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
});

test("anybody may read the schema of scenarios", async () => {
  const response = await fetch(`${hub.url}/api/v1/schemas/scenario.json`);
  assert.deepEqual([response.status, response.headers.get("content-type")], [200, "application/schema+json"]);
  assert.equal(await response.text(), await readFile(join(root, "docs/scenario.schema.json"), "utf8"));
  const { schemas } = document.components;
  assert.equal(schemas.Definition.properties.steps.items.$ref, "#/components/schemas/Step");
  assert.deepEqual(schemas.WaitStep.properties.type.enum, ["wait"]);
});

test("anybody may read the schema of pages", async () => {
  const response = await fetch(`${hub.url}/api/v1/schemas/page.json`);
  assert.deepEqual([response.status, response.headers.get("content-type")], [200, "application/schema+json"]);
  assert.equal(await response.text(), await readFile(join(root, "docs/page.schema.json"), "utf8"));
  const { schemas } = document.components;
  assert.equal(schemas.PageDocument.properties.blocks.items.$ref, "#/components/schemas/PageBlock");
  assert.deepEqual(schemas.TableBlock.properties.type.enum, ["table"]);
});

test("the numbers of /metrics come as JSON as well", async () => {
  await app.push("*", "counted");
  const { version, started_at_ms, at_ms, shards, gauges, counters, connections_closed, dropped, request_latency } = await hub.api.get("/stats");
  const scrape = await (await fetch(`${hub.url}/metrics`)).text();
  const scraped = (kind) => [...scrape.matchAll(new RegExp(`^# TYPE campanile_(\\w+) ${kind}$`, "gm"))].map(([, name]) => name).sort();
  const byReason = ["connections_closed", "dropped", "outgoing_failures"];
  assert.deepEqual(Object.keys(gauges).sort(), scraped("gauge"));
  assert.deepEqual([...Object.keys(counters), ...byReason].sort(), scraped("counter"));
  assert.ok(counters.pushes >= 1 && "ping_timeout" in connections_closed && "volatile" in dropped, JSON.stringify(counters));
  assert.equal(request_latency.counts.length, request_latency.bounds_ms.length + 1);
  assert.ok(version && shards >= 1 && started_at_ms <= at_ms);
});

test("what isn't public wants to know who calls", async () => {
  for (const operation of ours().filter((operation) => !isPublic(operation))) {
    const body = operation.requestBody && "{}";
    for (const api of [{}, { authorization: "Bearer nonsense" }, { cookie: "campanile_admin=nonsense" }]) {
      const answer = await send(operation, { api, body, headers: body && json });
      refused(answer, 401, "unauthorized", `${operation.method} ${operation.path}`);
      assert.match(answer.headers.get("www-authenticate"), /^Bearer/);
    }
  }
});

test("a secret key may do what the description says, and nothing else", async () => {
  const bearers = ({ security }) => security.flatMap(({ bearer }) => bearer ?? []);
  const guarded = ours().filter((operation) => bearers(operation).length);
  assert.ok(guarded.length > 30);
  for (const scope of ["push", "manage", "provider"]) {
    const { id } = await createApp(hub);
    const { secret } = await hub.api.post(`/apps/${id}/secret-keys`, { scopes: [scope] });
    for (const operation of guarded) {
      const body = operation.requestBody && JSON.stringify(exampleOf(operation));
      const path = concrete(operation.path, { app: id });
      const answer = await send(operation, { path, body, headers: body && json, api: { authorization: `Bearer ${secret}` } });
      const about = `${operation.method} ${operation.path} with ${scope}: ${answer.text}`;
      assert.equal(answer.body?.code !== "forbidden", bearers(operation).includes(scope), about);
    }
  }
});

test("an unknown app is not found, whatever is asked of it", async () => {
  const inApps = ours().filter(({ path }) => path.includes("{app}"));
  assert.ok(inApps.length > 20);
  for (const operation of inApps) {
    const path = concrete(operation.path, { app: "no-such-app" });
    const body = operation.requestBody && JSON.stringify(exampleOf(operation));
    const answer = await send(operation, { path, body, headers: body && json });
    refused(answer, 404, "app_not_found", `${operation.method} ${path}`);
  }
});

/** The example that the description gives for a body, which has to be accepted as a body. */
function exampleOf({ requestBody, method, path }) {
  const media = resolved(requestBody).content["application/json"];
  const examples = Object.values(media.examples ?? {}).map(({ value }) => value);
  const schema = resolved(media.schema);
  const example = media.example ?? examples[0] ?? schema.example ?? schema.examples?.[0];
  assert.ok(example !== undefined, `${method} ${path} has no example of its body`);
  return example;
}

test("an unknown user, session, socket, key, structure, object or endpoint is not found", async () => {
  const rows = [
    ["GET", "/users/who", "user_not_found"],
    ["PATCH", "/users/who", "user_not_found", { role: "x" }],
    ["DELETE", "/users/who", "user_not_found"],
    ["DELETE", "/users/who/sessions", "user_not_found"],
    ["POST", "/sessions", "user_not_found", { user_id: "who" }],
    ["DELETE", "/sessions/999999", "session_not_found"],
    ["DELETE", "/sockets/AAAAAAAAAAAAAAAAAAAA", "socket_not_found"],
    ["DELETE", "/sockets/nonsense", "socket_not_found"],
    ["DELETE", "/keys/nonsense", "key_not_found"],
    ["DELETE", "/secret-keys/nonsense", "key_not_found"],
    ["PUT", "/plugins/nonsense", "plugin_unknown", {}],
    ["DELETE", "/plugins/nonsense", "plugin_unknown"],
    ["GET", "/structures/nonsense", "structure_not_found"],
    ["DELETE", "/structures/nonsense", "structure_not_found"],
    ["GET", "/structures/nonsense/objects", "structure_not_found"],
    ["POST", "/structures/nonsense/objects", "structure_not_found", {}],
    ["PUT", "/endpoints/nonsense/list", "structure_not_found", {}],
    ["GET", "/structures/orders/objects/nonsense", "object_not_found"],
    ["PATCH", "/structures/orders/objects/nonsense", "object_not_found", {}],
    ["DELETE", "/structures/orders/objects/nonsense", "object_not_found"],
    ["GET", "/endpoints/orders/nonsense", "endpoint_not_found"],
    ["DELETE", "/endpoints/orders/nonsense", "endpoint_not_found"],
    ["GET", "/scenarios/nonsense", "scenario_not_found"],
    ["PATCH", "/scenarios/nonsense", "scenario_not_found", { enabled: true }],
    ["DELETE", "/scenarios/nonsense", "scenario_not_found"],
    ["GET", "/scenarios/nonsense/versions", "scenario_not_found"],
    ["POST", "/scenarios/nonsense/run", "scenario_not_found", {}],
    ["POST", "/scenarios/nonsense/test", "scenario_not_found", {}],
    ["GET", "/pages/nonsense", "page_not_found"],
    ["DELETE", "/pages/nonsense", "page_not_found"],
    ["GET", "/runs/999999", "run_not_found"],
    ["DELETE", "/runs/999999", "run_not_found"],
  ];
  for (const [method, path, code, body] of rows) {
    refused(await hub.api.call(method, app.path + path, body), 404, code, `${method} ${path}`);
  }
  refused(await hub.api.call("POST", `${app.path}/users`, { id: "ann" }), 409, "user_exists");
  refused(await hub.api.call("POST", "/apps", { id: app.id }), 409, "app_exists");
});

test("a body that isn't JSON, or not of JSON's type, is refused", async () => {
  assert.ok(withBody().length > 8);
  for (const operation of withBody()) {
    const about = `${operation.method} ${operation.path}`;
    for (const body of ["{", "", "{'id':1}", '{"a":1}x', "\u0000", "[", "nul"]) {
      refused(await send(operation, { body, headers: json }), 400, "invalid_payload", `${about} ${body}`);
    }
    if (!operation.responses["415"]) continue;
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"]) {
      const answer = await send(operation, { body: JSON.stringify(exampleOf(operation)), headers: { "content-type": type } });
      refused(answer, 415, "unsupported_media_type", `${about} ${type}`);
    }
  }
});

test("a body of the wrong form is refused, and the answer says where", async () => {
  const free = /\/providers\/\{\w+\}\/(request|broadcast)$/;
  for (const operation of withBody().filter(({ path }) => !free.test(path))) {
    const about = `${operation.method} ${operation.path}`;
    for (const body of ["[]", '"text"', "1", "null", "true"]) {
      refused(await send(operation, { body, headers: json }), 400, "invalid_payload", `${about} ${body}`);
    }
    const example = exampleOf(operation);
    const unknown = await send(operation, { body: JSON.stringify({ ...example, no_such_field: 1 }), headers: json });
    refused(unknown, 400, "invalid_payload", about);
    assert.match(unknown.body.detail, /no_such_field/);
    for (const [field, value] of Object.entries(example).filter(([field]) => field !== "message")) {
      const wrong = typeof value === "number" ? "text" : 12.5;
      const answer = await send(operation, { body: JSON.stringify({ ...example, [field]: wrong }), headers: json });
      refused(answer, 400, "invalid_payload", `${about} ${field}`);
    }
    const twice = JSON.stringify(example).replace(/^\{("\w+":)/, (_, field) => `{${field}null,${field}`);
    if (twice !== JSON.stringify(example)) {
      refused(await send(operation, { body: twice, headers: json }), 400, "invalid_payload", `${about} ${twice}`);
    }
  }
});

test("settings of an app are an object, and their numbers are whole", async () => {
  for (const settings of ['["deny"]', '{"session_ttl_s":1.5}', '{"session_ttl_s":-1}', '{"session_ttl_s":4294967296}']) {
    refused(await hub.api.call("PATCH", app.path, `{"settings":${settings}}`), 400, "invalid_payload", settings);
  }
  const { settings } = await hub.api.patch(app.path, '{"settings":{"session_ttl_s":60.0}}');
  assert.equal(settings.session_ttl_s, 60);
});

test("an app has a time zone and global variables, which stay when something else is set", async () => {
  const change = (settings) => hub.api.call("PATCH", app.path, { settings });
  const about = (answer, field) => {
    refused(answer, 400, "invalid_payload", field);
    assert.ok(answer.body.detail.startsWith(`settings.${field}: `), answer.body.detail);
  };
  for (const zone of ["Mars", "", "+01:00"]) about(await change({ time_zone: zone }), "time_zone");
  for (const globals of [{ "a b": 1 }, { "": 1 }, { "1a": 1 }, { a: "x".repeat(65_536) }]) about(await change({ globals }), "globals");
  for (const settings of [{ time_zone: 1 }, { globals: [] }, { globals: "{}" }]) {
    refused(await change(settings), 400, "invalid_payload", JSON.stringify(settings));
  }
  const globals = { city: "Brig", token: "of the accounts", deep: { list: [1, null] } };
  await hub.api.patch(app.path, { settings: { globals, time_zone: "Europe/Berlin" } });
  const { settings } = await hub.api.patch(app.path, { settings: { session_ttl_s: 61 } });
  assert.deepEqual(settings, { anonymous: "allow", bridge: "open", session_ttl_s: 61, time_zone: "Europe/Berlin", globals });
  assert.deepEqual((await hub.api.patch(app.path, { settings: { globals: {} } })).settings.globals, {});
});

test("global variables are shown to whoever may change them, and their values never stand in the audit log", async () => {
  await hub.api.patch(app.path, { settings: { globals: { accounts_token: "hush" } } });
  const shown = async (scope) => {
    const { secret } = await hub.api.post(`${app.path}/secret-keys`, { scopes: [scope] });
    return (await apiOf(hub.url, { authorization: `Bearer ${secret}` }).get(app.path)).settings;
  };
  assert.deepEqual((await shown("manage")).globals, { accounts_token: "hush" });
  for (const scope of ["push", "provider"]) {
    const settings = await shown(scope);
    assert.deepEqual(["globals" in settings, settings.bridge], [false, "open"], scope);
  }
  const audit = JSON.stringify(await hub.api.get(`/audit?app=${app.id}`));
  assert.ok(audit.includes("accounts_token") && !audit.includes("hush"), audit);
});

test("a mistake in a batch stops only what it is in", async () => {
  const good = JSON.stringify({ user_id: "ann", event_name: "alert" });
  const bad = ["5", "null", `[${good}]`, "{}", '{"user_id":"ann","event_name":"a","event_name":"b"}', '{"user_id":"ann","event_name":"a","x":1}'];
  const { results } = await hub.api.post(`${app.path}/push/batch`, `{"pushes":[${[...bad, good].join(",")}]}`);
  assert.deepEqual(results.map(({ code }) => code), [...bad.map(() => "invalid_payload"), undefined]);
  assert.equal(results.at(-1).matched_users, 1);
});

test("a body that is too large is refused before it is read", async () => {
  const body = JSON.stringify({ id: "x".repeat(20_000_000) });
  for (const operation of withBody()) {
    const answer = await send(operation, { body, headers: json }).catch((error) => {
      // The hub may close while the rest is still being sent, which fetch reports as a broken pipe.
      if (/EPIPE|ECONNRESET|other side closed/.test(String(error.cause ?? error))) return undefined;
      throw error;
    });
    if (answer) refused(answer, 413, "payload_too_large", `${operation.method} ${operation.path}`);
  }
  assert.equal((await hub.api.get(app.path)).id, app.id);
});

test("a path that doesn't exist is not found, and a method that doesn't is not allowed", async () => {
  for (const path of ["/nope", "/apps/", `${app.path}/nope`, `${app.path}/users/ann/nope`, "/admin"]) {
    refused(await hub.api.call("GET", path), 404, "not_found", path);
  }
  for (const path of ["/api", "/api/", "/api/v1", "/api/v2/apps"]) {
    const response = await fetch(hub.url + path);
    assert.deepEqual([response.status, (await response.json()).code], [404, "not_found"], path);
  }
  const byPath = grouped(ours());
  for (const [path, known] of Object.entries(byPath)) {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((each) => !known.some((one) => one.method === each))) {
      const response = await fetch(hub.url + concrete(path), { method, headers: { authorization: `Bearer ${hub.token}` } });
      const text = await response.text();
      refused({ status: response.status, headers: response.headers, text, body: JSON.parse(text) }, 405, "method_not_allowed", `${method} ${path}`);
      const allowed = response.headers.get("allow").split(/, */);
      for (const one of known) assert.ok(allowed.includes(one.method), `${path}: ${one.method} in ${allowed}`);
    }
  }
});

function grouped(list) {
  const groups = {};
  for (const operation of list) (groups[operation.path] ??= []).push(operation);
  return groups;
}

test("lists keep to their limits and refuse what they don't know", async () => {
  for (const path of ["/audit", `${app.path}/sessions`, `${app.path}/pushes`]) {
    refused(await hub.api.call("GET", `${path}?after=ann`), 400, "invalid_payload", path);
  }
  const lists = ours().filter(({ parameters }) => parameters?.some((each) => resolved(each).name === "limit"));
  assert.ok(lists.length >= 5);
  for (const operation of lists) {
    for (const query of ["limit=0", "limit=201", "limit=-1", "limit=x", "limit=1e3", "limit=", "no_such=1"]) {
      refused(await send(operation, { path: `${concrete(operation.path)}?${query}` }), 400, "invalid_payload", `${operation.path}?${query}`);
    }
    const answer = await send(operation, { path: `${concrete(operation.path)}?limit=1` });
    assert.equal(answer.status, 200, answer.text);
    assert.ok(answer.body.items.length <= 1);
    assert.ok("next" in answer.body);
  }
});

test("every user is on exactly one page", async (t) => {
  const paged = await createApp(hub);
  const ids = Array.from({ length: 23 }, (_, at) => `user ${at}`);
  for (const id of ids) await hub.api.post(`${paged.path}/users`, { id, role: id.endsWith("1") ? "one" : "other" });
  const all = async (query) => {
    const seen = [];
    for (let after = ""; after !== undefined; ) {
      const { items, next } = await hub.api.get(`${paged.path}/users?limit=5${query}${after && `&after=${encodeURIComponent(after)}`}`);
      seen.push(...items.map(({ id }) => id));
      after = next ?? undefined;
    }
    return seen.sort();
  };
  assert.deepEqual(await all(""), [...ids].sort());
  assert.deepEqual(await all("&role=one"), ["user 1", "user 11", "user 21"]);
  assert.deepEqual(await all("&starts_with=user%202"), ["user 2", "user 20", "user 21", "user 22"]);
  assert.deepEqual(await all("&starts_with=%25"), []);
  assert.deepEqual(await all("&starts_with=user_"), []);

  const online = ids.filter((_, at) => at % 3 === 0);
  for (const id of online) await connect(t, hub, { app_id: paged.key, session_id: (await paged.session(id)).token });
  assert.deepEqual(await all("&online=true"), [...online].sort());
  assert.deepEqual(await all("&online=true&role=one&starts_with=user%202"), ["user 21"]);
  assert.deepEqual(await all("&online=false"), [...ids].sort());
});

test("HEAD answers like GET, without a body", async () => {
  for (const path of ["/api/v1/apps", `/api/v1${app.path}`, "/api/v1/openapi.json", "/api/v1/docs"]) {
    const headers = { authorization: `Bearer ${hub.token}` };
    const response = await fetch(hub.url + path, { method: "HEAD", headers });
    assert.equal(response.status, 200, path);
    assert.equal(await response.text(), "");
  }
});

test("the description and its page are there for everybody, and need nothing from elsewhere", async () => {
  const anybody = apiOf(hub.url);
  const { status, body } = await anybody.call("GET", "/openapi.json");
  assert.equal(status, 200);
  assert.match(body.openapi, /^3\.1/);
  const response = await fetch(`${hub.url}/api/v1/docs`);
  assert.match(response.headers.get("content-type"), /^text\/html/);
  const policy = response.headers.get("content-security-policy");
  assert.ok(policy, "no content security policy");
  assert.ok(!/unsafe-inline|unsafe-eval/.test(policy.match(/script-src[^;]*|default-src[^;]*/)[0]), policy);
  assert.doesNotMatch(await response.text(), /(?:src|href)="(?:https?:)?\/\//);
});
