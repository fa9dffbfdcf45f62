// Values in texts, by the rules of the hub's own templates: the part of Mustache that messages need. Names are looked up in
// what was given and in nothing that JavaScript adds to it, and nothing that is found is ever called.

import Mustache from "mustache";

export type Value = string | number | boolean | null | undefined | Value[] | { [name: string]: Value };
export type Scope = Record<string, Value>;

/** What becomes of a value that is filled in. */
export type Mark = (text: string) => string;

function own(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name) ? (value as Scope)[name] : undefined;
}

class Names extends Mustache.Context {
  override push(view: unknown): Mustache.Context {
    return new Names(view, this);
  }

  override lookup(path: string): unknown {
    if (path === ".") return sectionOf(this.view);
    const [first = "", ...rest] = path.split(".");
    for (let scope: Mustache.Context | undefined = this; scope; scope = scope.parent) {
      const found = own(scope.view, first);
      if (found !== undefined) return sectionOf(rest.reduce(own, found));
    }
    return undefined;
  }
}

/** As in the hub, zero counts as a value. */
const sectionOf = (value: unknown): unknown => (typeof value === "number" ? String(value) : value);

/** A value as a text; of an object its id, since that is what a link is. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  const id = own(value, "id");
  return typeof id === "string" ? id : JSON.stringify(value);
}

class Renderer extends Mustache.Writer {
  readonly #mark: Mark;

  constructor(mark: Mark) {
    super();
    this.#mark = mark;
  }

  override escapedValue(token: string[], context: Mustache.Context): string {
    return this.#mark(textOf(context.lookup(token[1] ?? "")));
  }

  override unescapedValue(token: string[], context: Mustache.Context): string {
    return textOf(context.lookup(token[1] ?? ""));
  }
}

/** Fills in a template. The last scope is the innermost. */
export function render(template: string, scopes: Scope[], mark: Mark = (text) => text): string {
  const names = scopes.reduce((outer: Mustache.Context, scope) => outer.push(scope), new Names({}));
  return new Renderer(mark).render(template, names);
}
