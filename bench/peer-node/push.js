// The push on Node's socket.io: who is online is a map of users to their sockets, and `POST …/push` emits to them and
// answers how many there were. Nothing is stored: no users, no sessions (the token of a session is the user's id), and no
// push, which the hub has on disk before it answers. That makes this peer's work much lighter.

const SECRET = "Bearer bench";
const PATH = "/api/v1/apps/bench/push";

const online = new Map();

/** Lets in who presents the app and a session, and everybody who presents neither. */
export function admit(socket, next) {
  const { app_id, session_id } = socket.handshake.auth;
  if (app_id !== undefined && app_id !== "bench") return next(new Error("app_not_found"));
  socket.data.user = session_id;
  next();
}

export function join(socket) {
  const { user } = socket.data;
  if (user === undefined) return;
  if (!online.has(user)) online.set(user, new Set());
  online.get(user).add(socket);
}

export function leave(socket) {
  const { user } = socket.data;
  const sockets = online.get(user);
  sockets?.delete(socket);
  if (sockets?.size === 0) online.delete(user);
}

/** Answers requests over HTTP. */
export const answer = (io) => (request, response) => {
  if (request.method !== "POST" || request.url !== PATH) return end(response, 404, { code: "not_found" });
  if (request.headers.authorization !== SECRET) return end(response, 401, { code: "unauthorized" });
  let text = "";
  request.setEncoding("utf8");
  request.on("data", (chunk) => (text += chunk));
  request.on("end", () => end(response, 200, { delivered: push(io, JSON.parse(text)) }));
};

function push(io, { user_id, event_name, message }) {
  if (user_id === "*") {
    io.emit(event_name, message);
    return io.of("/").sockets.size;
  }
  const sockets = online.get(user_id) ?? [];
  for (const socket of sockets) socket.emit(event_name, message);
  return sockets.size ?? 0;
}

function end(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}
