// Filters as the table's bar writes them: comparisons that hold together. Conditions of any other form are JSON there.

import type { Field } from "../../api/client";
import { textOf, valueOf } from "./values";

export interface Comparison {
  field: string;
  operator: string;
  value: string;
}

const TEXT = ["eq", "ne", "contains", "starts_with", "exists"];
const ORDERED = ["eq", "ne", "gt", "gte", "lt", "lte", "exists"];

/** The operators that a type knows; of those that the API has, `in` is left to JSON. */
export const OPERATORS: Record<Field["type"], string[]> = {
  string: TEXT,
  file: TEXT,
  link: TEXT,
  number: ORDERED,
  date: ORDERED,
  boolean: ["eq", "ne", "exists"],
  links: ["contains", "exists"],
  json: ["exists"],
};

export const OPERATOR_NAMES: Record<string, string> = {
  eq: "is",
  ne: "isn't",
  gt: "is more than",
  gte: "is at least",
  lt: "is less than",
  lte: "is at most",
  contains: "contains",
  starts_with: "begins with",
  exists: "has a value",
};

/** The type of what is compared, the hub's own fields included. */
export const typeOf = (field: string, fields: Field[]): Field["type"] =>
  fields.find(({ name }) => name === field)?.type ?? (["version", "created_at_ms", "updated_at_ms"].includes(field) ? "number" : "string");

/** A comparison of this field, with this operator if it knows that, and a value to begin with. */
export function begin(field: string, fields: Field[], operator?: string): Comparison {
  const operators = OPERATORS[typeOf(field, fields)];
  const known = operator !== undefined && operators.includes(operator) ? operator : operators[0]!;
  return { field, operator: known, value: isChoice(field, known, fields) ? "true" : "" };
}

/** Whether the value is one of two. */
export const isChoice = (field: string, operator: string, fields: Field[]) => operator === "exists" || typeOf(field, fields) === "boolean";

export function writeFilter(comparisons: Comparison[], fields: Field[]): string | undefined {
  const conditions = comparisons.map(({ field, operator, value }) => ({ [field]: { [operator]: operandOf(operator, value, typeOf(field, fields)) } }));
  if (conditions.length === 0) return undefined;
  return JSON.stringify(conditions.length === 1 ? conditions[0] : { and: conditions });
}

function operandOf(operator: string, value: string, type: Field["type"]): unknown {
  if (operator === "exists") return value !== "false";
  return valueOf(value, type === "links" ? "string" : type);
}

/** The comparisons of a filter that `writeFilter` could have written. */
export function readFilter(filter: string | undefined, fields: Field[]): Comparison[] | undefined {
  if (!filter) return [];
  try {
    const { and, ...alone } = JSON.parse(filter);
    const conditions: unknown[] = Array.isArray(and) ? and : [alone];
    const comparisons = conditions.map((condition) => comparisonOf(condition, fields));
    return comparisons.every((comparison) => comparison !== undefined) ? comparisons : undefined;
  } catch {
    return undefined;
  }
}

function comparisonOf(condition: unknown, fields: Field[]): Comparison | undefined {
  const [entry, ...others] = Object.entries(condition as object);
  if (!entry || others.length > 0) return undefined;
  const [field, compared] = entry;
  if (typeof compared !== "object" || compared === null || Array.isArray(compared)) return undefined;
  const [comparison, ...further] = Object.entries(compared);
  if (!comparison || further.length > 0 || typeof comparison[1] === "object") return undefined;
  const [operator, operand] = comparison;
  const type = operator === "exists" ? "boolean" : typeOf(field, fields);
  return operator in OPERATOR_NAMES ? { field, operator, value: textOf(operand, type) } : undefined;
}
