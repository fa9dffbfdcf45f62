// Pages over the API: saved with all their mistakes, their versions and their limits; what isn't theirs to see is left to others.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root } from "../bridge/support.mjs";
import { CHEAP_PASSWORDS, createApp, refused, startHub } from "../push/support.mjs";

let hub;
before(async () => (hub = await startHub({ config: `${CHEAP_PASSWORDS}[limits]\npages_per_app_max = 2\npage_bytes_max = 2000\npage_blocks_max = 3\npage_fields_max = 2\n` })));
after(() => hub?.stop());

const TEXT = { type: "text", text: "Hello" };
const at = (app, page) => `${app.path}/pages/${page}`;
const places = ({ body }) => body.mistakes.map(({ path, message }) => `${path}: ${message}`);

test("a page is saved, shown, listed and deleted, each change in the audit log", async () => {
  const app = await createApp(hub);
  const document = { title: "Home", access: "users", blocks: [TEXT] };
  const saved = await app.api.put(at(app, "home"), document);
  assert.deepEqual(saved, { id: "home", version: 1, path: `/p/${app.id}/home`, document, created_at_ms: saved.created_at_ms, updated_at_ms: saved.created_at_ms });
  assert.deepEqual(await app.api.get(at(app, "home")), saved);
  assert.deepEqual(await app.api.get(`${app.path}/pages`), { items: [saved], next: null });
  // What doesn't differ isn't a change.
  assert.equal((await app.api.put(at(app, "home"), document)).version, 1);
  const second = await app.api.put(at(app, "home"), { ...document, title: "Homes" });
  assert.deepEqual([second.version, second.document.title, second.created_at_ms], [2, "Homes", saved.created_at_ms]);
  await app.api.delete(at(app, "home"));
  refused(await app.api.call("GET", at(app, "home")), 404, "page_not_found");
  refused(await app.api.call("DELETE", at(app, "home")), 404, "page_not_found");
  const { items } = await hub.api.get(`/audit?app=${app.id}`);
  assert.deepEqual(items.filter(({ subject }) => subject === "home").map(({ action }) => action), ["page.delete", "page.put", "page.put"]);
});

test("who writes on an old version is told", async () => {
  const app = await createApp(hub);
  const document = { title: "Home", blocks: [] };
  refused(await app.api.call("PUT", `${at(app, "home")}?version=1`, document), 409, "version_conflict");
  assert.equal((await app.api.put(`${at(app, "home")}?version=0`, document)).version, 1);
  refused(await app.api.call("PUT", `${at(app, "home")}?version=0`, document), 409, "version_conflict");
  assert.equal((await app.api.put(`${at(app, "home")}?version=1`, { ...document, title: "2" })).version, 2);
  refused(await app.api.call("PUT", `${at(app, "home")}?version=1`, { ...document, title: "3" }), 409, "version_conflict");
  refused(await app.api.call("DELETE", `${at(app, "home")}?version=1`), 409, "version_conflict");
  refused(await app.api.call("PUT", `${at(app, "home")}?version=one`, document), 400, "invalid_payload");
  await app.api.delete(`${at(app, "home")}?version=2`);
});

