// Reads what somebody else wrote: fields of a message by name, as text or as a number. Only own properties count, so a
// field that is called `__proto__` or `constructor` is a field like any other. Knows no message in particular.

/** Looks a field up. */
export type Fields = (name: string) => unknown;

/** The fields of a message that is an object, or a text that describes one. */
export function fieldsOf(message: unknown): Fields | undefined {
  const value = typeof message === "string" ? parsed(message) : message;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return (name) => (Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined);
}

function parsed(text: string): unknown {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Texts, numbers and truth values as text; everything else is none. */
export const textOf = (value: unknown): string =>
  typeof value === "string" ? value.trim() : typeof value === "number" || typeof value === "boolean" ? String(value) : "";

/** A number, or a text that is one: templates make texts of everything. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === "number" ? value : textOf(value) === "" ? NaN : Number(textOf(value));
  return Number.isNaN(number) ? undefined : number;
}
