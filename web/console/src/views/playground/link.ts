// Links that carry a dashboard in their fragment, which browsers send to nobody.

import { type Content, read, written } from "./document";
import { DOCUMENT_BYTES_MAX, LINK_CHARACTERS_MAX } from "./limits";

const PREFIX = "#share=";

/** A link to this page with the dashboard in it. */
export async function linkTo(content: Content): Promise<string> {
  const packed = new Blob([written(content)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const link = `${location.origin}${location.pathname}${PREFIX}${toBase64Url(bytes)}`;
  if (link.length > LINK_CHARACTERS_MAX) throw new Error(`The link would have ${link.length.toLocaleString("en")} characters, of at most ${LINK_CHARACTERS_MAX.toLocaleString("en")}. Export a file instead.`);
  return link;
}

export const isLink = (fragment: string): boolean => fragment.startsWith(PREFIX);

/** The dashboard in a fragment, or a rejection that says what is wrong with it. */
export async function contentOf(fragment: string): Promise<Content> {
  const bytes = await inflated(fromBase64Url(fragment.slice(PREFIX.length))).catch((error: unknown) => {
    throw error instanceof RangeError ? error : new Error("The link is damaged: a part of it may be missing.");
  });
  return read(new TextDecoder().decode(bytes));
}

async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    size += part.value.length;
    if (size > DOCUMENT_BYTES_MAX) {
      await reader.cancel();
      throw new RangeError(`It is larger than ${DOCUMENT_BYTES_MAX.toLocaleString("en")} bytes.`);
    }
  }
  return new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

const toBase64Url = (bytes: Uint8Array) =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Throws where there is a character that doesn't belong there; `contentOf` says so for people. */
function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
  } catch {
    throw new Error("The link is damaged: a part of it may be missing.");
  }
}
