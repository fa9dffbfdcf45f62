// Bringing content up to date, in a real document: made-up pages against the rules, and the cases one by one. No hub
// speaks here; the script is the one that it serves.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startHub } from "../bridge/support.mjs";
import { startSite } from "./site.mjs";
import { launch, openPage } from "./support.mjs";

let hub, browser, site;
before(async () => {
  [hub, browser, site] = await Promise.all([startHub(), launch(), startSite()]);
  site.pages["/"] = `<!doctype html><link rel="icon" href="data:,"><script src="${hub.url}/sdk/campanile.js"></script><main id="target"></main>`;
});
after(() => Promise.all([hub?.stop(), browser?.close(), site?.stop()]));

/** A page whose `show(html)` starts the target over, and whose `update(html)` is what the server says next. */
async function open(t) {
  const page = await openPage(t, browser, site.url);
  await page.evaluate(() => {
    const parsed = (html) => new DOMParser().parseFromString(`<main id="target">${html}</main>`, "text/html").getElementById("target");
    window.target = () => document.getElementById("target");
    window.show = (html) => {
      const fresh = document.createElement("main");
      fresh.id = "target";
      fresh.innerHTML = html;
      target().replaceWith(fresh);
      Campanile.remember(fresh);
    };
    window.update = (html) => Campanile.merge(target(), parsed(html));
    window.$ = (selector) => target().querySelector(selector);
    window.parsed = parsed;
  });
  return page;
}

