// The drawings of toasts: lines on a disc, in two colours that may be given.

interface Drawing {
  /** The disc's colour; none: no disc. */
  disc?: string;
  line: string;
}

export const SUCCESS: Drawing = { disc: "var(--toast-success)", line: "M6 10.5 9 13.5 14.5 7.5" };
export const ERROR: Drawing = { disc: "var(--toast-destructive)", line: "M7 7 13 13M13 7 7 13" };
export const CLOSE: Drawing = { line: "M4 4 16 16M16 4 4 16" };

export interface IconTheme {
  primary?: string;
  secondary?: string;
}

export function drawing({ disc, line }: Drawing, { primary, secondary }: IconTheme = {}): SVGElement {
  const svg = shape("svg", { viewBox: "0 0 20 20", fill: "none", "aria-hidden": "true" });
  if (disc) svg.append(painted(shape("circle", { cx: "10", cy: "10", r: "10" }), "fill", primary ?? disc));
  const path = shape("path", { d: line, "stroke-width": "2", "stroke-linecap": "round", "stroke-linejoin": "round" });
  svg.append(painted(path, "stroke", secondary ?? (disc ? "var(--toast-ground)" : "currentcolor")));
  return svg;
}

function painted(element: SVGElement, property: string, color: string): SVGElement {
  element.style.setProperty(property, color);
  return element;
}

function shape(name: string, attributes: Record<string, string>): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  return element;
}
