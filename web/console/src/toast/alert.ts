// What the event `alert` carries, read as front ends read it: a text, an object with options, or a card.

import type { CSSProperties } from "react";

export const POSITIONS = ["top-left", "top-center", "top-right", "bottom-left", "bottom-center", "bottom-right"] as const;
export type Position = (typeof POSITIONS)[number];

export const VARIANTS = ["default", "success", "destructive"] as const;
export type Variant = (typeof VARIANTS)[number];

export interface Alert {
  text: string;
  /** Only a card has one. */
  title?: string;
  variant: Variant;
  icon?: string;
  duration_ms: number;
  position: Position;
  style?: CSSProperties;
  /** The pages that it is limited to, with what is below them; none is everywhere. */
  pages: string[];
}

const DURATION_MS = 4_000;

type Json = Record<string, unknown>;

/** Reads a message of the event: whatever isn't an object is the text. */
export function readAlert(message: unknown): Alert {
  const plain: Alert = { text: textOf(message), variant: "default", duration_ms: DURATION_MS, position: "top-center", pages: [] };
  const object = objectOf(message);
  if (!object) return plain;
  if (!("message" in object) && ("title" in object || "description" in object)) return { ...plain, ...card(object) };
  return { ...plain, ...options(objectOf(object.parameters) ?? {}), text: textOf(object.message ?? ""), pages: pagesOf(object.page) };
}

/** An object, or a text that is one. */
function objectOf(value: unknown): Json | undefined {
  if (typeof value === "string") {
    try {
      return objectOf(value.trimStart().startsWith("{") ? JSON.parse(value) : undefined);
    } catch {
      return undefined;
    }
  }
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

const textOf = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value) ?? "");

const optional = (value: unknown) => (typeof value === "string" && value ? value : undefined);

function card({ variant, title, description, icon }: Json): Partial<Alert> {
  return {
    variant: VARIANTS.find((known) => known === variant) ?? "default",
    title: textOf(title ?? ""),
    text: textOf(description ?? ""),
    icon: optional(icon),
  };
}

function options({ duration, position, style, icon }: Json): Partial<Alert> {
  return {
    ...(typeof duration === "number" && duration >= 0 && { duration_ms: duration }),
    ...(POSITIONS.includes(position as Position) && { position: position as Position }),
    style: objectOf(style) as CSSProperties | undefined,
    icon: optional(icon),
  };
}

const pagesOf = (page: unknown) =>
  (optional(page) ?? "")
    .split(",")
    .map((name) => name.trim().replace(/^\/+|\/+$/g, ""))
    .filter(Boolean);
