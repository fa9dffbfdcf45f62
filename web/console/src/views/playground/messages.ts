// What the host of the plugins says. It is foreign code that may say anything: what doesn't look like a message is none.

import { isJson } from "../../parts/document";
import { LOG_LINE_CHARACTERS_MAX } from "./limits";

const LEVELS = ["debug", "log", "info", "warn", "error"] as const;
export type Level = (typeof LEVELS)[number];

export interface Line {
  level: Level;
  source: string;
  text: string;
}

export type Message =
  | { type: "ready" | "started" | "stopped" }
  | { type: "popup"; isOpen: boolean }
  | { type: "plugin"; name: string; state: "starting" | "ready" | "failed"; widgets: string[]; functions: string[]; problem?: string }
  | { type: "widget"; key: string; problem?: string }
  | { type: "set"; id: number; path: string; value: unknown }
  | { type: "log"; lines: Line[]; skipped: number }
  | { type: "result"; id: number; text?: string; problem?: string };

const NAMES_MAX = 200;
const LINES_MAX = 200;

export function messageOf(data: unknown): Message | undefined {
  if (!isJson(data)) return undefined;
  const { type } = data;
  switch (type) {
    case "ready":
    case "started":
    case "stopped":
      return { type };
    case "popup":
      return { type, isOpen: data.isOpen === true };
    case "plugin":
      return { type, name: text(data.name), state: stateOf(data.state), widgets: texts(data.widgets), functions: texts(data.functions), problem: textOrNone(data.problem) };
    case "widget":
      return { type, key: text(data.key), problem: textOrNone(data.problem) };
    case "set":
      return { type, id: Number(data.id), path: text(data.path), value: data.value };
    case "log":
      return { type, lines: (Array.isArray(data.lines) ? data.lines : []).slice(0, LINES_MAX).map(lineOf), skipped: Number(data.skipped) || 0 };
    case "result":
      return { type, id: Number(data.id), text: textOrNone(data.text), problem: textOrNone(data.problem) };
    default:
      return undefined;
  }
}

const text = (value: unknown): string => String(typeof value === "string" ? value : "").slice(0, LOG_LINE_CHARACTERS_MAX);
const textOrNone = (value: unknown): string | undefined => (typeof value === "string" ? text(value) : undefined);
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.slice(0, NAMES_MAX).map(text) : []);
const stateOf = (value: unknown) => (value === "ready" || value === "failed" ? value : "starting");

function lineOf(value: unknown): Line {
  const { level, source, text: said } = isJson(value) ? value : {};
  return { level: LEVELS.find((each) => each === level) ?? "log", source: text(source), text: text(said) };
}
