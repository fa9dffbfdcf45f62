// The functions that a plugin has returned, to be run with arguments.

import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Failure } from "../../parts/Failure";
import { mistakeIn } from "../../parts/JsonField";
import classes from "./Playground.module.css";
import type { Run } from "./run";

export function Functions({ run, plugin, names }: { run: Run; plugin: string; names: string[] }) {
  return names.map((name) => <Function key={name} run={run} plugin={plugin} name={name} />);
}

function Function({ run, plugin, name }: { run: Run; plugin: string; name: string }) {
  const [text, setText] = useState("");
  const calling = useMutation({
    mutationFn: async () => {
      const { text: result, problem } = await run.call(plugin, name, argumentsIn(text));
      if (problem !== undefined) throw new Error(problem);
      return result;
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    calling.mutate();
  };
  return (
    <form onSubmit={onSubmit} className={classes.function}>
      <code>{name}</code>
      <TextInput aria-label={`Arguments of ${name}`} placeholder="Arguments as JSON: 21" size="xs" value={text} error={mistakeIn(`[${text}]`)} onChange={(event) => setText(event.currentTarget.value)} autoComplete="off" classNames={{ input: classes.text }} />
      <Button type="submit" size="xs" variant="default" loading={calling.isPending} disabled={mistakeIn(`[${text}]`) !== undefined} aria-label={`Run ${name}`}>
        Run
      </Button>
      {calling.isSuccess && <output className="mono">{calling.data}</output>}
      <Failure problem={calling.error?.message} />
    </form>
  );
}

/** Values with commas between them, as one writes them in a call. */
const argumentsIn = (text: string): unknown[] => JSON.parse(`[${text}]`) as unknown[];
