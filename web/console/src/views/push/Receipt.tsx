// What became of a push that was just sent.

import type { PushReceipt } from "../../api/client";
import classes from "./Push.module.css";

export function Receipt({ receipt: { message_id, matched_users, delivered, duplicate } }: { receipt: PushReceipt }) {
  return (
    <div className={classes.receipt} data-none={delivered === 0 || undefined} role="status" data-testid="receipt">
      <strong>{duplicate ? "It was sent before; nothing was sent again." : `Handed to ${delivered} ${delivered === 1 ? "socket" : "sockets"}.`}</strong>
      <span>
        {matched_users} {matched_users === 1 ? "user is" : "users are"} meant{delivered === 0 && !duplicate && ", none of whom was online. What nobody hears isn't kept for later"}.
      </span>
      <code>{message_id}</code>
    </div>
  );
}
