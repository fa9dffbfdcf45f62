// Brings a part of the page up to date with the server's new version of it. What is applied is the difference between
// that version and the server's last one, so whatever the user or a script has done on the page stays unless the server
// has changed that very thing. Fetches nothing.

import { keepInput, hasUnsavedInput } from "./input.ts";
import { KEEP } from "./part.ts";
import { pairUp } from "./pairs.ts";

/** On an element that the server has removed and that stays for the input in it. */
const GONE = "data-campanile-gone";

/** Their contents aren't elements of the page. */
const OPAQUE = ["SCRIPT", "NOSCRIPT", "TEMPLATE"];

/** The server's versions live in a document where nothing loads and nothing runs. */
const inert = document.implementation.createHTMLDocument();
const liveOf = new WeakMap<Node, Node>();
const versionOf = new WeakMap<Node, Node>();

/** Takes what is on the page for what the server has said last, where nothing else is known. */
export function remember(live: Node): void {
  versionFor(live);
}

/** Applies what the server says of an element now. `next` is used up. */
export function merge(live: Element, next: Element): void {
  const restore = [keepInput(live), keepFocus(live), keepSelection()];
  const version = versionFor(live);
  const current = mergeNode(version, next);
  if (current !== version) (version as Element).replaceWith(current);
  for (const each of restore) each();
}

function versionFor(live: Node): Node {
  const known = versionOf.get(live);
  if (known) return known;
  const version = inert.importNode(live, false);
  for (const child of live.childNodes) version.appendChild(versionFor(child));
  link(version, live);
  return version;
}

function link(version: Node, live: Node): void {
  liveOf.set(version, live);
  versionOf.set(live, version);
}

/** Returns the node that stands for the server's last version from now on. */
function mergeNode(version: Node, next: Node): Node {
  const live = liveOf.get(version) as Node;
  if (version.isEqualNode(next) || isKept(live, version)) return version;
  if (isElement(live) && isElement(version) && isElement(next)) {
    mergeAttributes(live, version, next);
    // A custom element that the server sends empty has filled itself.
    if (next.hasChildNodes() || !live.localName.includes("-")) mergeChildren(live, version, next);
  } else {
    (live as CharacterData).data = (next as CharacterData).data;
  }
  link(next, live);
  return next;
}

function isKept(live: Node, version: Node): boolean {
  if (!isElement(live)) return false;
  const isEdited = live.getAttribute("contenteditable") !== null && live.innerHTML !== (version as Element).innerHTML;
  return live.hasAttribute(KEEP) || OPAQUE.includes(live.nodeName) || isEdited;
}

function mergeAttributes(live: Element, version: Element, next: Element): void {
  for (const name of new Set([...version.getAttributeNames(), ...next.getAttributeNames()])) {
    const [before, after] = [version.getAttribute(name), next.getAttribute(name)];
    if (before === after) continue;
    if (name === "class" && live.className !== before) mergeClasses(live, version, next);
    else if (after === null) live.removeAttribute(name);
    else live.setAttribute(name, after);
  }
}

/** A script has classes of its own on it. */
function mergeClasses(live: Element, version: Element, next: Element): void {
  live.classList.add(...[...next.classList].filter((name) => !version.classList.contains(name)));
  live.classList.remove(...[...version.classList].filter((name) => !next.classList.contains(name)));
}

function mergeChildren(live: Element, version: Element, next: Element): void {
  const children = [...next.childNodes];
  if (isSame([...version.childNodes], children)) return next.replaceChildren(...version.childNodes);
  const { pairs, moved, left } = pairUp(childrenNow(live, version), children);
  for (const old of left) remove(old, live, next);
  let [previous, previousElement]: (Node | undefined)[] = [];
  for (const child of children) {
    const old = pairs.get(child);
    const node = old ? mergePair(live, old, child) : created(child);
    if (old && node.parentNode !== live) continue;
    if (!old || moved.has(child)) {
      const after = isBehind(previous, previousElement) ? previous : previousElement;
      place(node, live, after ? after.nextSibling : firstStaying(live, children, pairs, moved));
    }
    previous = node;
    if (isElement(node)) previousElement = node;
  }
}

