// Takes the pictures in docs/screenshots: a hub of its own with an app that is alive, and the console in a browser.
// `node e2e/screenshots.mjs`, or with names of pictures to take only those. Looks are judged by people, not here.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { launch } from "./browser/support.mjs";
import { connect as connectPeer } from "./bridge/peers.mjs";
import { root } from "./bridge/support.mjs";
import { connect, passwordOf, startHub, until } from "./push/support.mjs";

const FOLDER = join(root, "docs/screenshots");
const ALIVE_MS = 100_000;
const ARROWS_MS = 1_000;
const SIZES = { wide: { width: 1280, height: 800 }, tall: { width: 1280, height: 1100 }, narrow: { width: 390, height: 780 } };

/** What ends when the pictures are taken, last first. */
const endings = [];
const t = { after: (end) => endings.unshift(end) };

const wanted = process.argv.slice(2);
const hub = await startHub();
t.after(() => hub.stop());
const browser = await launch();
t.after(() => browser.close());

/** An app with keys, users, pushes and data, some of them older than others. */
async function furnish() {
  const path = "/apps/shop";
  await hub.api.post("/apps", { id: "shop", name: "Corner shop" });
  await hub.api.post("/apps", { id: "fleet", name: "Delivery fleet", settings: { bridge: "locked", anonymous: "deny" } });
  const { key } = await hub.api.post(`${path}/keys`, { name: "web shop" });
  await hub.api.post(`${path}/keys`, { name: "kiosk at the door" });
  await hub.api.post(`${path}/secret-keys`, { name: "order service", scopes: ["push"] });
  const users = ["till-1", "till-2", "kitchen", "courier-7", "courier-9", "guest-2041", "guest-2077", "manager"];
  const tokens = [];
  for (const id of users) {
    const role = id.replace(/-\d+$/, "");
    await hub.api.post(`${path}/users`, { id, role, password: "correct horse", profile: { language: id.startsWith("guest") ? "fr" : "en" } });
    tokens.push((await hub.api.post(`${path}/sessions`, { user_id: id })).token);
  }
  await hub.api.put(`${path}/structures/orders`, {
    title: "Orders",
    fields: [
      { name: "customer", type: "link", structure: "WebUser" },
      { name: "total", type: "number", required: true },
      { name: "status", type: "string" },
      { name: "paid", type: "boolean" },
      { name: "due", type: "date" },
      { name: "items", type: "links", structure: "articles" },
    ],
  });
  await hub.api.put(`${path}/structures/articles`, { title: "Articles", fields: [{ name: "price", type: "number" }, { name: "stock", type: "number" }] });
  const articles = ["espresso", "croissant", "baguette", "quiche", "lemonade"];
  await hub.api.post(`${path}/structures/articles/objects`, articles.map((id, i) => ({ id, price: 1.8 + i, stock: 12 * i })));
  await hub.api.post(`${path}/structures/orders/objects`, Array.from({ length: 86 }, (_, i) => order(i, articles)));
  await hub.api.put(`${path}/endpoints/orders/mine`, { read: "owner", write: "owner", fields: ["total", "status"] });
  await hub.api.put(`${path}/endpoints/orders/open`, { read: { roles: ["kitchen", "manager"] }, filter: { status: { ne: "delivered" } }, page_size: 50 });
  await hub.api.put(`${path}/endpoints/articles/all`, { read: "anyone" });
  await hub.api.put(`${path}/pages/menu`, PAGE);
  await hub.api.put(`${path}/scenarios/${SCENARIO.id}`, SCENARIO);
  await hub.api.put(`${path}/scenarios/closing-time`, { id: "closing-time", name: "Closing time", time_zone: "Europe/Paris", trigger: { type: "schedule", daily: "19:50" }, steps: [{ type: "push", user_id: "*", event_name: "alert", message: "We close in ten minutes" }] });
  await hub.api.put(`${path}/scenarios/supplier`, { id: "supplier", name: "Delivery from the supplier", enabled: false, trigger: { type: "webhook" }, steps: [{ type: "push", role: "kitchen", event_name: "alert", message: "{{HttpRequest.body.what}} is here" }] });
  await hub.api.post(`${path}/scenarios/${SCENARIO.id}/run`, { object_id: "order-2143" });
  return { path, key, tokens, articles };
}

