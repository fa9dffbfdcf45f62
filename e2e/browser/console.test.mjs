// The console, in a browser against a real hub: what one does in it happens, with the keyboard too; and every view that
// its navigation leads to is accessible by day and by night, fits a telephone, and is free of errors.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connect as connectPeer } from "../bridge/peers.mjs";
import { apiOf, closed, connect, createApp, passwordOf, startHub, until } from "../push/support.mjs";
import { findings } from "./access.mjs";
import { button, dialog, openConsole, tabTo } from "./console.mjs";
import { launch, openPage, startPythonProvider } from "./support.mjs";

const FIRST_LOAD_GZIP_BYTES_MAX = 250_000;

let hub, browser, password;
before(async () => {
  [hub, browser] = await Promise.all([startHub(), launch()]);
  password = passwordOf(hub);
});
after(() => Promise.all([hub?.stop(), browser?.close()]));

const open = (t, path, look) => openConsole(t, { hub, browser, password }, path, look);

/** What a browser says of an answer that has to be a refusal. */
const unexpected = (page) => page.errors.filter((text) => !/Failed to load resource.* (401|404|409) /.test(text));

test("lets in who knows the password, to where they wanted", async (t) => {
  const page = await openPage(t, browser, `${hub.url}/console/apps/public/users`);
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await button(page, "Log in").click();
  const refused = page.getByRole("alert");
  await refused.filter({ hasText: "credentials_wrong" }).filter({ hasText: "Check the name and the password" }).waitFor();
  await page.getByLabel("Password", { exact: true }).fill(password);
  await button(page, "Log in").click();
  await page.getByRole("heading", { level: 1, name: "Users" }).waitFor();

  await page.goto(`${hub.url}/console/settings`);
  await button(page, "Log out").click();
  await button(page, "Log in").waitFor();
  await page.reload();
  await button(page, "Log in").waitFor();
  assert.deepEqual(unexpected(page), []);
});

test("shows the login when the session ends meanwhile", async (t) => {
  const page = await open(t, "/audit");
  const { csrf_token } = await (await page.request.get(`${hub.url}/api/v1/admin/me`)).json();
  await page.request.post(`${hub.url}/api/v1/admin/logout`, { headers: { "X-CSRF-Token": csrf_token } });
  await page.getByRole("link", { name: "Apps", exact: true }).click();
  await button(page, "Log in").waitFor();
  assert.deepEqual(unexpected(page), []);
});

test("loads no more than its budget, and nothing from elsewhere", async (t) => {
  const page = await open(t, "/settings");
  const sizes = [];
  const elsewhere = [];
  page.on("request", (request) => request.url().startsWith(hub.url) || elsewhere.push(request.url()));
  page.on("response", (response) => /\.(js|css)$/.test(response.url()) && sizes.push(Number(response.headers()["content-length"])));
  await page.context().clearCookies();
  await page.request.post(`${hub.url}/api/v1/admin/login`, { data: { name: "admin", password } });
  // Without what the settings have put into the browser's cache.
  const session = await page.context().newCDPSession(page);
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  await page.goto(`${hub.url}/console`);
  await page.getByText("Requests to providers").waitFor();
  const gzip_bytes = sizes.reduce((sum, size) => sum + size, 0);
  t.diagnostic(`first load: ${gzip_bytes} bytes in ${sizes.length} files`);
  assert.ok(sizes.length > 2 && gzip_bytes > 50_000, `${sizes}`);
  assert.ok(gzip_bytes <= FIRST_LOAD_GZIP_BYTES_MAX, `${gzip_bytes} bytes`);
  assert.deepEqual(elsewhere, []);
});

