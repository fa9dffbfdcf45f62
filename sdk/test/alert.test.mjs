// What alerts say and how they want to be shown, in both public forms, and what strangers may not make of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAlert } from "campanile-sdk";

const NOTHING = { description: "", variant: "default", pages: [], options: {} };
const optionsOf = (parameters) => parseAlert({ message: "hello", parameters })?.options;

test("a message that isn't an object is the text", () => {
  const texts = ["Your order is ready", "42", "true", "null", "[1,2]", '"quoted"', "{not JSON", "<b>bold</b>", "a {b: c}"];
  for (const text of texts) assert.deepEqual(parseAlert(text), { ...NOTHING, text });
  assert.equal(parseAlert(42).text, "42");
  assert.equal(parseAlert(["a", 1]).text, '["a",1]');
  assert.equal(parseAlert("  spaced \n").text, "spaced");
});

test("where there is nothing to say there is no alert", () => {
  const empty = ["", "  \n", undefined, null, {}, "{}", { message: "" }, { message: null }, { message: {} }, new ArrayBuffer(2)];
  for (const message of empty) assert.equal(parseAlert(message), undefined, String(message));
});

test("the form with message, page and parameters", () => {
  const message = { message: "Hello", page: "home, profile ,,", parameters: { position: "top-right", duration: 6000 } };
  const alert = { ...NOTHING, text: "Hello", pages: ["home", "profile"], options: { position: "top-right", duration: 6000 } };
  assert.deepEqual(parseAlert(JSON.stringify(message)), alert);
  assert.deepEqual(parseAlert(message), alert, "also as a pushed object");
  assert.deepEqual(parseAlert({ ...message, parameters: JSON.stringify(message.parameters) }), alert, "also from a template");
});

test("the form with variant, title, description and icon", () => {
  for (const variant of ["default", "success", "destructive"]) {
    const alert = parseAlert(JSON.stringify({ variant, title: "Saved", description: "All of it", icon: "💾" }));
    assert.deepEqual(alert, { text: "Saved", description: "All of it", variant, pages: [], options: { icon: "💾" } });
  }
  assert.equal(parseAlert({ title: "x", variant: "huge" }).variant, "default");
  assert.deepEqual(parseAlert({ description: "only" }), { ...NOTHING, text: "only" });
  assert.deepEqual(parseAlert({ title: "t", message: "m" }), { ...NOTHING, text: "t", description: "m" });
});

test("every option is taken, unknown ones and wrong types are ignored", () => {
  const all = {
    id: "one",
    duration: 1500,
    position: "bottom-left",
    style: { color: "red" },
    className: "note urgent",
    icon: "👏",
    iconTheme: { primary: "#000", secondary: "rgb(255 255 255 / 50%)" },
    ariaProps: { role: "alert", "aria-live": "assertive" },
    removeDelay: 10,
  };
  assert.deepEqual(optionsOf(all), all);
  assert.deepEqual(optionsOf({ ...all, toasterId: "x", onClick: "alert(1)", dangerouslySetInnerHTML: { __html: "<b>" } }), all);
  const wrong = { id: {}, duration: "soon", position: "middle", style: "red", className: [], icon: {}, iconTheme: 1, ariaProps: "x", removeDelay: null };
  assert.deepEqual(optionsOf(wrong), {});
  for (const parameters of [null, 1, "x", [], "{"]) assert.deepEqual(optionsOf(parameters), {});
});

test("times", () => {
  const durations = [["5000", 5000], [0.5, 0.5], [0, undefined], [-1, undefined], ["", undefined], ["Infinity", Infinity], [1e308, Infinity], [2 ** 31, Infinity], [2 ** 31 - 1, 2 ** 31 - 1], [true, undefined]];
  for (const [given, taken] of durations) assert.equal(optionsOf({ duration: given }).duration, taken, String(given));
  const delays = [[0, 0], ["250", 250], [-1, undefined], [1e9, 60_000]];
  for (const [given, taken] of delays) assert.equal(optionsOf({ removeDelay: given }).removeDelay, taken, String(given));
});

test("announcing has two settings, and nothing else gets in with them", () => {
  const hostile = { role: "button", "aria-live": "loud", onclick: "x", dangerouslySetInnerHTML: { __html: "<img>" }, children: "x" };
  assert.deepEqual(optionsOf({ ariaProps: hostile }).ariaProps, { role: "status", "aria-live": "polite" });
  assert.deepEqual(optionsOf({ ariaProps: { role: "alert" } }).ariaProps, { role: "alert", "aria-live": "polite" });
});

test("what is too long is cut between characters", () => {
  const { text, options } = parseAlert({ message: "🔔".repeat(5_000), parameters: { icon: "x".repeat(99), id: "y".repeat(999) } });
  assert.equal(text.length, 999);
  assert.ok(text.endsWith("🔔…") && text.isWellFormed());
  assert.equal(options.icon.length, 16);
  assert.equal(options.id.length, 200);
});

test("what a page has put on every object isn't part of a message", () => {
  Object.prototype.variant = "destructive";
  Object.prototype.duration = 1;
  try {
    assert.deepEqual(parseAlert({ message: "hi", parameters: { id: "x" } }).options, { id: "x" });
    assert.equal(parseAlert('{"message":"hi"}').variant, "default");
  } finally {
    delete Object.prototype.variant;
    delete Object.prototype.duration;
  }
});

test("fields named after the machinery of objects are harmless", () => {
  const message = '{"message":"hi","__proto__":{"polluted":1,"variant":"success"},"constructor":{"prototype":{"polluted":1}},"parameters":{"__proto__":{"id":"x","duration":1},"style":{"__proto__":{"color":"red"},"constructor":"red"},"iconTheme":{"__proto__":{"primary":"red"}}}}';
  const alert = parseAlert(message);
  assert.deepEqual(alert, { ...NOTHING, text: "hi", options: { style: {}, iconTheme: {} } });
  assert.equal({}.polluted, undefined);
  for (const part of [alert, alert.options, alert.options.style]) assert.equal(Object.getPrototypeOf(part), Object.prototype);
  assert.equal(parseAlert('{"toString":"x","message":"still a text"}').text, "still a text");
});