const SCENARIO = {
  id: "order-ready",
  name: "Order is ready",
  trigger: { type: "object_changed", structure: "orders", fields: ["status"] },
  filter: "status == 'ready'",
  steps: [
    { type: "push", name: "ring", user_id: "{{customer}}", event_name: "alert", message: "Order {{id}} is ready" },
    {
      type: "if",
      condition: "total > 20",
      then: [{ type: "push", role: "courier", event_name: "alert", message: "{{id}} is a large one" }],
      else: [{ type: "log", message: "{{total}} is no large one" }],
    },
    { type: "wait", for_s: 900 },
    { type: "edit", set: { status: "on its way" } },
  ],
};

const PAGE = {
  title: "Menu",
  access: "everyone",
  blocks: [
    { type: "text", text: "Baked **this morning**. What is gone comes again at six." },
    { type: "table", title: "Today", endpoint: "articles/all", columns: [{ field: "id", title: "What" }, { field: "price", title: "Price" }, { field: "stock", title: "Left" }], sort: "price,asc", refresh_on: ["refresh"], width: 6 },
    { type: "chart", title: "Left", endpoint: "articles/all", kind: "bar", x: "id", y: ["stock"], width: 6 },
  ],
};

const STATES = ["new", "in the oven", "ready", "on its way", "delivered"];

function order(i, articles) {
  const state = STATES[(i * 7) % STATES.length];
  return {
    id: `order-${2100 + i}`,
    customer: i % 3 ? "guest-2041" : "guest-2077",
    total: (((i * 731) % 4900) + 300) / 100,
    status: state,
    paid: state !== "new",
    due: new Date(Date.now() + (i - 40) * 25 * 60_000).toISOString(),
    items: articles.filter((_, n) => (i + n) % 3 === 0),
  };
}

/** Sockets that come and go, providers that speak and answer, pushes: until it is stopped. */
function live({ path, key, tokens }) {
  let isOver = false;
  const goOn = async (every_ms, act) => {
    for (let turn = 0; !isOver; turn++) {
      await act(turn);
      await pause(every_ms * (0.6 + Math.abs(Math.sin(turn / 5))));
    }
  };
  const running = [
    goOn(350, guests(key, tokens)),
    goOn(1_100, (turn) => hub.api.post(`${path}/push`, { user_id: "*", event_name: "refresh", message: "" }).then(() => turn % 4 === 0 && ring(path, turn))),
    provider("OVEN-1", "Deck oven", { cmd: "temperature", data: 231 }, goOn),
    provider("SCALE-TILL-1", "Scale at the till", { cmd: "weight", data: 0.412 }, goOn),
    askers(goOn),
  ];
  return { stop: () => ((isOver = true), Promise.all(running)) };
}

/** Up to some forty sockets, with and without a session. */
function guests(key, tokens) {
  const open = [];
  return async (turn) => {
    const most = 26 + 14 * Math.sin(turn / 18);
    if (open.length > most) open.shift().close();
    else open.push(await connect(t, hub, { app_id: key, session_id: turn % 3 === 0 ? tokens[turn % tokens.length] : undefined }));
  };
}

const ALERTS = [
  [{ user_id: "courier-7" }, "Order 2143 is ready to go"],
  [{ role: "kitchen" }, "Two quiches for table 4"],
  [{ user_id: "*" }, JSON.stringify({ message: "We close in ten minutes", page: "home", parameters: { icon: "♫", position: "bottom-center" } })],
  [{ user_id: ["till-1", "till-2"] }, JSON.stringify({ variant: "success", title: "Paid", description: "Order 2151, 14.20" })],
];

