// Which child of the server's new version is which child of its last one: by id where there is one, by content, and
// where that has changed by kind and place. Reads nodes and changes none.

/** Beyond this many comparisons a list that was rewritten from end to end is matched by id and place only. */
const COMPARISONS_MAX = 1_000_000;

export interface Pairs {
  /** Old nodes by new ones. */
  pairs: Map<Node, Node>;
  /** New nodes whose partner has another place now. All others are in order. */
  moved: Set<Node>;
  /** Old nodes without a partner. */
  left: Set<Node>;
}

export function pairUp(olds: readonly Node[], news: readonly Node[]): Pairs {
  const result: Pairs = { pairs: new Map(), moved: new Set(), left: new Set(olds) };
  const anchors = anchorsOf(olds.map(tokenOf), news.map(tokenOf));
  const join = (old: Node, node: Node): void => {
    result.pairs.set(node, old);
    result.left.delete(old);
  };
  for (const [at, to] of anchors) join(olds[at] as Node, news[to] as Node);
  joinMoved(news, result, join);
  joinAlike(olds, news, anchors, result, join);
  return result;
}

type Join = (old: Node, node: Node) => void;

const idOf = (node: Node): string => (node as Element).id ?? "";

/** Same tokens, same node. */
const tokenOf = (node: Node): string =>
  idOf(node) ? `#${node.nodeName} ${idOf(node)}` : ((node as Element).outerHTML ?? `${node.nodeType}${node.nodeValue}`);

/** What has an id and isn't where it was. */
function joinMoved(news: readonly Node[], { pairs, moved, left }: Pairs, join: Join): void {
  const byToken = new Map([...left].filter(idOf).map((old) => [tokenOf(old), old]));
  for (const node of news.filter((node) => idOf(node) && !pairs.has(node))) {
    const old = byToken.get(tokenOf(node));
    if (!old || !left.has(old)) continue;
    join(old, node);
    moved.add(node);
  }
}

/** Between two neighbouring anchors, nodes of one kind in their order: they have changed in place. */
function joinAlike(olds: readonly Node[], news: readonly Node[], anchors: Anchor[], { pairs, left }: Pairs, join: Join): void {
  let [at, to] = [0, 0];
  for (const [nextAt, nextTo] of [...anchors, [olds.length, news.length]] as Anchor[]) {
    const candidates = olds.slice(at, nextAt).filter((old) => left.has(old) && !idOf(old));
    for (const node of news.slice(to, nextTo).filter((node) => !pairs.has(node) && !idOf(node))) {
      const found = candidates.findIndex((old) => isAlike(old, node));
      if (found < 0) continue;
      join(candidates[found] as Node, node);
      candidates.splice(0, found + 1);
    }
    [at, to] = [nextAt + 1, nextTo + 1];
  }
}

const isAlike = (old: Node, node: Node): boolean =>
  old.nodeName === node.nodeName && ["type", "name"].every((field) => attribute(old, field) === attribute(node, field));

const attribute = (node: Node, name: string): string | null | undefined => (node as Element).getAttribute?.(name);

/** Places of an old and of a new node. */
type Anchor = [at: number, to: number];

/** The heaviest sequence of tokens that both lists have in this order. */
function anchorsOf(olds: string[], news: string[]): Anchor[] {
  const most = Math.min(olds.length, news.length);
  let [head, tail] = [0, 0];
  while (head < most && olds[head] === news[head]) head += 1;
  while (tail < most - head && olds.at(-1 - tail) === news.at(-1 - tail)) tail += 1;
  const middle = common(olds.slice(head, olds.length - tail), news.slice(head, news.length - tail));
  return [
    ...Array.from({ length: head }, (_, at): Anchor => [at, at]),
    ...middle.map(([at, to]): Anchor => [at + head, to + head]),
    ...Array.from({ length: tail }, (_, at): Anchor => [olds.length - tail + at, news.length - tail + at]),
  ];
}

function common(olds: string[], news: string[]): Anchor[] {
  if (olds.length * news.length > COMPARISONS_MAX) return [];
  const width = news.length + 1;
  // weights[at * width + to]: of the best sequence in olds from `at` and news from `to`.
  const weights = new Float64Array((olds.length + 1) * width);
  const weight = (at: number, to: number): number => weights[at * width + to] as number;
  for (let at = olds.length - 1; at >= 0; at -= 1) {
    for (let to = news.length - 1; to >= 0; to -= 1) {
      weights[at * width + to] =
        olds[at] === news[to] ? weight(at + 1, to + 1) + weightOf(olds[at] as string) : Math.max(weight(at + 1, to), weight(at, to + 1));
    }
  }
  const anchors: Anchor[] = [];
  for (let [at, to] = [0, 0]; at < olds.length && to < news.length; ) {
    if (olds[at] === news[to]) anchors.push([at++, to++]);
    else if (weight(at + 1, to) >= weight(at, to + 1)) at += 1;
    else to += 1;
  }
  return anchors;
}

/** An element with an id says more than one without, and that more than the space between two. */
const weightOf = (token: string): number => (token.startsWith("#") ? 10_000 : Math.min(token.length, 1_000));
