// How to start the provider that public samples talk to, where a dashboard has one of those.

import { Snippet } from "../../parts/Copy";
import type { Plugin } from "./document";
import { SAMPLE_PROVIDER } from "./examples";
import classes from "./Playground.module.css";

export function ProviderHint({ plugins }: { plugins: Plugin[] }) {
  if (!plugins.some(({ source }) => source?.includes(SAMPLE_PROVIDER))) return null;
  const command = [
    "python3 -m venv .venv",
    ".venv/bin/pip install -r examples/python/requirements.txt",
    `.venv/bin/python examples/python/provider.py --hub ${location.origin}`,
  ].join("\n");
  return (
    <details className={classes.hint}>
      <summary>
        This dashboard talks to the provider <code>{SAMPLE_PROVIDER}</code>: how to start it
      </summary>
      <p>In a terminal, in the folder of Campanile:</p>
      <Snippet code={command} what="the commands that start the provider" />
    </details>
  );
}
