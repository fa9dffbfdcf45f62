// Draws a sequence on a canvas: life lines from top to bottom, an arrow in the middle of each row. Knows pixels and
// colours, and nothing of where the sequence comes from.

import type { Kind } from "./flow";
import type { Arrow, Gap, Sequence } from "./sequence";
import { ROW_PX } from "./use-window";

export interface Palette {
  card: string;
  ink: string;
  muted: string;
  line: string;
  strong: string;
  warn: string;
  sans: string;
  kinds: Record<Kind, string>;
}

/** Names of theme.css; `Traffic.module.css` gives the rows the same. */
const COLORS: Record<Kind, string> = { received: "info", sent: "accent", acked: "muted", connect: "good", disconnect: "bad" };

export function paletteOf(page: CSSStyleDeclaration): Palette {
  const value = (name: string) => page.getPropertyValue(`--${name}`).trim();
  const kinds = Object.fromEntries(Object.entries(COLORS).map(([kind, name]) => [kind, value(name)])) as Palette["kinds"];
  return { card: value("card"), ink: value("ink"), muted: value("muted"), line: value("line"), strong: value("line-strong"), warn: value("warn"), sans: value("sans"), kinds };
}

export interface Drawing {
  sequence: Sequence;
  /** Where each line stands. */
  xs: number[];
  width_px: number;
  palette: Palette;
  /** How much of an arrow is there already, from 0 to 1. */
  progress: (arrow: Arrow) => number;
  chosen?: number;
}

/** Where in its row an arrow is: its name stands above it. */
const ARROW_PX = 27;
const LABEL_PX = 16;
const HEAD_PX = 7;

/** How far the tips of a broadcast are apart. */
const FAN_PX = 7;

/** A name may be so much longer than its arrow. */
const LABEL_PX_MIN = 118;
const LABEL_LETTERS_MAX = 80;

export function draw(ctx: CanvasRenderingContext2D, drawing: Drawing) {
  const { sequence, width_px, palette } = drawing;
  const height_px = sequence.steps.length * ROW_PX;
  ctx.clearRect(0, 0, width_px, height_px);
  ctx.font = `500 11px ${palette.sans}`;
  ctx.lineCap = "round";
  ctx.lineJoin = "round";
  sequence.lines.forEach((_, index) => drawLine(ctx, drawing, index, height_px));
  sequence.steps.forEach((step, row) => {
    if ("kind" in step) drawArrow(ctx, drawing, step, row);
    else drawGap(ctx, drawing, step, row);
  });
}

/** A party's line begins when it comes and ends when it goes, if that is to be seen. */
function drawLine(ctx: CanvasRenderingContext2D, { sequence: { lines, steps }, xs, palette }: Drawing, index: number, height_px: number) {
  const isHub = lines[index]!.kind === "hub";
  const isOwn = lines[index]!.kind === "socket";
  const rowOf = (kind: Kind, find: "findIndex" | "findLastIndex") =>
    isOwn ? steps[find]((step) => "kind" in step && step.kind === kind && (step.from === index || step.to === index)) : -1;
  const [came, went] = [rowOf("connect", "findIndex"), rowOf("disconnect", "findLastIndex")];
  const [from_px, to_px] = [came < 0 ? 0 : came * ROW_PX + ARROW_PX, went < 0 ? height_px : went * ROW_PX + ARROW_PX];
  const x = Math.round(xs[index]!) + 0.5;
  ctx.setLineDash(lines[index]!.kind === "others" ? [2, 5] : []);
  stroke(ctx, isHub ? palette.muted : palette.strong, isHub ? 2 : 1.25, [[x, from_px], [x, Math.max(from_px, to_px)]]);
  ctx.setLineDash([]);
}

function drawArrow(ctx: CanvasRenderingContext2D, drawing: Drawing, arrow: Arrow, row: number) {
  const { xs, palette, progress, chosen } = drawing;
  const part = progress(arrow);
  if (part <= 0) return;
  const y = row * ROW_PX + ARROW_PX;
  const [from, target] = [xs[arrow.from]!, xs[arrow.to]!];
  const way = Math.sign(target - from) || 1;
  const to = from + (target - from) * part;
  const color = palette.kinds[arrow.kind];
  const width_px = arrow.number === chosen ? 2.75 : 1.6;
  const isMany = (arrow.receivers ?? 0) > 1;
  const forks = isMany ? Math.max(Math.abs(target - from) - 22, 0) * way + from : to;
  const isOver = (to - forks) * way > 0;

  ctx.setLineDash(arrow.kind === "acked" ? [5, 4] : arrow.kind === "connect" || arrow.kind === "disconnect" ? [1.5, 4] : []);
  stroke(ctx, color, width_px, [[from, y], [isMany && isOver ? forks : to - way * 2, y]]);
  ctx.setLineDash([]);
  if (isMany && isOver) fan(ctx, color, width_px, forks, to, y, way);
  else tip(ctx, color, to, y, way);
  source(ctx, drawing, arrow, from, y, color);
  if (arrow.kind === "disconnect" && part === 1) cross(ctx, palette, xs, arrow, drawing, y);
  drawLabel(ctx, drawing, arrow, row, Math.min(1, part * 1.5));
}

