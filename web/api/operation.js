// One operation of the description, folded up until somebody looks.

import { attempt } from "./attempt.js";
import { element, marked, prose } from "./dom.js";
import { example, fields, kind, limits, resolved } from "./schema.js";

/** A line that opens. */
export function line(description, operation) {
  const { method, path, summary, operationId } = operation;
  const details = element("details", { class: "operation", id: operationId },
    element("summary", {},
      element("span", { class: `method ${method}` }, method.toUpperCase()),
      element("code", { class: "path" }, breakable(path)),
      element("span", { class: "about" }, marked(summary)),
      element("span", { class: "who" }, who(operation))));
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(inside(description, operation));
  });
  return details;
}

/** Paths may be broken where a part begins. */
const breakable = (path) => path.split(/(?=\/)/).flatMap((part) => [part, element("wbr")]);

/** Who may call, in words. */
function who({ security }) {
  if (!security.length) return "anybody";
  const scopes = security.flatMap(({ bearer }) => bearer ?? []).filter((scope) => scope !== "administrator");
  const isOpen = security.some((each) => !Object.keys(each).length);
  const open = isOpen ? ["anybody while the bridge of public is open"] : [];
  const keys = scopes.length ? [`keys with ${scopes.join(" or ")}`] : [];
  return [...open, ...keys, "administrators"].join("; ");
}

function inside(description, operation) {
  const { parameters = [], requestBody, responses } = operation;
  return element("div", { class: "inside" },
    operation.description ? prose(operation.description) : "",
    parameters.length ? [element("h4", {}, "Parameters"), parameterList(description, parameters)] : "",
    requestBody ? bodySection(description, requestBody) : "",
    element("h4", {}, "Answers"),
    Object.entries(responses).map(([status, response]) => answer(description, status, resolved(description, response))),
    attempt(description, operation));
}

const parameterList = (description, parameters) =>
  element("dl", { class: "fields" }, parameters.map((parameter) => [
    element("dt", {}, element("code", {}, parameter.name), " ",
      element("span", { class: "type" }, `${kind(description, parameter.schema)}, in the ${parameter.in}`),
      parameter.required ? element("strong", { class: "required" }, "required") : ""),
    element("dd", {}, marked(parameter.description ?? ""), limits(description, parameter.schema)),
  ]));

function bodySection(description, body) {
  const media = body.content["application/json"];
  return [
    element("h4", {}, body.required === true ? "Body" : "Body, which may be left out"),
    fields(description, media.schema) ?? element("p", {}, "A JSON object, relayed as it is."),
    element("pre", { tabindex: "0" }, JSON.stringify(media.example ?? example(description, media.schema), null, 2)),
  ];
}

function answer(description, status, response) {
  const [type, media] = Object.entries(response.content ?? {})[0] ?? [];
  const isJson = type?.includes("json");
  return element("details", { class: `status s${status[0]}` },
    element("summary", {}, element("strong", {}, status), " ", marked(response.description.split("\n")[0]),
      type && status < 400 ? element("small", {}, ` ${type}`) : ""),
    prose(response.description.split("\n").slice(1).join("\n")),
    isJson && status < 400 ? (fields(description, media.schema) ?? "") : "",
    isJson ? element("pre", { tabindex: "0" }, JSON.stringify(media.example ?? example(description, media.schema), null, 2)) : "");
}
