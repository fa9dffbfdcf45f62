// Logins: of an app, or of one user. Ending one disconnects its sockets.

import { Button } from "@mantine/core";
import { Ticket } from "lucide-react";
import { useState } from "react";
import { answer, hub, type Session } from "../../api/client";
import { CALM, ofApp, queries } from "../../api/queries";
import { useApp } from "../../app/current-app";
import { Confirm } from "../../parts/Confirm";
import { Empty } from "../../parts/Empty";
import { type Column, Listing } from "../../parts/Listing";
import { useParts } from "../../parts/list";
import { Moment } from "../../parts/Moment";
import { Card } from "../../parts/Page";
import { Presence } from "../../parts/Pill";
import classes from "./Users.module.css";

export function AllSessions() {
  return (
    <Card flush>
      <Sessions app={useApp()} />
    </Card>
  );
}

export function Sessions({ app, user }: { app: string; user?: string }) {
  const [ended, setEnded] = useState<Session>();
  const list = useParts(
    ofApp(app, "sessions", user),
    (after) => answer(hub.GET("/api/v1/apps/{app}/sessions", { params: { path: { app }, query: { user, after: after === undefined ? undefined : Number(after) } } })),
    CALM,
  );
  const columns: Column<Session>[] = [
    user === undefined ? { title: "User", cell: ({ user_id }) => <strong>{user_id}</strong> } : { title: "From", cell: ({ address }) => address || "a backend" },
    ...(user === undefined ? [{ title: "From", cell: ({ address, user_agent }: Session) => <span title={user_agent}>{address || "a backend"}</span> }] : []),
    { title: "Sockets", cell: ({ sockets }) => <Presence online={sockets > 0}>{sockets}</Presence> },
    { title: "Last used", cell: ({ last_used_at_ms }) => <Moment at_ms={last_used_at_ms} /> },
    { title: "Expires", cell: ({ expires_at_ms }) => <Moment at_ms={expires_at_ms} /> },
    {
      title: "Actions",
      kind: "actions",
      cell: (session) => (
        <Button variant="subtle" color="red" size="compact-sm" onClick={() => setEnded(session)} aria-label={`End session ${session.id} of ${session.user_id}`}>
          End
        </Button>
      ),
    },
  ];
  const end = async (id: number) => {
    await answer(hub.DELETE("/api/v1/apps/{app}/sessions/{id}", { params: { path: { app, id } } }));
    await queries.invalidateQueries({ queryKey: ofApp(app) });
  };
  const none = user === undefined ? <Empty icon={Ticket} title="No sessions">A session begins when a user logs in, or when your backend opens one.</Empty> : <p className={classes.none}>None. The user isn't logged in anywhere.</p>;
  return (
    <>
      <Listing label="Sessions" list={list} columns={columns} keyOf={({ id }) => id} empty={none} />
      {ended && (
        <Confirm title="End the session" verb="End it" onClose={() => setEnded(undefined)} onConfirm={() => end(ended.id)}>
          {ended.user_id} is logged out there, and sockets that are connected with it are told so and disconnected.
        </Confirm>
      )}
    </>
  );
}