test("all mistakes are told at once, by a check as by a save, and nothing is saved", async () => {
  const app = await createApp(hub);
  const document = { title: "", blocks: [{ type: "text", text: "{{#x}}" }, { type: "table", endpoint: "orders", columns: [{ field: "a b" }] }, { type: "moon" }] };
  for (const [method, path] of [["PUT", at(app, "home")], ["POST", `${at(app, "home")}/check`]]) {
    const answer = await app.api.call(method, path, document);
    refused(answer, 400, "invalid_payload");
    const [kind, ...others] = places(answer);
    assert.match(kind, /^blocks\[2\]\.type: isn't known/);
    assert.deepEqual(others.map((line) => line.split(":")[0]), ["title", "blocks[0].text", "blocks[1].endpoint", "blocks[1].columns[0].field"]);
  }
  refused(await app.api.call("GET", at(app, "home")), 404, "page_not_found");
  for (const page of ["a.b", "%20", "x".repeat(65)]) {
    refused(await app.api.call("PUT", at(app, page), { title: "x", blocks: [] }), 400, "invalid_payload");
    refused(await app.api.call("POST", `${at(app, page)}/check`, { title: "x", blocks: [] }), 400, "invalid_payload");
  }
});

test("endpoints that there aren't are a warning", async () => {
  const app = await createApp(hub);
  const document = { title: "x", blocks: [TEXT, { type: "chat", read: "messages/read", write: "messages/write" }] };
  const warnings = ["read", "write"].map((name) => ({ path: `blocks[1].${name}`, message: `there is no endpoint "messages/${name}" yet` }));
  assert.deepEqual(await app.api.post(`${at(app, "home")}/check`, document), { warnings });
  assert.deepEqual((await app.api.put(at(app, "home"), document)).warnings, warnings);
  assert.equal((await app.api.get(at(app, "home"))).warnings, undefined);
  await app.api.put(`${app.path}/structures/messages`, { fields: [{ name: "text", type: "string" }] });
  await app.api.put(`${app.path}/endpoints/messages/read`, { read: "anyone" });
  assert.deepEqual((await app.api.put(at(app, "home"), document)).warnings, warnings.slice(1));
});

test("limits have names", async () => {
  const app = await createApp(hub);
  const told = async (document) => places(await app.api.call("PUT", at(app, "home"), { title: "x", blocks: [], ...document }));
  assert.match((await told({ blocks: Array(4).fill(TEXT) }))[0], /^blocks: .*limits\.page_blocks_max/);
  assert.match((await told({ blocks: [{ ...TEXT, refresh_on: ["a", "b", "c"] }] }))[0], /^blocks\[0\]\.refresh_on: .*limits\.page_fields_max/);
  assert.match((await told({ blocks: [{ ...TEXT, text: "x".repeat(2000) }] }))[0], /limits\.page_bytes_max/);
  for (const page of ["one", "two"]) await app.api.put(at(app, page), { title: "x", blocks: [] });
  const third = await app.api.call("PUT", at(app, "three"), { title: "x", blocks: [] });
  refused(third, 429, "limit_reached");
  assert.match(third.body.detail, /limits\.pages_per_app_max/);
  await app.api.put(at(app, "two"), { title: "y", blocks: [] });
});

test("only the scope manage, and only in its own app", async () => {
  const [app, other] = [await createApp(hub), await createApp(hub)];
  await app.api.put(at(app, "home"), { title: "x", blocks: [] });
  for (const [method, path, body] of [["GET", "/pages"], ["GET", "/pages/home"], ["PUT", "/pages/home", { title: "y", blocks: [] }], ["DELETE", "/pages/home"], ["POST", "/pages/home/check", { title: "y", blocks: [] }]]) {
    refused(await other.api.call(method, app.path + path, body), 404, "app_not_found");
    const { secret } = await hub.api.post(`${app.path}/secret-keys`, { name: "push", scopes: ["push"] });
    refused(await app.api.call(method, app.path + path, body, { authorization: `Bearer ${secret}` }), 403, "forbidden");
  }
});

test("the pages of the documentation can be saved", async () => {
  const text = await readFile(join(root, "docs/pages.md"), "utf8");
  const written = [...text.matchAll(/```json\n(.*?)```/gs)].map(([, json]) => JSON.parse(json));
  const documents = written.map((value) => (value.blocks ? value : value.type && !value.trigger ? { title: "x", blocks: [value] } : undefined)).filter(Boolean);
  assert.ok(documents.length > 8, `${documents.length}`);
  const kinds = new Set(documents.flatMap(({ blocks }) => blocks.map(({ type }) => type)));
  assert.deepEqual([...kinds].sort(), ["cards", "chart", "chat", "form", "html", "table", "text"]);
  const roomy = await startHub();
  try {
    const { path, api } = await createApp(roomy);
    for (const document of documents) await api.post(`${path}/pages/home/check`, document);
  } finally {
    await roomy.stop();
  }
});
