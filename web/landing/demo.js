// A provider that lives in this tab: it shows how small a provider is, and gives a new hub something to talk to.
// It uses a connection of its own, as a provider elsewhere would.

const SPEED_STEP_MS = 1000;
const SPEED_MAX = 9;

/** Registers a demo provider under an id of its own, and again after every reconnect. */
export function startDemo(path, onRegistered) {
  const suffix = crypto.getRandomValues(new Uint16Array(1))[0].toString(16).padStart(4, "0").toUpperCase();
  const provider_id = `DEMO-${suffix}`;
  const socket = globalThis.io({ path, forceNew: true, tryAllTransports: true });
  let streaming = null;

  socket.on("connect", () => {
    const registration = { provider_id, name: "Demo in a browser tab" };
    socket.emit("register_provider", registration, (answer) => onRegistered(provider_id, answer?.error));
  });

  socket.on("new_request", (request) => {
    if (!request.cmd || !request.request_from) return;
    socket.emit("provider_reply", { ...request, result: answer(request) });
    if (request.cmd === "Start") startStream();
  });

  function startStream() {
    clearInterval(streaming);
    let speed = 0;
    streaming = setInterval(() => {
      socket.emit("send_to_all_clients", { provider_id, cmd: "showSpeed", data: speed });
      speed += 1;
      if (speed > SPEED_MAX) clearInterval(streaming);
    }, SPEED_STEP_MS);
  }
}

function answer({ cmd, data }) {
  switch (cmd) {
    case "double_me": return 2 * data;
    case "Start": return "started";
    default: return `cmd ${cmd} is not supported`;
  }
}
