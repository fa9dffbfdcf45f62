// Documents of JSON that people write as text. What is right in one is for the hub to say.

export type Json = Record<string, unknown>;

export const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** The document, if the text is one. */
export function documentOf(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A document as text, with its members in the order in which people write them: the hub keeps what is in it, and not the order. */
export function writtenInOrder(document: unknown, order: string[]): string {
  const rank = (member: string) => (order.includes(member) ? order.indexOf(member) : order.length);
  const sorted = (_: string, value: unknown) => (isJson(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => rank(a) - rank(b))) : value);
  return JSON.stringify(document, sorted, 2);
}
