// Which styles a message may give to its toast: properties that change how the toast looks and not where it is, with
// values that load nothing. Knows nothing of toasts.

import type { Fields } from "./fields.ts";
import { textOf } from "./fields.ts";

const VALUE_CHARACTERS_MAX = 200;

const PROPERTIES = (
  "color background backgroundColor opacity boxShadow borderColor borderStyle borderWidth borderRadius " +
  "width minWidth maxWidth height minHeight maxHeight fontFamily fontSize fontStyle fontWeight lineHeight " +
  "letterSpacing textAlign textDecoration textTransform whiteSpace alignItems gap"
).split(" ");

const SIDED = ["border", "padding", "margin"].flatMap((name) => ["", "Top", "Right", "Bottom", "Left"].map((side) => name + side));

const UNITLESS = ["opacity", "fontWeight", "lineHeight"];

/** No backslash, which hides names; no `:;{}<>@!`, which no value of these properties needs. */
const VALUE = /^[\w\s#%.,()+*/'"-]+$/;

const FUNCTIONS = /^((rgb|hsl)a?|hwb|(ok)?l(ab|ch)|color(-mix)?|light-dark|calc|min|max|clamp|var|(repeating-)?(linear|radial|conic)-gradient)$/i;

/** The value, if it is one that a stylesheet could take from a stranger. */
export function safeValue(value: unknown): string | undefined {
  const text = textOf(value);
  if (text.length > VALUE_CHARACTERS_MAX || !VALUE.test(text) || text.includes("/*")) return undefined;
  const functions = [...text.matchAll(/([\w-]+)\s*\(/g)];
  return functions.every(([, name]) => FUNCTIONS.test(name ?? "")) ? text : undefined;
}

/** The safe part of a `style`, by properties as scripts write them. Numbers are pixels where a unit is needed. */
export function safeStyle(fields: Fields): Record<string, string> {
  const style: Record<string, string> = {};
  for (const property of [...PROPERTIES, ...SIDED]) {
    const given = fields(property) ?? fields(hyphenated(property));
    const value = typeof given === "number" && given && !UNITLESS.includes(property) ? `${given}px` : given;
    const safe = safeValue(value);
    if (safe !== undefined) style[property] = safe;
  }
  return style;
}

/** The name that a property has in a stylesheet. */
export const hyphenated = (property: string): string => property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
