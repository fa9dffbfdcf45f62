// What one composes: a push of one of four kinds, and the request that it becomes. Knows nothing of how it is entered.

import type { PushRecord, PushRequest } from "../../api/client";
import type { Position, Variant } from "../../toast/alert";

export const KINDS = ["alert", "redirect", "refresh", "custom"] as const;
export type Kind = (typeof KINDS)[number];

export type Shape = "text" | "options" | "card";

export interface Composition {
  kind: Kind;
  to: "everyone" | "users" | "role";
  users: string[];
  role: string;
  shape: Shape;
  text: string;
  page: string;
  duration: number | string;
  position: Position;
  icon: string;
  style: string;
  variant: Variant;
  title: string;
  target: string;
  delay: number | string;
  /** The event of a refresh or of a kind of one's own. */
  event_name: string;
  mode: "string" | "json";
  message: string;
  /** Makes the push repeatable. */
  id: string;
}

export const BLANK: Composition = {
  kind: "alert",
  to: "everyone",
  users: [],
  role: "",
  shape: "text",
  text: "Your order is ready",
  page: "",
  duration: "",
  position: "top-center",
  icon: "",
  style: "",
  variant: "default",
  title: "",
  target: "./thanks",
  delay: "",
  event_name: "refresh",
  mode: "string",
  message: "",
  id: "",
};

/** The event with its message, without those whom it is for. */
export function eventOf(composed: Composition): { event_name: string; message: unknown; mode: "string" | "json" } {
  switch (composed.kind) {
    case "alert":
      return { event_name: "alert", message: alertOf(composed), mode: "string" };
    case "redirect":
      return { event_name: "redirect", message: redirectOf(composed), mode: "string" };
    case "refresh":
      return { event_name: composed.event_name, message: composed.message, mode: "string" };
    case "custom": {
      const { event_name, message, mode } = composed;
      return { event_name, message: mode === "json" ? JSON.parse(message || "null") : message, mode };
    }
  }
}

function alertOf({ shape, text, page, duration, position, icon, style, variant, title }: Composition): string {
  if (shape === "text") return text;
  if (shape === "card") return JSON.stringify({ variant, title, description: text, ...(icon && { icon }) });
  const parameters = {
    position,
    ...(duration !== "" && { duration: Number(duration) }),
    ...(icon && { icon }),
    ...(style.trim() && { style: JSON.parse(style) }),
  };
  return JSON.stringify({ message: text, ...(page.trim() && { page: page.trim() }), parameters });
}

const redirectOf = ({ target, delay }: Composition) => (delay === "" ? target : JSON.stringify({ target, delay: Number(delay) }));

export function requestOf(composed: Composition): PushRequest {
  const { event_name, message, mode } = eventOf(composed);
  const { to, users, role, id } = composed;
  const recipients = to === "role" ? { role } : { user_id: to === "everyone" ? "*" : users };
  return { ...recipients, event_name, ...(message !== "" && { message }), ...(mode === "json" && { mode }), ...(id && { id }) } as PushRequest;
}

/** A past push, to be sent again perhaps. Its id isn't taken over, with which nothing would be sent. */
export function composedLike({ to, event_name, message, mode }: PushRecord): Composition {
  const isRole = typeof to === "object" && to !== null && "role" in to;
  const users = (Array.isArray(to) ? to : [to]).filter((id): id is string => typeof id === "string");
  const recipients = isRole ? { to: "role" as const, role: String(to.role) } : users.includes("*") ? { to: "everyone" as const } : { to: "users" as const, users };
  const sent = mode === "json" ? JSON.stringify(message, null, 2) : String(message);
  if (event_name === "alert" && mode === "string") return { ...BLANK, ...recipients, shape: "text", text: sent };
  return { ...BLANK, ...recipients, kind: "custom", event_name, mode, message: sent };
}
