// Pages that a message is for: whole segments, sub-pages included.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isOnPage, parseAlert } from "campanile-sdk";

const shown = [
  ["home", "/home"], ["home", "/home/"], ["/home/", "/home"], ["home", "/home/settings"], ["home", "/home/a/b/c"],
  ["home,profile", "/profile"], [" home , profile ", "/profile/edit"], ["shop/orders", "/shop/orders/42"],
  ["", "/anything"], [",,", "/anything"], ["/", "/"], ["über uns", "/%C3%BCber%20uns"], ["%C3%BCber", "/über"], ["a%", "/a%"], ["home", "//home"],
];
const hidden = [
  ["home", "/"], ["home", "/homework"], ["home", "/Home"], ["home", "/shop/home"], ["home/settings", "/home"], ["home", "/home2"],
  ["home,profile", "/prof"], ["/", "/home"], ["..", "/home"], ["*", "/home"], ["home?x", "/home"], ["shop/orders", "/shop"], ["ho.e", "/home"],
];

test("a table of pages and paths", () => {
  for (const [pages, path] of shown) assert.ok(isOnPage(parseAlert({ message: "x", page: pages }).pages, path), `${pages} at ${path}`);
  for (const [pages, path] of hidden) assert.ok(!isOnPage(parseAlert({ message: "x", page: pages }).pages, path), `${pages} at ${path}`);
});

test("without a page it is for everywhere", () => {
  for (const page of [undefined, null, "", {}, []]) assert.ok(isOnPage(parseAlert({ message: "x", page }).pages, "/a/b"));
  assert.deepEqual(parseAlert({ message: "x", page: ["home", " profile,shop"] }).pages, ["home", "profile", "shop"]);
});

test("a page holds on all paths below it and on none beside it", () => {
  const names = ["a", "ab", "a-b", "a.b", "ä", "a b"];
  for (const page of names) {
    for (const other of names) {
      for (const rest of ["", "/", "/x", "/a"]) {
        assert.equal(isOnPage([page], `/${encodeURIComponent(other)}${rest}`), page === other, `${page} at ${other}${rest}`);
      }
    }
  }
});
