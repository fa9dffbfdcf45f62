// Where widgets are on the dashboard: ten boxes in two rows of five. Finds every mistake in a dashboard, and lets the rest stand.

import { isJson } from "../../parts/document";
import type { Plugin } from "./document";

const COLUMNS = 5;
export const BOXES = Array.from({ length: 10 }, (_, index) => index + 1);

const BOX_HEIGHT_REM = 15;
const EMPTY_BOX_HEIGHT_REM = 3.25;

/** A widget on the dashboard, or what should be one. */
export interface Tile {
  /** Its place in the dashboard's array. */
  index: number;
  /** Stays the same while widgets are moved and others come and go. */
  key: string;
  plugin: string;
  widget: string;
  boxes: number[];
  /** Why it isn't run. */
  mistake?: string;
}

export interface Plan {
  tiles: Tile[];
  /** Boxes without a tile. */
  free: number[];
  /** Mistakes of items that are in no box. */
  nowhere: { index: number; mistake: string }[];
}

interface Rectangle {
  row: number;
  column: number;
  rows: number;
  columns: number;
}

/** @param widgetsOf the widgets that a plugin has registered, if it is ready */
export function plan(dashboard: unknown[], plugins: Plugin[], widgetsOf: (plugin: string) => string[] | undefined): Plan {
  const taken = new Map<number, string>();
  const counts = new Map<string, number>();
  const result: Plan = { tiles: [], free: [], nowhere: [] };
  for (const [index, item] of dashboard.entries()) {
    const { plugin, widget, boxes, problem } = itemOf(item);
    const name = `${plugin} · ${widget}`;
    const mistake = problem ?? overlap(boxes, taken) ?? unknown(plugin, widget, plugins, widgetsOf);
    const shownIn = boxes.filter((box) => !taken.has(box));
    if (shownIn.length === 0) {
      result.nowhere.push({ index, mistake: mistake ?? "It is in no box." });
      continue;
    }
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const area = rectangleOf(shownIn) ? shownIn : shownIn.slice(0, 1);
    area.forEach((box) => taken.set(box, name));
    result.tiles.push({ index, key: `${name} ${count}`, plugin, widget, boxes: area, mistake });
  }
  result.free = BOXES.filter((box) => !taken.has(box));
  return result;
}

interface Item {
  plugin: string;
  widget: string;
  boxes: number[];
  problem?: string;
}

function itemOf(item: unknown): Item {
  const { plugin, widget, boxes } = isJson(item) ? item : {};
  const named = { plugin: typeof plugin === "string" ? plugin : "?", widget: typeof widget === "string" ? widget : "?" };
  const listed = Array.isArray(boxes) ? [...new Set(boxes as unknown[])] : [];
  const own = listed.filter((box): box is number => BOXES.includes(box as number)).sort((a, b) => a - b);
  const problem = () => {
    if (!isJson(item)) return 'An item is an object: {"boxes": [1], "plugin": "…", "widget": "…"}.';
    if (named.plugin === "?" || named.widget === "?") return "plugin and widget are texts, and one is missing.";
    if (listed.length === 0) return "boxes is an array of numbers from 1 to 10, and it is missing or empty.";
    if (own.length < listed.length) return `Boxes are numbered from 1 to 10: ${listed.filter((box) => !own.includes(box as number)).map((box) => JSON.stringify(box)).join(", ")} is none.`;
    return rectangleOf(own) ? undefined : `Boxes ${own.join(", ")} aren't a rectangle.`;
  };
  return { ...named, boxes: own, problem: problem() };
}

function overlap(boxes: number[], taken: Map<number, string>): string | undefined {
  const box = boxes.find((each) => taken.has(each));
  return box === undefined ? undefined : `Box ${box} is taken by ${taken.get(box)}.`;
}

function unknown(plugin: string, widget: string, plugins: Plugin[], widgetsOf: (plugin: string) => string[] | undefined): string | undefined {
  if (!plugins.some(({ name }) => name === plugin)) return `There is no plugin ${plugin}. Add it, or correct the name.`;
  const widgets = widgetsOf(plugin);
  if (!widgets || widgets.includes(widget)) return undefined;
  return `${plugin} has no widget ${widget}. ${widgets.length > 0 ? `It has ${widgets.join(", ")}.` : "It has registered none."}`;
}

export function rectangleOf(boxes: number[]): Rectangle | undefined {
  const rowsOf = boxes.map((box) => Math.floor((box - 1) / COLUMNS));
  const columnsOf = boxes.map((box) => (box - 1) % COLUMNS);
  const [row, column] = [Math.min(...rowsOf), Math.min(...columnsOf)];
  const [rows, columns] = [Math.max(...rowsOf) - row + 1, Math.max(...columnsOf) - column + 1];
  return boxes.length > 0 && rows * columns === boxes.length ? { row, column, rows, columns } : undefined;
}

/** The same grid for the console's boxes and for the widgets' frames. */
export interface Grid {
  columns: string;
  rows: string;
  areaOf: (boxes: number[]) => string;
}

export const wideGrid: Grid = {
  columns: `repeat(${COLUMNS}, minmax(0, 1fr))`,
  rows: `${BOX_HEIGHT_REM}rem ${BOX_HEIGHT_REM}rem`,
  areaOf: (boxes) => {
    const { row, column, rows, columns } = rectangleOf(boxes)!;
    return `${row + 1} / ${column + 1} / span ${rows} / span ${columns}`;
  },
};

/** One column, in which boxes without a widget are low. */
export function narrowGrid({ tiles, free }: Plan): Grid {
  const order = [...tiles.map(({ boxes }) => boxes), ...free.map((box) => [box])].sort(([a], [b]) => a! - b!);
  const heightOf = (boxes: number[]) => (free.includes(boxes[0]!) ? EMPTY_BOX_HEIGHT_REM : BOX_HEIGHT_REM * rectangleOf(boxes)!.rows);
  return {
    columns: "minmax(0, 1fr)",
    rows: order.map((boxes) => `${heightOf(boxes)}rem`).join(" "),
    areaOf: (boxes) => `${order.findIndex(([first]) => first === boxes[0]) + 1} / 1`,
  };
}
