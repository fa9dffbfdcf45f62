// A page's document as blocks, as it will look, and as text; each shows what is changed in another.

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Finding } from "../../api/client";
import { ofApp } from "../../api/queries";
import type { Json } from "../../parts/document";
import { DocumentText } from "../../parts/DocumentText";
import { Columns } from "../../parts/Page";
import { Blocks } from "./Blocks";
import { Head } from "./Head";
import classes from "./Pages.module.css";
import { checkPage } from "./pages-api";
import { Preview } from "./Preview";

interface Props {
  app: string;
  id: string;
  path: string;
  text: string;
  /** Absent while the text isn't one. */
  document: Json | undefined;
  onChange: (text: string) => void;
  write: (document: Json) => void;
  refused: unknown;
  warnings: Finding[];
}

/** The hub is asked about a text when its writer pauses. */
const PAUSE_MS = 400;

export function Workbench({ app, id, path, text, document, onChange, write, refused, warnings }: Props) {
  const [shown, setShown] = useState(document);
  if (document && JSON.stringify(document) !== JSON.stringify(shown)) setShown(document);
  const found = useFindings(app, id, shown);
  // Until the text is a document again, the blocks are only looked at: writing them would take the text's place.
  const change = (changed: Json) => document && write(changed);
  const notes = found ?? { mistakes: [], warnings: [] };
  return (
    <Columns>
      <div className={classes.column}>
        {!document && <p className={classes.warning}>The text isn't a document at present. The blocks are those that it had; they can be changed when it is one again.</p>}
        <fieldset className={classes.blocks} disabled={!document} aria-label="Blocks">
          <Head document={shown ?? {}} onChange={change} {...notes} />
          <Blocks app={app} document={shown ?? {}} onChange={change} {...notes} />
        </fieldset>
      </div>
      <div className={classes.column}>
        <Preview path={path} document={shown} />
        <DocumentText text={text} onChange={onChange} refused={refused} warnings={warnings} />
      </div>
    </Columns>
  );
}

/** What the hub says of a document that isn't saved. */
function useFindings(app: string, id: string, document: Json | undefined) {
  const [asked] = useDebouncedValue(document, PAUSE_MS);
  const { data } = useQuery({
    queryKey: ofApp(app, "pages", "check", id, asked),
    queryFn: () => checkPage(app, id, asked!),
    enabled: asked !== undefined,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  return data;
}
