// Which styles a message may bring.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAlert } from "campanile-sdk";

const styleOf = (style) => parseAlert({ message: "x", parameters: { style } }).options.style;

test("looks are taken", () => {
  const fine = {
    color: "#713200",
    background: "linear-gradient(45deg, rgb(1 2 3 / 50%), var(--card))",
    border: "1px solid #713200",
    borderTop: "none",
    boxShadow: "0 1px 2px rgba(0, 0, 0, 0.5)",
    fontFamily: '"Iowan Old Style", serif',
    fontWeight: "600",
    maxWidth: "calc((10px + 2em) * 3)",
    padding: "16px 8px",
    textTransform: "uppercase",
  };
  assert.deepEqual(styleOf(fine), fine);
});

test("names may be written as in stylesheets, numbers are pixels where a unit is needed", () => {
  const given = { "background-color": "red", padding: 16, opacity: 0.5, lineHeight: 1.5, fontWeight: 700, margin: 0, "border-radius": 4 };
  const taken = { backgroundColor: "red", padding: "16px", opacity: "0.5", lineHeight: "1.5", fontWeight: "700", margin: "0", borderRadius: "4px" };
  assert.deepEqual(styleOf(given), taken);
});

test("what places, covers or loads is not", () => {
  const names = ["position", "inset", "top", "zIndex", "transform", "content", "behavior", "pointerEvents", "filter", "animation", "cursor", "display", "maskImage", "listStyleImage", "--x", "cssText", "src"];
  for (const name of names) assert.deepEqual(styleOf({ [name]: "fixed" }), {}, name);
});

test("values that could do more than look are refused", () => {
  const values = [
    "url(https://evil.example/x.png)", "URL('x')", "url (x)", "u\\72l(x)", "\\75rl(x)", "u/**/rl(x)", "url/**/(x)", "image-set('x' 1x)",
    "-webkit-image-set(url(x) 1x)", "cross-fade(url(a), url(b))", "element(#a)", "image(x)", "src('x')", "paint(x)", "attr(x url)",
    "env(x)", "expression(alert(1))", "red; position: fixed", "red}body{display:none", "red !important", "javascript:alert(1)",
    "@import 'x'", "<b>", "red\u0000", "red\u202e", "ｕｒｌ(x)", "x".repeat(201), "", "   ", {}, [], null,
  ];
  for (const value of values) {
    assert.deepEqual(styleOf({ background: value }), {}, String(value));
    assert.deepEqual(parseAlert({ message: "x", parameters: { iconTheme: { primary: value } } }).options.iconTheme, {});
  }
});
