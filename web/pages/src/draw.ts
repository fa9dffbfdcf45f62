// Draws series of numbers with uPlot, as wide as there is room, in the colours of the page.

import uPlot from "uplot";

const HEIGHT_PX = 280;
/** Room for a text at a place. */
const LABEL_PX = 80;

export interface Series {
  /** Rising. */
  places: number[];
  /** What stands at the places, if they only count. */
  labels: string[] | undefined;
  /** Whether the places are seconds since the epoch; days are the same everywhere, moments are told in the visitor's zone. */
  isTime: "day" | "moment" | undefined;
  lines: { name: string; values: (number | null)[] }[];
}

export class Drawing {
  readonly #into: HTMLElement;
  readonly #series: Series;
  readonly #kind: "line" | "bar";
  readonly #observer: ResizeObserver;
  readonly #night = matchMedia("(prefers-color-scheme: dark)");
  #plot: uPlot | undefined;

  constructor(into: HTMLElement, series: Series, kind: "line" | "bar") {
    [this.#into, this.#series, this.#kind] = [into, series, kind];
    this.#draw();
    this.#observer = new ResizeObserver(() => this.#plot?.setSize({ width: this.#width, height: HEIGHT_PX }));
    this.#observer.observe(into);
    this.#night.addEventListener("change", this.#draw);
  }

  stop(): void {
    this.#observer.disconnect();
    this.#night.removeEventListener("change", this.#draw);
    this.#plot?.destroy();
  }

  get #width(): number {
    return Math.max(this.#into.clientWidth, 1);
  }

  readonly #draw = (): void => {
    this.#plot?.destroy();
    const { places, lines } = this.#series;
    this.#plot = new uPlot(this.#options(), [places, ...lines.map(({ values }) => values)], this.#into);
  };

  #options(): uPlot.Options {
    const colour = (name: string) => getComputedStyle(this.#into).getPropertyValue(name).trim();
    const axis = { stroke: colour("--ink-soft"), grid: { stroke: colour("--line") }, ticks: { stroke: colour("--line") } };
    const { labels, isTime, lines, places } = this.#series;
    const names = labels && { values: (_: uPlot, splits: number[]) => splits.map((split) => labels[split] ?? ""), splits: (plot: uPlot) => thinned(places, plot.width) };
    const paths = this.#kind === "bar" ? { paths: uPlot.paths.bars!({ size: [0.6, 60] }) } : {};
    const series = lines.map(({ name }, index) => {
      const stroke = colour(`--chart-${(index % 5) + 1}`);
      return { label: name, stroke, width: 2, ...(this.#kind === "bar" && { fill: `${stroke}80` }), ...paths };
    });
    return {
      width: this.#width,
      height: HEIGHT_PX,
      ...(isTime === "day" && { tzDate: (at: number) => uPlot.tzDate(new Date(at * 1000), "UTC") }),
      scales: { x: { time: isTime !== undefined, ...(this.#kind === "bar" && { range: room }) } },
      axes: [{ ...axis, ...names }, axis],
      series: [{ ...(labels && { value: (_, at) => labels[at] ?? "" }) }, ...series],
    };
  }
}

/** So many of the places that their texts have room. */
function thinned(places: number[], width: number): number[] {
  const step = Math.ceil(places.length / Math.max(Math.floor(width / LABEL_PX), 1));
  return places.filter((_, index) => index % step === 0);
}

/** Half a bar on either side. */
function room(plot: uPlot, min: number, max: number): uPlot.Range.MinMax {
  const half = (max - min || 1) / Math.max((plot.data[0]?.length ?? 1) - 1, 1) / 2;
  return [min - half, max + half];
}
