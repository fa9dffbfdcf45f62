// Elements. Whatever comes from outside becomes text, never markup.

/** An element with these attributes and children; a function as `onclick` and the like is a listener. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== ""));
  return made;
}

/** Text as descriptions have it: `code`, and lines that begin with "- " as a list. */
export function prose(text) {
  const lines = text.split("\n").filter(Boolean);
  const items = lines.filter((line) => line.startsWith("- "));
  const rest = lines.filter((line) => !line.startsWith("- "));
  const list = items.length ? element("ul", {}, items.map((line) => element("li", {}, marked(line.slice(2))))) : undefined;
  return [...rest.map((line) => element("p", {}, marked(line))), list].filter(Boolean);
}

/** A line with its `code`. */
export const marked = (line) => line.split("`").map((part, at) => (at % 2 ? element("code", {}, part) : part));
