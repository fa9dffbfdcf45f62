// Users, found by the beginning of their id, by role, and by who is online.

import { Button, Switch, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Plus, UserRound } from "lucide-react";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";
import { answer, hub, type User } from "../../api/client";
import { CALM, ofApp } from "../../api/queries";
import { useApp } from "../../app/current-app";
import { Empty } from "../../parts/Empty";
import { type Column, Listing } from "../../parts/Listing";
import { useParts } from "../../parts/list";
import { Moment } from "../../parts/Moment";
import { Card } from "../../parts/Page";
import { Pill, Presence } from "../../parts/Pill";
import { CreateUser } from "./CreateUser";
import { Person } from "./Person";
import classes from "./Users.module.css";

const COLUMNS: Column<User>[] = [
  { title: "User", cell: ({ id }) => <Link href={`/?${new URLSearchParams({ user: id })}`}>{id}</Link> },
  { title: "Role", cell: ({ role }) => (role ? <Pill tone="info">{role}</Pill> : <span className="muted">–</span>) },
  { title: "Online", cell: ({ online, sockets }) => <Presence online={online}>{online ? `${sockets} ${sockets === 1 ? "socket" : "sockets"}` : "offline"}</Presence> },
  { title: "Password", cell: ({ has_password }) => (has_password ? "set" : <span className="muted">none</span>) },
  { title: "Created", cell: ({ created_at_ms }) => <Moment at_ms={created_at_ms} /> },
];

export function People() {
  const app = useApp();
  const [search, setSearch] = useSearchParams();
  const [startsWith, setStartsWith] = useState("");
  const [role, setRole] = useState("");
  const [online, setOnline] = useState(false);
  const [isCreating, setCreating] = useState(false);
  const [sought] = useDebouncedValue({ starts_with: startsWith || undefined, role: role || undefined, online: online || undefined }, 300);
  const list = useParts(
    ofApp(app, "users", sought),
    (after) => answer(hub.GET("/api/v1/apps/{app}/users", { params: { path: { app }, query: { ...sought, after } } })),
    CALM,
  );
  const create = (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setCreating(true)}>
      Create a user
    </Button>
  );
  const isFiltered = Object.values(sought).some(Boolean);
  const user = search.get("user");
  return (
    <Card
      flush
      title={
        <span className={classes.filters}>
          <TextInput size="xs" placeholder="Id begins with …" aria-label="Id begins with" value={startsWith} onChange={(event) => setStartsWith(event.currentTarget.value)} />
          <TextInput size="xs" placeholder="Role" aria-label="Role" value={role} onChange={(event) => setRole(event.currentTarget.value)} />
          <Switch size="xs" label="Online" checked={online} onChange={(event) => setOnline(event.currentTarget.checked)} />
        </span>
      }
      actions={create}
    >
      <Listing label="Users" list={list} columns={COLUMNS} keyOf={({ id }) => id} empty={isFiltered ? <Empty icon={UserRound} title="Nobody is found" /> : <NoUsers create={create} />} />
      {isCreating && <CreateUser app={app} onClose={() => setCreating(false)} onCreated={({ id }) => setSearch({ user: id })} />}
      {user !== null && <Person key={user} app={app} id={user} onClose={() => setSearch("")} />}
    </Card>
  );
}

const NoUsers = ({ create }: { create: React.ReactNode }) => (
  <Empty icon={UserRound} title="No users yet" action={create}>
    Create one, or have your backend do it. Users log in with their password, or get a session from your backend.
  </Empty>
);