test("asks for what moves every two seconds, and not while nobody looks", async (t) => {
  const page = await openPage(t, browser, "about:blank");
  await page.request.post(`${hub.url}/api/v1/admin/login`, { data: { name: "admin", password } });
  await page.clock.install();
  let asked = 0;
  page.on("response", (response) => response.url().endsWith("/stats") && asked++);
  await page.goto(`${hub.url}/console`);
  await page.getByText("Requests to providers").waitFor();
  await until("the first answer", () => asked === 1);
  await page.getByText("Version ").waitFor();
  await page.clock.runFor(1_900);
  assert.equal(asked, 1);
  await page.clock.runFor(200);
  await until("the second answer", () => asked === 2);

  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.clock.runFor(20_000);
  await page.evaluate(() => {
    delete document.visibilityState;
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await until("an answer to who looks again", () => asked === 3);
});

test("a view that can't be loaded says so, and the others stay", async (t) => {
  const page = await open(t, "/apps");
  await page.route(/assets\/Audit-.*\.js/, (route) => route.abort());
  await page.getByRole("link", { name: "Audit log" }).click();
  await button(page, "Reload the page").waitFor();
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
  await page.unroute(/assets\/Audit-.*\.js/);
  await page.getByRole("link", { name: "Audit log" }).click();
  await button(page, "Reload the page").click();
  await page.getByRole("heading", { level: 1, name: "Audit log" }).waitFor();
});

test("the first minute: an app, a key, a socket, and it rings", async (t) => {
  const page = await open(t, "/apps");
  await button(page, "Create an app").first().click();
  await page.getByLabel("Name").fill("My Shop");
  await button(page, "Create").click();
  await page.getByRole("heading", { level: 1, name: "First minute" }).waitFor();
  await button(page, "Create a key").click();
  const { items } = await hub.api.get("/apps/my-shop/keys");
  await page.locator("pre", { hasText: `app_id: "${items[0].key}"` }).filter({ hasText: hub.url }).waitFor();
  assert.ok(await button(page, "Ring").isDisabled());

  await button(page, "Connect this page").click();
  await page.getByTestId("sockets").filter({ hasText: "this page" }).waitFor();
  const other = await connect(t, hub, { app_id: items[0].key });
  await page.getByTestId("sockets").getByRole("listitem").nth(1).waitFor();
  await page.getByLabel("Message").fill("Ding dong, <b>it works</b>");
  await button(page, "Ring").click();
  await page.getByTestId("toasts").getByText("Ding dong, <b>it works</b>").waitFor();
  await page.getByText("It was handed to 2 sockets, and this page heard it.").waitFor();
  await until("the alert at the other one", () => other.arrivals.length);
  assert.deepEqual(other.arrivals, [["alert", "Ding dong, <b>it works</b>"]]);
  assert.equal(await page.locator("ol > li", { hasText: "(done)" }).count(), 3);

  await button(page, "Disconnect this page").click();
  await button(page, "… as the user demo").click();
  await page.getByTestId("sockets").filter({ hasText: "demo" }).waitFor();
  assert.ok((await hub.api.get("/apps/my-shop/users/demo")).online);
  await page.getByRole("link", { name: "Push", exact: true }).click();
  await until("the end of the session", async () => (await hub.api.get("/apps/my-shop/sessions")).items.length === 0);
  assert.deepEqual(unexpected(page), []);
});

test("keys that are made in it work, until they are revoked", async (t) => {
  const app = await createApp(hub);
  const page = await open(t, `/apps/${app.id}/manage/keys`);
  await button(page, "Create a key").click();
  await page.getByLabel("Name").fill("kiosk");
  await button(page, "Create").click();
  await page.getByRole("row", { name: /kiosk/ }).waitFor();
  const { items } = await hub.api.get(`${app.path}/keys`);
  await connect(t, hub, { app_id: items.find(({ name }) => name === "kiosk").key });

  await page.getByRole("link", { name: "Secret keys" }).click();
  await button(page, "Create a secret key").click();
  await page.getByLabel("Name").fill("nightly job");
  await button(page, "Create").click();
  const secret = await page.getByTestId("secret").textContent();
  await button(page, "I have it").click();
  const backend = apiOf(hub.url, { authorization: `Bearer ${secret}` });
  assert.equal((await backend.post(`${app.path}/push`, { user_id: "*", event_name: "tick" })).duplicate, false);
  assert.equal(await page.getByText(secret).count(), 0);

  await button(page, "Revoke nightly job").click();
  await button(page, "Revoke").click();
  await page.getByRole("row", { name: /nightly job.*revoked/ }).waitFor();
  assert.equal((await backend.call("POST", `${app.path}/push`, { user_id: "*", event_name: "tick" })).status, 401);
  assert.deepEqual(unexpected(page), []);
});

test("settings of an app count for whoever connects, and deleting it asks for its id", async (t) => {
  const app = await createApp(hub);
  const page = await open(t, `/apps/${app.id}/manage`);
  await page.getByRole("radiogroup", { name: "Sockets without a session" }).getByText("deny").click();
  await button(page, "Save").click();
  await page.getByText("The settings are saved.").waitFor();
  await assert.rejects(connect(t, hub, { app_id: app.key }), { code: "anonymous_denied" });

  await button(page, "Delete the app").click();
  const confirm = dialog(page).getByRole("button", { name: "Delete the app" });
  assert.ok(await confirm.isDisabled());
  await page.getByLabel(`Type ${app.id} to go on`).fill(app.id);
  await confirm.click();
  await page.getByRole("heading", { level: 1, name: "Apps" }).waitFor();
  assert.equal((await hub.api.call("GET", app.path)).status, 404);
  assert.deepEqual(unexpected(page), []);
});

test("a push arrives at whom it is for, as it was composed", async (t) => {
  const app = await createApp(hub);
  const [anna, ben] = await Promise.all(["anna", "ben"].map((id) => app.user(id, { role: "customer" })));
  const [annas, bens] = await Promise.all([anna, ben].map((session_id) => connect(t, hub, { app_id: app.key, session_id })));
  const page = await open(t, `/apps/${app.id}/push`);

  await page.getByText("Users", { exact: true }).last().click();
  await page.getByRole("combobox", { name: "User ids" }).fill("anna");
  await page.keyboard.press("Enter");
  await page.getByText("With options").click();
  await page.getByLabel("Message", { exact: true }).fill("Your taxi waits");
  await page.getByLabel("Only on these pages").fill("trips");
  await page.getByTestId("preview").getByText("Your taxi waits").waitFor();
  await page.getByTestId("preview").getByText("Only on trips").waitFor();
  await button(page, "Push").click();
  await page.getByTestId("receipt").filter({ hasText: "Handed to 1 socket." }).waitFor();
  await until("the alert", () => annas.arrivals.length);
  const [name, message] = annas.arrivals[0];
  assert.deepEqual([name, JSON.parse(message)], ["alert", { message: "Your taxi waits", page: "trips", parameters: { position: "top-center" } }]);
  await page.getByRole("row", { name: /alert.*Your taxi waits.*anna/ }).waitFor();

  await page.getByText("A role", { exact: true }).click();
  await page.getByRole("textbox", { name: "Role" }).fill("customer");
  await page.getByText("Custom", { exact: true }).click();
  await page.getByText("JSON", { exact: true }).click();
  await page.getByLabel("Event name").fill("position");
  await page.getByLabel("Message").fill('{"lat": 48.1');
  await page.getByText(/JSON at position/).waitFor();
  await page.getByLabel("Message").fill('{"lat": 48.1}');
  await button(page, "Push").click();
  await page.getByTestId("receipt").filter({ hasText: "Handed to 2 sockets." }).waitFor();
  await until("the event", () => bens.arrivals.length);
  assert.deepEqual(bens.arrivals, [["position", { lat: 48.1 }]]);
  assert.deepEqual(unexpected(page), []);
});

test("the preview shows what pages do with the well-known events", async (t) => {
  const page = await open(t, "/apps/public/push");
  const preview = page.getByTestId("preview");
  await page.getByText("Card", { exact: true }).click();
  await page.getByLabel("Title").fill("Paid");
  await preview.getByText("Paid").waitFor();
  await page.getByText("Redirect", { exact: true }).click();
  for (const [target, shown] of [
    ["../", "shop.example/orders"],
    ["../../cart", "shop.example/cart"],
    ["./thanks", "shop.example/orders/7/thanks"],
    ["/home", "shop.example/home"],
    ["<=", "the page before"],
    ["https://example.org/x", "example.org/x"],
    ["javascript:alert(1)", "Only http, https and relative targets are followed."],
  ]) {
    await page.getByLabel("Target").fill(target);
    assert.match(await preview.locator("strong").textContent(), new RegExp(`(^|→ )${shown.replaceAll(".", "\\.")}$`), target);
  }
  assert.deepEqual(unexpected(page), []);
});

test("shows who is online, and ends it", async (t) => {
  const app = await createApp(hub);
  const page = await open(t, `/apps/${app.id}/users`);
  await button(page, "Create a user").first().click();
  await page.getByRole("textbox", { name: "Id", exact: true }).fill("clara");
  await dialog(page).getByLabel("Role").fill("editor");
  await button(page, "Create").click();
  await dialog(page).getByRole("heading", { name: "clara" }).waitFor();

  const { token } = await app.session("clara");
  const socket = await connect(t, hub, { app_id: app.key, session_id: token });
  await dialog(page).getByText("online", { exact: true }).waitFor();
  await dialog(page).getByRole("row", { name: new RegExp(socket.id) }).waitFor();
  await button(page, "End all sessions").click();
  await button(page, "End the sessions").click();
  assert.equal((await closed(socket)).code, "session_revoked");
  await dialog(page).getByText("offline", { exact: true }).waitFor();

  await button(page, "Close").click();
  const anonymous = await connect(t, hub, { app_id: app.key });
  await page.getByRole("link", { name: "Sockets" }).click();
  await button(page, `Disconnect ${anonymous.id}`).click();
  assert.equal((await closed(anonymous)).code, "disconnected_by_operator");
  await page.getByText("Nobody is connected").waitFor();
  assert.deepEqual(unexpected(page), []);
});

test("finds who is online among all users", async (t) => {
  const app = await createApp(hub);
  const sessions = await Promise.all(["anna", "arne", "ben"].map((id) => app.user(id, { role: id === "ben" ? "cook" : "guest" })));
  const annas = await connect(t, hub, { app_id: app.key, session_id: sessions[0] });
  await connect(t, hub, { app_id: app.key, session_id: sessions[2] });
  const page = await open(t, `/apps/${app.id}/users`);
  const shown = (...ids) => until(`${ids}`, async () => `${await page.getByRole("table").getByRole("link").allTextContents()}` === `${ids}`);
  await shown("anna", "arne", "ben");
  await page.getByRole("switch", { name: "Online" }).press("Space");
  await shown("anna", "ben");
  await page.getByLabel("Role").fill("guest");
  await shown("anna");
  annas.disconnect();
  await page.getByText("Nobody is found").waitFor();
  assert.deepEqual(unexpected(page), []);
});

test("settings of a plugin are written, and refused if they are no object", async (t) => {
  const app = await createApp(hub);
  const page = await open(t, `/apps/${app.id}/manage/plugins`);
  await button(page, "Install bridge").click();
  await button(page, "Settings of bridge").click();
  const settings = dialog(page).getByLabel("Settings", { exact: true });
  assert.equal(await settings.inputValue(), "{}");
  await settings.fill("[1]");
  await button(page, "Save").click();
  await dialog(page).getByRole("alert").filter({ hasText: "invalid_payload" }).waitFor();
  await settings.fill('{"line": 7}');
  await button(page, "Save").click();
  await page.getByText("The settings of bridge are saved.").waitFor();
  const { items } = await hub.api.get(`${app.path}/plugins`);
  assert.deepEqual(items.map(({ name, settings }) => [name, settings]), [["bridge", { line: 7 }], ["socket.io", {}]]);
  await button(page, "Settings of bridge").click();
  assert.deepEqual(JSON.parse(await settings.inputValue()), { line: 7 });
  assert.deepEqual(page.errors.filter((text) => !/Failed to load resource.* 400 /.test(text)), []);
});

test("asks a real provider, and speaks in its name", async (t) => {
  await startPythonProvider(t, hub, "CONSOLE");
  const follower = await connectPeer(t, hub);
  await follower.ask("register_client", { master_provider_id: "CONSOLE" });
  const page = await open(t, "/apps/public/providers");
  await page.getByRole("button", { name: /CONSOLE.*1 follower/ }).click();
  await page.getByRole("textbox", { name: "Command" }).fill("double_me");
  await page.getByLabel("Data", { exact: true }).fill("21");
  await button(page, "Send the request").click();
  await page.getByTestId("exchanges").getByText('"result": 42').waitFor();

  await page.getByText("Broadcast in its name").click();
  await page.getByText("Whole payload").click();
  await page.getByRole("textbox", { name: "Payload" }).fill('{"cmd": "hello", "data": 12345678901234567890}');
  await button(page, "Broadcast").click();
  await page.getByTestId("exchanges").getByText("1 socket follows it.").waitFor();
  assert.equal((await follower.next("message_from_provider")).cmd, "hello");

  await page.goto(`${hub.url}/console/apps/public/providers?provider=NOBODY`);
  await page.getByRole("textbox", { name: "Command" }).fill("read");
  await button(page, "Send the request").click();
  await page.getByRole("alert").filter({ hasText: "provider_offline" }).filter({ hasText: "Start the provider" }).waitFor();
});

/** An app with a structure and objects of it. */
async function withOrders(count) {
  const app = await createApp(hub, {}, ["socket.io", "bridge"]);
  const fields = [["customer", "link"], ["total", "number"], ["status", "string"], ["paid", "boolean"], ["due", "date"], ["tags", "links"], ["extra", "json"]];
  const structure = `${app.path}/structures/orders`;
  await hub.api.put(structure, { title: "Orders", fields: fields.map(([name, type]) => ({ name, type })) });
  const objects = Array.from({ length: count }, (_, i) => ({ id: `o${i}`, customer: "anna", total: i, status: i % 2 ? "new" : "sent" }));
  await hub.api.post(`${structure}/objects`, objects);
  return { ...app, object: (id) => hub.api.get(`${structure}/objects/${id}`), objects: `${structure}/objects` };
}

const cell = (page, id, column) => page.getByRole("row", { name: new RegExp(`\\b${id}\\b`) }).getByRole("gridcell").nth(column);

test("makes a structure and its first object", async (t) => {
  const app = await createApp(hub);
  const page = await open(t, `/apps/${app.id}/data`);
  await button(page, "Create a structure").first().click();
  await page.getByLabel("Name").fill("vehicles");
  await button(page, "Create").click();
  for (const [index, [name, type]] of [["plate", "string"], ["speed", "number"]].entries()) {
    await button(page, "Add a field").click();
    await page.getByLabel("Name", { exact: true }).nth(index).fill(name);
    await page.getByLabel(`Type of ${name}`).selectOption(type);
  }
  await page.getByLabel("plate is required").check();
  await button(page, "Save the fields").click();
  await page.getByText("The fields are saved.").waitFor();

  await page.getByRole("link", { name: "Objects" }).click();
  await button(page, "New object").first().click();
  await page.getByLabel("speed").fill("fast");
  await button(page, "Create").click();
  await page.getByRole("alert").filter({ hasText: "“fast” isn't a number" }).waitFor();
  await page.getByLabel("speed").fill("88");
  await page.getByLabel("plate").fill("OUTATIME");
  await button(page, "Create").click();
  await page.getByRole("gridcell", { name: "OUTATIME" }).waitFor();
  const { items } = await hub.api.get(`${app.path}/structures/vehicles/objects`);
  assert.deepEqual(items.map(({ plate, speed }) => [plate, speed]), [["OUTATIME", 88]]);
  assert.deepEqual(unexpected(page), []);
});

test("the table of objects is edited, sorted, filtered and thinned out", async (t) => {
  const app = await withOrders(60);
  const page = await open(t, `/apps/${app.id}/data/orders`);
  await cell(page, "o2", 3).dblclick();
  await page.getByLabel("total").fill("99,5");
  await page.keyboard.press("Enter");
  await until("the change", async () => (await app.object("o2")).total === 99.5);
  await cell(page, "o2", 4).dblclick();
  await page.getByLabel("status").fill("lost");
  await page.keyboard.press("Escape");
  await cell(page, "o2", 4).getByText("sent").waitFor();

  await button(page, "total").click();
  await button(page, "total").click();
  await page.getByRole("columnheader", { name: "total" }).and(page.locator("[aria-sort=descending]")).waitFor();
  await page.getByRole("row").nth(1).getByText("99.5").waitFor();

  await button(page, "Filter").click();
  await page.getByLabel("Field").selectOption("status");
  await page.getByLabel("Value").fill("new");
  await button(page, "Apply").click();
  await page.getByTestId("total").filter({ hasText: "30 objects" }).waitFor();
  await page.getByText("status is new").waitFor();
  await button(page, "Filter").click();
  await button(page, "And another one").click();
  await page.getByLabel("Field").last().selectOption("paid");
  await page.getByLabel("Comparison", { exact: true }).last().selectOption("exists");
  await page.getByLabel("Value").last().selectOption("no");
  await button(page, "Apply").click();
  await page.getByText("status is new and paid has no value").waitFor();
  await page.getByTestId("total").filter({ hasText: "30 objects" }).waitFor();

  for (const id of ["o1", "o3"]) await page.getByLabel(`Choose ${id}`, { exact: true }).check();
  await button(page, "Delete 2 objects").click();
  await page.getByTestId("total").filter({ hasText: "28 objects" }).waitFor();
  await page.reload();
  await page.getByTestId("total").filter({ hasText: "28 objects" }).waitFor();
  await button(page, "Remove the filter").click();
  await page.getByTestId("total").filter({ hasText: "58 objects" }).waitFor();
  await button(page, "Next page").click();
  await page.getByRole("gridcell", { name: "o0", exact: true }).waitFor();
  assert.deepEqual(unexpected(page), []);
});

test("nobody's change is lost to somebody who looks at an older one", async (t) => {
  const app = await withOrders(1);
  const page = await open(t, `/apps/${app.id}/data/orders`);
  await cell(page, "o0", 4).dblclick();
  await hub.api.patch(`${app.objects}/o0`, { status: "paid", total: 7 });
  // The table has read it anew by now, which must not make the older one pass for it.
  await cell(page, "o0", 3).getByText("7").waitFor();
  await page.getByLabel("status").fill("lost");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").filter({ hasText: "version_conflict" }).filter({ hasText: "It was read anew" }).waitFor();
  await cell(page, "o0", 4).getByText("paid").waitFor();
  assert.equal((await app.object("o0")).status, "paid");
  assert.deepEqual(unexpected(page), []);
});

test("an endpoint that is made in it lets through what it says", async (t) => {
  const app = await withOrders(4);
  const page = await open(t, `/apps/${app.id}/data/orders/endpoints`);
  await button(page, "Create an endpoint").first().click();
  await page.getByLabel("Name").fill("new");
  await page.getByRole("combobox", { name: "Who may read" }).click();
  await page.getByRole("option", { name: "Anyone" }).click();
  await page.getByLabel("Filter").fill('{"status": "new"}');
  await button(page, "Create").click();
  await page.getByRole("row", { name: /new.*anyone.*nobody/ }).waitFor();
  const answer = await (await fetch(`${hub.url}/good/api/v5/data/orders/new?appID=${app.key}`)).json();
  assert.deepEqual(answer.payload.map(({ id }) => id), ["o1", "o3"]);
  assert.deepEqual(unexpected(page), []);
});

/** What a scenario of these tests does when the status of an order changes. */
const ORDER_READY = {
  id: "order-ready",
  name: "Order is ready",
  trigger: { type: "object_changed", structure: "orders", fields: ["status"] },
  filter: "status == 'ready'",
  steps: [
    { type: "if", condition: "total > 1", then: [{ type: "push", name: "ring", user_id: "{{customer}}", event_name: "alert", message: "Order {{id}} is ready" }] },
    { type: "edit", set: { paid: true } },
  ],
};

test("a scenario is written, mended, tried, runs, is turned off and deleted", async (t) => {
  const app = await withOrders(3);
  const socket = await connect(t, hub, { app_id: app.key, session_id: await app.user("anna") });
  const page = await open(t, `/apps/${app.id}/scenarios`);
  await page.getByRole("link", { name: "Write a scenario" }).first().click();
  const editor = page.getByRole("textbox", { name: "Document", exact: true });
  assert.equal(JSON.parse(await editor.inputValue()).trigger.structure, "orders");
  const card = (path) => page.getByTestId(path);

  const wrong = structuredClone(ORDER_READY);
  wrong.steps[0].then[0].message = "Order {{#id}}";
  await editor.fill(JSON.stringify(wrong, null, 2));
  await card("steps[0].then[0]").getByText("alert to {{customer}}: Order {{#id}}").waitFor();
  await button(page, "Save").click();
  await page.getByRole("alert").getByText("steps[0].then[0].message").waitFor();
  await card("steps[0].then[0]").getByText(/the section "id" isn't closed/).waitFor();
  assert.deepEqual((await hub.api.get(`${app.path}/scenarios`)).items, []);
  await editor.fill(JSON.stringify(ORDER_READY, null, 2));
  await editor.press("Control+s");
  await page.getByRole("heading", { level: 1, name: "Order is ready" }).waitFor();

  await page.getByLabel("Object", { exact: true }).fill('{"id": "o7", "status": "ready", "total": 5, "customer": "ben"}');
  await button(page, "Test").click();
  await page.getByRole("status").getByText("It would take 3 steps.").waitFor();
  await card("steps[0].then[0]").getByText('"user_id": "ben"').waitFor();
  await page.getByLabel("Object", { exact: true }).fill('{"id": "o7", "status": "new"}');
  await button(page, "Test").click();
  await page.getByText("the filter holds it back").waitFor();
  assert.equal((await hub.api.get(`${app.path}/runs`)).items.length, 0);

  await page.getByRole("link", { name: "Runs", exact: true }).click();
  await page.getByText("It hasn't run yet").waitFor();
  await hub.api.patch(`${app.objects}/o2`, { status: "ready" });
  await page.getByRole("row", { name: /done.*orders\/o2/ }).getByRole("link").click();
  const steps = dialog(page).getByRole("list", { name: "Steps of the run" }).getByRole("listitem");
  await steps.filter({ hasText: "Order o2 is ready" }).waitFor();
  assert.equal(await steps.count(), 3);
  assert.deepEqual(socket.arrivals, [["alert", "Order o2 is ready"]]);
  await button(page, "Close").click();
  await page.getByLabel("Object id").fill("o1");
  await button(page, "Run now").click();
  await until("the run", async () => (await app.object("o1")).paid);

  await page.getByRole("link", { name: "Scenarios", exact: true }).first().click();
  const enabled = page.getByRole("switch", { name: "order-ready is enabled" });
  await page.getByRole("row", { name: /order-ready.*orders changed: status.*done/ }).waitFor();
  await enabled.press("Space");
  await until("the end of it", async () => !(await hub.api.get(`${app.path}/scenarios/order-ready`)).enabled);
  await page.getByRole("link", { name: "order-ready", exact: true }).click();
  await page.getByText("not enabled").waitFor();
  await button(page, "Open version 1").click();
  assert.equal(JSON.parse(await editor.inputValue()).enabled, undefined);
  await button(page, "Delete the scenario").click();
  await button(page, "Delete").click();
  await page.getByText("No scenarios yet").waitFor();
  assert.deepEqual((await hub.api.get(`${app.path}/scenarios`)).items, []);
  assert.deepEqual(page.errors.filter((text) => !/Failed to load resource.* (400|404) /.test(text)), []);
});

test("text that isn't saved is left only by who says so", async (t) => {
  const app = await withOrders(1);
  await hub.api.put(`${app.path}/scenarios/order-ready`, ORDER_READY);
  const page = await open(t, `/apps/${app.id}/scenarios`);
  await page.getByRole("link", { name: "order-ready", exact: true }).click();
  const editor = page.getByRole("textbox", { name: "Document", exact: true });
  const enabled = page.getByRole("switch", { name: "Enabled" });
  assert.ok(await enabled.isEnabled());
  const changed = JSON.stringify({ ...ORDER_READY, name: "Changed" });
  await editor.fill(changed);
  assert.ok(!(await enabled.isEnabled()), "turning it on or off would be undone by saving");

  // Its own parts keep the text.
  await page.getByRole("link", { name: "Runs", exact: true }).click();
  await page.getByText("It hasn't run yet").waitFor();
  await page.getByRole("link", { name: "Document", exact: true }).click();
  assert.equal(await editor.inputValue(), changed);

  const question = dialog(page).filter({ hasText: "Leave without saving" });
  await page.getByRole("link", { name: "Users", exact: true }).click();
  await question.getByRole("button", { name: "Cancel" }).click();
  await question.waitFor({ state: "hidden" });
  const back = () => page.evaluate(() => history.back());
  await back();
  await page.getByText("It hasn't run yet").waitFor();
  await back();
  await editor.waitFor();
  await back();
  await question.getByRole("button", { name: "Cancel" }).click();
  await question.waitFor({ state: "hidden" });
  assert.equal(await editor.inputValue(), changed);
  const asked = page.waitForEvent("dialog");
  const reloading = page.reload().catch(() => {});
  const closing = await asked;
  assert.equal(closing.type(), "beforeunload");
  await closing.dismiss();
  await Promise.race([reloading, editor.waitFor()]);
  assert.equal(await editor.inputValue(), changed);

  await page.getByRole("link", { name: "Users", exact: true }).click();
  await question.getByRole("button", { name: "Leave" }).click();
  await page.getByRole("heading", { level: 1, name: "Users" }).waitFor();
  assert.equal((await hub.api.get(`${app.path}/scenarios/order-ready`)).version, 1);
  await page.goto(`${hub.url}/console/apps/${app.id}/scenarios/order-ready`);
  await editor.fill(changed);
  await editor.press("Control+s");
  await page.getByRole("heading", { level: 1, name: "Changed" }).waitFor();
  await enabled.press("Space");
  await until("the end of it", async () => !(await hub.api.get(`${app.path}/scenarios/order-ready`)).enabled);
  await page.getByText("not enabled").waitFor();
  await page.getByRole("link", { name: "Users", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Users" }).waitFor();
  assert.deepEqual(unexpected(page), []);
});

test("a new scenario doesn't replace another one unasked", async (t) => {
  const app = await withOrders(1);
  await hub.api.put(`${app.path}/scenarios/order-ready`, ORDER_READY);
  const page = await open(t, `/apps/${app.id}/scenarios?create`);
  const editor = page.getByRole("textbox", { name: "Document", exact: true });
  await editor.fill(JSON.stringify({ ...ORDER_READY, name: "Another" }));
  await button(page, "Save").click();
  await dialog(page).getByText("There is a scenario with this id already").waitFor();
  await button(page, "Cancel").click();
  assert.equal((await hub.api.get(`${app.path}/scenarios/order-ready`)).document.name, "Order is ready");
  await button(page, "Save").click();
  await button(page, "Replace").click();
  await page.getByRole("heading", { level: 1, name: "Another" }).waitFor();
  assert.equal((await hub.api.get(`${app.path}/scenarios/order-ready`)).version, 2);
  assert.deepEqual(unexpected(page), []);
});

test("a test run takes linked objects and a time", async (t) => {
  const app = await withOrders(1);
  const page = await open(t, `/apps/${app.id}/scenarios?create`);
  const steps = [{ type: "log", message: "{{customer.name}} at {{now}}" }];
  await page.getByRole("textbox", { name: "Document", exact: true }).fill(JSON.stringify({ ...ORDER_READY, filter: undefined, steps }));
  await page.getByLabel("Linked objects").fill('{"customer": {"id": "anna", "name": "Anna of Brig"}}');
  await page.getByLabel("Time", { exact: true }).fill("1999-12-31T12:00:00");
  await button(page, "Test").click();
  await page.getByTestId("steps[0]").getByText(/Anna of Brig at 1999-12-31T/).waitFor();
  assert.deepEqual(unexpected(page), []);
});

test("a run that waits is cancelled, and a webhook shows its address", async (t) => {
  const app = await createApp(hub);
  const page = await open(t, `/apps/${app.id}/scenarios?create`);
  const later = { id: "later", trigger: { type: "webhook" }, steps: [{ type: "wait", for_s: 86_400 }, { type: "create", structure: "nowhere" }] };
  await page.getByRole("textbox", { name: "Document", exact: true }).fill(JSON.stringify(later));
  await button(page, "Save").click();
  await page.getByRole("heading", { level: 1, name: "later" }).waitFor();
  await page.getByRole("status").filter({ hasText: "It is saved, and looks wrong here" }).filter({ hasText: "nowhere" }).waitFor();
  const address = await page.getByText(`${hub.url}/hooks/`).textContent();
  const { run } = await (await fetch(address, { method: "POST" })).json();
  await page.getByRole("link", { name: "Runs", exact: true }).click();
  await page.getByLabel("Status", { exact: true }).selectOption("waiting");
  await page.getByRole("link", { name: String(run), exact: true }).click();
  await button(page, "Cancel the run").click();
  await dialog(page).locator("span", { hasText: /^cancelled$/ }).waitFor();
  assert.equal((await hub.api.get(`${app.path}/runs/${run}`)).status, "cancelled");
  assert.deepEqual(unexpected(page), []);
});

/** Opens the palette, and waits until it takes what is typed. */
async function openPalette(page) {
  await page.keyboard.press("Control+k");
  await page.locator("[role=combobox]:focus").waitFor();
}

test("all of it goes without a mouse", async (t) => {
  const app = await withOrders(3);
  const page = await openPage(t, browser, `${hub.url}/console`);
  await button(page, "Log in").waitFor();
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();

  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.id === "main");

  await openPalette(page);
  await page.keyboard.type(app.id);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "First minute" }).waitFor();
  await tabTo(page, button(page, "Connect this page"));
  await page.keyboard.press("Enter");
  await page.getByTestId("sockets").filter({ hasText: "this page" }).waitFor();
  await tabTo(page, page.getByLabel("Message"));
  await page.keyboard.press("Enter");
  await page.getByTestId("toasts").getByText("Ding dong").waitFor();

  await openPalette(page);
  await page.keyboard.type("user");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Users" }).waitFor();
  await tabTo(page, button(page, "Create a user").first());
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: "Id", exact: true }).waitFor();
  await page.keyboard.type("dora");
  await page.keyboard.press("Enter");
  await dialog(page).getByRole("heading", { name: "dora" }).waitFor();
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "hidden" });

  await openPalette(page);
  await page.keyboard.type("data");
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("link", { name: "orders" }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("gridcell", { name: "o0", exact: true }));
  await page.keyboard.press("ArrowDown");
  for (let column = 0; column < 3; column++) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.getByLabel("status").waitFor();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("by hand");
  await page.keyboard.press("Enter");
  await until("the change", async () => (await app.object("o1")).status === "by hand");
  await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "gridcell");
  assert.deepEqual(unexpected(page), []);
});