/** Defines a source of made-up pages in the browser. */
const makeUp = (page) =>
  page.evaluate(() => {
    let seed = 11;
    window.random = (below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const one = (list) => list[random(list.length)];
    const attributes = () => [["class", one(["a", "b", "a b", ""])], ["title", one(["x", "y"])], ["data-k", String(random(3))]].filter(() => random(3) === 0);
    window.tree = (depth, ids) => {
      const id = random(2) && ids.length ? ids.splice(random(ids.length), 1)[0] : undefined;
      const names = ["div", "p", "section", "ul", "aside"];
      const name = id ? names[id.slice(1) % names.length] : one(names);
      const written = [...(id ? [["id", id]] : []), ...attributes()].map(([key, value]) => ` ${key}="${value}"`).join("");
      return `<${name}${written}>${children(depth - 1, ids)}</${name}>`;
    };
    window.children = (depth, ids) =>
      Array.from({ length: depth > 0 ? random(6) : 0 }, () => (random(3) ? tree(depth, ids) : one(["text", " ", "\n", "more", "<!--note-->", "<hr>", "<b>x</b>"]))).join("");
    // A paragraph can't hold blocks, so a parser would change what was made up.
    window.page = (depth = 4, ids = 12) => children(depth, Array.from({ length: ids }, (_, at) => `i${at}`)).replaceAll(/<(\/?)p\b/g, "<$1article");
  });

test("a page that nobody touched is what the server says, whatever it said before", async (t) => {
  const page = await open(t);
  await makeUp(page);
  const wrong = await page.evaluate(() => {
    for (let round = 0; round < 1_500; round += 1) {
      const versions = Array.from({ length: 4 }, () => window.page());
      show(versions[0]);
      for (const version of versions.slice(1)) {
        update(version);
        if (!target().isEqualNode(parsed(version))) return { versions, got: target().innerHTML };
      }
    }
  });
  assert.ok(!wrong, JSON.stringify(wrong));
});

test("what the server says again changes nothing", async (t) => {
  const page = await open(t);
  await makeUp(page);
  const changes = await page.evaluate(() => {
    const observer = new MutationObserver(() => {});
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    let changes = 0;
    for (let round = 0; round < 300; round += 1) {
      const version = window.page();
      show(version);
      for (const element of target().querySelectorAll("*")) if (random(3) === 0) element.setAttribute("title", "by a script");
      observer.takeRecords();
      update(version);
      changes += observer.takeRecords().length;
    }
    return changes;
  });
  assert.equal(changes, 0);
});

test("what has an id stays the same node while its place is in the same element", async (t) => {
  const page = await open(t);
  await makeUp(page);
  const lost = await page.evaluate(() => {
    let kept = 0;
    for (let round = 0; round < 2_000; round += 1) {
      const [before, after] = [window.page(2, 5), window.page(2, 5)];
      show(before);
      const children = new Map([...target().children].filter(({ id }) => id).map((child) => [`${child.localName}#${child.id}`, child]));
      update(after);
      for (const child of target().children) {
        const known = children.get(`${child.localName}#${child.id}`);
        if (known && known !== child) return { before, after };
        if (known) kept += 1;
      }
    }
    return kept > 100 ? undefined : { kept };
  });
  assert.ok(!lost, JSON.stringify(lost));
});

test("what a script has added, marked and taken away stays so", async (t) => {
  const page = await open(t);
  await makeUp(page);
  const wrong = await page.evaluate(() => {
    for (let round = 0; round < 500; round += 1) {
      const [before, after] = [window.page(), window.page()];
      show(`<i id="anchor" class="x"></i>${before}<b id="doomed">by the server</b>`);
      const [first, last] = [document.createElement("mark"), document.createElement("mark")];
      target().prepend(first);
      target().append(last);
      $("#doomed").remove();
      $("#anchor").classList.add("mine");
      $("#anchor").setAttribute("aria-expanded", "true");
      update(`<i id="anchor" class="x y"></i>${after}<b id="doomed">by the server</b>`);
      const anchor = $("#anchor");
      const isFine = target().firstChild === first && last.parentNode === target() && !$("#doomed") && anchor.className === "x mine y" && anchor.ariaExpanded === "true";
      if (!isFine) return { before, after, got: target().innerHTML };
      for (const mark of [first, last]) mark.remove();
      anchor.classList.remove("mine");
      anchor.removeAttribute("aria-expanded");
      if (!target().isEqualNode(parsed(`<i id="anchor" class="x y"></i>${after}`))) return { before, after, got: target().innerHTML };
    }
  });
  assert.ok(!wrong, JSON.stringify(wrong));
});

test("a list that a script has sorted stays sorted, and takes new rows in", async (t) => {
  const page = await open(t);
  const rows = await page.evaluate(() => {
    const list = (rows) => `<ul>${rows.map(([id, text]) => `\n<li id="${id}">${text}</li>`).join("")}\n</ul>`;
    show(list([["a", 3], ["b", 1], ["c", 2]]));
    $("ul").append($("#b"), $("#c"), $("#a"));
    update(list([["a", 3], ["b", 10], ["c", 2]]));
    const sorted = [...$("ul").children].map(({ textContent }) => textContent).join();
    update(list([["a", 3], ["b", 10], ["new", 4], ["c", 2]]));
    return [sorted, [...$("ul").children].map(({ textContent }) => textContent).join()];
  });
  assert.deepEqual(rows, ["10,2,3", "10,4,2,3"]);
});

test("when the server sorts anew, rows move and stay who they are", async (t) => {
  const page = await open(t);
  const result = await page.evaluate(() => {
    const list = (ids) => `<ul>${ids.map((id) => `<li id="${id}"><input id="in-${id}"><div class="box" style="height:20px;overflow:auto"><p style="height:99px"></p></div></li>`).join("")}</ul>`;
    show(list(["a", "b", "c", "d"]));
    $("#in-d").focus();
    $("#in-d").value = "typing";
    $("#in-d").setSelectionRange(2, 4);
    $("#d .box").scrollTop = 30;
    const before = $("#d");
    update(list(["d", "c", "b", "a"]));
    const { activeElement } = document;
    return [[...$("ul").children].map(({ id }) => id).join(""), $("#d") === before, activeElement.id, activeElement.value, activeElement.selectionStart, activeElement.selectionEnd, $("#d .box").scrollTop];
  });
  assert.deepEqual(result, ["dcba", true, "in-d", "typing", 2, 4, 30]);
});

const KINDS = [
  ['<input value="VALUE">', "value", "mine", "one", "two"],
  ['<input type="number" value="VALUE">', "value", "7", "1", "2"],
  ['<input type="color" value="VALUE">', "value", "#123456", "#000001", "#000002"],
  ['<input type="range" value="VALUE">', "value", "99", "10", "20"],
  ['<input type="date" value="VALUE">', "value", "2026-01-01", "2026-02-02", "2026-03-03"],
  ["<textarea>VALUE</textarea>", "value", "mine", "one", "two"],
  ['<select><option value="one">1<option value="two">2<option value="mine">3</select>', "value", "mine", "one", "two"],
];

test("every kind of control: unsaved input stays, untouched ones follow the server", async (t) => {
  const page = await open(t);
  for (const [html, property, mine, one, two] of KINDS) {
    const written = (value) => (html.startsWith("<select") ? html.replace(`value="${value}"`, `value="${value}" selected`) : html.replace("VALUE", value));
    const result = await page.evaluate(
      ([property, mine, one, two]) => {
        show(one);
        const control = $("input, textarea, select");
        update(two);
        const followed = control[property];
        show(one);
        const other = $("input, textarea, select");
        const before = other[property];
        other[property] = mine;
        update(two);
        const kept = other[property];
        other[property] = before;
        other[property] = mine;
        update(one);
        return [followed, kept, other[property], other === $("input, textarea, select")];
      },
      [property, mine, written(one), written(two)],
    );
    assert.deepEqual(result, [two, mine, mine, true], html);
  }
});

test("a control that was touched and put back follows the server again", async (t) => {
  const page = await open(t);
  for (const [html, property, mine, one, two] of KINDS) {
    const written = (value) => (html.startsWith("<select") ? html.replace(`value="${value}"`, `value="${value}" selected`) : html.replace("VALUE", value));
    const followed = await page.evaluate(
      ([property, mine, back, one, two]) => {
        show(one);
        const control = $("input, textarea, select");
        control[property] = mine;
        control[property] = back;
        update(two);
        return control[property];
      },
      [property, mine, one, written(one), written(two)],
    );
    assert.equal(followed, two, html);
  }
});

test("boxes, radio buttons, lists of several, and controls without a default", async (t) => {
  const page = await open(t);
  const result = await page.evaluate(() => {
    const form = (a, b, extra = "") => `<form>
      <input type="checkbox" name="box" ${a}> <input type="checkbox" name="other" ${b}>
      <input type="radio" name="r" value="1" ${a}><input type="radio" name="r" value="2" ${b}><input type="radio" name="r" value="3">
      <select multiple name="several"><option value="1" ${a}>1<option value="2" ${b}>2<option value="3">3${extra}</select>
      <select name="first"><option>first<option>second</select>
      <input type="color" name="color"><input type="range" name="range"><p>${a}${b}</p></form>`;
    const state = () => {
      const values = [...new FormData($("form"))].map((pair) => pair.join("="));
      return values.join(" ");
    };
    show(form("checked selected", ""));
    const states = [state()];
    update(form("", "checked selected"));
    states.push(state());
    $("[name=box]").checked = true;
    $("[value='3'][type=radio]").checked = true;
    for (const option of $("[name=several]").options) option.selected = option.value === "3";
    $("[name=first]").value = "second";
    update(form("checked selected", "", "<option value='4' selected>4"));
    states.push(state());
    return states;
  });
  assert.deepEqual(result, [
    "box=on r=1 several=1 first=first color=#000000 range=50",
    "other=on r=2 several=2 first=first color=#000000 range=50",
    "box=on r=3 several=3 first=second color=#000000 range=50",
  ]);
});

test("what somebody is writing in isn't taken away, and goes when it is done with", async (t) => {
  const page = await open(t);
  const result = await page.evaluate(() => {
    const rows = (...ids) => `<ul>${ids.map((id) => `<li id="${id}"><input id="in-${id}" value="${id}"></li>`).join("")}</ul>`;
    const now = () => [...$("ul").children].map(({ id, dataset }) => id + (dataset.campanileGone === undefined ? "" : "(gone)")).join(" ");
    const states = [];
    show(rows("a", "b", "c", "d"));
    $("#in-a").value = "unsaved";
    $("#in-b").focus();
    update(rows("d"));
    states.push(now());
    update(rows("d"));
    states.push(now());
    update(rows("a", "d"));
    states.push(now());
    update(rows("d"));
    $("#in-a").value = "a";
    document.activeElement.blur();
    update(rows("d"));
    states.push(now());
    return states;
  });
  assert.deepEqual(result, ["a(gone) b(gone) d", "a(gone) b(gone) d", "a d b(gone)", "d"]);
});

test("a button that was pressed doesn't keep its row", async (t) => {
  const page = await open(t);
  const left = await page.evaluate(() => {
    show('<ul><li id="a"><button>Delete</button></li><li id="b"><input type="submit" id="s"></li><li id="c"></li></ul>');
    $("button").focus();
    update('<ul><li id="b"><input type="submit" id="s"></li><li id="c"></li></ul>');
    $("#s").focus();
    update('<ul><li id="c"></li></ul>');
    return $("ul").innerHTML;
  });
  assert.equal(left, '<li id="c"></li>');
});

test("what is kept, drawn by scripts, or edited in place", async (t) => {
  const page = await open(t);
  const html = await page.evaluate(() => {
    customElements.define("own-chart", class extends HTMLElement {
      connectedCallback() {
        setTimeout(() => (this.innerHTML ||= "<svg></svg>"));
      }
    });
    show('<p data-campanile-keep>old</p><own-chart data="1"></own-chart><div id="note" contenteditable="true">old</div><details><summary>s</summary>1</details><i>old</i>');
    $("own-chart").innerHTML = "<svg></svg>";
    $("#note").textContent = "being edited";
    $("details").open = true;
    update('<own-chart data="2"></own-chart><div id="note" contenteditable="true">new</div><details><summary>s</summary>2</details><i>new</i>');
    return target().innerHTML;
  });
  assert.equal(
    html,
    '<own-chart data="2"><svg></svg></own-chart><div id="note" contenteditable="true">being edited</div><details open=""><summary>s</summary>2</details><i>new</i><p data-campanile-keep="">old</p>'.replace(
      /^(.*)(<p .*<\/p>)$/,
      "$2$1",
    ),
  );
});

test("what a script has fetched anew counts as the last version", async (t) => {
  const page = await open(t);
  const html = await page.evaluate(() => {
    const states = [];
    show('<div id="a"><p>1</p></div> <div id="b">1</div>');
    $("#a").innerHTML = "<p>2</p><p>3</p>";
    const swapped = document.createElement("div");
    swapped.id = "b";
    swapped.textContent = "2";
    $("#b").replaceWith(swapped);
    update('<div id="a"><p>4</p><p>3</p></div> <div id="b">4</div>');
    states.push(target().innerHTML);
    $("#b").textContent = "5";
    update('<div id="a"><p>4</p><p>3</p></div> <div id="b">6</div>');
    states.push($("#b").textContent);
    return states;
  });
  assert.deepEqual(html, ['<div id="a"><p>4</p><p>3</p></div> <div id="b">4</div>', "6"]);
});

test("what a script has filled or replaced stays while the server says the same of it", async (t) => {
  const page = await open(t);
  const html = await page.evaluate(() => {
    const version = (data) => `<div id="chart" data-x="${data}"></div><div id="table" data-x="${data}">Loading…</div><p><i id="one">1</i> <i id="two">${data}</i></p>`;
    show(version(1));
    $("#chart").innerHTML = "<svg></svg>";
    $("#table").innerHTML = "<table></table>";
    $("#one").outerHTML = '<i id="one">by a script</i>';
    update(version(2));
    return target().innerHTML;
  });
  const table = '<div id="table" data-x="2"><table></table></div>';
  assert.equal(html, `<div id="chart" data-x="2"><svg></svg></div>${table}<p><i id="one">by a script</i> <i id="two">2</i></p>`);
});

test("a target within a target is brought up to date by both", async (t) => {
  const page = await open(t);
  const states = await page.evaluate(() => {
    const html = (rows) => `<h1>Orders</h1><ul id="rows">${rows.map((row) => `<li id="r${row}">${row}</li>`).join("")}</ul>`;
    show(html([1]));
    const states = [];
    Campanile.merge($("#rows"), parsed(html([1, 2])).querySelector("#rows"));
    states.push($("#rows").textContent);
    update(html([1, 2, 3]));
    states.push($("#rows").textContent);
    Campanile.merge($("#rows"), parsed(html([3])).querySelector("#rows"));
    states.push($("#rows").textContent);
    return states;
  });
  assert.deepEqual(states, ["12", "123", "3"]);
});

test("selected text stays selected, and nothing in new content runs", async (t) => {
  const page = await open(t);
  const result = await page.evaluate(() => {
    show("<p id=p>some text to read</p><p id=q>1</p>");
    const text = $("#p").firstChild;
    getSelection().setBaseAndExtent(text, 5, text, 9);
    update("<p id=p>some text to read</p><p id=q>2</p>");
    const selections = [String(getSelection())];
    update("<p id=p>some next to read</p><p id=q>2</p>");
    selections.push(String(getSelection()));
    update('<p id=p>some next to read</p><script>window.ran = true</' + 'script><div><script src="data:text/javascript,window.ran=true"></' + "script></div>");
    return [...selections, window.ran];
  });
  assert.deepEqual(result, ["text", "next", undefined]);
});

test("a long list that was rewritten from end to end", async (t) => {
  const page = await open(t);
  const isRight = await page.evaluate(() => {
    const list = (from, by) => `<ul>${Array.from({ length: 3_000 }, (_, at) => `<li>${from + by * at}</li>`).join("")}</ul>`;
    show(list(0, 1));
    update(list(10_000, -1));
    return target().isEqualNode(parsed(list(10_000, -1)));
  });
  assert.ok(isRight);
});