const ring = (path, turn) => {
  const [to, message] = ALERTS[(turn / 4) % ALERTS.length];
  return hub.api.post(`${path}/push`, { ...to, event_name: "alert", message });
};

async function provider(id, name, message, goOn) {
  const socket = await connectPeer(t, hub);
  await socket.ask("register_provider", { provider_id: id, name });
  socket.socket.on("new_request", async (request) => {
    await pause(2 + 30 * Math.random() ** 3);
    socket.emit("provider_reply", { ...request, result: message.data });
  });
  await goOn(90, (turn) => socket.emit("sent_to_my_clients", { ...message, data: message.data + Math.sin(turn / 9) }));
}

async function askers(goOn) {
  const followers = await Promise.all(Array.from({ length: 5 }, () => connectPeer(t, hub)));
  for (const follower of followers) await follower.ask("register_client", { master_provider_id: "OVEN-1" });
  await goOn(160, (turn) => followers[turn % followers.length].ask("request_provider", { to_provider_id: turn % 2 ? "OVEN-1" : "SCALE-TILL-1", cmd: "read" }).catch(() => {}));
}

/** The cookie of one login, for all pages. */
const loggedIn = logIn();

async function logIn() {
  const context = await browser.newContext();
  const password = passwordOf(hub);
  await context.request.post(`${hub.url}/api/v1/admin/login`, { data: { name: "admin", password } });
  return context.storageState();
}

