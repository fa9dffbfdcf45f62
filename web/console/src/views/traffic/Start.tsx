// What stands there before anything has flowed: how to see something at once.

import { Button } from "@mantine/core";
import { Play, Waves } from "lucide-react";
import { useChosenApp } from "../../app/current-app";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import type { Example } from "./use-example";
import classes from "./Traffic.module.css";

export function Start({ example }: { example: Example }) {
  const app = useChosenApp();
  const actions = (
    <>
      <Button leftSection={<Play size={15} aria-hidden />} loading={example.state === "starting"} onClick={example.start}>
        Start an example
      </Button>
      {app !== undefined && (
        <Button variant="default" component="a" href={`/console/apps/${app}/first-minute`} target="_blank">
          Open the first minute beside it
        </Button>
      )}
    </>
  );
  return (
    <div className={classes.start}>
      <Empty icon={Waves} title="Nothing flows at the moment" action={actions}>
        Whatever goes through the hub appears here as it happens. The example is a thermometer and two clients in this page, which talk through the hub until you stop them.
      </Empty>
      <Failure problem={example.problem} />
    </div>
  );
}
