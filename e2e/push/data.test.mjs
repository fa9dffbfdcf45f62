// Data over HTTP: structures, objects and endpoints for a backend; the same objects through endpoints, with the published
// client of the other platform and from pages of another origin; and two apps that see nothing of each other.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { apiOf, CHEAP_PASSWORDS, compatible, createApp, refused, startHub } from "./support.mjs";

const require = createRequire(import.meta.url);
const FIELDS = [
  { name: "customer", type: "link", structure: "WebUser" },
  { name: "total", type: "number" },
  { name: "status", type: "string" },
  { name: "due", type: "date" },
  { name: "tags", type: "links" },
];

let hub, app, other;
before(async () => {
  hub = await startHub({ config: `${CHEAP_PASSWORDS}[limits]\nobjects_per_request_max = 50\nobject_bytes_max = 2000\n` });
  [app, other] = [await createApp(hub), await createApp(hub)];
  for (const one of [app, other]) {
    one.orders = `${one.path}/structures/orders`;
    await one.api.put(one.orders, { title: "Orders", fields: FIELDS });
  }
  app.ann = await app.user("ann", { role: "cook" });
  app.bob = await app.user("bob", { role: "guest" });
});
after(() => hub?.stop());

/** Removes all orders, so that each test counts its own. */
async function empty() {
  for (const one of [app, other]) {
    const { items } = await one.api.get(`${one.orders}/objects?page_size=200`);
    for (const { id } of items) await one.api.delete(`${one.orders}/objects/${encodeURIComponent(id)}`);
  }
}

const endpoint = (method, settings) => app.api.put(`${app.path}/endpoints/orders/${method}`, settings);
const ids = (objects) => objects.map(({ id }) => id).join("");
const envelope = (msg, httpCode) => ({
  msg,
  code: 100,
  httpCode,
  typeError: "ERROR",
  errorVariables: {},
  payload: null,
  status: "ERROR",
});

test("a backend writes, reads and finds objects", async () => {
  await empty();
  const created = await app.api.post(`${app.orders}/objects`, { id: "1", total: 5.0, status: "new", due: 0 });
  const { created_at_ms, updated_at_ms, ...rest } = created;
  const due = "1970-01-01T00:00:00.000Z";
  assert.deepEqual(rest, { id: "1", version: 1, total: 5, status: "new", due, created_by: null });
  assert.ok(Math.abs(Date.now() - created_at_ms) < 600_000 && created_at_ms === updated_at_ms);
  assert.deepEqual(await app.api.get(`${app.orders}/objects/1`), created);

  const changed = await app.api.patch(`${app.orders}/objects/1`, { status: "paid", due: null });
  assert.deepEqual([changed.version, changed.status, changed.total, changed.due], [2, "paid", 5, undefined]);
  const stale = await app.api.call("PUT", `${app.orders}/objects/1`, created);
  refused(stale, 409, "version_conflict");
  const replaced = await app.api.put(`${app.orders}/objects/1`, { ...changed, total: 6 });
  assert.deepEqual([replaced.version, replaced.total], [3, 6]);
  refused(await app.api.call("DELETE", `${app.orders}/objects/1?version=2`), 409, "version_conflict");
  assert.equal((await app.api.call("DELETE", `${app.orders}/objects/1?version=3&event=false`)).status, 204);
  refused(await app.api.call("GET", `${app.orders}/objects/1`), 404, "object_not_found");

  const several = await app.api.post(`${app.orders}/objects?event=false`, [{ id: "a", total: 1 }, { id: "b", total: 2 }, { total: 3 }]);
  assert.equal(several.items.length, 3);
  assert.match(several.items[2].id, /^[\w-]{22}$/);
  const filter = encodeURIComponent(JSON.stringify({ or: [{ total: { gte: 2 } }, { id: "a" }] }));
  const found = await app.api.get(`${app.orders}/objects?filter=${filter}&sort=total,desc&page=1&page_size=2`);
  assert.deepEqual([found.items.map(({ total }) => total), found.page, found.page_size, found.total], [[1], 1, 2, 3]);
  assert.equal((await app.api.get(app.orders)).objects, 3);
});

