// `campanile-sdk`: everything that needs no page, over the stock client that the application has installed.

import { io } from "socket.io-client";
import type { AppOptions } from "./app.ts";
import { App } from "./app.ts";

export * from "./core.ts";

/** Connects to an app of the hub. */
export const connect = <Pushes extends object = Record<string, string>>(options: AppOptions = {}): App<Pushes> =>
  new App<Pushes>(io, options);
