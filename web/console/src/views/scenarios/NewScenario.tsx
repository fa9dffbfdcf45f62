// A scenario that isn't saved yet. It begins with a document for a structure that exists.

import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { forgetUnsaved, useUnsaved } from "../../app/unsaved";
import type { Scenario } from "../../api/client";
import { Page } from "../../parts/Page";
import { structureNames } from "./scenarios-api";
import { Workbench } from "./Workbench";
import { starter, writtenDocument } from "./words";

/** Where there is no structure yet: the hub's warning says that it is missing. */
const NO_STRUCTURE = "orders";

export function NewScenario({ app }: { app: string }) {
  const [text, setText] = useState<string>();
  const [, navigate] = useLocation();
  useUnsaved(text !== undefined);
  const goOn = ({ id }: Scenario) => {
    forgetUnsaved();
    navigate(`/${id}`);
  };
  const { data, error } = useQuery(structureNames(app));
  const begin = data || error ? writtenDocument(starter(data?.[0] ?? NO_STRUCTURE)) : undefined;
  return (
    <Page title="New scenario" back={{ href: `~/console/apps/${app}/scenarios`, title: "Scenarios" }} about="It pushes when an object changes. Make of it what you need; docs/scenarios.md is its language.">
      {begin === undefined ? <Skeleton height={320} radius="md" /> : <Workbench app={app} text={text ?? begin} onChange={setText} onSaved={goOn} />}
    </Page>
  );
}
