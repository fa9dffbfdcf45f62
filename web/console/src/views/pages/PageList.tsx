// All pages of an app, and what a new one may begin with.

import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { ExternalLink, PanelsTopLeft, Plus } from "lucide-react";
import { Link, useSearchParams } from "wouter";
import { answer, hub, type WebPage } from "../../api/client";
import { CALM, ofApp } from "../../api/queries";
import { Value } from "../../parts/Copy";
import { Empty } from "../../parts/Empty";
import { type Column, Listing } from "../../parts/Listing";
import { useParts } from "../../parts/list";
import { Moment } from "../../parts/Moment";
import { Card, Page } from "../../parts/Page";
import { Beginnings } from "./Beginnings";
import { blocksOf } from "./kinds";
import classes from "./Pages.module.css";

const COLUMNS: Column<WebPage>[] = [
  { title: "Page", cell: ({ id, document }) => <Link href={`/${id}`}>{document.title}</Link> },
  { title: "Address", cell: ({ path, document }) => <Address path={path} title={document.title} /> },
  { title: "For", cell: ({ document }) => (document.access === "users" ? "users" : "everyone") },
  { title: "Blocks", kind: "number", cell: ({ document }) => blocksOf(document as never).length },
  { title: "Changed", cell: ({ updated_at_ms }) => <Moment at_ms={updated_at_ms} /> },
];

/** Where it is served, to be copied and opened. */
export function Address({ path, title }: { path: string; title: string }) {
  const url = location.origin + path;
  return (
    <span className={classes.address}>
      <Value text={url} what="the address" />
      <Tooltip label="Open in a new tab">
        <ActionIcon component="a" href={url} target="_blank" rel="noopener" size="md" aria-label={`Open ${title} in a new tab`}>
          <ExternalLink size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </span>
  );
}

export function PageList({ app }: { app: string }) {
  const [search] = useSearchParams();
  const list = useParts(ofApp(app, "pages", "all"), (after) => answer(hub.GET("/api/v1/apps/{app}/pages", { params: { path: { app }, query: { after } } })), CALM);
  if (search.has("create")) {
    return (
      <Page title="New page" back={{ href: `~/console/apps/${app}/pages`, title: "Pages" }} about="Begin with something that works already, or with nothing.">
        <Beginnings app={app} />
      </Page>
    );
  }
  const isEmpty = list.items?.length === 0;
  const create = (
    <Button component={Link} href="/?create" leftSection={<Plus size={16} aria-hidden />}>
      New page
    </Button>
  );
  return (
    <Page title="Pages" about="What this app shows to its users without a front end of its own: texts, tables, forms, a chat." actions={!isEmpty && create}>
      <Card flush>
        <Listing
          label="Pages"
          list={list}
          columns={COLUMNS}
          keyOf={({ id }) => id}
          empty={<Empty icon={PanelsTopLeft} title="No pages yet">Choose a beginning below. The first two make all that they need, and work at once; their users log in, so <Link href={`~/console/apps/${app}/users`}>create some</Link>.</Empty>}
        />
      </Card>
      {isEmpty && <Beginnings app={app} />}
    </Page>
  );
}
