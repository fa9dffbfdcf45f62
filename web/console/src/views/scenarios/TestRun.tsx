// Tries a document with an object and a user: shows what each step would do, and does nothing.

import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Problem, type Rehearsal } from "../../api/client";
import { ofApp } from "../../api/queries";
import type { Json } from "../../parts/document";
import { Failure } from "../../parts/Failure";
import { JsonField, mistakeIn, parsed, written } from "../../parts/JsonField";
import { Card, Columns } from "../../parts/Page";
import classes from "./Scenarios.module.css";
import { newestObject, structureNames, testScenario } from "./scenarios-api";
import { structureOf } from "./words";

interface Props {
  app: string;
  id: string;
  /** Absent while the text isn't one. */
  document: Json | undefined;
  rehearsal: Rehearsal | undefined;
  onTried: (rehearsal: Rehearsal | undefined) => void;
  /** With what is wrong with the document, or with nothing. */
  onRefused: (problem: unknown) => void;
}

export function TestRun({ app, id, document, rehearsal, onTried, onRefused }: Props) {
  const structure = structureOf(document?.trigger);
  const [object, setObject] = useState<string>();
  const [user, setUser] = useState("");
  const [given, setGiven] = useState("");
  const [answers, setAnswers] = useState("");
  const [links, setLinks] = useState("");
  const [now, setNow] = useState("");
  const { data: structures } = useQuery(structureNames(app));
  const { data: newest } = useQuery({
    queryKey: ofApp(app, "objects", "newest", structure),
    queryFn: () => newestObject(app, structure!),
    // Names that are half written aren't asked for.
    enabled: structure !== undefined && structures?.includes(structure),
  });
  const text = object ?? (structure && newest ? written(newest) : "");
  const testing = useMutation({
    mutationFn: (document: Json) =>
      testScenario(app, id, {
        document,
        object: parsed<Json>(text) ?? {},
        given: { ...parsed<Json>(given), ...(user ? { WebUser: { id: user } } : {}) },
        answers: parsed<Json>(answers) ?? {},
        links: parsed<Json>(links) ?? {},
        now_ms: now ? new Date(now).getTime() : null,
      }),
    onMutate: () => onRefused(undefined),
    onSuccess: onTried,
    onError: (problem) => {
      onTried(undefined);
      if (hasMistakes(problem)) onRefused(problem);
    },
  });
  const isWritten = document !== undefined && [text, given, answers, links].every((json) => mistakeIn(json) === undefined);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (document) testing.mutate(document);
  };
  return (
    <Card title="Test run" about="With the document as it stands above. What each step would do shows on its card; nothing is done">
      <form onSubmit={onSubmit}>
        <Stack gap="md">
          <Columns>
            <Stack gap="md">
              <JsonField label="Object" description={structure ? `Of ${structure}, as the trigger would bring it` : "This trigger brings none"} value={text} onChange={setObject} rows={8} />
              <JsonField label="Linked objects" description="What its links lead to, by the name of the field" rows={2} value={links} onChange={setLinks} placeholder='{"customer": {"id": "anna", "name": "Anna"}}' />
            </Stack>
            <Stack gap="md">
              <TextInput label="User id" description="In whose name it happens: WebUser.id" autoComplete="off" value={user} onChange={(event) => setUser(event.currentTarget.value)} />
              <JsonField label="What else it starts with" description="before, changed, event, provider, HttpRequest" rows={2} value={given} onChange={setGiven} placeholder='{"before": {"status": "new"}}' />
              <JsonField label="Answers" description="What http and request_provider get, by their as" rows={2} value={answers} onChange={setAnswers} placeholder='{"reply": {"status": 200}}' />
              <TextInput type="datetime-local" step={1} label="Time" description="Of the run, as this computer's clock has it; now if empty" value={now} onChange={(event) => setNow(event.currentTarget.value)} />
            </Stack>
          </Columns>
          <Group>
            <Button type="submit" variant="default" leftSection={<FlaskConical size={16} aria-hidden />} loading={testing.isPending} disabled={!isWritten}>
              Test
            </Button>
            {rehearsal && <Verdict rehearsal={rehearsal} />}
          </Group>
          {hasMistakes(testing.error) ? <p className={classes.failure}>The document has mistakes: they stand beside it.</p> : <Failure problem={testing.error} />}
        </Stack>
      </form>
    </Card>
  );
}

const hasMistakes = (problem: unknown) => problem instanceof Problem && problem.mistakes.length > 0;

function Verdict({ rehearsal: { is_admitted, steps, failure, response } }: { rehearsal: Rehearsal }) {
  return (
    <div role="status" className={classes.verdict} data-tone={failure ? "bad" : is_admitted ? "good" : "warn"}>
      {failure ? (
        <>
          It would fail: {failure.message} <code>{failure.code}</code>
        </>
      ) : is_admitted ? (
        `It would take ${steps.length} ${steps.length === 1 ? "step" : "steps"}.`
      ) : (
        "Its filter would hold it back."
      )}
      {response && ` Whoever waits would get ${response.status}: ${response.body}`}
    </div>
  );
}
