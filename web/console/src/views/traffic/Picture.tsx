// The sequence on a canvas, which moves with the rows that it belongs to. What is new is drawn as it goes, unless there
// is too much of it or one doesn't want things to move.

import { useComputedColorScheme } from "@mantine/core";
import { useReducedMotion } from "@mantine/hooks";
import { type RefObject, useLayoutEffect, useMemo, useRef } from "react";
import { draw, type Palette, paletteOf } from "./draw";
import type { Arrow, Line, Sequence } from "./sequence";
import classes from "./Traffic.module.css";
import { ROW_PX } from "./use-window";

interface Props {
  sequence: Sequence;
  width_px: number;
  chosen?: number;
}

const GROWTH_MS = 260;

/** If more arrows than that are new, they are drawn at once. */
const GROWING_MAX = 14;

/** Where each line stands. */
export const placesOf = (lines: Line[], width_px: number): number[] => lines.map((_, index) => ((index + 0.5) / lines.length) * width_px);

export function Picture({ sequence, width_px, chosen }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const palette = usePalette();
  const isCalm = useReducedMotion();
  const glide = useGlide(isCalm);
  const height_px = sequence.steps.length * ROW_PX;

  useFit(canvas, width_px, height_px);
  useLayoutEffect(() => {
    const ctx = canvas.current?.getContext("2d");
    if (!ctx || width_px === 0) return;
    const isMoving = !isCalm && sequence.steps.filter((step) => isYoung(step, performance.now())).length <= GROWING_MAX;
    let frame = 0;
    const show = () => {
      const now_ms = performance.now();
      const xs = glide(sequence.lines, placesOf(sequence.lines, width_px), now_ms);
      const progress = isMoving ? (arrow: Arrow) => grown(now_ms - arrow.shown_ms) : () => 1;
      draw(ctx, { sequence, xs: xs.places, width_px, palette, progress, chosen });
      if (xs.isMoving || (isMoving && sequence.steps.some((step) => isYoung(step, now_ms)))) frame = requestAnimationFrame(show);
    };
    show();
    return () => cancelAnimationFrame(frame);
  }, [sequence, width_px, palette, isCalm, chosen]);
  return <canvas ref={canvas} className={classes.canvas} aria-hidden />;
}

const isYoung = (step: Sequence["steps"][number], now_ms: number) => "kind" in step && now_ms - step.shown_ms < GROWTH_MS;

/** How much of an arrow is there after this time: fast at first. */
const grown = (age_ms: number) => 1 - (1 - Math.max(0, Math.min(age_ms / GROWTH_MS, 1))) ** 3;

/** As many pixels as the screen has. A canvas that gets another size is empty, so it only gets one when it must. */
function useFit(canvas: RefObject<HTMLCanvasElement | null>, width_px: number, height_px: number) {
  const ratio = devicePixelRatio;
  useLayoutEffect(() => {
    const element = canvas.current!;
    element.width = Math.round(width_px * ratio);
    element.height = Math.round(height_px * ratio);
    element.style.width = `${width_px}px`;
    element.style.height = `${height_px}px`;
    element.getContext("2d")?.scale(ratio, ratio);
  }, [width_px, height_px, ratio]);
}

function usePalette(): Palette {
  const scheme = useComputedColorScheme("light");
  return useMemo(() => paletteOf(getComputedStyle(document.documentElement)), [scheme]);
}

const GLIDE_MS = 90;

/** Lines that get another place go there. */
function useGlide(isCalm: boolean) {
  const former = useRef({ at_ms: 0, places: new Map<string, number>() });
  return (lines: Line[], targets: number[], now_ms: number) => {
    const { at_ms, places } = former.current;
    const part = isCalm ? 1 : 1 - Math.exp(-Math.min(now_ms - at_ms, 50) / GLIDE_MS);
    const next = lines.map(({ key }, index) => {
      const [from, to] = [places.get(key) ?? targets[index]!, targets[index]!];
      return Math.abs(to - from) < 0.5 ? to : from + (to - from) * part;
    });
    former.current = { at_ms: now_ms, places: new Map(lines.map(({ key }, index) => [key, next[index]!])) };
    return { places: next, isMoving: next.some((place, index) => place !== targets[index]) };
  };
}
