// The front-end kit on ordinary pages: what alerts look like, where redirects lead, and what the elements say of the
// connection. The script is the one that the hub serves.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createApp, startHub, until } from "../push/support.mjs";
import { fence, heard, live, pageWith, startSite } from "./site.mjs";
import { launch, openPage } from "./support.mjs";

const DAY_MS = 86_400_000;

let hub, browser, site, elsewhere, app;
before(async () => {
  [hub, browser, site, elsewhere] = await Promise.all([startHub(), launch(), startSite(), startSite({ "/": "<h1>elsewhere</h1>" })]);
  app = await createApp(hub);
  const head = "<style>.pink { background: rgb(255, 192, 203); } body { font: 16px sans-serif; }</style>";
  site.pages["/plain"] = pageWith(hub, app, "", { toaster: "" });
  for (const path of ["/", "/home", "/home/settings", "/homework", "/a", "/a/b", "/a/b/c", "/a/b/c/d"]) {
    site.pages[path] = pageWith(hub, app, `<main><h1>${path}</h1></main>`, { head });
  }
});
after(() => Promise.all([hub?.stop(), browser?.close(), site?.stop(), elsewhere?.stop()]));

async function open(t, path = "/home", { clock = false } = {}) {
  const page = await openPage(t, browser, "about:blank");
  if (clock) await page.clock.install();
  await page.goto(`${site.url}${path}`);
  await live(page);
  return page;
}

const alert = (message) => app.push("*", "alert", typeof message === "string" ? message : JSON.stringify(message));
const withOptions = (parameters) => alert({ message: "hello", parameters });
const toastsOf = (page) => page.locator("campanile-toast[data-state=shown]");
const toastOf = (page, text) => toastsOf(page).filter({ hasText: text });
const styleOf = (locator, property) => locator.evaluate((element, property) => getComputedStyle(element)[property], property);

/** Where a toast stands once it has come to rest. */
async function placeOf(toast) {
  await toast.evaluate((element) => Promise.all(element.getAnimations().map(({ finished }) => finished)));
  return toast.evaluate((element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const vertical = top < innerHeight - bottom ? "top" : "bottom";
    const [toLeft, toRight] = [left, innerWidth - right];
    return `${vertical}-${Math.abs(toLeft - toRight) <= 1 ? "center" : toLeft < toRight ? "left" : "right"}`;
  });
}

test("a simple alert is a toast with the text and nothing but the text", async (t) => {
  const page = await open(t);
  const text = '<img src=x onerror="document.title=\'hacked\'"> & <b>bold</b>';
  await alert(text);
  const toast = toastsOf(page);
  await toast.waitFor();
  assert.equal(await toast.locator("[role=status][aria-live=polite]").textContent(), text);
  assert.equal(await page.locator("campanile-toast img, campanile-toast b").count(), 0);
  assert.equal(await page.title(), "A page");
  assert.equal(await placeOf(toast), "top-center");
  assert.equal(await page.getByRole("region", { name: "Notifications" }).count(), 1);
  assert.deepEqual(page.errors, []);
});

test("each position", async (t) => {
  const page = await open(t);
  for (const position of ["top-left", "top-center", "top-right", "bottom-left", "bottom-center", "bottom-right"]) {
    await alert({ message: position, parameters: { position } });
    await toastOf(page, position).waitFor();
    assert.equal(await placeOf(toastOf(page, position)), position);
  }
});

test("the toaster's own position is the one of alerts that name none", async (t) => {
  const page = await open(t);
  await page.locator("campanile-toaster").evaluate((toaster) => toaster.setAttribute("position", "bottom-right"));
  await alert("here");
  await toastOf(page, "here").waitFor();
  assert.equal(await placeOf(toastOf(page, "here")), "bottom-right");
});

test("the newest is nearest to the edge", async (t) => {
  const page = await open(t);
  for (const position of ["top-left", "bottom-left"]) {
    for (const age of ["older", "newer"]) await alert({ message: `${age} ${position}`, parameters: { position } });
    await toastOf(page, `newer ${position}`).waitFor();
    await placeOf(toastOf(page, `newer ${position}`));
    const [older, newer] = await Promise.all(["older", "newer"].map((age) => toastOf(page, `${age} ${position}`).boundingBox()));
    assert.equal(newer.y < older.y, position.startsWith("top"), position);
    assert.ok(Math.abs(newer.y - older.y) >= Math.min(newer.height, older.height), "they don't overlap");
  }
});

