// One chart that moves: uPlot in a figure, with what is under the pointer, or else the latest, said in words above it.

import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import classes from "./Chart.module.css";
import type { History, Series } from "./history";

export interface Line {
  series: Series;
  name: string;
  /** A colour of theme.css. */
  color: string;
}

interface Props {
  title: string;
  lines: Line[];
  history: History;
  /** How a value is written. */
  format: (value: number) => string;
  /** Steps between the lines of the grid, where not every one makes sense. */
  steps?: number[];
}

/** For what comes in ones. */
export const WHOLE = [1, 2, 5].flatMap((step) => [0, 1, 2, 3, 4, 5].map((power) => step * 10 ** power)).sort((a, b) => a - b);

const HEIGHT_PX = 132;

/** How much of the past is shown: at least, and at most. */
const WINDOW_S = { min: 60, max: 600 };

export function Chart({ title, lines, history, format, steps }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const plot = useRef<uPlot>(undefined);
  const scheme = useComputedColorScheme("light");

  useEffect(() => {
    const element = box.current!;
    const made = new uPlot(options({ lines, format, steps }, setHovered), [[], ...lines.map(() => [])], element);
    plot.current = made;
    const fit = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    fit.observe(element);
    return () => {
      fit.disconnect();
      made.destroy();
    };
    // Lines and format never change; colours are read from the page when a chart is made.
  }, [scheme]);

  useEffect(() => {
    plot.current?.setData([history.at_s, ...lines.map(({ series }) => history.values[series])] as uPlot.AlignedData);
  }, [history, lines, scheme]);

  const index = hovered ?? history.at_s.length - 1;
  const value = (series: Series) => {
    const value = history.values[series][index];
    return value === null || value === undefined ? "–" : format(value);
  };
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>
        <span className={classes.title}>{title}</span>
        {lines.map(({ series, name, color }) => (
          <span key={series} className={classes.line}>
            <i style={{ background: `var(--${color})` }} /> {name} <strong>{value(series)}</strong>
          </span>
        ))}
      </figcaption>
      <div ref={box} className={classes.plot} aria-hidden />
    </figure>
  );
}

function options({ lines, format, steps }: Pick<Props, "lines" | "format" | "steps">, onHover: (index: number | null) => void): uPlot.Options {
  const page = getComputedStyle(document.documentElement);
  const color = (name: string) => page.getPropertyValue(`--${name}`).trim();
  const axis = { stroke: color("muted"), font: `11px ${page.getPropertyValue("--sans")}`, ticks: { show: false } };
  return {
    width: 300,
    height: HEIGHT_PX,
    padding: [8, 0, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 }, sync: { key: "overview" } },
    scales: {
      x: { range: (_, from_s, to_s) => past(from_s, to_s) },
      y: { range: (_, __, max) => [0, Math.max(steps ? 4 : 1, (max ?? 0) * 1.15)] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 22, space: 80, incrs: STEPS_S, values: (_, times) => times.map(clock((times[1] ?? 0) - (times[0] ?? 0))) },
      { ...axis, grid: { stroke: color("line"), width: 1 }, size: 44, space: 36, ...(steps && { incrs: steps }), values: (_, values) => values.map(format) },
    ],
    series: [{}, ...lines.map((line, index) => stroke(color(line.color), index === 0))],
    hooks: { setCursor: [({ cursor }) => onHover(cursor.idx ?? null)] },
  };
}

/** What there is of the past, within the limits; of nothing, the last minute. */
function past(from_s: number | null, to_s: number | null): [number, number] {
  const end_s = to_s ?? Date.now() / 1000;
  return [end_s - Math.min(WINDOW_S.max, Math.max(WINDOW_S.min, end_s - (from_s ?? end_s))), end_s];
}

/** The first line stands on a faint ground. */
function stroke(color: string, isFilled: boolean): uPlot.Series {
  const fill = ({ ctx, bbox }: uPlot) => {
    const gradient = ctx.createLinearGradient(0, bbox.top, 0, bbox.top + bbox.height);
    gradient.addColorStop(0, `${color}33`);
    gradient.addColorStop(1, `${color}00`);
    return gradient;
  };
  return { stroke: color, width: 1.75, points: { show: false }, spanGaps: false, ...(isFilled && { fill }) };
}

const STEPS_S = [15, 30, 60, 120, 300];

/** How moments are written that are so far apart. */
const clock = (step_s: number) => (at_s: number) =>
  new Date(at_s * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", ...(step_s < 60 && { second: "2-digit" }) });
