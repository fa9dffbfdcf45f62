// One page: read, written, saved, deleted. What is written is a draft until it is saved.

import { Button, Skeleton } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Save } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { type Finding, Problem, type WebPage } from "../../api/client";
import { CALM, ofApp, queries } from "../../api/queries";
import { forgetUnsaved, useUnsaved } from "../../app/unsaved";
import { Confirm } from "../../parts/Confirm";
import { documentOf, type Json, writtenInOrder } from "../../parts/document";
import { Failure } from "../../parts/Failure";
import { Page } from "../../parts/Page";
import { Pill } from "../../parts/Pill";
import { tell } from "../../parts/told";
import { Needs } from "./Needs";
import { Address } from "./PageList";
import classes from "./Pages.module.css";
import { deletePage, readPage, readPagesAgain, savePage } from "./pages-api";
import { Workbench } from "./Workbench";

const ORDER = ["$schema", "type", "field", "title", "access", "lang", "label", "kind", "id", "endpoint", "read", "write", "heading", "text", "columns", "fields", "submit", "done", "blocks"];

const textOf = (document: unknown) => writtenInOrder(document, ORDER);

/** A text that differs from what is saved, and the version that it began with. */
interface Draft {
  text: string;
  version: number;
}

const keyOf = (app: string, id: string) => ofApp(app, "pages", "one", id);

export function PageView({ app, id }: { app: string; id: string }) {
  const { data, error, refetch } = useQuery({ queryKey: keyOf(app, id), queryFn: () => readPage(app, id), ...CALM });
  if (data) return <Written app={app} page={data} />;
  return (
    <Page title={id} back={{ href: `~/console/apps/${app}/pages`, title: "Pages" }}>
      {error ? <Failure problem={error} onRetry={() => void refetch()} /> : <Skeleton height={320} radius="md" />}
    </Page>
  );
}

function Written({ app, page }: { app: string; page: WebPage }) {
  const { id, version } = page;
  const [draft, setDraft] = useState<Draft>();
  const [refused, setRefused] = useState<unknown>();
  const [warnings, setWarnings] = useState<Finding[]>([]);
  // What is missing for a preview is noticed by a new one only.
  const [turn, setTurn] = useState(0);
  useUnsaved(draft !== undefined, `/apps/${app}/pages/${id}`);
  const text = draft?.text ?? textOf(page.document);
  const document = documentOf(text);
  const write = (text: string) => setDraft(text === textOf(page.document) ? undefined : { text, version: draft?.version ?? version });
  const saving = useMutation({
    mutationFn: ({ document }: { document: Json; text: string }) => savePage(app, id, document, draft?.version ?? version),
    onMutate: () => setRefused(undefined),
    onError: async (problem) => {
      setRefused(problem);
      if (problem instanceof Problem && problem.code === "version_conflict") await readPagesAgain(app);
    },
    onSuccess: async ({ warnings = [], ...saved }, { text }) => {
      queries.setQueryData(keyOf(app, id), saved);
      // What was written while it was being saved isn't.
      setDraft((former) => (former && former.text !== text ? { ...former, version: saved.version } : undefined));
      setWarnings(warnings);
      await readPagesAgain(app);
      tell(`${id} is saved as version ${saved.version}.`);
    },
  });
  const save = document && !saving.isPending ? () => saving.mutate({ document, text }) : undefined;
  useHotkeys([["mod+S", () => save?.()]], []);
  const actions = (
    <>
      {draft && <Pill tone="warn">not saved</Pill>}
      <Button leftSection={<Save size={16} aria-hidden />} onClick={save} loading={saving.isPending} disabled={!document} aria-keyshortcuts="Control+S">
        Save
      </Button>
      <Deletion app={app} id={id} />
    </>
  );
  return (
    <Page title={page.document.title || id} back={{ href: `~/console/apps/${app}/pages`, title: "Pages" }} about={<About page={page} />} actions={actions}>
      <Needs app={app} onMet={() => setTurn(turn + 1)} />
      {draft && draft.version < version && <Overtaken version={version} onKeep={() => setDraft({ ...draft, version })} onDrop={() => setDraft(undefined)} />}
      <Workbench key={turn} app={app} id={id} path={page.path} text={text} document={document} onChange={write} write={(document) => write(textOf(document))} refused={refused} warnings={draft ? [] : warnings} />
    </Page>
  );
}

const About = ({ page: { path, document, version } }: { page: WebPage }) => (
  <span className={classes.about}>
    <Address path={path} title={document.title} /> version {version}
  </span>
);

/** Somebody else has saved it since this text was begun. */
function Overtaken({ version, onKeep, onDrop }: { version: number; onKeep: () => void; onDrop: () => void }) {
  return (
    <div className={classes.warning} role="status">
      <p>Version {version} was saved by somebody else meanwhile. Saving this text is refused, unless it is to take that version's place.</p>
      <Button variant="default" size="xs" onClick={onKeep}>
        Keep this text
      </Button>
      <Button variant="default" size="xs" onClick={onDrop}>
        Take version {version}
      </Button>
    </div>
  );
}

function Deletion({ app, id }: { app: string; id: string }) {
  const [isAsked, setAsked] = useState(false);
  const [, navigate] = useLocation();
  const remove = async () => {
    await deletePage(app, id);
    forgetUnsaved();
    navigate("/");
    queries.removeQueries({ queryKey: keyOf(app, id) });
    await readPagesAgain(app);
    tell(`${id} is deleted.`);
  };
  return (
    <>
      <Button variant="outline" color="red" onClick={() => setAsked(true)}>
        Delete the page
      </Button>
      {isAsked && (
        <Confirm title={`Delete ${id}`} verb="Delete" onConfirm={remove} onClose={() => setAsked(false)}>
          Its address leads nowhere from then on. Structures, endpoints and scenarios that it uses stay. This can't be taken back.
        </Confirm>
      )}
    </>
  );
}
