// Ends the administrator's session. What was read is forgotten with it.

import { answer, hub } from "../api/client";
import { ME, queries } from "../api/queries";

export async function logOut() {
  await answer(hub.POST("/api/v1/admin/logout"));
  queries.clear();
  queries.setQueryData(ME, null);
}
