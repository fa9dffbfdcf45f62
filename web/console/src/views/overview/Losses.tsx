// What was dropped, refused or cut since the start, by reason, with what each reason means.

import { Card } from "../../parts/Page";
import type { HubStats } from "../../api/client";
import classes from "./Losses.module.css";

const DROPPED: Record<string, string> = {
  invalid_packet: "Packets that break the protocol",
  address_limit: "Connections of addresses that had too many",
  volatile: "Volatile events for clients that were busy",
  rooms_limit: "Rooms not joined: limits.rooms_per_socket_max",
  acks_limit: "Events not sent: limits.acks_per_socket_max",
  provider_offline: "Requests for providers that weren't there",
  invalid_payload: "Bridge events that make no sense",
  not_owner: "Broadcasts in the name of somebody else",
  unknown_request: "Replies that nobody asked for",
  limit_reached: "A limit of the bridge",
  other: "Unknown events, refused duplicates",
};

const CLOSED: Record<string, string> = {
  transport_close: "The client left",
  transport_error: "The connection broke",
  ping_timeout: "The client vanished, or was too busy",
  parse_error: "Malformed packets",
  forced: "Closed by the hub",
  outbox_overflow: "The client read too slowly",
  shutdown: "The hub stopped",
};

export function Losses({ stats }: { stats: HubStats }) {
  return (
    <div className={classes.losses}>
      <Card title="Dropped or refused" about="Since the hub was started">
        <Reasons counts={stats.dropped} meanings={DROPPED} none="Nothing was dropped." />
      </Card>
      <Card title="Connections closed" about="Since the hub was started">
        <Reasons counts={stats.connections_closed} meanings={CLOSED} none="No connection has closed yet." />
      </Card>
    </div>
  );
}

function Reasons({ counts, meanings, none }: { counts: Record<string, number>; meanings: Record<string, string>; none: string }) {
  const happened = Object.entries(counts).filter(([, count]) => count > 0);
  if (happened.length === 0) return <p className="muted">{none}</p>;
  return (
    <dl className={classes.reasons}>
      {happened
        .sort(([, a], [, b]) => b - a)
        .map(([reason, count]) => (
          <div key={reason}>
            <dt>
              {meanings[reason] ?? reason} <code>{reason}</code>
            </dt>
            <dd>{count.toLocaleString("en")}</dd>
          </div>
        ))}
    </dl>
  );
}
