// The form that calls an operation. It knows the bearer's field; the bearer is kept no longer than the tab.

import { element } from "./dom.js";
import { example, kind, resolved } from "./schema.js";

const KEPT = "campanile-bearer";

/** Lets the field keep what is typed while the tab lives. */
export function keepBearer(field) {
  field.value = sessionStorage.getItem(KEPT) ?? "";
  field.addEventListener("input", () => sessionStorage.setItem(KEPT, field.value));
}

/** A form for this operation. */
export function attempt(description, operation) {
  const inputs = (operation.parameters ?? []).map((parameter) => input(description, resolved(description, parameter)));
  const media = operation.requestBody?.content["application/json"];
  const body = media && element("textarea", { rows: "6", spellcheck: "false", "aria-label": "Body" });
  if (body) body.value = JSON.stringify(media.example ?? example(description, media.schema), null, 2);
  const answer = element("div", { class: "answer", "aria-live": "polite" });
  const request = () => requestOf(operation, inputs, body);
  const form = element("form", { class: "attempt" },
    element("h4", {}, "Try it"),
    inputs.map(({ label }) => label),
    body ? element("label", {}, "Body", body) : "",
    element("p", { class: "buttons" },
      element("button", { type: "submit", class: operation.method === "delete" ? "danger" : "main" }, `Send ${operation.method.toUpperCase()}`),
      element("button", { type: "button", onclick: () => copy(curl(request()), answer) }, "Copy as curl")),
    answer);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(request(), answer);
  });
  body?.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  return form;
}

function input(description, parameter) {
  const { name, required, schema } = parameter;
  const field = element("input", { autocomplete: "off", spellcheck: "false", required, placeholder: kind(description, schema) });
  return { ...parameter, field, label: element("label", {}, `${name}${required ? "" : " (optional)"}`, field) };
}

function requestOf({ method, path, security }, inputs, body) {
  const value = ({ field }) => field.value;
  const named = Object.fromEntries(inputs.map((input) => [input.name, encodeURIComponent(value(input))]));
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => named[name]);
  const query = new URLSearchParams(inputs.filter((input) => input.in === "query" && value(input)).map((input) => [input.name, value(input)]));
  return {
    method: method.toUpperCase(),
    url: location.origin + filled + (query.size ? `?${query}` : ""),
    body: body?.value.trim() || undefined,
    bearer: security.length ? document.querySelector("#bearer").value.trim() : "",
  };
}

async function send({ method, url, body, bearer }, answer) {
  const headers = { ...(body && { "Content-Type": "application/json" }), ...(bearer && { Authorization: `Bearer ${bearer}` }) };
  answer.replaceChildren(element("p", {}, "Waiting …"));
  try {
    // Without cookies, so that what is seen here is what a program with this bearer would see.
    const response = await fetch(url, { method, headers, body, credentials: "omit", cache: "no-store" });
    const text = await response.text();
    const status = element("p", { class: response.ok ? "good" : "bad" }, `${response.status} ${response.statusText}`);
    answer.replaceChildren(status, text ? element("pre", { tabindex: "0" }, pretty(text)) : "");
  } catch (error) {
    answer.replaceChildren(element("p", { class: "bad" }, `No answer: ${error.message}`));
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** As a shell command. The bearer stays out of it, and so out of the shell's history. */
function curl({ method, url, body, bearer }) {
  const parts = [`curl -X ${method} ${quoted(url)}`];
  if (bearer) parts.push('-H "Authorization: Bearer $TOKEN"');
  if (body) parts.push("-H 'Content-Type: application/json'", `-d ${quoted(body)}`);
  return parts.join(" \\\n  ");
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

async function copy(text, answer) {
  const shown = element("pre", { tabindex: "0" }, text);
  const said = element("p", {}, "Copied.");
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Browsers keep the clipboard from pages that came without TLS.
    said.textContent = "Copy this:";
  }
  answer.replaceChildren(said, shown);
  if (said.textContent !== "Copied.") getSelection().selectAllChildren(shown);
}
