// Makes a factory of a plugin's source, be it a module or a classic script. Knows nothing of what factories do.

const IS_MODULE = /^\s*(?:export[\s{*]|import[\s{*"'])/m;
const IMPORTS_RELATIVELY = /\b(?:from|import)\s*\(?\s*["']\.{0,2}\//;
const DECLARED = /^(?:const|let|var|(?:async\s+)?function)\s+([A-Za-z_$][\w$]*)/gm;
const DELIVER = "__campanilePlugin";

/** The plugin whose code a place in a stack is in, or nobody's name. */
export function pluginIn(place) {
  const name = /campanile-plugin\/([^/\s:)]+)\.js/.exec(place ?? "")?.[1];
  return name === undefined ? "plugins" : decodeURIComponent(name);
}

const fileOf = (name) => `campanile-plugin/${encodeURIComponent(name)}.js`;

export async function load({ name, source, url }) {
  const text = source ?? (await fetchText(url));
  const factory = IS_MODULE.test(text) ? factoryIn(await importModule(name, text, url)) : runClassic(name, text);
  if (typeof factory !== "function") throw new Error("it has no factory: export a function, or declare one that is called plugin");
  return factory;
}

async function fetchText(url) {
  const response = await fetch(url).catch(() => {
    throw new Error(`${url} can't be read: it isn't there, or its server doesn't let other pages read it (Access-Control-Allow-Origin)`);
  });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return response.text();
}

const factoryIn = (module) => module.default ?? module.plugin ?? Object.values(module).find((value) => typeof value === "function");

/** A module that imports its neighbours has to be loaded from where it is. */
async function importModule(name, text, url) {
  if (url && IMPORTS_RELATIVELY.test(text)) return import(url);
  const address = URL.createObjectURL(new Blob([text, `\n//# sourceURL=${fileOf(name)}`], { type: "text/javascript" }));
  try {
    return await import(address);
  } catch (error) {
    throw error instanceof SyntaxError ? await withPlace(error, address) : error;
  }
}

/** The same error with its line, which only the event of a script tells. */
async function withPlace(error, address) {
  const script = Object.assign(document.createElement("script"), { type: "module", src: address });
  const line = await new Promise((resolve) => {
    const settle = (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      resolve(event.lineno);
    };
    addEventListener("error", settle, { capture: true, once: true });
    script.addEventListener("load", () => setTimeout(resolve));
    document.head.append(script);
  });
  return line ? new SyntaxError(`${error.message} (line ${line})`) : error;
}

/** Runs a script in a function of its own, so that two may declare the same names, and finds the factory that it leaves. */
function runClassic(name, text) {
  const before = new Set(Object.keys(window));
  const declared = [...text.matchAll(DECLARED)].map(([, declaredName]) => declaredName).reverse();
  const delivered = ["plugin", ...declared].map((each) => `typeof ${each} === "function" && ${each}`);
  const script = document.createElement("script");
  script.textContent = `(() => {${text}\n;window.${DELIVER} = [${delivered.join(", ")}];})();\n//# sourceURL=${fileOf(name)}`;
  const problem = problemOf(() => document.head.append(script));
  const candidates = window[DELIVER] ?? [];
  delete window[DELIVER];
  if (problem) throw problem;
  const left = Object.keys(window).filter((key) => !before.has(key)).map((key) => window[key]);
  return [candidates[0], ...left, ...candidates].find((value) => typeof value === "function");
}

/** What a script throws while it is run: a page hears of that in an event only. */
function problemOf(run) {
  let problem;
  const listen = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    const isSyntax = event.error instanceof SyntaxError;
    // The message begins with how the script came into the page, which is our affair.
    const message = event.error?.message?.replace(/^Failed to execute '\w+' on '\w+': /, "");
    problem = isSyntax ? new SyntaxError(`${message} (line ${event.lineno})`) : event.error;
  };
  addEventListener("error", listen, true);
  run();
  removeEventListener("error", listen, true);
  return problem;
}
