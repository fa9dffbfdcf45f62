// What goes wrong with a connection or a request, by codes that never change.

/**
 * The hub's codes, those of a connection's end, and the kit's own: `disconnected` when the connection was lost before an
 * answer came, and in the last two lines why content wasn't refreshed.
 */
export type ErrorCode =
  | "invalid_payload" | "provider_offline" | "timeout" | "duplicate_request_id" | "limit_reached" | "unknown_event"
  | "bridge_locked" | "app_not_found" | "plugin_not_installed" | "session_invalid" | "session_expired"
  | "anonymous_denied" | "key_not_found" | "overloaded" | "storage_failed" | "logged_out" | "session_revoked"
  | "user_deleted" | "key_revoked" | "app_deleted" | "app_changed" | "disconnected_by_operator" | "disconnected"
  | "origin_refused" | "fetch_failed" | "status_refused" | "redirected" | "not_html" | "target_missing"
  | "handler_failed";

export class CampanileError extends Error {
  override readonly name = "CampanileError";

  constructor(
    /** One of {@link ErrorCode}, unless the hub is newer than this kit. */
    readonly code: ErrorCode | (string & {}),
    message: string,
  ) {
    super(message);
  }
}

/** Says an error that nobody handles to whoever looks at the console. */
export const report = (error: unknown): void => (globalThis.reportError ?? console.error)(error);

/** The error that an answer of the hub is, if it is one. A reply of a provider may have a field of that name as well. */
export function errorIn(answer: unknown): CampanileError | undefined {
  const { error, request_from } = (answer ?? {}) as { error?: { code?: unknown; message?: unknown }; request_from?: unknown };
  if (typeof error?.code !== "string" || request_from !== undefined) return undefined;
  return new CampanileError(error.code, String(error.message ?? error.code));
}
