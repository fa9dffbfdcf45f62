// Pages that bring themselves up to date when a push says so: what stays, what is fetched, and how often.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createApp, startHub, until } from "../push/support.mjs";
import { fence, heard, live, pageWith, startSite } from "./site.mjs";
import { launch, openPage } from "./support.mjs";

let hub, browser, site, app;
before(async () => {
  [hub, browser, site] = await Promise.all([startHub(), launch(), startSite()]);
  app = await createApp(hub);
});
after(() => Promise.all([hub?.stop(), browser?.close(), site?.stop()]));

let paths = 0;

/** A new path of the site whose body is what `write` says at the time of each request. */
function serve(write, options) {
  const path = `/page-${(paths += 1)}`;
  site.pages[path] = (request) => {
    const body = write(new URL(request.url, "http://site").searchParams, request);
    return typeof body === "string" ? pageWith(hub, app, body, options) : body;
  };
  return path;
}

async function open(t, path, { clock = false } = {}) {
  const page = await openPage(t, browser, "about:blank");
  if (clock) await page.clock.install();
  await page.goto(`${site.url}${path}`);
  await live(page);
  return page;
}

const refreshed = (page, count = 1) => heard(page, "refreshed", count);
const signal = (name = "orders", message = "") => app.push("*", name, message);

test("an orders page: form, table, focus, selection and scroll survive, and the content is new", async (t) => {
  const orders = [["a", "Ada", 3], ["b", "Bob", 1], ["c", "Cy", 2], ["z", "Zoe", 9]];
  const row = ([id, name, count]) => `
    <tr id="order-${id}"><td><input type="checkbox" name="pick-${id}"></td><td>${name}</td><td>${count}</td><td><input name="note-${id}" value=""></td></tr>`;
  const path = serve(
    (query) => `
      <main>
        <h1>Orders</h1><p id="page">Page ${query.get("page")}, by ${query.get("sort")}</p>
        <form id="form"><label>Search <input name="search" value="server's"></label><select name="state"><option>open<option>done</select>
          <textarea name="remark"></textarea></form>
        <div id="scroller" style="height: 40px; overflow: auto"><table><tbody>${orders.map(row).join("")}</tbody></table></div>
        <details id="more"><summary>More</summary><p>${orders.length} orders, ${orders[1][2]} by Bob</p></details>
        <div style="height: 3000px"></div>
      </main>
      <campanile-refresher event-name="orders"></campanile-refresher>`,
  );
  const page = await open(t, `${path}?page=3&sort=name`);
  await page.locator("[name=search]").fill("what I am typing");
  await page.locator("[name=state]").selectOption("done");
  await page.locator("[name=remark]").fill("a long remark");
  await page.locator("[name=pick-b]").check();
  await page.locator("[name=note-c]").fill("note");
  await page.locator("#more summary").click();
  await page.evaluate(() => {
    window.nodes = [document.querySelector("#order-b"), document.querySelector("[name=search]")];
    document.querySelector("#scroller").scrollTop = 25;
    document.querySelector("[name=search]").focus({ preventScroll: true });
    document.querySelector("[name=search]").setSelectionRange(5, 9);
    scrollTo(0, 700);
  });
  const state = () =>
    page.evaluate(() => {
      const search = document.querySelector("[name=search]");
      return {
        form: Object.fromEntries(new FormData(document.querySelector("form"))),
        picked: document.querySelector("[name=pick-b]").checked,
        note: document.querySelector("[name=note-c]").value,
        isOpen: document.querySelector("#more").open,
        focus: [document.activeElement === search, search.selectionStart, search.selectionEnd],
        scroll: [scrollY, document.querySelector("#scroller").scrollTop],
        isSame: nodes[0] === document.querySelector("#order-b") && nodes[1] === search,
        place: document.querySelector("#page").textContent,
      };
    });
  const before = await state();
  assert.deepEqual(before.scroll, [700, 25]);

  orders.pop();
  orders[1][2] = 100;
  orders.push(["d", "Dee", 4]);
  await signal();
  await refreshed(page);
  assert.deepEqual(await state(), before);
  assert.equal(before.place, "Page 3, by name");
  const cells = () => page.locator("tbody tr td:nth-child(3)").allTextContents();
  assert.deepEqual(await cells(), ["3", "100", "2", "4"]);
  await page.locator("#more p", { hasText: "4 orders, 100 by Bob" }).waitFor();

  await page.evaluate(() => document.querySelector("tbody").append(...[..."cbda"].map((id) => document.querySelector(`#order-${id}`))));
  orders[1][2] = 7;
  await signal();
  await refreshed(page, 2);
  assert.deepEqual(await cells(), ["2", "7", "4", "3"], "as the page has sorted them");
  assert.deepEqual(page.errors, []);
});