test("style, class, icon and icon colours", async (t) => {
  const page = await open(t);
  await withOptions({ id: "styled", style: { background: "rgb(1, 2, 3)", color: "rgb(250, 240, 230)", padding: 32, borderRadius: "3px" } });
  const styled = page.locator("[data-id=styled]");
  const expected = { backgroundColor: "rgb(1, 2, 3)", color: "rgb(250, 240, 230)", paddingTop: "32px", borderTopLeftRadius: "3px" };
  await styled.waitFor();
  for (const [property, value] of Object.entries(expected)) assert.equal(await styleOf(styled, property), value, property);

  await withOptions({ id: "classy", className: "pink" });
  const classy = page.locator("[data-id=classy]");
  await classy.waitFor();
  assert.equal(await styleOf(classy, "backgroundColor"), "rgb(255, 192, 203)", "a class of the page wins over the toast's look");

  await withOptions({ id: "iconic", icon: "👏" });
  await page.locator("[data-id=iconic] .campanile-toast-icon[aria-hidden=true]", { hasText: "👏" }).waitFor();

  await withOptions({ id: "themed", iconTheme: { primary: "rgb(113, 50, 0)", secondary: "rgb(255, 250, 238)" } });
  const icon = page.locator("[data-id=themed] .campanile-toast-icon svg");
  await icon.waitFor();
  assert.equal(await styleOf(icon.locator("circle"), "fill"), "rgb(113, 50, 0)");
  assert.equal(await styleOf(icon.locator("path"), "stroke"), "rgb(255, 250, 238)");
});

test("how it is announced", async (t) => {
  const page = await open(t);
  await withOptions({ id: "loud", ariaProps: { role: "alert", "aria-live": "assertive" } });
  await page.locator("[data-id=loud]").getByRole("alert").filter({ hasText: "hello" }).waitFor();
  assert.equal(await page.locator("[data-id=loud] [role=alert]").getAttribute("aria-live"), "assertive");
  await alert({ variant: "destructive", title: "Broken" });
  await page.getByRole("alert").filter({ hasText: "Broken" }).waitFor();
  await alert({ variant: "success", title: "Whole" });
  await page.getByRole("status").filter({ hasText: "Whole" }).waitFor();
});

test("an announced region is there before its text", async (t) => {
  const page = await open(t);
  await page.evaluate(() => {
    window.order = [];
    new MutationObserver((records) => {
      for (const { target, addedNodes } of records) {
        if (target.matches(".campanile-toast-text")) order.push(`text in a region that ${target.isConnected ? "is there" : "is new"}`);
        for (const node of addedNodes) if (node.localName === "campanile-toast") order.push(`card with "${node.innerText.trim()}"`);
      }
    }).observe(document.querySelector("campanile-toaster"), { childList: true, subtree: true });
  });
  await alert("spoken");
  await toastOf(page, "spoken").waitFor();
  assert.deepEqual(await page.evaluate(() => order), ['card with ""', "text in a region that is there"]);
});

test("a duration, and none", async (t) => {
  const page = await open(t, "/home", { clock: true });
  await withOptions({ id: "minute", duration: 60_000 });
  await withOptions({ id: "forever", duration: "Infinity" });
  const shown = (id) => page.locator(`[data-id=${id}][data-state=shown]`);
  for (const id of ["minute", "forever"]) await shown(id).waitFor();
  await page.clock.fastForward(30_000);
  assert.equal(await shown("minute").count(), 1);
  await page.clock.fastForward(40_000);
  await shown("minute").waitFor({ state: "detached" });
  await page.clock.fastForward(DAY_MS);
  assert.equal(await shown("forever").count(), 1);
});

test("without a duration it is the toaster's, and that is four seconds if it says nothing", async (t) => {
  for (const [path, lasting] of [["/plain", 4_000], ["/home", DAY_MS]]) {
    const page = await open(t, path, { clock: true });
    await page.clock.pauseAt(Date.now() + 10_000);
    await alert("a while");
    await heard(page, "push");
    const shown = page.locator("campanile-toast[data-state=shown]");
    await page.clock.fastForward(500);
    await shown.waitFor();
    await page.clock.fastForward(lasting - 1_000);
    assert.equal(await shown.count(), 1, path);
    await page.clock.fastForward(1_000);
    assert.equal(await shown.count(), path === "/plain" ? 0 : 1, path);
  }
});

