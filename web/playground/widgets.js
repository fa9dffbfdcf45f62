// The widgets on the dashboard: each in a frame of its own, begun as soon as its plugin has registered it, and taken down
// when the console no longer names it.

import { textOf } from "./log.js";

const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>html, body { height: 100%; margin: 0; }</style></head><body></body></html>`;

export function createWidgets({ send, log, popups, prepare }) {
  const grid = document.createElement("div");
  grid.id = "grid";
  document.body.append(grid);
  const registered = new Map();
  const shown = new Map();

  const nameOf = (plugin, widget) => JSON.stringify([plugin, widget]);

  function register(plugin, widget, callback) {
    registered.set(nameOf(plugin, widget), { plugin, widget, callback });
    for (const tile of shown.values()) if (!tile.frame) void begin(tile);
  }

  const namesOf = (plugin) => [...registered.values()].filter((each) => each.plugin === plugin).map(({ widget }) => widget);

  function arrange({ tiles, columns, rows, scheme }) {
    document.documentElement.style.colorScheme = scheme;
    grid.style.gridTemplate = `${rows} / ${columns}`;
    const keys = new Set(tiles.map(({ key }) => key));
    for (const tile of shown.values()) if (!keys.has(tile.key)) void takeDown(tile);
    for (const tile of tiles) {
      const mine = Object.assign(shown.get(tile.key) ?? {}, tile);
      shown.set(tile.key, mine);
      if (mine.frame) mine.frame.style.gridArea = mine.area;
      else void begin(mine);
    }
  }

  async function begin(tile) {
    const { plugin, widget, area, key } = tile;
    const callback = registered.get(nameOf(plugin, widget))?.callback;
    if (!callback) return;
    const source = `${plugin} · ${widget}`;
    tile.frame = Object.assign(document.createElement("iframe"), { title: `${widget} of ${plugin}`, srcdoc: PAGE });
    tile.frame.style.gridArea = area;
    const loaded = new Promise((resolve) => tile.frame.addEventListener("load", resolve, { once: true }));
    grid.append(tile.frame);
    tile.ending = loaded.then(() => {
      if (!tile.frame.contentWindow) return undefined;
      log.watch(tile.frame.contentWindow, () => source);
      prepare(tile.frame.contentWindow);
      return callback(boxOf(tile.frame.contentWindow, popups));
    });
    try {
      await tile.ending;
      send({ type: "widget", key, state: "running" });
    } catch (error) {
      log.write("error", source, textOf(error));
      send({ type: "widget", key, state: "failed", problem: String(error) });
    }
  }

  /** Ends a widget: what its callback has returned is called, while its window is still there. */
  async function takeDown(tile) {
    shown.delete(tile.key);
    if (!tile.frame) return;
    // A callback that is still at it may take its time; its place is free by now.
    tile.frame.style.display = "none";
    try {
      const end = await tile.ending.catch(() => undefined);
      if (typeof end === "function") await end();
    } catch (error) {
      log.write("error", `${tile.plugin} · ${tile.widget}`, textOf(error));
    }
    tile.frame.remove();
  }

  const takeAllDown = () => Promise.all([...shown.values()].map(takeDown));

  return { register, namesOf, arrange, takeAllDown };
}

/** What a widget's callback gets. */
function boxOf(window, popups) {
  const { document } = window;
  return {
    window,
    injectNode: (node) => void document.body.append(node),
    injectHTML: (html) => {
      document.body.innerHTML = html;
      runScripts(document);
    },
    triggerPopup: popups.open,
  };
}

/** Scripts that come as HTML don't run, but copies of them do: in their order, each after the former one has loaded. */
async function runScripts(document) {
  for (const inert of document.body.querySelectorAll("script")) {
    const script = document.createElement("script");
    for (const { name, value } of inert.attributes) script.setAttribute(name, value);
    script.textContent = inert.textContent;
    const isAwaited = inert.hasAttribute("src") && !inert.hasAttribute("async");
    const settled = new Promise((resolve) => ["load", "error"].forEach((event) => script.addEventListener(event, resolve)));
    inert.replaceWith(script);
    if (isAwaited) await settled;
  }
}