test("a burst is one fetch", async (t) => {
  let version = 0;
  const path = serve(() => `<main>version ${(version += 1)}</main><campanile-refresher event-name="orders"></campanile-refresher>`);
  const page = await open(t, path, { clock: true });
  await page.clock.pauseAt(Date.now() + 10_000);
  await live(page);
  const pushes = Array.from({ length: 50 }, () => ({ user_id: "*", event_name: "orders", message: "" }));
  await hub.api.post(`${app.path}/push/batch`, { pushes });
  await heard(page, "push", 50);
  await page.clock.runFor(1_000);
  await refreshed(page);
  await page.clock.runFor(10_000);
  await fence(app, page);
  assert.equal(site.requests(path), 2, "the page itself, and one refresh");
  assert.equal(await page.locator("main").textContent(), "version 2");

  await signal();
  await heard(page, "push", 52);
  await page.clock.runFor(1_000);
  await refreshed(page, 2);
  assert.equal(site.requests(path), 3);
});

test("what comes during a fetch is one more, so that the page ends with what is true", async (t) => {
  let truth = "first";
  const path = serve(() => `<main>${truth}</main><campanile-refresher event-name="orders" delay-ms="0"></campanile-refresher>`);
  const page = await open(t, path);
  const release = site.hold(path);
  truth = "second";
  await signal();
  await until("the refresh is under way", () => site.requests(path) === 2);
  truth = "last";
  for (let count = 0; count < 10; count += 1) await signal();
  await heard(page, "push", 11);
  release();
  await page.locator("main", { hasText: "last" }).waitFor();
  await refreshed(page, 2);
  await fence(app, page);
  assert.equal(site.requests(path), 3);
});

test("several refreshers of a page share a fetch", async (t) => {
  let version = 0;
  const path = serve(() => {
    version += 1;
    const blocks = ["one", "two", "three"].map((id) => `<p id="${id}">${id} ${version}</p><campanile-refresher event-name="orders" for="${id}"></campanile-refresher>`);
    return `<div id="outer">${blocks.join("")}</div><campanile-refresher event-name="orders" for="outer"></campanile-refresher>`;
  });
  const page = await open(t, path, { clock: true });
  const release = site.hold(path);
  await signal();
  await heard(page, "refresh", 4);
  release();
  await refreshed(page, 4);
  assert.equal(site.requests(path), 2);
  assert.deepEqual(await page.locator("p").allTextContents(), ["one 2", "two 2", "three 2"]);
});

test("a fetch that began before an event isn't shared with it", async (t) => {
  let truth = "first";
  const path = serve(
    () => `<p id="a">${truth}</p><p id="b">${truth}</p><campanile-refresher event-name="a" for="a" delay-ms="0"></campanile-refresher>
      <campanile-refresher event-name="b" for="b" delay-ms="0"></campanile-refresher>`,
  );
  const page = await open(t, path);
  const release = site.hold(path);
  truth = "second";
  await signal("a");
  await until("the first is under way", () => site.requests(path) === 2);
  truth = "third";
  await signal("b");
  await until("the other is under way", () => site.requests(path) === 3);
  release();
  await page.locator("#a", { hasText: "second" }).waitFor();
  await page.locator("#b", { hasText: "third" }).waitFor();
});

test("only what is named changes, only for its event, and from where src says", async (t) => {
  let version = 0;
  const block = serve(() => `<p>ignored</p><section id="block"><b>block ${version}</b></section>`);
  const path = serve(
    () => `<section id="block">block ${(version += 1)}</section><section id="rest">rest ${version}</section>
      <campanile-refresher event-name="block" for="block" src="${block}"></campanile-refresher>`,
  );
  const page = await open(t, path);
  version = 10;
  await signal("another");
  await signal("block");
  await refreshed(page);
  await fence(app, page);
  assert.equal(await page.locator("#block").innerHTML(), "<b>block 10</b>");
  assert.equal(await page.locator("#rest").textContent(), "rest 1");
  assert.deepEqual([site.requests(path), site.requests(block)], [1, 1]);
});

test("a message of a refresh may be an alert, which is shown once", async (t) => {
  let version = 0;
  const path = serve(
    () => `<main>version ${(version += 1)}</main><p id="other">${version}</p>
      <campanile-refresher event-name="orders"></campanile-refresher><campanile-refresher event-name="orders" for="other"></campanile-refresher>`,
  );
  const page = await open(t, path);
  await signal("orders", JSON.stringify({ message: "A new order", parameters: { icon: "📦" } }));
  await page.locator("campanile-toast[data-state=shown]", { hasText: "A new order" }).waitFor();
  await refreshed(page, 2);
  await signal("orders", JSON.stringify({ message: "elsewhere", page: "no-such-page" }));
  await signal("orders", "");
  await signal("orders", '{"id": 7}');
  await fence(app, page);
  assert.equal(await page.locator("campanile-toast").count(), 1);
});

test("a page may refresh in its own way, and calls of its own don't overlap", async (t) => {
  const path = serve(() => `<ul id="rows"></ul><campanile-refresher event-name="orders" for="rows" delay-ms="0"></campanile-refresher>`);
  const page = await open(t, path);
  await page.evaluate(() => {
    window.running = [];
    document.addEventListener("campanile-refresh", (event) => {
      event.preventDefault();
      event.detail.waitUntil(new Promise((resolve) => running.push(resolve)));
    });
  });
  await signal("orders", "one");
  await page.waitForFunction(() => running.length === 1);
  for (const message of ["two", "three"]) await signal("orders", message);
  await fence(app, page);
  assert.equal(await page.evaluate(() => running.length), 1);
  await page.evaluate(() => running[0]());
  await page.waitForFunction(() => running.length === 2);
  assert.deepEqual((await heard(page, "refresh", 2)).map(({ message }) => message), ["one", "three"]);
  assert.equal(site.requests(path), 1);
});

