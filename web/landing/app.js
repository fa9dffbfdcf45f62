// The landing page: connects to the hub as any client does, and joins the parts of the page to the connection.
// It knows the events of the bridge; how a list or a snippet looks is known to the other modules.

import { startDemo } from "./demo.js";
import { EntryList } from "./entries.js";
import { ProviderList } from "./providers.js";
import { setUpSnippets } from "./snippets.js";

const path = document.documentElement.dataset.socketioPath;
const byId = (id) => document.getElementById(id);
const messages = new EntryList(byId("messages"), byId("messages-count"));
const replies = new EntryList(byId("replies"), byId("replies-count"));
const providers = new ProviderList({
  list: byId("providers"),
  count: byId("providers-count"),
  empty: byId("providers-empty"),
  onPick: follow,
  onPresence: arrange,
});
let followed = null;

setUpSnippets({ path, code: byId("snippet").firstElementChild, panel: byId("snippet"), copy: byId("copy") });
providers.watch();

// The bundle is absent when the hub was told not to serve it.
const hub = globalThis.io?.({ path, tryAllTransports: true });
if (hub) {
  listen();
} else {
  setState("offline", "no client");
  tell(`This page needs the client under ${path}socket.io.min.js, which this hub doesn't serve (socketio.serve_client).`);
}

function listen() {
  hub.on("connect", () => {
    setState("live", "live");
    tell("");
    if (followed) register(followed);
  });
  hub.on("disconnect", () => setState("connecting", "reconnecting"));
  hub.on("connect_error", (error) => {
    setState("offline", "offline");
    tell(`The hub can't be reached (${error.message}). Trying again…`);
  });
  hub.on("message_from_provider", (payload) => {
    messages.add(payload);
    ring();
  });
  hub.on("provider_reply", (payload) => {
    replies.add(payload);
    ring();
  });
  hub.on("provider_status", ({ provider_id, online }) => {
    if (provider_id === followed) showPresence(online);
    providers.refresh();
  });
  byId("request").addEventListener("submit", (event) => {
    event.preventDefault();
    sendRequest();
  });
  for (const attempt of document.querySelectorAll("[data-cmd]")) attempt.addEventListener("click", tryRequest);
  byId("demo").addEventListener("click", becomeProvider);
}

/** While nobody is there, the page is about bringing somebody. */
function arrange(isAnyThere) {
  byId("bring").open = !isAnyThere;
  byId("talk").hidden = !isAnyThere && !followed;
}

function follow(id) {
  followed = id;
  messages.clear();
  replies.clear();
  providers.markPicked(id);
  byId("talk").hidden = false;
  byId("talk-name").textContent = id;
  byId("request-fields").disabled = false;
  byId("request-result").textContent = "You hear everything it says to all. Ask it something.";
  showPresence(true);
  register(id);
}

function register(id) {
  if (!hub?.connected) return;
  hub.emit("register_client", { master_provider_id: id }, (answer) => {
    if (answer?.error && id === followed) byId("request-result").textContent = describe(answer.error);
    providers.refresh();
  });
}

function sendRequest() {
  const { cmd, data } = byId("request").elements;
  const result = byId("request-result");
  let value;
  try {
    value = data.value.trim() === "" ? null : JSON.parse(data.value);
  } catch {
    result.textContent = "data isn't JSON: a text needs double quotes, such as \"hello\".";
    data.focus();
    return;
  }
  if (!hub.connected) {
    result.textContent = "Not sent: the hub isn't connected.";
    return;
  }
  const request = { to_provider_id: followed, cmd: cmd.value, data: value };
  const sentAt = performance.now();
  result.textContent = `${cmd.value}: waiting for a reply…`;
  hub.emit("request_provider", request, (answer) => {
    const failure = answer?.error;
    result.textContent = failure
      ? `${request.cmd}: ${describe(failure)}`
      : `${request.cmd}: answered in ${Math.round(performance.now() - sentAt)} ms.`;
    if (failure) replies.add({ cmd: request.cmd, error: failure });
  });
}

function tryRequest({ currentTarget: { dataset } }) {
  const { cmd, data } = byId("request").elements;
  cmd.value = dataset.cmd;
  data.value = dataset.data;
  sendRequest();
}

function becomeProvider() {
  const button = byId("demo");
  button.disabled = true;
  startDemo(path, (id, failure) => {
    if (failure) {
      byId("demo-hint").textContent = `The hub refused: ${describe(failure)}`;
      return;
    }
    button.textContent = "This tab is a provider";
    byId("demo-hint").textContent = `It answers double_me and Start as ${id}. It ends with this tab.`;
    providers.refresh();
    if (!followed) follow(id);
  });
}

function setState(state, text) {
  const status = document.querySelector(".status");
  status.dataset.state = state;
  status.textContent = text;
}

function showPresence(online) {
  const badge = byId("talk-status");
  badge.hidden = false;
  badge.dataset.state = badge.textContent = online ? "online" : "offline";
}

function tell(text) {
  byId("notice").textContent = text;
  byId("notice").hidden = text === "";
}

function describe({ code, message }) {
  return message ? `${message} (${code})` : code;
}

/** Swings the bell once; what arrives meanwhile doesn't start it anew. */
function ring() {
  const tower = document.querySelector(".tower");
  tower.classList.add("ringing");
  tower.querySelector(".waves").addEventListener("animationend", () => tower.classList.remove("ringing"), { once: true });
}