test("time stands still while somebody reads, or can't see the page", async (t) => {
  const page = await open(t, "/home", { clock: true });
  await withOptions({ id: "read", duration: 5_000 });
  const toast = page.locator("[data-id=read][data-state=shown]");
  await toast.waitFor();
  await toast.hover();
  await page.clock.fastForward(DAY_MS);
  assert.equal(await toast.count(), 1, "under the pointer");
  await toast.getByRole("button", { name: "Close" }).focus();
  await page.mouse.move(0, 500);
  await page.clock.fastForward(DAY_MS);
  assert.equal(await toast.count(), 1, "with the focus");
  const look = (hidden) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await look(true);
  await page.evaluate(() => document.activeElement.blur());
  await page.clock.fastForward(DAY_MS);
  assert.equal(await toast.count(), 1, "in a hidden page");
  await look(false);
  await page.clock.fastForward(6_000);
  await toast.waitFor({ state: "detached" });
});

test("an id is one toast, and says the newest", async (t) => {
  const page = await open(t, "/home", { clock: true });
  // Less than the time after which a client misses its hub.
  for (const text of ["first", "second"]) {
    await alert({ message: text, parameters: { id: "same", duration: 20_000 } });
    await toastOf(page, text).waitFor();
    await page.clock.fastForward(15_000);
  }
  assert.equal(await toastsOf(page).count(), 1, "the second has begun its own time");
  assert.equal(await toastOf(page, "first").count(), 0);
  await page.clock.fastForward(10_000);
  await toastsOf(page).waitFor({ state: "detached" });
});

test("it can be closed, by pointer and by keyboard, and stays in the document for its removeDelay", async (t) => {
  const page = await open(t, "/home", { clock: true });
  await withOptions({ id: "slow", removeDelay: 30_000, duration: "Infinity" });
  await withOptions({ id: "key", duration: "Infinity" });
  await page.locator("[data-id=slow]").getByRole("button", { name: "Close" }).click();
  const dismissed = page.locator("[data-id=slow][data-state=dismissed]");
  await dismissed.waitFor({ state: "attached" });
  assert.ok(await dismissed.evaluate((toast) => toast.inert), "nobody is led into it any more");
  await page.clock.fastForward(20_000);
  assert.equal(await dismissed.count(), 1);
  await page.clock.fastForward(11_000);
  await dismissed.waitFor({ state: "detached" });

  await page.locator("[data-id=key]").getByRole("button").focus();
  await page.keyboard.press("Escape");
  await page.clock.fastForward(2_000);
  await page.locator("[data-id=key]").waitFor({ state: "detached" });
});

test("an id that comes again while its toast leaves is a new toast", async (t) => {
  const page = await open(t, "/home", { clock: true });
  const again = () => withOptions({ id: "again", removeDelay: 30_000, duration: "Infinity" });
  await again();
  const shown = page.locator("[data-id=again][data-state=shown]");
  await shown.getByRole("button").click();
  await again();
  await shown.waitFor();
  await page.clock.fastForward(DAY_MS);
  assert.equal(await shown.count(), 1);
  assert.equal(await page.locator("[data-id=again]").count(), 1);
});

test("a flood leaves the newest", async (t) => {
  const page = await open(t);
  const pushes = Array.from({ length: 30 }, (_, at) => ({ user_id: "*", event_name: "alert", message: `flood ${at}` }));
  await hub.api.post(`${app.path}/push/batch`, { pushes });
  await toastOf(page, "flood 29").waitFor();
  assert.equal(await page.locator("campanile-toast:not([data-state=dismissed])").count(), 6);
});

test("the second public form", async (t) => {
  const page = await open(t);
  const disc = (variant) => page.locator(`[data-variant=${variant}] .campanile-toast-icon circle`);
  await alert({ variant: "success", title: "Saved", description: "All of it" });
  await alert({ variant: "destructive", title: "Failed", description: "None of it" });
  await alert({ variant: "default", title: "Note", description: "Some of it", icon: "💾" });
  for (const text of ["All of it", "None of it", "Some of it"]) {
    await page.locator(".campanile-toast-description", { hasText: text }).waitFor();
  }
  assert.equal(await page.locator(".campanile-toast-title").count(), 3);
  const [good, bad] = [await styleOf(disc("success"), "fill"), await styleOf(disc("destructive"), "fill")];
  assert.ok(good !== bad && good.startsWith("rgb"), `${good} ${bad}`);
  assert.equal(await toastOf(page, "Note").locator(".campanile-toast-icon").textContent(), "💾");
});

