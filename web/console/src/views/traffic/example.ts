// Something to look at: a provider and two clients of this page's own, which talk to each other through the hub as any
// others would, until one leaves or has seen enough.

import { io, type Socket } from "socket.io-client";
import { Problem } from "../../api/client";
import { SOCKETIO_PATH } from "../first-minute/snippets";

const PROVIDER = "EXAMPLE-THERMOMETER";
const BROADCAST_EVERY_MS = 1_500;
const ASK_EVERY_MS = 2_300;

type Ack = { error?: { code: Problem["code"]; message: string } };

/** Starts it, and resolves with what ends it. */
export async function startExample(): Promise<() => void> {
  const sockets = [socket(), socket(), socket()] as const;
  const [provider, ...clients] = sockets;
  const timers: ReturnType<typeof setInterval>[] = [];
  const stop = () => {
    timers.forEach(clearInterval);
    sockets.forEach((each) => each.disconnect());
  };
  try {
    await Promise.all(sockets.map(connected));
    await asked(provider, "register_provider", { provider_id: PROVIDER, name: PROVIDER });
    await Promise.all(clients.map((client) => asked(client, "register_client", { master_provider_id: PROVIDER })));
  } catch (problem) {
    stop();
    throw problem;
  }
  let reading = 21;
  provider.on("new_request", (request) => provider.emit("provider_reply", { ...request, result: Number(reading.toFixed(1)) }));
  const broadcast = () => provider.emit("sent_to_my_clients", { cmd: "temperature", data: Number((reading += Math.random() - 0.5).toFixed(1)) });
  const ask = (client: Socket) => client.emit("request_provider", { to_provider_id: PROVIDER, cmd: "read" });
  ask(clients[0]!);
  timers.push(setInterval(broadcast, BROADCAST_EVERY_MS), ...clients.map((client, index) => setInterval(() => ask(client), ASK_EVERY_MS * (index + 1))));
  return stop;
}

const socket = () => io({ path: SOCKETIO_PATH, transports: ["websocket"], forceNew: true });

const connected = (socket: Socket) =>
  new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", (error: Error & { data?: { code: Problem["code"] } }) => reject(error.data ? new Problem(error.data.code, error.message) : new Problem("unreachable", "the hub doesn't answer")));
  });

async function asked(socket: Socket, event: string, payload: object) {
  const { error }: Ack = await socket.timeout(10_000).emitWithAck(event, payload);
  if (error) throw new Problem(error.code, error.message);
}
