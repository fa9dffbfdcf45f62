// Sets JSON out in lines, also such that was cut off: what a parser refuses. Digits and strings stay as they are.

const STEP = "  ";

export function indented(text: string): string {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s"{}[\],:]+/gs) ?? [];
  let depth = 0;
  const line = () => `\n${STEP.repeat(depth)}`;
  return tokens
    .map((token, index) => {
      const isEmptyAfter = /[{[]/.test(tokens[index - 1] ?? "");
      if (token === "{" || token === "[") {
        depth += 1;
        return /[}\]]/.test(tokens[index + 1] ?? "") ? token : token + line();
      }
      if (token === "}" || token === "]") {
        depth = Math.max(depth - 1, 0);
        return isEmptyAfter ? token : line() + token;
      }
      if (token === ",") return token + line();
      return token === ":" ? ": " : token;
    })
    .join("");
}
