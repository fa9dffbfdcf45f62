// What every entry of the kit has in common.

export { parseAlert } from "./alert.ts";
export type { Alert, AriaProps, Position, ToastOptions } from "./alert.ts";
export { App } from "./app.ts";
export type { AppOptions } from "./app.ts";
export { Provider } from "./bridge.ts";
export type { ProviderMessage, ProviderStatus, Reply, RequestOptions } from "./bridge.ts";
export { Burst } from "./burst.ts";
export type { Io, State, Status } from "./connection.ts";
export { CampanileError } from "./errors.ts";
export type { ErrorCode } from "./errors.ts";
export { followRedirects } from "./moves.ts";
export type { MoveOptions } from "./moves.ts";
export { isOnPage } from "./page.ts";
export { parseRedirect } from "./redirect.ts";
export type { Redirect, Refusal } from "./redirect.ts";
