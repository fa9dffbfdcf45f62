// What a message of the event `alert` says: a text, and how it wants to be shown. Texts stay texts, and of everything
// else only what is known and safe is taken. Draws nothing.

import type { Fields } from "./fields.ts";
import { fieldsOf, numberOf, textOf } from "./fields.ts";
import { pagesOf } from "./page.ts";
import { safeStyle, safeValue } from "./style.ts";

const TEXT_CHARACTERS_MAX = 1_000;
const NAME_CHARACTERS_MAX = 200;
const ICON_CHARACTERS_MAX = 16;
const REMOVE_DELAY_MS_MAX = 60_000;
/** Timers can't wait longer; whoever asks for more means for ever. */
const DURATION_MS_MAX = 2 ** 31 - 1;

export const DURATION_MS = 4_000;

const POSITIONS = ["top-left", "top-center", "top-right", "bottom-left", "bottom-center", "bottom-right"] as const;
const ROLES = ["status", "alert"] as const;
const LIVES = ["off", "polite", "assertive"] as const;
const VARIANTS = ["default", "success", "destructive"] as const;

export type Position = (typeof POSITIONS)[number];

export const isPosition = (name: unknown): name is Position => POSITIONS.includes(name as Position);

export interface AriaProps {
  role: (typeof ROLES)[number];
  "aria-live": (typeof LIVES)[number];
}

/** How a toast is shown, by the names that react-hot-toast has for it. Only what the message says is there. */
export interface ToastOptions {
  id?: string;
  /** In milliseconds; `Infinity` is until it is closed. */
  duration?: number;
  position?: Position;
  style?: Record<string, string>;
  className?: string;
  icon?: string;
  iconTheme?: { primary?: string; secondary?: string };
  ariaProps?: AriaProps;
  /** Time in milliseconds that a toast stays in the document after it was dismissed. */
  removeDelay?: number;
}

export interface Alert {
  text: string;
  description: string;
  variant: (typeof VARIANTS)[number];
  /** Where it is to be seen; none: everywhere. */
  pages: string[];
  options: ToastOptions;
}

/** Reads a message; undefined if there is nothing to show in it. */
export function parseAlert(message: unknown): Alert | undefined {
  const fields = fieldsOf(message);
  if (!fields) return plain(message);
  const texts = ["title", "message", "description"].map((name) => shortened(textOf(fields(name)), TEXT_CHARACTERS_MAX));
  const [text, description = ""] = texts.filter(Boolean);
  if (!text) return undefined;
  const pages = fields("page");
  return {
    text,
    description,
    variant: oneOf(VARIANTS, fields("variant")) ?? "default",
    pages: Array.isArray(pages) ? pages.flatMap((page) => pagesOf(textOf(page))) : pagesOf(textOf(pages)),
    options: optionsOf(fieldsOf(fields("parameters")), fields("icon")),
  };
}

function plain(message: unknown): Alert | undefined {
  const text = shortened(Array.isArray(message) ? JSON.stringify(message) : textOf(message), TEXT_CHARACTERS_MAX);
  return text ? { text, description: "", variant: "default", pages: [], options: {} } : undefined;
}

function optionsOf(fields: Fields = () => undefined, icon: unknown): ToastOptions {
  const name = (field: string): string | undefined => shortened(textOf(fields(field)), NAME_CHARACTERS_MAX) || undefined;
  return known({
    id: name("id"),
    duration: durationOf(numberOf(fields("duration"))),
    position: oneOf(POSITIONS, fields("position")),
    style: styleOf(fieldsOf(fields("style"))),
    className: name("className"),
    icon: shortened(textOf(fields("icon") ?? icon), ICON_CHARACTERS_MAX) || undefined,
    iconTheme: iconThemeOf(fieldsOf(fields("iconTheme"))),
    ariaProps: ariaPropsOf(fieldsOf(fields("ariaProps"))),
    removeDelay: within(REMOVE_DELAY_MS_MAX, numberOf(fields("removeDelay"))),
  });
}

function durationOf(duration: number | undefined): number | undefined {
  if (duration === undefined || duration <= 0) return undefined;
  return duration > DURATION_MS_MAX ? Infinity : duration;
}

const styleOf = (fields: Fields | undefined): Record<string, string> | undefined => fields && safeStyle(fields);

const iconThemeOf = (fields: Fields | undefined): ToastOptions["iconTheme"] =>
  fields && known({ primary: safeValue(fields("primary")), secondary: safeValue(fields("secondary")) });

function ariaPropsOf(fields: Fields | undefined): AriaProps | undefined {
  if (!fields) return undefined;
  return { role: oneOf(ROLES, fields("role")) ?? "status", "aria-live": oneOf(LIVES, fields("aria-live")) ?? "polite" };
}

const within = (most: number, value: number | undefined): number | undefined =>
  value === undefined || value < 0 ? undefined : Math.min(value, most);

const oneOf = <T extends string>(names: readonly T[], value: unknown): T | undefined =>
  names.find((name) => name === textOf(value));

/** Cuts what is too long, between characters: a code unit may be half of one. */
const shortened = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, "")}…` : text;

type Known<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields that have a value. */
const known = <T extends object>(fields: T): Known<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Known<T>;