const isSame = (some: Node[], others: Node[]): boolean =>
  some.length === others.length && some.every((node, at) => node.isEqualNode(others[at] as Node));

/** Where a script has sorted elements, the space between them is anywhere. */
const isBehind = (node: Node | undefined, element: Node | undefined): boolean =>
  node === element || (node as CharacterData).previousElementSibling === (element ?? null);

/** The server's last versions of what is in an element. If a script has put something else there, that counts as such. */
function childrenNow(live: Element, version: Element): Node[] {
  const olds = [...version.childNodes];
  const isReplaced = olds.length > 0 && olds.every((old) => liveOf.get(old)?.parentNode !== live);
  return isReplaced ? [...live.childNodes].map(versionFor) : olds;
}

/** Returns the node on the page. */
function mergePair(parent: Element, old: Node, child: ChildNode): Node {
  const version = old.isEqualNode(child) ? old : (successor(parent, old) ?? old);
  const live = liveOf.get(version) as Node;
  if (isElement(live)) live.removeAttribute(GONE);
  const current = mergeNode(version, child);
  if (current !== child) child.replaceWith(current);
  return live;
}

/** A script may have put another element in the place of one, under the same id. */
function successor(parent: Element, old: Node): Node | undefined {
  if (liveOf.get(old)?.parentNode === parent || !isElement(old) || !old.id) return undefined;
  const live = [...parent.children].find(({ id }) => id === old.id);
  return live && versionFor(live);
}

/** Puts a new node of the server's on the page. Scripts in it don't run, as they came by a parser without scripting. */
function created(next: Node): Node {
  const live = document.importNode(next, true);
  linkAll(next, live);
  return live;
}

function linkAll(version: Node, live: Node): void {
  link(version, live);
  version.childNodes.forEach((child, at) => linkAll(child, live.childNodes[at] as Node));
}

/** Where something goes that has nothing before it: what a script has put in front of everything stays there. */
function firstStaying(live: Element, children: Node[], pairs: Map<Node, Node>, moved: Set<Node>): Node | null {
  const stays = (child: Node): boolean => pairs.has(child) && !moved.has(child);
  const nodes = children.filter(stays).map((child) => liveOf.get(pairs.get(child) as Node));
  return nodes.find((node) => node?.parentNode === live) ?? null;
}

/** `moveBefore` keeps focus, scroll and frames as they are. */
function place(node: Node, parent: Element, before: Node | null): void {
  if (node === before || (node.parentNode === parent && node.nextSibling === before)) return;
  const mover = parent as Element & { moveBefore?: (node: Node, before: Node | null) => void };
  if (node.parentNode === parent && mover.moveBefore) mover.moveBefore(node, before);
  else parent.insertBefore(node, before);
}

/** Takes away what the server has no more, but not what somebody is writing in. */
function remove(old: Node, parent: Element, next: Element): void {
  const live = liveOf.get(old) as ChildNode;
  if (live.parentNode !== parent) return;
  const isUnsaved = isElement(live) && hasUnsavedInput(live);
  if (isUnsaved) live.setAttribute(GONE, "");
  else if (!isElement(live) || !live.hasAttribute(KEEP)) return live.remove();
  // The next version won't have it either, and then it is judged again.
  next.append(old);
}

function keepFocus(live: Element): () => void {
  const root = live.getRootNode() as Document;
  const active = root.activeElement as HTMLElement | null;
  return () => {
    if (active?.isConnected && active !== root.activeElement) active.focus({ preventScroll: true });
  };
}

function keepSelection(): () => void {
  const selection = getSelection();
  if (!selection || selection.isCollapsed) return () => {};
  const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
  const place = (node: Node, offset: number): [Node, number] => [node, Math.min(offset, (node.nodeValue ?? node.childNodes).length)];
  return () => {
    if (!anchorNode?.isConnected || !focusNode?.isConnected) return;
    selection.setBaseAndExtent(...place(anchorNode, anchorOffset), ...place(focusNode, focusOffset));
  };
}

const isElement = (node: unknown): node is Element => (node as Node | null)?.nodeType === Node.ELEMENT_NODE;
