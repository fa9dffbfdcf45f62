// What was pushed in this app, newest first.

import { Button } from "@mantine/core";
import { Bell } from "lucide-react";
import { answer, hub, type PushRecord } from "../../api/client";
import { CALM, ofApp } from "../../api/queries";
import { Empty } from "../../parts/Empty";
import { type Column, Listing } from "../../parts/Listing";
import { useParts } from "../../parts/list";
import { Moment } from "../../parts/Moment";
import { Card } from "../../parts/Page";
import { Pill } from "../../parts/Pill";
import classes from "./Push.module.css";

export function History({ app, onAgain }: { app: string; onAgain: (push: PushRecord) => void }) {
  const list = useParts(
    ofApp(app, "pushes"),
    (after) => answer(hub.GET("/api/v1/apps/{app}/pushes", { params: { path: { app }, query: { after: after === undefined ? undefined : Number(after) } } })),
    CALM,
  );
  const columns: Column<PushRecord>[] = [
    { title: "Event", cell: ({ event_name, message }) => <Sent event_name={event_name} message={message} /> },
    { title: "For", cell: ({ to }) => <To to={to} /> },
    { title: "Users", kind: "number", cell: ({ matched_users }) => matched_users },
    { title: "Sockets", kind: "number", cell: ({ delivered }) => delivered },
    { title: "By", cell: ({ actor }) => actor },
    { title: "When", cell: ({ sent_at_ms }) => <Moment at_ms={sent_at_ms} /> },
    {
      title: "Actions",
      kind: "actions",
      cell: (push) => (
        <Button variant="subtle" size="compact-sm" onClick={() => onAgain(push)} aria-label={`Compose ${push.event_name} again`}>
          Again
        </Button>
      ),
    },
  ];
  return (
    <Card flush title="Past pushes">
      <Listing label="Past pushes" list={list} columns={columns} keyOf={({ id }) => id} empty={<Empty icon={Bell} title="Nothing was pushed yet">Compose something above. Each push is kept here with its outcome.</Empty>} />
    </Card>
  );
}

function Sent({ event_name, message }: Pick<PushRecord, "event_name" | "message">) {
  const text = typeof message === "string" ? message : JSON.stringify(message);
  return (
    <div>
      <strong>{event_name}</strong>
      {text && <div className={classes.sent}>{text}</div>}
    </div>
  );
}

function To({ to }: { to: unknown }) {
  if (typeof to === "object" && to !== null && "role" in to) return <Pill tone="info">role {String(to.role)}</Pill>;
  const ids = Array.isArray(to) ? to : [to];
  return ids.includes("*") ? <Pill>everyone</Pill> : <span>{ids.slice(0, 3).join(", ")}{ids.length > 3 && ` and ${ids.length - 3} more`}</span>;
}
