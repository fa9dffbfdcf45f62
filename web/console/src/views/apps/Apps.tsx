// All apps of the hub, and new ones.

import { Button } from "@mantine/core";
import { LayoutGrid, Plus } from "lucide-react";
import { Link, useLocation, useSearchParams } from "wouter";
import type { App } from "../../api/client";
import { answer, hub } from "../../api/client";
import { Empty } from "../../parts/Empty";
import { type Column, Listing } from "../../parts/Listing";
import { useParts } from "../../parts/list";
import { Moment } from "../../parts/Moment";
import { Card, Page } from "../../parts/Page";
import { Pill } from "../../parts/Pill";
import { CreateApp } from "./CreateApp";

const COLUMNS: Column<App>[] = [
  { title: "App", cell: ({ id, name }) => <Link href={`/apps/${id}/first-minute`}>{name}</Link> },
  { title: "Id", cell: ({ id }) => <span className="mono">{id}</span> },
  { title: "Anonymous sockets", cell: ({ settings }) => (settings.anonymous === "deny" ? <Pill tone="warn">denied</Pill> : <Pill>allowed</Pill>) },
  { title: "Bridge", cell: ({ settings }) => (settings.bridge === "locked" ? <Pill tone="warn">locked</Pill> : <Pill>open</Pill>) },
  { title: "Created", cell: ({ created_at_ms }) => (created_at_ms > 0 ? <Moment at_ms={created_at_ms} /> : <span className="muted">built in</span>) },
];

export default function Apps() {
  const [search, setSearch] = useSearchParams();
  const [, navigate] = useLocation();
  const list = useParts(["apps", "in parts"], (after) => answer(hub.GET("/api/v1/apps", { params: { query: { after } } })));
  const create = (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setSearch("create")}>
      Create an app
    </Button>
  );
  return (
    <Page title="Apps" about="An app is a tenant: it has its own keys, users, sessions, pushes and data. Nothing crosses from one to another." actions={create}>
      <Card flush>
        <Listing
          label="Apps"
          list={list}
          columns={COLUMNS}
          keyOf={({ id }) => id}
          empty={<Empty icon={LayoutGrid} title="There is no app yet" action={create}>Create one for each product whose users should hear from you.</Empty>}
        />
      </Card>
      {search.has("create") && <CreateApp onClose={() => setSearch("")} onCreated={({ id }) => navigate(`/apps/${id}/first-minute`)} />}
    </Page>
  );
}
