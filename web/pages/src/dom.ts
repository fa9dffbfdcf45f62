// Making elements. Texts become text nodes; nothing here takes HTML.

type Child = Node | string | null | undefined | false;
type Properties<Name extends keyof HTMLElementTagNameMap> = Partial<Omit<HTMLElementTagNameMap[Name], "style" | "attributes">> & {
  /** Attributes that have no property, or another one. */
  attributes?: Record<string, string | undefined>;
};

export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  { attributes = {}, ...properties }: Properties<Name> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = Object.assign(document.createElement(name), properties);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(attribute, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

let made = 0;

/** An id for an element. Ids of blocks have no colon, so the two never meet. */
export const newId = (name: string): string => `:${name}:${(made += 1)}`;

/** Puts these children into an element, and touches none that stays in its place. */
export function fill(element: Element, children: Node[]): void {
  const staying = new Set(children);
  for (const child of [...element.childNodes]) if (!staying.has(child as Node)) child.remove();
  children.forEach((child, index) => {
    if (element.childNodes[index] !== child) element.insertBefore(child, element.childNodes[index] ?? null);
  });
}
