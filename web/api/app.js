// The page about the API: fetches the description, lists its operations by tag, and finds among them.

import { keepBearer } from "./attempt.js";
import { element } from "./dom.js";
import { line } from "./operation.js";

const METHODS = ["get", "post", "put", "patch", "delete"];

const place = document.querySelector("#operations");
const search = document.querySelector("#search");
const found = document.querySelector("#found");

const lines = [];

async function show() {
  const description = await (await fetch("/api/v1/openapi.json")).json();
  document.querySelector("#version").textContent = description.info.version;
  document.querySelector("#about").textContent = description.info.description;
  const operations = Object.entries(description.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ path, method, ...item[method] })));
  place.replaceChildren(...description.tags.map((tag) => section(description, tag, operations)));
  find();
  openNamed();
}

function section(description, { name, description: about }, operations) {
  const own = operations.filter(({ tags }) => tags.includes(name));
  return element("section", { "aria-label": name },
    element("h2", {}, name), element("p", { class: "about" }, about),
    own.map((operation) => {
      const made = line(description, operation);
      const words = [operation.method, operation.path, operation.summary, operation.operationId, name].join(" ").toLowerCase();
      lines.push({ made, words });
      return made;
    }));
}

/** Leaves what has all the words that are typed. */
function find() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const { made, words: own } of lines) made.hidden = !words.every((word) => own.includes(word));
  for (const section of place.querySelectorAll("section")) {
    section.hidden = !section.querySelector(".operation:not([hidden])");
  }
  const count = lines.filter(({ made }) => !made.hidden).length;
  found.textContent = count === 1 ? "1 operation" : `${count} operations`;
}

/** Opens the first operation that is left. */
function openFirst() {
  const first = lines.find(({ made }) => !made.hidden)?.made;
  if (!first) return;
  first.open = true;
  first.querySelector("summary").focus();
}

/** Opens the operation that the address names. */
function openNamed() {
  const named = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (named?.matches?.(".operation")) {
    named.open = true;
    named.scrollIntoView();
  }
}

search.addEventListener("input", find);
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.select();
    search.focus();
  } else if (event.key === "Enter" && event.target === search) {
    // The rest of this key stroke would close what it has opened.
    event.preventDefault();
    openFirst();
  } else if (event.key === "Escape" && event.target === search) {
    search.value = "";
    find();
  }
});
addEventListener("hashchange", openNamed);
place.addEventListener("toggle", ({ target }) => {
  if (target.open && target.matches(".operation")) history.replaceState(null, "", `#${target.id}`);
}, true);

keepBearer(document.querySelector("#bearer"));
show().catch((error) => {
  place.replaceChildren(element("p", { role: "alert" }, `The description can't be read: ${error.message}`));
});
