// Who is connected: to an app, or one user. A socket that is disconnected may come back while its session lives.

import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Unplug } from "lucide-react";
import { Link } from "wouter";
import { answer, hub, type SocketInfo } from "../../api/client";
import { CALM, ofApp, queries } from "../../api/queries";
import { useApp } from "../../app/current-app";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { type Column, Listing } from "../../parts/Listing";
import { useParts } from "../../parts/list";
import { duration } from "../../parts/Moment";
import { Card } from "../../parts/Page";
import classes from "./Users.module.css";

export function AllSockets() {
  const app = useApp();
  return (
    <Card flush>
      <Sockets app={app} />
    </Card>
  );
}

export function Sockets({ app, user }: { app: string; user?: string }) {
  const list = useParts(
    ofApp(app, "sockets", user),
    (after) => answer(hub.GET("/api/v1/apps/{app}/sockets", { params: { path: { app }, query: { user, after } } })),
    CALM,
  );
  const kick = useMutation({
    mutationFn: (id: string) => answer(hub.DELETE("/api/v1/apps/{app}/sockets/{id}", { params: { path: { app, id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ofApp(app) }),
  });
  const columns: Column<SocketInfo>[] = [
    { title: "Socket", cell: ({ id }) => <span className="mono">{id}</span> },
    ...(user === undefined ? [{ title: "User", cell: ({ user_id }: SocketInfo) => user_id ?? <span className="muted">anonymous</span> }] : []),
    { title: "From", cell: ({ address }) => address },
    { title: "Connected for", cell: ({ connected_ms }) => duration(connected_ms) },
    {
      title: "Actions",
      kind: "actions",
      cell: ({ id }) => (
        <Button variant="subtle" color="red" size="compact-sm" onClick={() => kick.mutate(id)} aria-label={`Disconnect ${id}`}>
          Disconnect
        </Button>
      ),
    },
  ];
  return (
    <>
      <Failure problem={kick.error} />
      <Listing label="Sockets" list={list} columns={columns} keyOf={({ id }) => id} empty={user === undefined ? <Nobody app={app} /> : <p className={classes.none}>None. The user is offline.</p>} />
    </>
  );
}

const Nobody = ({ app }: { app: string }) => (
  <Empty icon={Unplug} title="Nobody is connected" action={<Link href={`~/console/apps/${app}/first-minute`}>Connect a page in the first minute</Link>}>
    A page connects with one of the app's API keys, and as a user with a session beside it.
  </Empty>
);
