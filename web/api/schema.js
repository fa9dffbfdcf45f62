// JSON schemas for people: what a value looks like, field by field, and an example of it.

import { element, marked } from "./dom.js";

/** Follows a reference within the document. */
export const resolved = (description, thing) =>
  thing?.$ref ? thing.$ref.slice(2).split("/").reduce((at, name) => at[name], description) : thing;

/** A list of the fields of an object; undefined if the schema has none. */
export function fields(description, schema, above = []) {
  const whole = resolved(description, schema) ?? {};
  // A type that holds itself would never end.
  if (above.includes(whole)) return undefined;
  const parts = [whole, ...(whole.allOf ?? []).map((part) => resolved(description, part))];
  const properties = parts.flatMap((part) => (part.type === "object" ? Object.entries(part.properties ?? {}) : []));
  if (!properties.length) return inner(description, whole, above);
  const required = new Set(parts.flatMap((part) => (part.type === "object" ? part.required ?? [] : [])));
  return element("dl", { class: "fields" }, properties.map(([name, property]) => [
    element("dt", {}, element("code", {}, name), " ", element("span", { class: "type" }, kind(description, property)),
      required.has(name) ? element("strong", { class: "required" }, "required") : ""),
    element("dd", {}, marked(meaning(description, property)), limits(description, property),
      fields(description, property, [...above, whole]) ?? ""),
  ]));
}

/** What a value may be instead, where it may be one of several things. What only restricts a type that is given is none. */
const choices = (schema) => (schema.type || schema.properties ? [] : (schema.oneOf ?? schema.anyOf ?? []));

/** The fields of what a list holds, or all alternatives that have something to say beyond their kind. */
function inner(description, schema, above) {
  const around = [...above, schema];
  if (schema.items) return fields(description, schema.items, around);
  const several = choices(schema).filter((each) => each.type !== "null" && Object.keys(each).length > 0);
  if (several.length < 2) return several.length ? fields(description, several[0], around) : undefined;
  const shown = several.map((each) => ({ each: resolved(description, each), inside: fields(description, each, around) }));
  if (!shown.some(({ each, inside }) => inside || each.description)) return undefined;
  return element("ul", { class: "alternatives", "aria-label": "One of" }, shown.map((one) => element("li", {}, alternative(description, one))));
}

/** One of several, folded up if there is more to it than a line. */
function alternative(description, { each, inside }) {
  const line = [element("code", {}, nameOf(description, each)), " ", marked(each.description ?? "")];
  return inside ? element("details", {}, element("summary", {}, line), inside) : line;
}

/** What tells it from the others: the value of the field that says which one it is, or else its kind. */
function nameOf(description, schema) {
  const [tag] = Object.entries(schema.properties ?? {}).filter(([, { enum: values }]) => values?.length === 1);
  return tag ? `${tag[0]}: ${JSON.stringify(tag[1].enum[0])}` : kind(description, schema);
}

/** What it is for: beside the reference, in what that leads to, or in what it is unless it is null. */
function meaning(description, property) {
  const it = resolved(description, property);
  const isNullable = choices(it).some(({ type }) => type === "null");
  return [property, ...(isNullable ? choices(it) : []), it].find((each) => each.description)?.description ?? "";
}

/** What kind of value it is, in words. */
export function kind(description, schema) {
  const it = resolved(description, schema) ?? {};
  const alternatives = choices(it);
  if (alternatives.length) return [...new Set(alternatives.map((each) => kind(description, each)))].join(" or ");
  if (it.enum) return it.enum.map((each) => JSON.stringify(each)).join(" or ");
  if (it.items) return `list of ${kind(description, it.items)}`;
  return [it.type ?? (it.allOf ? "object" : "any value")].flat().join(" or ");
}

const LIMITS = {
  minLength: ({ minLength, maxLength }) => (maxLength ? `${minLength} to ${maxLength} characters` : "not empty"),
  maxLength: ({ minLength, maxLength }) => (minLength ? undefined : `at most ${maxLength} characters`),
  minimum: ({ minimum, maximum }) => (maximum === undefined ? `at least ${minimum}` : `${minimum} to ${maximum}`),
  minItems: () => "not empty",
  default: ({ default: value }) => `${JSON.stringify(value)} if absent`,
  pattern: ({ pattern }) => `matches ${pattern}`,
};

/** Its limits, in words. */
export function limits(description, schema) {
  const it = { ...resolved(description, schema), ...schema };
  const known = Object.entries(LIMITS).filter(([name]) => it[name] !== undefined && it[name] !== null);
  const said = known.map(([, say]) => say(it)).filter(Boolean);
  return said.length ? element("small", { class: "limits" }, said.join("; ")) : "";
}

/** An example of a value: the one that is given, or one that is made of its parts. */
export function example(description, schema, above = []) {
  const it = resolved(description, schema) ?? {};
  if (it.examples?.length) return it.examples[0];
  if (it.default !== undefined && it.default !== null) return it.default;
  if (it.const !== undefined) return it.const;
  if (it.enum) return it.enum[0];
  if (above.includes(it)) return null;
  const of = (part) => example(description, part, [...above, it]);
  const [alternative] = choices(it);
  if (alternative) return of(alternative);
  const parts = (it.allOf ?? []).map((part) => resolved(description, part)).filter((part) => part.properties);
  if (parts.length && !it.properties) return Object.assign({}, ...parts.map(of));
  return ofType(it, of);
}

function ofType(schema, of) {
  switch ([schema.type].flat()[0]) {
    case "object":
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, property]) => [name, of(property)]));
    case "array":
      return [of(schema.items)];
    case "integer":
    case "number":
      return schema.format === "int64" ? 1_760_000_000_000 : (schema.minimum ?? 0);
    case "boolean":
      return true;
    case "string":
      return "text";
    default:
      return null;
  }
}
