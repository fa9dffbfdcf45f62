// What went into a step, what came out of it, and why it failed.

import { Snippet } from "../../parts/Copy";
import { written } from "../../parts/JsonField";
import type { RunStep } from "./scenarios-api";
import classes from "./Scenarios.module.css";

export function StepRecordDetails({ record: { path, input, output, error } }: { record: RunStep }) {
  return (
    <div className={classes.record}>
      <Side title="In" value={input} what={`what goes into ${path}`} />
      <Side title="Out" value={output} what={`what comes out of ${path}`} />
      {error && (
        <p className={classes.failure}>
          {error.message} <code>{error.code}</code>
        </p>
      )}
    </div>
  );
}

function Side({ title, value, what }: { title: string; value: unknown; what: string }) {
  if (value === undefined || value === null) return null;
  return (
    <div>
      <p className={classes.label}>{title}</p>
      <Snippet code={written(value)} what={what} />
    </div>
  );
}