test("a page may say where the content is", async (t) => {
  const path = serve((query) => `<main>page ${query.get("page") ?? "first"}</main><campanile-refresher event-name="orders"></campanile-refresher>`);
  const page = await open(t, path);
  await page.evaluate(() =>
    document.addEventListener("campanile-refresh", ({ detail }) => {
      const url = new URL(detail.url);
      url.searchParams.set("page", "2");
      detail.url = url.href;
    }),
  );
  await signal();
  await page.locator("main", { hasText: "page 2" }).waitFor();
});

test("what can't be fetched leaves the page alone, says why, and is tried at the next event", async (t) => {
  const other = await startSite({ "/": { headers: { "access-control-allow-origin": "*" }, body: '<main id="m">foreign</main>' } });
  t.after(() => other.stop());
  site.pages["/login"] = '<main id="m">log in</main>';
  const answers = {
    status_refused: { status: 500, body: '<main id="m">broken</main>' },
    redirected: { status: 302, headers: { location: "/login" } },
    not_html: { headers: { "content-type": "application/json" }, body: '{"m": 1}' },
    target_missing: { body: "<p>nothing of that name</p>" },
  };
  let answer;
  const path = serve(() => answer ?? '<main id="m">fine</main><campanile-refresher event-name="orders" for="m"></campanile-refresher>');
  const page = await open(t, path);
  let failures = 0;
  const fails = async (code) => {
    await signal();
    const all = await heard(page, "refresh-failed", (failures += 1));
    assert.equal(all.at(-1).code, code);
    assert.ok(all.at(-1).message);
    assert.equal(await page.locator("#m").textContent(), "fine");
  };
  for (const code of Object.keys(answers)) {
    answer = answers[code];
    await fails(code);
  }
  await page.locator("campanile-refresher").evaluate((element, url) => element.setAttribute("src", url), other.url);
  await fails("origin_refused");
  await page.locator("campanile-refresher").evaluate((element) => element.setAttribute("src", "http://[bad"));
  await fails("handler_failed");
  await page.locator("campanile-refresher").evaluate((element) => element.removeAttribute("src"));
  await page.route(`**${path}`, (route) => route.abort());
  await fails("fetch_failed");
  await page.unroute(`**${path}`);
  answer = { body: '<main id="m">fine again</main>' };
  await signal();
  await page.locator("#m", { hasText: "fine again" }).waitFor();
  assert.equal(other.requests("/"), 0);
});

test("a page that was away fetches what it may have missed", async (t) => {
  let version = 0;
  const path = serve(() => `<main>version ${(version += 1)}</main><campanile-refresher event-name="orders"></campanile-refresher>`);
  const page = await open(t, path);
  await page.evaluate(() => document.querySelector("campanile-app").app.socket.io.engine.close());
  await page.locator("main", { hasText: "version 2" }).waitFor();
  assert.equal(site.requests(path), 2);
});

test("a hidden page fetches when somebody looks at it", async (t) => {
  let version = 0;
  const path = serve(() => `<main>version ${(version += 1)}</main><campanile-refresher event-name="orders" delay-ms="0"></campanile-refresher>`);
  const page = await open(t, path);
  const look = (hidden) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await look(true);
  for (let count = 0; count < 5; count += 1) await signal();
  await fence(app, page);
  assert.equal(site.requests(path), 1);
  await look(false);
  await page.locator("main", { hasText: "version 2" }).waitFor();
  await refreshed(page);
  await fence(app, page);
  assert.equal(site.requests(path), 2);
});

test("the whole body where there is no main part, with the kit's own elements in it", async (t) => {
  let version = 0;
  const path = serve(() => `<p id="p">version ${(version += 1)}</p><campanile-refresher event-name="orders"></campanile-refresher>`);
  const page = await open(t, path);
  await app.push("*", "alert", JSON.stringify({ message: "stays", parameters: { duration: "Infinity" } }));
  await page.locator("campanile-toast[data-state=shown]").waitFor();
  const socket = await page.evaluate(() => document.querySelector("campanile-app").app.socket.id);
  await signal();
  await page.locator("#p", { hasText: "version 2" }).waitFor();
  await page.evaluate(() => document.querySelector("campanile-refresher").refresh());
  await page.locator("#p", { hasText: "version 3" }).waitFor();
  assert.equal(await page.locator("campanile-toast[data-state=shown]").count(), 1);
  assert.equal(await page.locator("campanile-status[state=online]").textContent(), "Live");
  assert.equal(await page.evaluate(() => document.querySelector("campanile-app").app.socket.id), socket);
  assert.deepEqual(page.errors, []);
});
