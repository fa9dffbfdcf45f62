// What plugins and widgets say on their consoles, and errors that nobody caught. Sent in batches, and cut where it is long.

const LEVELS = ["debug", "log", "info", "warn", "error"];
const LINE_CHARACTERS_MAX = 2_000;
const LINES_AT_ONCE_MAX = 200;
const BETWEEN_SENDS_MS = 100;

export function createLog(send) {
  let lines = [];
  let skipped = 0;
  let timer;

  function flush() {
    clearTimeout(timer);
    timer = undefined;
    if (lines.length > 0) send({ type: "log", lines, skipped });
    lines = [];
    skipped = 0;
  }

  function write(level, source, text) {
    if (lines.length === LINES_AT_ONCE_MAX) skipped++;
    else lines.push({ level, source, text: text.slice(0, LINE_CHARACTERS_MAX) });
    timer ??= setTimeout(flush, BETWEEN_SENDS_MS);
  }

  /** Listens to a window. `sourceOf` says whose it is, by a place in the code where one is known. */
  function watch(window, sourceOf) {
    for (const level of LEVELS) {
      const original = window.console[level];
      window.console[level] = (...values) => {
        write(level, sourceOf(new Error().stack), values.map(textOf).join(" "));
        original.apply(window.console, values);
      };
    }
    const complain = (place, text) => write("error", sourceOf(place), text);
    window.addEventListener("error", (event) => complain(`${event.filename} ${event.error?.stack}`, complaint(event)), true);
    window.addEventListener("unhandledrejection", ({ reason }) => complain(reason?.stack, `Uncaught (in promise) ${textOf(reason)}`));
  }

  return { write, watch, flush };
}

/** What an error event is about: code that threw, or something that couldn't be loaded. */
function complaint({ target, error, message }) {
  const address = target.src ?? target.href;
  if (address !== undefined) return `<${target.localName}> did not load ${address}`;
  return error === undefined ? message : `Uncaught ${textOf(error)}`;
}

/** A value as a console shows it, more or less. */
export function textOf(value) {
  if (typeof value === "string") return value;
  // Errors come from the widgets' realms too.
  if (Object.prototype.toString.call(value) === "[object Error]") return value.stack ?? String(value);
  if (typeof value === "function") return `function ${value.name}`;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