test("pages and their sub-pages", async (t) => {
  const paths = ["/", "/home", "/home/settings", "/homework"];
  const pages = await Promise.all(paths.map((path) => open(t, path)));
  await alert({ message: "for home", page: "home, profile" });
  await alert({ message: "for all" });
  await Promise.all(pages.map((page) => toastOf(page, "for all").waitFor()));
  const seen = await Promise.all(pages.map((page) => toastOf(page, "for home").count()));
  assert.deepEqual(seen, [0, 1, 1, 0]);
});

test("hostile alerts do no harm, and the next one is shown", async (t) => {
  const page = await open(t);
  const requested = [];
  page.on("request", (request) => requested.push(request.url()));
  const hostile = [
    '{"message":"one","__proto__":{"polluted":1},"parameters":{"__proto__":{"polluted":1},"id":"h1"}}',
    JSON.stringify({ message: "two", parameters: { id: "h2", style: { background: `url(${elsewhere.url}/a)`, "background-image": `image-set("${elsewhere.url}/b" 1x)`, position: "fixed", inset: 0 } } }),
    JSON.stringify({ message: "three", parameters: { id: "h3", ariaProps: { onclick: "document.title=1", dangerouslySetInnerHTML: { __html: "<img>" } } } }),
    JSON.stringify({ message: "four", parameters: { id: 'h4"]<img src=x>', className: '"><img src=x onerror=1>', icon: "<img src=x>" } }),
    JSON.stringify({ title: "five", description: "<script>document.title=1</script>", icon: { $$typeof: "x" }, variant: "__proto__" }),
  ];
  for (const message of hostile) await app.push("*", "alert", message);
  await toastOf(page, "five").waitFor();
  assert.equal(await styleOf(page.locator("[data-id=h2]"), "backgroundImage"), "none");
  assert.notEqual(await styleOf(page.locator("[data-id=h2]"), "position"), "fixed");
  assert.equal(await page.locator("campanile-toast :is(img, script)").count(), 0);
  assert.equal(await page.evaluate(() => ({}).polluted), undefined);
  assert.equal(await page.title(), "A page");
  assert.deepEqual(requested.filter((url) => !url.startsWith(hub.url)), []);
  assert.deepEqual(page.errors, []);
});

test("toasts follow the page's colour scheme, and are legible in both", async (t) => {
  for (const colorScheme of ["light", "dark"]) {
    const page = await open(t);
    await page.emulateMedia({ colorScheme });
    await page.addStyleTag({ content: ":root { color-scheme: light dark; }" });
    await alert({ variant: "success", title: "Title", description: "Description" });
    await toastOf(page, "Title").waitFor();
    const [ground, ink] = await toastOf(page, "Title").evaluate((toast) => {
      const { backgroundColor, color } = getComputedStyle(toast);
      return [backgroundColor, color].map((each) => each.match(/[\d.]+/g).map(Number));
    });
    const ratio = contrast(ground, ink);
    assert.ok(ratio >= 7, `${colorScheme}: ${ratio}`);
    const quiet = ink.map((channel, at) => 0.75 * channel + 0.25 * ground[at]);
    assert.ok(contrast(ground, quiet) >= 4.5, `${colorScheme}: ${contrast(ground, quiet)}`);
    assert.equal(luminance(ground) > 0.5, colorScheme === "light");
  }
});

/** Relative luminance and contrast as WCAG 2 defines them. */
const luminance = ([red, green, blue]) =>
  [red, green, blue]
    .map((channel) => channel / 255)
    .map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4))
    .reduce((sum, channel, at) => sum + channel * [0.2126, 0.7152, 0.0722][at], 0);