/** A page of the console that is logged in. */
async function open(path, { scheme = "light", size = "wide" } = {}) {
  const page = await browser.newPage({ colorScheme: scheme, viewport: SIZES[size], storageState: await loggedIn });
  await page.addInitScript(() => localStorage.setItem("campanile.app", "shop"));
  await page.goto(`${hub.url}/console${path}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  return page;
}

async function takeAll() {
  await mkdir(FOLDER, { recursive: true });
  // The charts need a past, which only a page that is open has.
  const overviews = wants("overview") ? await Promise.all([open("/"), open("/", { scheme: "dark" }), open("/", { size: "narrow" })]) : [];
  if (overviews.length > 0) await pause(ALIVE_MS);
  for (const [index, name] of ["overview", "overview-dark", "overview-narrow"].entries()) await take(name, async () => overviews[index]);

  await take("traffic", () => traffic({ size: "tall" }));
  await take("traffic-dark", () => traffic({ size: "tall", scheme: "dark" }));
  await take("traffic-narrow", () => traffic({ size: "narrow" }));
  await take("first-minute", firstMinute);
  await take("push", () => push({}));
  await take("push-narrow", () => push({ scheme: "dark", size: "narrow" }));
  await take("users", () => open("/apps/shop/users"));
  await take("user", () => open("/apps/shop/users?user=courier-7"));
  await take("providers-dark", () => providers({ scheme: "dark" }));
  await take("data", () => open("/apps/shop/data/orders?sort=due,desc"));
  await take("data-dark", () => open("/apps/shop/data/orders?sort=due,desc&filter=%7B%22status%22%3A%7B%22ne%22%3A%22delivered%22%7D%7D", { scheme: "dark" }));
  await take("data-narrow", () => open("/apps/shop/data/orders", { size: "narrow" }));
  await take("scenario", () => scenario({ size: "tall" }));
  await take("scenario-dark", () => scenario({ size: "tall", scheme: "dark" }));
  await take("scenarios-narrow", () => open("/apps/shop/scenarios", { size: "narrow" }));
  await take("playground", () => playground({ size: "tall" }));
  await take("playground-dark", () => playground({ size: "tall", scheme: "dark" }));
  await take("playground-narrow", () => playground({ size: "narrow" }));
  await take("page", () => pageOf({ size: "tall" }));
  await take("page-dark", () => pageOf({ size: "tall", scheme: "dark" }));
  await take("page-narrow", () => pageOf({ size: "narrow" }));
  await take("palette", palette);
  await take("audit-dark", () => open("/audit", { scheme: "dark" }));
}

const wants = (name) => wanted.length === 0 || wanted.some((each) => name.startsWith(each));

/** Takes one picture, when everything on it has come to rest. */
async function take(name, prepare) {
  if (!wants(name)) return;
  const page = await prepare();
  await page.waitForFunction(() => !document.querySelector("[role=progressbar], .mantine-Skeleton-root"));
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: "disabled" });
  console.log(name);
  await page.close();
}

/** Live traffic, held still when there is some. */
async function traffic(look) {
  const page = await open("/traffic", look);
  await until("enough flows", async () => Number((await page.getByTestId("heard").textContent()).replaceAll(",", "")) > 400);
  await page.getByRole("button", { name: "Pause" }).click();
  if (look.size === "narrow") await page.getByText("Picture", { exact: true }).click();
  else await page.getByRole("option").filter({ hasText: "provider_reply" }).last().click();
  if (look.size === "narrow") await page.getByRole("listbox", { name: "Flows, newest last" }).scrollIntoViewIfNeeded();
  // The newest arrows are still on their way.
  await pause(ARROWS_MS);
  return page;
}

async function firstMinute() {
  const page = await open("/apps/shop/first-minute", { size: "tall" });
  await page.getByRole("button", { name: "Connect this page" }).click();
  await page.getByTestId("sockets").filter({ hasText: "this page" }).waitFor();
  await page.getByRole("button", { name: "Ring" }).click();
  await page.getByTestId("toasts").getByText("Ding dong").waitFor();
  await page.getByTestId("toasts").evaluate(() => Promise.all(document.getAnimations().filter(({ effect }) => effect.getComputedTiming().iterations !== Infinity).map(({ finished }) => finished)));
  return page;
}

async function push(look) {
  const page = await open("/apps/shop/push", look);
  await page.getByText("Card", { exact: true }).click();
  await page.getByLabel("Title").fill("On its way");
  await page.getByLabel("Description").fill("Courier 7 has your order. It is with you at 12:40.");
  await page.getByLabel("Icon").fill("♫");
  await page.locator("body").click({ position: { x: 2, y: 2 } });
  return page;
}

async function providers(look) {
  const page = await open("/apps/public/providers?provider=OVEN-1", look);
  await page.getByRole("textbox", { name: "Command" }).fill("read");
  await page.getByRole("button", { name: "Send the request" }).click();
  await page.getByTestId("exchanges").getByText("result").waitFor();
  await until("the provider", () => page.getByRole("button", { name: /OVEN-1.*5 followers/ }).count());
  return page;
}

/** A scenario with what a test run says of its steps. */
async function scenario(look) {
  const page = await open("/apps/shop/scenarios/order-ready", look);
  await page.getByLabel("Object", { exact: true }).fill(JSON.stringify({ id: "order-2143", status: "ready", total: 31.5, customer: "guest-2041" }));
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await page.getByRole("status").getByText("It would take").waitFor();
  await page.evaluate(() => scrollTo(0, 0));
  return page;
}

/** The example with vehicle signals, while it runs. */
async function playground(look) {
  const page = await open("/playground", look);
  await page.getByRole("button", { name: /^Vehicle signals/ }).click();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("button", { name: "Run accelerate" }).click();
  await page.getByTestId("plugins").getByText("It drives at 100 km/h.").waitFor();
  await page.evaluate(() => scrollTo(0, 0));
  return page;
}

/** A page with one of its blocks open. */
async function pageOf(look) {
  const page = await open("/apps/shop/pages/menu", look);
  await page.getByRole("button", { name: /^Table 2/ }).click();
  await page.frameLocator("iframe").getByText("espresso").first().waitFor();
  return page;
}

async function palette() {
  const page = await open("/apps/shop/users");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").waitFor();
  await page.keyboard.type("s");
  return page;
}

try {
  const life = live(await furnish());
  await takeAll();
  await life.stop();
} finally {
  for (const end of endings) await end();
}