/** Where it starts: a dot. */
function source(ctx: CanvasRenderingContext2D, { palette }: Drawing, { kind }: Arrow, x: number, y: number, color: string) {
  ctx.beginPath();
  ctx.arc(x, y, kind === "connect" ? 4 : 2.5, 0, 2 * Math.PI);
  ctx.fillStyle = kind === "connect" ? palette.card : color;
  ctx.fill();
  if (kind !== "connect") return;
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.75;
  ctx.stroke();
}

/** A socket's end. */
function cross(ctx: CanvasRenderingContext2D, palette: Palette, xs: number[], { from, to }: Arrow, { sequence }: Drawing, y: number) {
  const x = xs[sequence.lines[from]?.kind === "hub" ? to : from]!;
  for (const turn of [1, -1]) stroke(ctx, palette.kinds.disconnect, 2, [[x - 4.5, y - 4.5 * turn], [x + 4.5, y + 4.5 * turn]]);
}

/** A broadcast goes to many. */
function fan(ctx: CanvasRenderingContext2D, color: string, width_px: number, from: number, to: number, y: number, way: number) {
  for (const turn of [-1, 0, 1]) {
    ctx.beginPath();
    ctx.moveTo(from, y);
    ctx.quadraticCurveTo(from + (to - from) * 0.45, y + turn * FAN_PX, to - way * 2, y + turn * FAN_PX);
    ctx.strokeStyle = color;
    ctx.lineWidth = width_px;
    ctx.stroke();
    tip(ctx, color, to, y + turn * FAN_PX, way, 0.75);
  }
}

function tip(ctx: CanvasRenderingContext2D, color: string, x: number, y: number, way: number, size = 1) {
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(x - way * HEAD_PX * size, y - HEAD_PX * 0.55 * size);
  ctx.lineTo(x - way * HEAD_PX * size, y + HEAD_PX * 0.55 * size);
  ctx.closePath();
  ctx.fillStyle = color;
  ctx.fill();
}

function drawLabel(ctx: CanvasRenderingContext2D, { xs, width_px, palette, chosen }: Drawing, arrow: Arrow, row: number, opacity: number) {
  const [from, to] = [xs[arrow.from]!, xs[arrow.to]!];
  const count = arrow.receivers === undefined ? "" : ` ×${arrow.receivers.toLocaleString("en")}`;
  const text = shortened(ctx, arrow.event, Math.max(Math.abs(to - from) - 14, LABEL_PX_MIN) - ctx.measureText(count).width) + count;
  const half = ctx.measureText(text).width / 2;
  const x = Math.max(half + 4, Math.min((from + to) / 2, width_px - half - 4));
  ctx.globalAlpha = opacity;
  ctx.textAlign = "center";
  // Lines that run behind it would make it hard to read.
  ctx.fillStyle = palette.card;
  ctx.fillRect(x - half - 3, row * ROW_PX + LABEL_PX - 10, half * 2 + 6, 12);
  ctx.fillStyle = arrow.number === chosen ? palette.kinds[arrow.kind] : palette.ink;
  ctx.fillText(text, x, row * ROW_PX + LABEL_PX);
  ctx.globalAlpha = 1;
}

function drawGap(ctx: CanvasRenderingContext2D, { width_px, palette }: Drawing, { missing }: Gap, row: number) {
  const y = row * ROW_PX + ROW_PX / 2;
  const text = missing === undefined ? "flows may be missing" : `${missing.toLocaleString("en")} missing`;
  ctx.setLineDash([3, 4]);
  stroke(ctx, palette.warn, 1.25, [[6, y], [width_px - 6, y]]);
  ctx.setLineDash([]);
  const half = ctx.measureText(text).width / 2;
  ctx.fillStyle = palette.card;
  ctx.fillRect(width_px / 2 - half - 8, y - 8, half * 2 + 16, 16);
  ctx.fillStyle = palette.warn;
  ctx.textAlign = "center";
  ctx.fillText(text, width_px / 2, y + 4);
}

function stroke(ctx: CanvasRenderingContext2D, color: string, width_px: number, [from, to]: [[number, number], [number, number]]) {
  ctx.strokeStyle = color;
  ctx.lineWidth = width_px;
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
}

function shortened(ctx: CanvasRenderingContext2D, name: string, width_px: number): string {
  const text = name.slice(0, LABEL_LETTERS_MAX);
  if (ctx.measureText(text).width <= width_px) return text;
  let end = text.length - 1;
  while (end > 1 && ctx.measureText(`${text.slice(0, end)}…`).width > width_px) end -= 1;
  return `${text.slice(0, end)}…`;
}