function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test("nothing moves for those who asked for calm", async (t) => {
  const moving = async (reducedMotion) => {
    const page = await open(t);
    await page.emulateMedia({ reducedMotion });
    await page.evaluate(() => {
      window.animated = [];
      const { animate } = Element.prototype;
      Element.prototype.animate = function (frames, ...rest) {
        animated.push(...frames.flatMap((frame) => Object.keys(frame)));
        return animate.call(this, frames, ...rest);
      };
    });
    await alert("calm");
    await toastOf(page, "calm").getByRole("button").click();
    return page.evaluate(() => [...new Set(animated)].sort());
  };
  assert.deepEqual(await moving("reduce"), ["opacity"]);
  assert.deepEqual(await moving("no-preference"), ["marginBlockEnd", "opacity", "transform"]);
});

test("a toast is above a dialog that was opened before it, and pages with a strict policy show it too", async (t) => {
  const policy = `default-src 'none'; script-src ${hub.url} 'nonce-page'; connect-src ${hub.url} ${hub.url.replace("http", "ws")}; img-src data:; base-uri 'none'`;
  const body = pageWith(hub, app, "<dialog>A dialog</dialog>").replace("<script>", '<script nonce="page">');
  site.pages["/strict"] = { headers: { "content-security-policy": policy }, body };
  const page = await open(t, "/strict");
  await alert({ message: "before", parameters: { duration: "Infinity", style: { color: "rgb(1, 2, 3)" } } });
  await toastOf(page, "before").waitFor();
  assert.equal(await styleOf(toastOf(page, "before"), "color"), "rgb(1, 2, 3)");
  assert.equal(await styleOf(toastOf(page, "before"), "display"), "flex", "it has its look");
  await page.evaluate(() => document.querySelector("dialog").showModal());
  await alert("after");
  await toastOf(page, "after").waitFor();
  // What is outside of a modal dialog can't be hit, so the pixel that is drawn tells who is above.
  await page.evaluate(() => {
    document.querySelector("dialog").style.cssText = "inset: 0; width: auto; height: auto; max-width: none; max-height: none; margin: 0; background: black";
  });
  await placeOf(toastOf(page, "after"));
  assert.notDeepEqual(await pixelIn(page, toastOf(page, "after")), [0, 0, 0]);
  assert.deepEqual(page.errors, []);
});

/** The colour near the corner of an element as it is drawn. */
async function pixelIn(page, locator) {
  const { x, y, height } = await locator.boundingBox();
  const png = await page.screenshot({ clip: { x: x + 6, y: y + height / 2, width: 1, height: 1 } });
  return page.evaluate(async (data) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))]));
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    context.drawImage(bitmap, 0, 0);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  }, png.toString("base64"));
}

test("each redirect rule", async (t) => {
  const page = await open(t, "/a/b/c");
  const moves = [
    ["../", "/a/b"],
    ["./c", "/a/b/c"],
    ["./d", "/a/b/c/d"],
    ["../../", "/a/b"],
    ["/home", "/home"],
    ["./settings?tab=1", "/home/settings?tab=1"],
    ['{"target":"/a"}', "/a"],
    ['{"redirect":{"target":"./b"}}', "/a/b"],
    ["../../../", "/"],
  ];
  for (const [message, place] of moves) {
    await app.push("*", "redirect", message);
    await page.waitForURL(`${site.url}${place}`);
    await live(page);
  }
  await app.push("*", "redirect", "<=");
  await page.waitForURL(`${site.url}/a/b`);
  await live(page);
  await app.push("*", "redirect", `${elsewhere.url}/`);
  await page.getByRole("heading", { name: "elsewhere" }).waitFor();
});

test("a redirect waits as long as it says, and a later one takes its place", async (t) => {
  const page = await open(t, "/a", { clock: true });
  await app.push("*", "redirect", JSON.stringify({ target: "/home", delay: 300_000 }));
  await app.push("*", "redirect", JSON.stringify({ target: "./b", delay: 60_000 }));
  await heard(page, "redirect", 2);
  await page.clock.fastForward(50_000);
  assert.equal(new URL(page.url()).pathname, "/a");
  await page.clock.fastForward(20_000);
  await page.waitForURL(`${site.url}/a/b`);
});

