// The front end in push-react/, built and in a real browser: logs in, sees pushes and logs out; from its own origin
// through a proxy that adds the app's key, and from a foreign origin, with both versions of the published client.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build, preview } from "vite";
import { root } from "../bridge/support.mjs";
import { CHEAP_PASSWORDS, createApp, startHub, until } from "../push/support.mjs";
import { launch, openPage } from "./support.mjs";

const PASSWORD = "the password of testUser";
const folder = await mkdtemp(join(tmpdir(), "campanile-react-"));

let hub, browser, app;
before(async () => {
  browser = await launch();
  hub = await startHub({ config: `shards = 3\n${CHEAP_PASSWORDS}` });
  app = await createApp(hub);
  await app.user("testUser", { role: "editor", password: PASSWORD });
});
after(async () => {
  await Promise.all([hub?.stop(), browser?.close()]);
  await rm(folder, { recursive: true, force: true });
});

/** What proxies in front of such pages do: they hide the hub and add the app's key to calls. */
const proxy = () => ({
  "/good/api": {
    target: hub.url,
    changeOrigin: true,
    rewrite: (path) => `${path}${path.includes("?") ? "&" : "?"}appID=${app.key}`,
  },
  "/socket.io": { target: hub.url, changeOrigin: true, ws: true },
});

const appId = {
  name: "app-id",
  configurePreviewServer: (server) => {
    server.middlewares.use("/appid", (_, response) => response.end(JSON.stringify({ APP_ID: app.key })));
  },
};

/** Builds the page with this make of the client and serves it. */
async function site(t, make, proxied) {
  const shared = {
    root: join(root, "e2e/push-react"),
    configFile: false,
    logLevel: "error",
    resolve: { alias: { "directual-api": make } },
    build: { outDir: join(folder, make), emptyOutDir: true },
  };
  await build(shared);
  const server = await preview({ ...shared, plugins: [appId], preview: { port: 0, host: "127.0.0.1", proxy: proxied } });
  t.after(() => server.close());
  return `http://127.0.0.1:${server.httpServer.address().port}`;
}

async function logIn(page, user, password) {
  await page.locator("[name=user]").fill(user);
  await page.locator("[name=password]").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

/** Plays the scene once, on a page that is open. */
async function play(page) {
  await logIn(page, "testUser", "wrong");
  await page.locator("#failure", { hasText: "User or password incorrect" }).waitFor();
  await logIn(page, "testUser", PASSWORD);
  await page.locator("#user", { hasText: "testUser (editor)" }).waitFor();
  await page.locator("#state", { hasText: /^connected$/ }).waitFor();

  assert.equal((await app.push("testUser", "message", "Hello 🔔 <b>you</b>")).delivered, 1);
  await page.locator("#message", { hasText: "Hello 🔔 <b>you</b>" }).waitFor();
  await app.push("*", "refresh");
  await page.locator("#events li", { hasText: 'refresh: ""' }).waitFor();

  await page.reload();
  await page.locator("#user", { hasText: "testUser (editor)" }).waitFor();
  await page.locator("#state", { hasText: /^connected$/ }).waitFor();
  await app.push("testUser", "message", "after a reload");
  await page.locator("#message", { hasText: "after a reload" }).waitFor();

  await page.getByRole("button", { name: "Log out" }).click();
  await page.locator("[name=password]").waitFor();
  await until("nobody online", async () => !(await hub.api.get(`${app.path}/users/testUser`)).online);
  await page.reload();
  await page.locator("[name=password]").waitFor();
}

/** Browsers report the answer to a wrong password, which has to be an error, on the console. */
const unexpected = (page) => page.errors.filter((text) => !/400 \(Bad Request\)/.test(text));

test("a page behind a proxy of its own origin", async (t) => {
  const url = await site(t, "directual-api", proxy());
  const page = await openPage(t, browser, url);
  await play(page);
  assert.deepEqual(unexpected(page), []);
});

for (const make of ["directual-api", "directual140"]) {
  test(`a page of a foreign origin, with ${make}`, async (t) => {
    const url = await site(t, make);
    const page = await openPage(t, browser, `${url}/?${new URLSearchParams({ hub: hub.url, app: app.key })}`);
    await play(page);
    assert.deepEqual(unexpected(page), []);
  });
}

test("a page whose session is revoked is told so", async (t) => {
  const url = await site(t, "directual-api");
  const page = await openPage(t, browser, `${url}/?${new URLSearchParams({ hub: hub.url, app: app.key })}`);
  await logIn(page, "testUser", PASSWORD);
  await page.locator("#state", { hasText: /^connected$/ }).waitFor();
  await hub.api.delete(`${app.path}/users/testUser/sessions`);
  await page.locator("#events li", { hasText: "session_revoked" }).waitFor();
  await page.locator("#state", { hasText: "io server disconnect" }).waitFor();
});
