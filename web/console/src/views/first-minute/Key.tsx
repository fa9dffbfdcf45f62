// The first step: a key that names the app.

import { Button, Select } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Value } from "../../parts/Copy";
import { Failure } from "../../parts/Failure";
import type { Keys } from "./keys";
import { Step } from "./Step";
import classes from "./FirstMinute.module.css";

export function Key({ app, keys }: { app: string; keys: Keys }) {
  const { list, live, chosen } = keys;
  return (
    <Step number={1} title="An API key" isDone={chosen !== undefined}>
      <p className={classes.text}>
        {chosen === "" ? (
          <>The built-in app <code>{app}</code> is for whoever presents nothing. Here no key is needed.</>
        ) : (
          "It names the app, and is public: it may stand in a page."
        )}
      </p>
      <Failure problem={list.problem} onRetry={list.readAgain} />
      {chosen === undefined && list.items && <Create keys={keys} />}
      {chosen && <Chosen keys={keys} chosen={chosen} hasChoice={live.length > 1} />}
    </Step>
  );
}

function Create({ keys }: { keys: Keys }) {
  const { mutate, isPending, error } = useMutation({ mutationFn: keys.create });
  return (
    <div className={classes.row}>
      <Button onClick={() => mutate()} loading={isPending}>
        Create a key
      </Button>
      <Failure problem={error} />
    </div>
  );
}

function Chosen({ keys: { live, choose }, chosen, hasChoice }: { keys: Keys; chosen: string; hasChoice: boolean }) {
  return (
    <div className={classes.row}>
      {hasChoice && (
        <Select
          aria-label="Which key"
          size="xs"
          data={live.map(({ key, name }) => ({ value: key, label: name || key }))}
          value={chosen}
          allowDeselect={false}
          onChange={(key) => key && choose(key)}
        />
      )}
      <Value text={chosen} what="the key" />
    </div>
  );
}
