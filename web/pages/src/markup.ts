// Markdown and HTML of documents, with values in them, as nodes that can do no harm.
//
// A value never becomes markup: a mark stands in its place until the text has become nodes, and then it is put into a text or
// an attribute. All of it passes the sanitiser afterwards, addresses included. `{{{value}}}` is markup on purpose, and passes it
// as well.

import DOMPurify from "dompurify";
import { marked } from "marked";
import type { Scope } from "./template.ts";
import { render } from "./template.ts";

/** Two characters for private use, which mean nothing to Markdown; in addresses it writes them in their encoded form. */
const MARK = /(?:\uE000|%EE%80%80)(\d+)(?:\uE001|%EE%80%81)/g;
const ADDRESSES = ["href", "src"];

/** What has a look or a name of its own would pass for a part of the page; controls would ask in its name. */
const RULES = {
  USE_PROFILES: { html: true },
  FORBID_TAGS: ["style", "form", "input", "button", "textarea", "select", "option", "fieldset", "label", "dialog", "audio", "video", "marquee"],
  FORBID_ATTR: ["style", "class", "id", "name", "slot", "accesskey", "popover", "background", "srcset"],
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
} as const;

type Language = (text: string) => string;

const asMarkdown: Language = (text) => marked.parse(text, { async: false, gfm: true });
const asHtml: Language = (text) => text;

export const markdown = (template: string, scopes: Scope[]): DocumentFragment => nodes(template, scopes, asMarkdown);
export const html = (template: string, scopes: Scope[]): DocumentFragment => nodes(template, scopes, asHtml);

function nodes(template: string, scopes: Scope[], language: Language): DocumentFragment {
  const values: string[] = [];
  const text = render(template, scopes, (value) => `\uE000${values.push(value) - 1}\uE001`);
  // Nothing in a template's contents runs or is loaded.
  const raw = document.createElement("template");
  raw.innerHTML = language(text);
  fillIn(raw.content, values);
  return DOMPurify.sanitize(raw.content, { ...RULES, FORBID_TAGS: [...RULES.FORBID_TAGS], FORBID_ATTR: [...RULES.FORBID_ATTR] });
}

function fillIn(root: DocumentFragment, values: string[]): void {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node instanceof Text) node.data = node.data.replace(MARK, (_, index) => values[Number(index)] ?? "");
    else for (const attribute of (node as Element).attributes) fillInAttribute(attribute, values);
  }
}

/** In an address, a value at the beginning is an address itself; elsewhere it is a part of one. */
function fillInAttribute(attribute: Attr, values: string[]): void {
  if (!/\uE000|%EE%80%80/.test(attribute.value)) return;
  const isAddress = ADDRESSES.includes(attribute.name);
  attribute.value = attribute.value.replace(MARK, (_, index, offset: number) => {
    const value = values[Number(index)] ?? "";
    return isAddress && offset > 0 ? encodeURIComponent(value) : value;
  });
}

/** The address of a picture that may be shown: what the page's policy lets through. */
export function imageAddress(address: string): string | undefined {
  const { protocol, href, origin } = URL.canParse(address, location.href) ? new URL(address, location.href) : { protocol: "", href: "", origin: "" };
  const isImage = protocol === "https:" || /^data:image\//i.test(href) || origin === location.origin;
  return address && isImage ? href : undefined;
}
