// A socket of this page's own, as any page would have one: anonymous, or as a user with a session that ends with it.

import { useEffect, useRef, useState } from "react";
import { io, type Socket } from "socket.io-client";
import { answer, hub, Problem } from "../../api/client";
import { queries, ofApp } from "../../api/queries";
import { type Alert, readAlert } from "../../toast/alert";
import { SOCKETIO_PATH } from "./snippets";

export const DEMO_USER = "demo";

export interface Heard {
  number: number;
  alert: Alert;
}

export interface OwnSocket {
  state: "idle" | "connecting" | "connected";
  /** Its id while it is connected. */
  id?: string;
  problem?: unknown;
  heard: Heard[];
  connect: (as: "anonymous" | "user") => void;
  disconnect: () => void;
}

const HEARD_MAX = 20;

/** Disconnects whatever it has, and ends the session that was made for it. */
type Close = () => void;

export function useOwnSocket(app: string, key: string | undefined): OwnSocket {
  const [seen, setSeen] = useState<Pick<OwnSocket, "state" | "id" | "problem">>({ state: "idle" });
  const [heard, setHeard] = useState<Heard[]>([]);
  const close = useRef<Close>(undefined);
  const disconnect = () => {
    close.current?.();
    close.current = undefined;
    setSeen({ state: "idle" });
  };
  const isGone = useRef(false);
  useEffect(() => {
    isGone.current = false;
    return () => {
      isGone.current = true;
      close.current?.();
    };
  }, []);

  const hear = (message: unknown) =>
    setHeard((former) => [...former, { number: (former.at(-1)?.number ?? 0) + 1, alert: readAlert(message) }].slice(-HEARD_MAX));

  const connect = async (as: "anonymous" | "user") => {
    setSeen({ state: "connecting" });
    try {
      const session = as === "user" ? await openSession(app) : undefined;
      if (isGone.current) return session?.end();
      const socket = io({ path: SOCKETIO_PATH, auth: { app_id: key, session_id: session?.token }, transports: ["websocket"] });
      close.current = () => {
        socket.disconnect();
        session?.end();
      };
      watch(socket, setSeen);
      socket.on("alert", hear);
    } catch (problem) {
      setSeen({ state: "idle", problem });
    }
  };
  return { ...seen, heard, connect: (as) => void connect(as), disconnect };
}

function watch(socket: Socket, setSeen: (seen: Pick<OwnSocket, "state" | "id" | "problem">) => void) {
  socket.on("connect", () => setSeen({ state: "connected", id: socket.id }));
  socket.on("connect_error", (error: Error & { data?: { code: Problem["code"] } }) => {
    if (error.data) setSeen({ state: "idle", problem: new Problem(error.data.code, error.message) });
  });
  socket.on("session_closed", ({ code, message }: { code: string; message: string }) => setSeen({ state: "idle", problem: `${message} (${code})` }));
  socket.on("disconnect", () => setSeen({ state: socket.active ? "connecting" : "idle" }));
}

/** A session of the demo user, who is created if need be. */
async function openSession(app: string): Promise<{ token: string; end: Close }> {
  const params = { path: { app } };
  const { items } = await answer(hub.GET("/api/v1/apps/{app}/users", { params: { ...params, query: { starts_with: DEMO_USER, limit: 1 } } }));
  if (items[0]?.id !== DEMO_USER) await answer(hub.POST("/api/v1/apps/{app}/users", { params, body: { id: DEMO_USER } }));
  const { token, id } = await answer(hub.POST("/api/v1/apps/{app}/sessions", { params, body: { user_id: DEMO_USER } }));
  const end = () => {
    const ended = answer(hub.DELETE("/api/v1/apps/{app}/sessions/{id}", { params: { path: { app, id } } }));
    // It may have ended already; either way it is over.
    void ended.catch(() => {}).then(() => queries.invalidateQueries({ queryKey: ofApp(app) }));
  };
  return { token, end };
}
