// What to do about each code of the API. The compiler sees to it that none is missing.

import type { Code } from "./client";

const MISTAKE = "Correct what the message names and try again.";
const GONE = "Somebody else may have removed it. Go back to the list.";
const TAKEN = "Choose another id.";

export const ADVICE: Record<Code, string> = {
  unreachable: "Check that the hub runs and that you can reach it; the console tries again by itself.",
  invalid_payload: MISTAKE,
  unknown_event: MISTAKE,
  unknown_request: "Ask again: whoever asked is gone.",
  not_supported: "Leave out what the message names: the hub can't do that yet.",
  unauthorized: "Log in again.",
  credentials_wrong: "Check the name and the password. The first password was printed when the hub was first started.",
  session_invalid: "Open a new session.",
  session_expired: "Open a new session.",
  forbidden: "Log in as somebody who may do this.",
  csrf_token_missing: "Reload the page: it was logged in anew elsewhere.",
  origin_forbidden: "Open the console at the hub's own address, or add this origin to socketio.cors.origins.",
  anonymous_denied: "Connect as a user, or let anonymous sockets in, in the settings of the app.",
  plugin_not_installed: "Install the plugin, in the settings of the app.",
  bridge_locked: "Use a secret key with the scope provider, or open the bridge in the settings of the app.",
  not_owner: "Register the provider first.",
  not_found: GONE,
  app_not_found: "Choose another app: this one doesn't exist any more.",
  plugin_unknown: "The plugins are socket.io and bridge.",
  user_not_found: GONE,
  key_not_found: GONE,
  session_not_found: "It has ended already.",
  socket_not_found: "It has disconnected already.",
  structure_not_found: GONE,
  object_not_found: GONE,
  endpoint_not_found: GONE,
  provider_offline: "Start the provider, or wait until it is back.",
  method_not_allowed: "Reload the page: the hub may be another version by now.",
  body_timeout: "Try again on a better connection.",
  user_exists: TAKEN,
  app_exists: TAKEN,
  object_exists: TAKEN,
  version_conflict: "Somebody else changed it meanwhile. It was read anew: look at it, then change it again.",
  duplicate_provider: "Choose another id, or stop the other program.",
  duplicate_request_id: "Use each id once, or leave it out.",
  payload_too_large: "Send less at once, or raise socketio.max_payload_bytes.",
  unsupported_media_type: "Reload the page: the hub may be another version by now.",
  limit_reached: "Wait a little, or raise the setting that the message names.",
  storage_failed: "Look at the hub's log and at its disk.",
  overloaded: "Wait a little: the hub has too much to do.",
  stopping: "Wait until the hub is started again.",
  timeout: "Ask again. If it stays silent, look at the provider's program.",
};