/** Addresses of every view, as the navigation has them, and of parts that it doesn't lead to. */
async function addresses(page, app, run) {
  await page.getByRole("link", { name: "App settings" }).waitFor();
  const inNavigation = await page.getByRole("navigation", { name: "Views" }).getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  assert.ok(inNavigation.length >= 10, `${inNavigation}`);
  const parts = ["users/sessions", "users/sockets", "users?user=anna", "data/orders", "data/orders/fields", "data/orders/endpoints", "scenarios?create", "scenarios/order-ready", "pages?create", "pages/orders", `scenarios/order-ready/runs?run=${run}`, "manage/keys", "manage/secret-keys", "manage/plugins"];
  return [...inNavigation, ...parts.map((part) => `/console/apps/${app.id}/${part}`), "/console/apps/public/providers", "/console/apps?create", "/console/no/such/view"];
}

/** The view is there, with what it had to read. */
async function settled(page) {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForFunction(() => !document.querySelector("[role=progressbar], .mantine-Skeleton-root"));
}

for (const scheme of ["light", "dark"]) {
  test(`every view is accessible, fits a telephone and has no errors (${scheme})`, async (t) => {
    const app = await withOrders(30);
    await startPythonProvider(t, hub, `VIEWS-${scheme}`);
    await connect(t, hub, { app_id: app.key, session_id: await app.user("anna", { role: "editor" }) });
    await hub.api.put(`${app.path}/endpoints/orders/open`, { read: { roles: ["editor"] }, filter: { customer: "{{WebUser.id}}" } });
    await app.push("*", "alert", "Your order is ready");
    await hub.api.put(`${app.path}/pages/orders`, { title: "Orders", blocks: [{ type: "text", text: "Hello" }] });
    await hub.api.put(`${app.path}/scenarios/order-ready`, ORDER_READY);
    const { run } = await hub.api.post(`${app.path}/scenarios/order-ready/run`, { object_id: "o1" });
    const page = await open(t, `/apps/${app.id}/push`, { scheme });
    for (const address of await addresses(page, app, run)) {
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(hub.url + address);
      await settled(page);
      assert.deepEqual(await findings(page), [], address);
      await page.setViewportSize({ width: 360, height: 740 });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 360, `${address} is ${width} pixels wide`);
    }
    await button(page, "Menu").click();
    await dialog(page).getByRole("link", { name: "Audit log" }).waitFor();
    assert.deepEqual(await findings(page), [], "the menu");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor();
    assert.deepEqual(await findings(page), [], "the palette");
    assert.deepEqual(page.errors, []);
  });
}

test("the login is accessible by day and by night", async (t) => {
  const page = await openPage(t, browser, `${hub.url}/console`);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await button(page, "Log in").waitFor();
    assert.deepEqual(await findings(page), [], colorScheme);
  }
});

test("the theme that was chosen stays", async (t) => {
  const page = await open(t, "/settings");
  const scheme = () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
  await page.getByText("Dark", { exact: true }).click();
  await until("the dark theme", async () => (await scheme()) === "dark");
  await page.reload();
  await page.getByRole("heading", { level: 1 }).waitFor();
  assert.equal(await scheme(), "dark");
});

test("a new password ends the session, and is the one to log in with", async (t) => {
  const page = await open(t, "/settings");
  await page.getByLabel("Present password").fill(password);
  await page.getByLabel("New password").fill("a longer password");
  await button(page, "Change the password").click();
  await button(page, "Log in").waitFor();
  await page.getByLabel("Password", { exact: true }).fill("a longer password");
  password = "a longer password";
  await button(page, "Log in").click();
  await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
  assert.deepEqual(unexpected(page), []);
});
