// Values of an object's fields: how each type is shown, and how it is written in a line of text.

import type { Field } from "../../api/client";

export type Values = Record<string, unknown>;

export type DataObject = Values & { id: string; version: number; created_at_ms: number; updated_at_ms: number; created_by: string | null };

const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** As it is read in a table. */
export function shown(value: unknown, type: Field["type"]): string {
  if (value === null || value === undefined) return "";
  if (type === "date" && typeof value === "string") return moment.format(new Date(value));
  if (type === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value) && type === "links") return value.join(", ");
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

/** Types whose values fit a line, and can be changed in the table. */
export const fitsLine = (type: Field["type"]) => type !== "json" && type !== "links";

/** As it is written in an input. */
export function textOf(value: unknown, type: Field["type"]): string {
  if (value === null || value === undefined) return "";
  if (type === "date" && typeof value === "string") return localMoment(new Date(value));
  if (type === "json") return JSON.stringify(value, null, 2);
  return String(value);
}

/** What was written, for the API; nothing written is no value. A text that says what is wrong is thrown. */
export function valueOf(text: string, type: Field["type"]): unknown {
  if (text === "") return null;
  switch (type) {
    case "number":
      return numberOf(text);
    case "boolean":
      return text === "true";
    case "date":
      return new Date(text).toISOString();
    case "json":
      return JSON.parse(text);
    default:
      return text;
  }
}

function numberOf(text: string): number {
  const number = Number(text.replace(",", "."));
  if (text.trim() === "" || Number.isNaN(number)) throw new Error(`“${text}” isn't a number.`);
  return number;
}

/** What an input of the type datetime-local takes: the local time without a zone. */
function localMoment(at: Date): string {
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
