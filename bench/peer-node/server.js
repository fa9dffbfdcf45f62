// The bridge's events on Node's socket.io: `node server.js PORT`. Same checks and same answers as the hub on the paths
// that are measured; what the hub does beside them (timeouts, duplicate providers, limits) isn't here, which makes this
// peer's work lighter. `flood` is for the measurement of many events in one handler only.

import { createServer } from "node:http";
import { Server } from "socket.io";
import { admit, answer, join, leave } from "./push.js";

const http = createServer((request, response) => push(request, response));
const io = new Server(http, { perMessageDeflate: false, httpCompression: false, serveClient: false });
const push = answer(io);

const providers = new Map();
const sockets = new Map();
let requests = 0;

const room = (providerId) => `followers:${providerId}`;

function broadcast(socket, payload) {
  const providerId = payload.provider_id ?? socket.data.serves;
  if (providerId !== socket.data.serves) return { error: { code: "not_owner" } };
  io.to(room(providerId)).emit("message_from_provider", payload);
  return { ok: true };
}

const events = {
  register_provider(socket, { provider_id }) {
    providers.set(provider_id, socket);
    socket.data.serves = provider_id;
    return { ok: true, provider_id };
  },

  register_client(socket, { master_provider_id }) {
    const { follows } = socket.data;
    if (follows !== master_provider_id) {
      if (follows !== undefined) socket.leave(room(follows));
      socket.data.follows = master_provider_id;
      socket.join(room(master_provider_id));
    }
    return { ok: true, provider_id: master_provider_id, online: providers.has(master_provider_id) };
  },

  sent_to_my_clients: broadcast,

  request_provider(socket, payload) {
    const provider = providers.get(payload.to_provider_id);
    if (provider === undefined) return { error: { code: "provider_offline" } };
    socket.data.asked ??= new Set();
    socket.data.asked.add(payload.to_provider_id);
    payload.request_from = socket.id;
    payload.request_id ??= (requests++).toString(16);
    provider.emit("new_request", payload);
  },

  provider_reply(socket, payload) {
    const requester = sockets.get(payload.request_from);
    if (!requester?.data.asked?.has(socket.data.serves)) return { error: { code: "unknown_request" } };
    requester.emit("provider_reply", payload);
    return { ok: true };
  },

  flood(socket, { count, payload }) {
    for (let i = 0; i < count; i++) broadcast(socket, payload);
    return { ok: true };
  },
};

io.use(admit);
io.on("connection", (socket) => {
  sockets.set(socket.id, socket);
  join(socket);
  for (const [name, handle] of Object.entries(events)) {
    socket.on(name, (payload, ack) => {
      const answer = handle(socket, payload);
      if (answer !== undefined) ack?.(answer);
    });
  }
  socket.on("disconnect", () => {
    sockets.delete(socket.id);
    leave(socket);
    if (providers.get(socket.data.serves) === socket) providers.delete(socket.data.serves);
  });
});

http.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 });
