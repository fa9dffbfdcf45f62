// A provider to copy, in two languages, with the address of this very hub in it. Tabs follow the ARIA pattern:
// arrow keys move between them.

const python = (url, path) => `# pip install "python-socketio[client]"
import socketio

ME = "MY-FIRST-PROVIDER"
hub = socketio.Client()

@hub.event
def connect():
    hub.emit("register_provider", {"provider_id": ME, "name": "My first provider"})

@hub.on("new_request")
def answer(request):
    known = request["cmd"] == "double_me"
    result = 2 * request["data"] if known else "not supported"
    hub.emit("provider_reply", {**request, "result": result})

hub.connect("${url}"${path ? `, socketio_path="${path}"` : ""})
count = 0
while True:
    tick = {"provider_id": ME, "cmd": "tick", "data": count}
    hub.emit("send_to_all_clients", tick)
    count += 1
    hub.sleep(1)
`;

const javascript = (url, path) => `// npm install socket.io-client, and save this as provider.mjs
import { io } from "socket.io-client";

const ME = "MY-FIRST-PROVIDER";
const hub = io("${url}"${path ? `, { path: "${path}" }` : ""});

hub.on("connect", () => {
  hub.emit("register_provider", { provider_id: ME, name: "My first provider" });
});

hub.on("new_request", (request) => {
  const result = request.cmd === "double_me" ? 2 * request.data : "not supported";
  hub.emit("provider_reply", { ...request, result });
});

let count = 0;
setInterval(() => {
  const tick = { provider_id: ME, cmd: "tick", data: count++ };
  hub.volatile.emit("send_to_all_clients", tick);
}, 1000);
`;

const SNIPPETS = { "tab-python": python, "tab-javascript": javascript };

export function setUpSnippets({ path, code, panel, copy }) {
  const unusualPath = path === "/socket.io/" ? null : path;
  const tabs = Object.keys(SNIPPETS).map((id) => document.getElementById(id));

  function show(chosen) {
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", tab === chosen);
      tab.tabIndex = tab === chosen ? 0 : -1;
    }
    panel.setAttribute("aria-labelledby", chosen.id);
    code.textContent = SNIPPETS[chosen.id](location.origin, unusualPath);
  }

  for (const [position, tab] of tabs.entries()) {
    tab.addEventListener("click", () => show(tab));
    tab.addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (!step) return;
      const next = tabs.at((position + step) % tabs.length);
      next.focus();
      show(next);
    });
  }
  copy.addEventListener("click", async () => {
    copy.textContent = (await copyText(code)) ? "Copied" : "Selected: press Ctrl+C";
    setTimeout(() => { copy.textContent = "Copy"; }, 2000);
  });
  show(tabs[0]);
}

/** Browsers offer the clipboard to secure pages only; elsewhere the text is selected for the visitor to copy. */
async function copyText(code) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(code);
    return false;
  }
}
