// Values of objects as people read them.

/** Fields that the hub sets itself, and that are a time. */
const TIMES = ["created_at_ms", "updated_at_ms"];
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const MIDNIGHT = /T00:00:00(\.0+)?Z$/;

/** The time that a value of this field is, if it is one. */
export function timeIn(field: string, value: unknown): Date | undefined {
  if (typeof value === "number" && TIMES.includes(field)) return new Date(value);
  if (typeof value === "string" && MOMENT.test(value)) return new Date(value);
  return undefined;
}

export function shown(field: string, value: unknown): string {
  const time = timeIn(field, value);
  if (time && !Number.isNaN(time.getTime())) return isDay(value) ? dayOf(time) : momentOf(time);
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "✓" : "✗";
  if (Array.isArray(value)) return value.map((each) => shown("", each)).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const language = (): string => document.documentElement.lang || "en";
const isDay = (value: unknown): boolean => typeof value === "string" && MIDNIGHT.test(value);
const dayOf = (time: Date): string => time.toLocaleDateString(language(), { dateStyle: "medium", timeZone: "UTC" });
const momentOf = (time: Date): string => time.toLocaleString(language(), { dateStyle: "medium", timeStyle: "short" });
