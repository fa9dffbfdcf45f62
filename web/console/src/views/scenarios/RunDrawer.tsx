// One run: what started it, how it stands, and each of its steps.

import { Button, Drawer, Skeleton, Stack } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { LIVE, ofApp, queries } from "../../api/queries";
import { Failure } from "../../parts/Failure";
import { Moment } from "../../parts/Moment";
import { Pill } from "../../parts/Pill";
import { isOpen, RunStatus } from "./RunStatus";
import classes from "./Scenarios.module.css";
import { cancelRun, readRun, type RunStep } from "./scenarios-api";
import { StepRecordDetails } from "./StepRecordDetails";

interface Props {
  app: string;
  run: number;
  onClose: () => void;
}

export function RunDrawer({ app, run, onClose }: Props) {
  const { data, error, refetch } = useQuery({
    queryKey: ofApp(app, "runs", "one", run),
    queryFn: () => readRun(app, run),
    refetchInterval: ({ state }) => (state.data && !isOpen(state.data.status) ? false : LIVE.refetchInterval),
  });
  return (
    <Drawer opened onClose={onClose} position="right" size="44rem" title={`Run ${run}`} classNames={{ title: classes.drawerTitle }}>
      {data ? <About app={app} run={data} /> : error ? <Failure problem={error} onRetry={() => void refetch()} /> : <Skeleton height={240} />}
    </Drawer>
  );
}

function About({ app, run: { run, status, cause, version, lane, depth, interruptions, created_at_ms, due_at_ms, error, steps } }: { app: string; run: Awaited<ReturnType<typeof readRun>> }) {
  const cancelling = useMutation({
    mutationFn: () => cancelRun(app, run),
    onSettled: () => queries.invalidateQueries({ queryKey: ofApp(app, "runs") }),
  });
  return (
    <Stack gap="md">
      <p className={classes.head}>
        <RunStatus status={status} /> <span>{cause}</span> <span className="muted">version {version}</span> <Moment at_ms={created_at_ms} />
      </p>
      <p className="muted">
        In the lane {lane}
        {depth > 0 && `, after ${depth} ${depth === 1 ? "run that led" : "runs that led"} to it`}
        {interruptions > 0 && `, interrupted ${interruptions === 1 ? "once" : `${interruptions} times`}`}
        {isOpen(status) && typeof due_at_ms === "number" && <>, goes on <Moment at_ms={due_at_ms} /></>}
      </p>
      {error && (
        <p className={classes.failure}>
          {String(failureOf(error).message)} <code>{String(failureOf(error).code)}</code>
        </p>
      )}
      <ol className={classes.steps} aria-label="Steps of the run">
        {steps.map((step, index) => (
          <li key={index}>
            <Step step={step} />
          </li>
        ))}
      </ol>
      {steps.length === 0 && <p className="muted">No step has been taken{isOpen(status) ? " yet" : ""}.</p>}
      <Failure problem={cancelling.error} />
      {isOpen(status) && (
        <div>
          <Button variant="outline" color="red" onClick={() => cancelling.mutate()} loading={cancelling.isPending}>
            Cancel the run
          </Button>
        </div>
      )}
    </Stack>
  );
}

/** What the API describes as an object without saying more. */
const failureOf = (error: unknown) => error as { code: string; message: string };

function Step({ step }: { step: RunStep }) {
  const { path, type, name, attempt, repeated, duration_ms } = step;
  return (
    <div className={classes.step}>
      <p className={classes.head}>
        <Pill>{type}</Pill>
        {name && <strong>{name}</strong>}
        <code className="muted">{path}</code>
        <span className="muted">{duration_ms.toLocaleString("en")} ms</span>
        {attempt > 1 && <Pill tone="warn">attempt {attempt}</Pill>}
        {repeated && <Pill tone="warn">repeated after an interruption</Pill>}
      </p>
      <StepRecordDetails record={step} />
    </div>
  );
}
