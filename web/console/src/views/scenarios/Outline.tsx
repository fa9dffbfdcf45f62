// A document as cards: its trigger, its filter, and its steps in order, each with what the hub says of it and with what
// a test run made of it.

import type { Finding, Rehearsal, StepRecord } from "../../api/client";
import { isJson, type Json } from "../../parts/document";
import { Findings } from "../../parts/Findings";
import { Card } from "../../parts/Page";
import { Pill } from "../../parts/Pill";
import classes from "./Scenarios.module.css";
import { StepRecordDetails } from "./StepRecordDetails";
import { stepAt, stepInWords, triggerInWords } from "./words";

interface Notes {
  mistakes: Finding[];
  warnings: Finding[];
  rehearsal?: Rehearsal;
}

export function Outline({ document, ...notes }: Notes & { document: Json | undefined }) {
  const steps = document?.steps;
  const { rehearsal } = notes;
  return (
    <Card title="Steps" about="As the document has them">
      <div className={classes.steps}>
        <div className={classes.step}>
          <p className={classes.head}>
            <Pill tone="info">starts when</Pill> <span>{triggerInWords(document?.trigger)}</span>
          </p>
          <Said {...notes} of={(path) => path.startsWith("trigger")} />
        </div>
        {(document?.filter !== undefined || rehearsal) && (
          <div className={classes.step}>
            <p className={classes.head}>
              <Pill tone="info">only if</Pill> <span>{document?.filter === undefined ? "always" : String(document.filter)}</span>
              {rehearsal && <Pill tone={rehearsal.is_admitted ? "good" : "warn"}>{rehearsal.is_admitted ? "the filter lets it run" : "the filter holds it back"}</Pill>}
            </p>
            <Said {...notes} of={(path) => path.startsWith("filter")} />
          </div>
        )}
      </div>
      {Array.isArray(steps) && steps.length > 0 ? <Steps steps={steps} path="steps" notes={notes} label="Steps" /> : <p className="muted">It does nothing yet: there are no steps.</p>}
    </Card>
  );
}

function Steps({ steps, path, notes, label }: { steps: unknown[]; path: string; notes: Notes; label: string }) {
  return (
    <ol className={classes.steps} aria-label={label}>
      {steps.map((step, index) => (
        <li key={index}>
          <Step step={isJson(step) ? step : {}} path={`${path}[${index}]`} notes={notes} />
        </li>
      ))}
    </ol>
  );
}

function Step({ step, path, notes }: { step: Json; path: string; notes: Notes }) {
  const records = notes.rehearsal?.steps.filter((record) => record.path === path) ?? [];
  return (
    <>
      <div className={classes.step} data-kind={String(step.type)} data-testid={path}>
        <p className={classes.head}>
          <Pill>{step.type === undefined ? "no type yet" : String(step.type)}</Pill>
          {typeof step.name === "string" && <strong>{step.name}</strong>}
          {typeof step.as === "string" && <span className="muted">leaves <code>{step.as}</code></span>}
        </p>
        <p className={classes.line}>{stepInWords(step)}</p>
        <Said {...notes} of={(place) => stepAt(place) === path} />
        {records.map((record: StepRecord, index) => (
          <StepRecordDetails key={index} record={record} />
        ))}
      </div>
      {(["then", "else"] as const).map((branch) => {
        const steps = step[branch];
        return (
          Array.isArray(steps) &&
          steps.length > 0 && (
            <div key={branch} className={classes.branch}>
              <p className={classes.label}>{branch}</p>
              <Steps steps={steps} path={`${path}.${branch}`} notes={notes} label={`${branch} of ${path}`} />
            </div>
          )
        );
      })}
    </>
  );
}

function Said({ mistakes, warnings, of }: Notes & { of: (path: string) => boolean }) {
  const here = ({ path }: Finding) => of(path);
  return (
    <>
      <Findings findings={mistakes.filter(here)} tone="bad" />
      <Findings findings={warnings.filter(here)} tone="warn" />
    </>
  );
}