test("refused targets lead nowhere, and the page hears of it", async (t) => {
  const page = await open(t, "/a/b");
  const targets = [
    "javascript:document.title='hacked'", " JavaScript:document.title='hacked'", "java\tscript:document.title='hacked'", "data:text/html,<h1>hacked</h1>",
    "vbscript:x", "file:///etc/passwd", `//${new URL(elsewhere.url).host}/`, `/\\${new URL(elsewhere.url).host}/`, `/\t/${new URL(elsewhere.url).host}/`,
    `http:${new URL(elsewhere.url).host}`, `http://user@${new URL(elsewhere.url).host}/`, "blob:null/x", "about:blank", "home", "", "{}",
    '{"target":"javascript:document.title=1"}', '{"redirect":{"target":"//x.example"}}', '{"__proto__":{"target":"/home"}}',
  ];
  for (const target of targets) await app.push("*", "redirect", target);
  await fence(app, page);
  assert.equal((await heard(page, "redirect-refused", targets.length)).length, targets.length);
  assert.equal(page.url(), `${site.url}/a/b`);
  assert.equal(await page.title(), "A page");
  assert.equal(await page.evaluate(() => heard.filter(({ event }) => event === "redirect").length), 0);
  assert.equal(elsewhere.requests("/x"), 0);
});

test("a page may stop a redirect", async (t) => {
  const page = await open(t, "/a");
  await page.evaluate(() => document.addEventListener("campanile-redirect", (event) => event.detail.url.endsWith("/home") && event.preventDefault()));
  await app.push("*", "redirect", "/home");
  await fence(app, page);
  assert.equal(page.url(), `${site.url}/a`);
  await app.push("*", "redirect", "./b");
  await page.waitForURL(`${site.url}/a/b`);
});

test("the status says how the connection stands", async (t) => {
  const page = await open(t);
  const status = page.locator("campanile-status");
  assert.equal(await status.getAttribute("role"), "status");
  await page.locator("campanile-status", { hasText: "Live" }).waitFor();
  await page.context().setOffline(true);
  await page.evaluate(() => document.querySelector("campanile-app").app.socket.io.engine.close());
  await page.locator("campanile-status[state=offline]").waitFor();
  await page.context().setOffline(false);
  await live(page);
  await status.evaluate((element) => element.setAttribute("online-text", "Verbunden"));
  await page.locator("campanile-status", { hasText: "Verbunden" }).waitFor();
});

test("a login, a logout and a session's end without another page", async (t) => {
  const session = await app.user("ada");
  const page = await open(t);
  const show = (name, value) =>
    page.locator("campanile-app").evaluate((element, [name, value]) => (value === null ? element.removeAttribute(name) : element.setAttribute(name, value)), [name, value]);
  const socketId = () => page.evaluate(() => document.querySelector("campanile-app").app.socket.id);
  const anonymous = await socketId();

  await show("session-id", session);
  await until("ada is online", async () => (await app.api.get(`${app.path}/users/ada`)).online);
  await app.push("ada", "alert", "for ada");
  await toastOf(page, "for ada").waitFor();
  assert.equal(await socketId(), anonymous, "the connection stayed");

  await hub.api.delete(`${app.path}/users/ada/sessions`);
  await page.locator("campanile-status[state=closed][code=session_revoked]").waitFor();
  await show("session-id", "no such session");
  await page.locator("campanile-status[state=refused][code=session_invalid]").waitFor();
  await show("session-id", null);
  await live(page);
  await alert("for all");
  await toastOf(page, "for all").waitFor();
  await show("app-id", "no such app");
  await page.locator("campanile-status[state=refused][code=app_not_found]").waitFor();
  await show("app-id", app.key);
  await live(page);
});

test("elements may come in any order, and go", async (t) => {
  site.pages["/order"] = pageWith(hub, app, "").replace(/<campanile-app.*?<\/campanile-app>/, "");
  const page = await openPage(t, browser, `${site.url}/order`);
  await page.evaluate((key) => {
    const element = document.createElement("campanile-app");
    element.setAttribute("app-id", key);
    document.body.append(element);
  }, app.key);
  await live(page);
  await alert("late app");
  await toastOf(page, "late app").waitFor();
  await page.evaluate(() => document.querySelector("campanile-toaster").remove());
  await alert("nobody shows it");
  await fence(app, page);
  assert.equal(await page.locator("campanile-toast").count(), 0);
  const sockets = async () => (await app.api.get(`${app.path}/sockets`)).items.length;
  const before = await sockets();
  await page.evaluate(() => document.querySelector("campanile-app").remove());
  await until("its socket is gone", async () => (await sockets()) < before);
  assert.deepEqual(page.errors, []);
});
