// Where redirects lead, and what never leads anywhere.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRedirect } from "campanile-sdk";

const HERE = "https://site.example/shop/orders/42?tab=items#top";
const urlOf = (message, here = HERE) => parseRedirect(message, here).url;

test("each rule", () => {
  const rules = [
    ["../", "https://site.example/shop/orders"],
    ["../../", "https://site.example/shop"],
    ["../../../", "https://site.example/"],
    ["../../../../../", "https://site.example/"],
    ["../41", "https://site.example/shop/orders/41"],
    ["./items", "https://site.example/shop/orders/42/items"],
    ["./items?page=2#rows", "https://site.example/shop/orders/42/items?page=2#rows"],
    ["./", "https://site.example/shop/orders/42"],
    ["/", "https://site.example/"],
    ["/home?x=1", "https://site.example/home?x=1"],
    ["http://other.example", "http://other.example/"],
    ["https://other.example/a?b#c", "https://other.example/a?b#c"],
    ["HTTPS://OTHER.example/A", "https://other.example/A"],
    ["/ünïcode/🔔", "https://site.example/%C3%BCn%C3%AFcode/%F0%9F%94%94"],
  ];
  for (const [target, url] of rules) assert.deepEqual(parseRedirect(target, HERE), { target, delayMs: 0, url }, target);
  assert.deepEqual(parseRedirect("<=", HERE), { target: "<=", delayMs: 0, back: true });
});

test("a level is a segment, with or without a slash at its end", () => {
  for (const here of ["https://s.example/a/b", "https://s.example/a/b/", "https://s.example//a//b?x#y"]) {
    assert.equal(urlOf("../", here), "https://s.example/a");
    assert.equal(urlOf("./c", here), "https://s.example/a/b/c");
  }
  assert.equal(urlOf("../", "https://s.example/"), "https://s.example/");
});

test("every form of a message", () => {
  const url = "https://site.example/home";
  const forms = [
    ["/home", 0], [" /home\n", 0], ['{"target":"/home"}', 0], ['{"target":"/home","delay":1500}', 1500], [{ target: "/home", delay: "250" }, 250],
    ['{"redirect":{"target":"/home","delay":5}}', 5], ['{"redirect":"/home","delay":5}', 5], [{ redirect: { target: "/home" }, delay: 7 }, 7],
  ];
  for (const [message, delayMs] of forms) assert.deepEqual(parseRedirect(message, HERE), { target: "/home", delayMs, url }, JSON.stringify(message));
  assert.deepEqual(parseRedirect('{"redirect":{"target":"<=","delay":9}}', HERE), { target: "<=", delayMs: 9, back: true });
  for (const [delay, delayMs] of [[-5, 0], ["soon", 0], [null, 0], [1e12, 600_000], ["Infinity", 600_000]]) {
    assert.equal(parseRedirect({ target: "/", delay }, HERE).delayMs, delayMs, String(delay));
  }
});

test("what isn't a target is refused, with a reason", () => {
  const refused = {
    target_missing: ["", "  ", undefined, null, {}, "{}", [], '{"target":""}', { target: {} }, { redirect: {} }, '{"__proto__":{"target":"/x"}}'],
    target_characters: [
      "java\tscript:alert(1)", "java\nscript:alert(1)", "/a b", "<= /", "{not json", "/\t/evil.example", "/\n/evil.example", "\u0000/home", "/\u0000", "\u0001javascript:alert(1)",
      "\\\\evil.example", "/\\evil.example", "\\/evil.example", ".\\home", "https:\\\\evil.example", "/\u200bhome", "/\u202egnp.exe", "/\u00a0x", "/\ufeffx", `/${"a".repeat(2_000)}`,
    ],
    target_unknown: [
      "javascript:alert(1)", "JaVaScRiPt:alert(1)", "javascript://x/%0aalert(1)", "data:text/html,<script>", "vbscript:x", "file:///etc/passwd", "blob:https://site.example/x",
      "about:blank", "ftp://x.example", "ws://x.example", "mailto:x@y.example", "view-source:https://x.example", "intent://x", "//evil.example", "///evil.example", "////evil.example/x",
      "http:evil.example", "http:/evil.example", "https:///evil.example", "https://", "https://user@evil.example", "https://site.example@evil.example/", "https://u:p@x.example",
      "https://x.example:99999", "https://[x", "home", "?x=1", "#x", ".", "..", "...", ".../x", "<", "<=x", "{not-json", "&lt;=",
    ],
  };
  for (const [refusal, messages] of Object.entries(refused)) {
    for (const message of messages) {
      const found = parseRedirect(message, HERE);
      assert.equal(found.refusal, refusal, `${JSON.stringify(message)} leads to ${found.url}`);
    }
  }
});

test("whatever is put together from hostile pieces stays on this site, unless it plainly says where it goes", () => {
  const pieces = ["/", "//", "\\", ".", "..", "./", "../", "javascript:", "http:", "https://", "evil.example", "@", ":", "?", "#", "%2f", "%2e%2e", "%09", "\t", "\n", " ", "\u0000", "a", ";", "data:", "<="];
  let seed = 7;
  const random = (below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  let found = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const target = Array.from({ length: 1 + random(5) }, () => pieces[random(pieces.length)]).join("");
    const { url } = parseRedirect(target, HERE);
    if (url === undefined) continue;
    found += 1;
    const { protocol, origin, username } = new URL(url);
    assert.match(protocol, /^https?:$/, target);
    assert.equal(username, "", target);
    if (!/^\s*https?:\/\//i.test(target)) assert.equal(origin, "https://site.example", target);
  }
  assert.ok(found > 1_000, `${found} led somewhere`);
});

test("a page without an origin leads nowhere on it", () => {
  for (const target of ["/home", "./x", "../"]) assert.equal(parseRedirect(target, "about:srcdoc").refusal, "target_unknown");
});
