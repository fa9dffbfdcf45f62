// Ways for front ends to the objects of a structure.

import { Button } from "@mantine/core";
import { Plus, Waypoints } from "lucide-react";
import { useState } from "react";
import { answer, type Endpoint, type EndpointAccess, hub } from "../../api/client";
import { ofApp } from "../../api/queries";
import { Confirm } from "../../parts/Confirm";
import { Value } from "../../parts/Copy";
import { Empty } from "../../parts/Empty";
import { type Column, Listing } from "../../parts/Listing";
import { useWhole } from "../../parts/list";
import { Card } from "../../parts/Page";
import { Pill } from "../../parts/Pill";
import { readDataAgain, useStructure } from "./context";
import { EndpointForm } from "./EndpointForm";
import classes from "./Data.module.css";

/** The hub's own limit is lower by default; more than this many aren't listed here. */
const ENDPOINTS_MAX = 200;

export function Endpoints() {
  const { app, structure } = useStructure();
  const [opened, setOpened] = useState<Endpoint | "new">();
  const [removed, setRemoved] = useState<Endpoint>();
  const list = useWhole(ofApp(app, "endpoints", structure.name), async () => {
    const { items } = await answer(hub.GET("/api/v1/apps/{app}/endpoints", { params: { path: { app }, query: { limit: ENDPOINTS_MAX, after: `${structure.name}/` } } }));
    return { items: items.filter((endpoint) => endpoint.structure === structure.name) };
  });
  const columns: Column<Endpoint>[] = [
    {
      title: "Endpoint",
      cell: (endpoint) => (
        <Button variant="subtle" size="compact-sm" className={classes.inline} onClick={() => setOpened(endpoint)}>
          {endpoint.method}
        </Button>
      ),
    },
    { title: "Address", cell: ({ method }) => <Value text={`/good/api/v5/data/${structure.name}/${method}`} what="the address" /> },
    { title: "Read", cell: ({ read }) => <Access access={read} /> },
    { title: "Write", cell: ({ write }) => <Access access={write} /> },
    { title: "Filter", cell: ({ filter }) => (filter ? <span className="mono">{JSON.stringify(filter)}</span> : <span className="muted">–</span>) },
    {
      title: "Actions",
      kind: "actions",
      cell: (endpoint) => (
        <Button variant="subtle" color="red" size="compact-sm" onClick={() => setRemoved(endpoint)} aria-label={`Delete ${endpoint.method}`}>
          Delete
        </Button>
      ),
    },
  ];
  const create = (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setOpened("new")}>
      Create an endpoint
    </Button>
  );
  const remove = async ({ method }: Endpoint) => {
    await answer(hub.DELETE("/api/v1/apps/{app}/endpoints/{structure}/{method}", { params: { path: { app, structure: structure.name, method } } }));
    await readDataAgain(app);
  };
  return (
    <Card flush title="Endpoints" about="Who may read and write which objects, from a page" actions={create}>
      <Listing label="Endpoints" list={list} columns={columns} keyOf={({ method }) => method} empty={<Empty icon={Waypoints} title="No endpoint yet" action={create}>Without one, front ends can't reach these objects.</Empty>} />
      {opened && <EndpointForm endpoint={opened === "new" ? undefined : opened} onClose={() => setOpened(undefined)} />}
      {removed && (
        <Confirm title={`Delete ${removed.method}`} verb="Delete" onConfirm={() => remove(removed)} onClose={() => setRemoved(undefined)}>
          Front ends that use it get an error from now on. The objects stay.
        </Confirm>
      )}
    </Card>
  );
}

function Access({ access = "nobody" }: { access?: EndpointAccess }) {
  if (typeof access === "object") return <Pill tone="info">{access.roles.join(", ")}</Pill>;
  return <Pill tone={access === "anyone" ? "warn" : access === "nobody" ? "plain" : "good"}>{access}</Pill>;
}
