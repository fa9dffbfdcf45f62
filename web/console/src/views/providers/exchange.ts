// What is said to a provider over HTTP, and what comes back. Payloads stay text, so that long numbers keep their digits.

import { answer, hub } from "../../api/client";

/** What one has written: a command with data, or a payload as it is. */
export interface Said {
  form: "fields" | "payload";
  cmd: string;
  data: string;
  payload: string;
}

export interface Exchange {
  at_ms: number;
  payload: string;
  /** The reply, or what became of the message. */
  answer: string;
  kind: "reply" | "note";
  took_ms: number;
}

export function payloadOf({ form, cmd, data, payload }: Said): string {
  if (form === "payload") return payload;
  return data.trim() ? `{"cmd": ${JSON.stringify(cmd)}, "data": ${data.trim()}}` : JSON.stringify({ cmd });
}

/** The text goes as it is. */
const asWritten = (payload: string) => ({ body: {}, bodySerializer: () => payload, parseAs: "text" as const });

/** Whether somebody waits for the reply. */
export type Patience = "waits" | "goes on";

export async function request(app: string, id: string, payload: string, patience: Patience): Promise<Exchange> {
  const waits = patience === "waits";
  const params = { path: { app, id }, query: { wait: waits ? "1" : "0" } };
  const from_ms = performance.now();
  const reply = await answer<unknown>(hub.POST("/api/v1/apps/{app}/providers/{id}/request", { params, ...asWritten(payload) }));
  const took_ms = performance.now() - from_ms;
  return { at_ms: Date.now(), payload, took_ms, ...(waits ? { answer: String(reply), kind: "reply" } : { answer: "It is on its way.", kind: "note" }) };
}

export async function broadcast(app: string, id: string, payload: string): Promise<Exchange> {
  const from_ms = performance.now();
  const heard = await answer<unknown>(hub.POST("/api/v1/apps/{app}/providers/{id}/broadcast", { params: { path: { app, id } }, ...asWritten(payload) }));
  const { followers } = JSON.parse(String(heard)) as { followers: number };
  const note = `${followers} ${followers === 1 ? "socket follows" : "sockets follow"} it.`;
  return { at_ms: Date.now(), payload, answer: note, kind: "note", took_ms: performance.now() - from_ms };
}
