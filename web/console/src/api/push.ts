// Sends a push.

import { answer, hub, type PushReceipt, type PushRequest } from "./client";

/** The request is a union of what may stand together, which is more than the client's own types can follow. */
export const push = (app: string, request: PushRequest): Promise<PushReceipt> =>
  answer(hub.POST("/api/v1/apps/{app}/push", { params: { path: { app } }, body: request as never }));
