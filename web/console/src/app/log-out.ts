// Ends the administrator's session. What was read is forgotten with it.

import { answer, hub } from "../api/client";
import { ME, queries } from "../api/queries";

export async function logOut() {
  await answer(hub.POST("/api/v1/admin/logout"));
  queries.setQueryData(ME, null);
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== ME[0] });
}