test("an id may be any text that a URL can have in it", async () => {
  await empty();
  for (const id of ["a/b", "ü?&#%", "...", "-x", "null", "{{WebUser.id}}"]) {
    await app.api.post(`${app.orders}/objects`, { id, total: 1 });
    assert.equal((await app.api.patch(`${app.orders}/objects/${encodeURIComponent(id)}`, { total: 2 })).id, id);
  }
});

test("mistakes are told by the name of the field", async () => {
  await empty();
  await app.api.post(`${app.orders}/objects`, { id: "1" });
  const post = (body) => app.api.call("POST", `${app.orders}/objects`, body);
  for (const [body, status, code, detail] of [
    [{ total: "5" }, 400, "invalid_payload", /^total: must be a number/],
    [{ due: "soon" }, 400, "invalid_payload", /^due: must be a moment/],
    [{ tags: "x" }, 400, "invalid_payload", /^tags: must be a list/],
    [{ nothing: 1 }, 400, "invalid_payload", /^nothing: the structure "orders" has no such field/],
    [{ id: ".." }, 400, "invalid_payload", /^id: must not be/],
    [{ id: "1" }, 409, "object_exists", /"1"/],
    [{ status: "x".repeat(2000) }, 400, "invalid_payload", /limits\.object_bytes_max/],
    [[], 400, "invalid_payload", /^the objects: must be 1 to 50/],
    [Array(51).fill({}), 400, "invalid_payload", /limits\.objects_per_request_max/],
    [[{ total: 1 }, { total: "x" }], 400, "invalid_payload", /^total: /],
    ["[[]]", 400, "invalid_payload", /^the body: /],
    ['"text"', 400, "invalid_payload", /^the body must be one JSON object/],
    ["", 400, "invalid_payload", /^the body/],
  ]) {
    const answer = await post(body);
    refused(answer, status, code, JSON.stringify(body).slice(0, 100));
    assert.match(answer.body.detail, detail);
  }
  assert.equal((await app.api.get(`${app.orders}/objects`)).total, 1, "all or none");
  for (const [query, detail] of [
    ["filter=%7B", /^filter: isn't JSON/],
    ['filter={"nothing":1}', /^filter\.nothing: /],
    ["sort=nothing", /^sort: /],
    ["page_size=201", /^page_size: must be 1 to 200/],
    ["page=-1", /page/],
    ["unknown=1", /unknown/],
  ]) {
    const answer = await app.api.call("GET", `${app.orders}/objects?${query}`);
    refused(answer, 400, "invalid_payload", query);
    assert.match(answer.body.detail, detail);
  }
  refused(await app.api.call("PUT", `${app.path}/structures/WebUser`, { fields: [] }), 400, "invalid_payload");
  refused(await app.api.call("PUT", app.orders, { fields: [{ name: "a", type: "money" }] }), 400, "invalid_payload");
  refused(await app.api.call("GET", `${app.path}/structures/none/objects`), 404, "structure_not_found");
});

for (const make of ["directual140", "directual-api"]) {
  const { version } = require(`${make}/package.json`);
  const orders = (sessionID) => {
    const config = { appID: app.key, apiHost: hub.url };
    const structure = new (require(make).default)(config).structure("orders");
    return {
      getData: (method, params) => structure.getData(method, { sessionID, ...params }),
      setData: (method, data, params) => structure.setData(method, data, { sessionID, ...params }),
    };
  };
  const failure = (promise) => promise.then(
    (answer) => assert.fail(JSON.stringify(answer)),
    ({ response }) => [response?.status, response?.data],
  );

  test(`client ${version} writes and reads through endpoints`, async () => {
    await empty();
    await endpoint("own", { read: "owner", write: "owner" });
    const [ann, bob] = [orders(app.ann), orders(app.bob)];
    const { result, status } = await ann.setData("own", { total: 5, status: "new" });
    assert.deepEqual([status, result.length, result[0].created_by, result[0].total], ["ok", 1, "ann", 5]);
    const { id } = result[0];
    const again = await ann.setData("own", { id, total: 6 });
    assert.deepEqual([again.result[0].id, again.result[0].total, again.result[0].status], [id, 6, "new"]);
    const sentBack = await ann.setData("own", { ...result[0], status: "paid" });
    assert.deepEqual([sentBack.result[0].version, sentBack.result[0].total], [3, 5], "an old version is no conflict here");
    const several = await ann.setData("own", [{ id: 7, total: 7 }, { total: 8 }]);
    assert.deepEqual(several.result.map((order) => order.total), [7, 8]);
    assert.equal(several.result[0].id, "7");
    assert.equal((await bob.setData("own")).result.length, 1);

    const mine = await ann.getData("own", { sort: "total,desc" });
    assert.deepEqual(mine.payload.map((order) => order.total), [8, 7, 5]);
    const pageInfo = { page: 0, pageSize: 30, totalPage: 1, totalPages: 1, tableSize: 3 };
    assert.deepEqual(mine.pageInfo, pageInfo);
    const part = await ann.getData("own", { sort: "total", page: 1, pageSize: 2 });
    assert.deepEqual([part.payload.map((order) => order.total), part.pageInfo.totalPages, part.pageInfo.page], [[8], 2, 1]);
    const head = await ann.getData("own", { sort: "total,asc", format: "head" });
    assert.equal(head.payload.total, 5);
    assert.equal((await bob.getData("own")).payload.length, 1);
    assert.equal((await bob.getData("own", { page: 5, format: "head" })).payload, null);
  });

  test(`client ${version} is told what is not there and what is for others`, async () => {
    await endpoint("cooks", { read: { roles: ["cook"] }, write: "users" });
    const nothing = envelope("there is no endpoint orders/none", 400);
    assert.deepEqual(await failure(orders(app.ann).getData("none")), [400, nothing]);
    assert.deepEqual(await failure(orders(app.ann).setData("none", {})), [400, nothing]);
    const needsUser = envelope("this needs the session of a user", 403);
    for (const session of [undefined, null, "", "nonsense", other.secret]) {
      assert.deepEqual(await failure(orders(session).getData("cooks")), [403, needsUser], String(session));
      assert.deepEqual(await failure(orders(session).setData("cooks", {})), [403, needsUser], String(session));
    }
    const notYou = envelope("the user may not do this", 403);
    assert.deepEqual(await failure(orders(app.bob).getData("cooks")), [403, notYou]);
    assert.ok((await orders(app.ann).getData("cooks")).payload);
    const wrong = envelope("total: must be a number", 400);
    assert.deepEqual(await failure(orders(app.ann).setData("cooks", { total: "x" })), [400, wrong]);
  });

  test(`client ${version} filters by parameters, and may leave them out`, async () => {
    await empty();
    await app.api.post(`${app.orders}/objects`, [
      { id: "a", status: "new", total: 1, customer: "ann" },
      { id: "b", status: "new", total: 20 },
      { id: "c", status: "paid", total: 20, tags: ["vip"] },
    ]);
    const filter = {
      status: "{{HttpRequest.status}}",
      total: { gte: "{{HttpRequest.from}}" },
      tags: { contains: "{{HttpRequest.tag}}" },
    };
    await endpoint("find", { read: "anyone", filter, fields: ["total"] });
    const find = async (params) => ids((await orders().getData("find", params)).payload);
    assert.equal(await find({}), "abc");
    assert.equal(await find({ status: "new" }), "ab");
    assert.equal(await find({ status: "new", from: 5 }), "b");
    assert.equal(await find({ status: "", from: null, tag: undefined }), "abc");
    assert.equal(await find({ tag: "vip", unknown: "x" }), "c");
    assert.equal(await find({ status: "' OR 1=1 --" }), "");
    const [first] = (await orders().getData("find", {})).payload;
    assert.deepEqual(first, { id: "a", total: 1 });

    await endpoint("mine", { read: "anyone", filter: { customer: "{{WebUser.id}}" } });
    assert.equal(ids((await orders(app.ann).getData("mine")).payload), "a");
    assert.equal(ids((await orders(app.bob).getData("mine", { "WebUser.id": "ann" })).payload), "");
    assert.equal((await failure(orders().getData("mine")))[0], 403);
  });
}

test("a form that anybody may send shows nothing of what is there", async () => {
  await empty();
  await app.api.post(`${app.orders}/objects`, { id: "1", status: "secret", total: 1 });
  await endpoint("form", { write: "anyone", fields: ["total", "status"] });
  const send = (body) => compatible(hub, "/v5/data/orders/form", { appID: app.key }, body);
  assert.deepEqual((await send({ id: "1" })).body, { result: [{ id: "1" }], status: "ok" });
  assert.deepEqual((await send({ id: "1", total: 2 })).body.result, [{ id: "1", total: 2 }]);
  assert.equal((await send({ customer: "ann" })).body.msg, "customer: the endpoint doesn't take this field");
  const created = (await send({ total: 3 })).body.result[0];
  assert.deepEqual(Object.keys(created).sort(), ["id", "total"]);
  assert.equal((await compatible(hub, "/v5/data/orders/form", { appID: app.key })).status, 403);
});

test("whatever the query holds, the call is answered", async () => {
  await endpoint("all", { read: "anyone", page_size: 2 });
  const path = `${hub.url}/good/api/v5/data/orders/all?appID=${app.key}`;
  for (const [query, expected] of [
    ["page=0&page=7&pageSize=3&pageSize=9", [0, 3]],
    ["page=abc&pageSize=x&apiHost=/&streamApiHost", [0, 2]],
    ["page=-1&pageSize=0", [0, 1]],
    ["pageSize=100000", [0, 200]],
    ["sessionID=&sessionID=nonsense&%00=%00&=", [0, 2]],
    ["page=4294967295", [4294967295, 2]],
  ]) {
    const response = await fetch(`${path}&${query}`);
    const { pageInfo } = await response.json();
    assert.deepEqual([response.status, pageInfo?.page, pageInfo?.pageSize], [200, ...expected], query);
  }
  for (const [url, msg] of [
    [`${hub.url}/good/api/v5/data/orders/all?appID=${app.id}`, "no app has this key"],
    [`${hub.url}/good/api/v5/data/orders/all`, "no app has this key"],
    [`${hub.url}/good/api/v5/data/or%00ders/all?appID=${app.key}`, 'there is no endpoint or\0ders/all'],
    [`${path}&sort=nothing`, 'sort: the structure has no field "nothing"'],
  ]) {
    const response = await fetch(url);
    assert.deepEqual([response.status, await response.json()], [400, envelope(msg, 400)], url);
  }
  const post = async (body) => {
    const response = await fetch(path, { method: "POST", body });
    return [response.status, (await response.json()).status];
  };
  for (const body of ["{", "1", '"x"', "[1]", "[[]]", "null"]) assert.deepEqual(await post(body), [400, "ERROR"], body);
  assert.deepEqual(await post("x".repeat(1_000_001)), [413, "ERROR"]);
});

test("pages of every origin may call, with the headers that the client sends", async () => {
  const path = `${hub.url}/good/api/v5/data/orders/all?appID=${app.key}`;
  const origin = "https://front.example";
  for (const method of ["GET", "POST"]) {
    const headers = "access-control-allow-origin,content-type";
    const asked = { origin, "access-control-request-method": method, "access-control-request-headers": headers };
    const preflight = await fetch(path, { method: "OPTIONS", headers: asked });
    assert.ok(preflight.ok, String(preflight.status));
    assert.equal(preflight.headers.get("access-control-allow-origin"), "*");
    assert.equal(preflight.headers.get("access-control-allow-headers"), headers);
    assert.match(preflight.headers.get("access-control-allow-methods"), new RegExp(method));
  }
  for (const url of [path, path.replace("all", "none")]) {
    const response = await fetch(url, { headers: { origin, "access-control-allow-origin": "*" } });
    assert.equal(response.headers.get("access-control-allow-origin"), "*", url);
    assert.equal(response.headers.get("access-control-allow-credentials"), null);
  }
});

test("an endpoint keeps its fields in the structure", async () => {
  await endpoint("a-needs", { fields: ["status"] });
  const without = FIELDS.filter(({ name }) => name !== "status");
  const answer = await app.api.call("PUT", app.orders, { fields: without });
  refused(answer, 400, "invalid_payload");
  assert.match(answer.body.detail, /orders\/a-needs needs it/);
  const shown = await app.api.get(`${app.path}/endpoints/orders/a-needs`);
  assert.deepEqual([shown.read, shown.write, shown.fields], ["nobody", "nobody", ["status"]]);
  await app.api.delete(`${app.path}/endpoints/orders/a-needs`);
  refused(await app.api.call("GET", `${app.path}/endpoints/orders/a-needs`), 404, "endpoint_not_found");
  const scenario = await app.api.call("PUT", `${app.path}/endpoints/orders/sync`, { sync_scenario: "s" });
  refused(scenario, 400, "invalid_payload");
  const audit = (await hub.api.get(`/audit?app=${app.id}&limit=200`)).items;
  for (const action of ["structure.put", "endpoint.put", "endpoint.delete"]) {
    assert.ok(audit.some((entry) => entry.action === action && entry.actor.startsWith("key:")), action);
  }
});

test("two apps with the same names see nothing of each other", async () => {
  await empty();
  await endpoint("all", { read: "anyone", write: "anyone" });
  await other.api.put(`${other.path}/endpoints/orders/users`, { read: "users" });
  await app.api.post(`${app.orders}/objects`, { id: "1", status: "mine" });
  await other.api.post(`${other.orders}/objects`, { id: "1", status: "theirs" });

  const calls = [
    ["GET", "/structures"],
    ["GET", "/structures/orders"],
    ["PUT", "/structures/orders", { fields: [] }],
    ["DELETE", "/structures/orders"],
    ["GET", "/structures/orders/objects"],
    ["POST", "/structures/orders/objects", {}],
    ["GET", "/structures/orders/objects/1"],
    ["PATCH", "/structures/orders/objects/1", {}],
    ["PUT", "/structures/orders/objects/1", {}],
    ["DELETE", "/structures/orders/objects/1"],
    ["GET", "/endpoints"],
    ["GET", "/endpoints/orders/users"],
    ["PUT", "/endpoints/orders/users", {}],
    ["DELETE", "/endpoints/orders/users"],
  ];
  const { secret } = await hub.api.post(`${app.path}/secret-keys`, { name: "push only", scopes: ["push", "provider"] });
  const pusher = apiOf(hub.url, { authorization: `Bearer ${secret}` });
  for (const [method, path, body] of calls) {
    refused(await app.api.call(method, other.path + path, body), 404, "app_not_found", `${method} ${path}`);
    refused(await pusher.call(method, app.path + path, body), 403, "forbidden", `${method} ${path}`);
    refused(await apiOf(hub.url).call(method, app.path + path, body), 401, "unauthorized", `${method} ${path}`);
  }
  const read = (key, method, query = {}) => compatible(hub, `/v5/data/orders/${method}`, { appID: key, ...query });
  assert.deepEqual((await read(app.key, "all")).body.payload.map(({ status }) => status), ["mine"]);
  assert.equal((await read(other.key, "all")).body.msg, "there is no endpoint orders/all");
  assert.equal((await read(other.key, "users", { sessionID: app.ann })).status, 403);
  await compatible(hub, "/v5/data/orders/all", { appID: app.key }, { id: "1", status: "changed" });
  assert.equal((await other.api.get(`${other.orders}/objects/1`)).status, "theirs");

  await app.api.delete(app.orders);
  refused(await app.api.call("GET", `${app.orders}/objects`), 404, "structure_not_found");
  assert.equal((await read(app.key, "all")).status, 400, "its endpoints went along");
  assert.equal((await other.api.get(`${other.orders}/objects`)).total, 1);
});
