// A provider in JavaScript that streams: it answers one request with many replies, each of which reaches only the
// requester. `countdown` counts from `data` to zero, `echo` sends `data` back, also bytes.
//
//     node provider.mjs [hub] [provider id]
//
// It knows the hub's events and nothing of who is on the other side.

import { setTimeout as pause } from "node:timers/promises";
import { io } from "socket.io-client";

const [hub = "http://127.0.0.1:4100", providerId = "JAVASCRIPT-CLIENT-SAMPLE"] = process.argv.slice(2);
const COUNTDOWN_MAX = 60;
const STEP_MS = 250;

const socket = io(hub);

// Runs after each reconnect too, so the provider is registered again without further ado.
socket.on("connect", () => {
  socket.emit("register_provider", { provider_id: providerId, name: "JavaScript sample" }, ({ error }) => {
    console.log(error ? `not registered: ${error.message}` : `serving ${providerId} at ${hub}`);
  });
});
socket.on("disconnect", (reason) => console.log(`connection lost: ${reason}`));

socket.on("new_request", async (request) => {
  if (request?.cmd === undefined || request.request_from === undefined) return;
  for await (const result of results(request)) {
    // The request is echoed: that is how the hub knows the requester.
    socket.emit("provider_reply", { ...request, result });
  }
});

async function* results({ cmd, data }) {
  switch (cmd) {
    case "echo":
      yield data;
      break;
    case "countdown":
      yield* countdown(data);
      break;
    default:
      yield `cmd ${cmd} is not supported`;
  }
}

async function* countdown(from) {
  if (!Number.isInteger(from) || from < 0 || from > COUNTDOWN_MAX) {
    yield `countdown needs a whole number from 0 to ${COUNTDOWN_MAX}`;
    return;
  }
  for (let left = from; left > 0; left--) {
    yield left;
    await pause(STEP_MS);
  }
  yield 0;
}
