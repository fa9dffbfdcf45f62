// All that is known of one flow.

import { ActionIcon, Button } from "@mantine/core";
import { ListFilter, X } from "lucide-react";
import { Snippet } from "../../parts/Copy";
import { indented } from "./indented";
import type { Known } from "./parties";
import type { Entry } from "./recording";
import { bytes, clock } from "./Row";
import classes from "./Traffic.module.css";

interface Props {
  entry: Entry;
  onParty: (key: string) => void;
  onClose: () => void;
}

export function Details({ entry, onParty, onClose }: Props) {
  const { flow, at_ms, from, to } = entry;
  if (!flow) return null;
  const facts: [string, string | number | undefined][] = [
    ["Time", clock(at_ms)],
    ["App", flow.app],
    ["Namespace", flow.namespace === "/" ? undefined : flow.namespace],
    ["Kind", flow.kind],
    ["Size", flow.bytes === undefined ? undefined : bytes(flow.bytes)],
    ["Sockets", flow.receivers?.toLocaleString("en")],
    ["Reason", flow.reason],
  ];
  return (
    <section className={classes.details} aria-label="The chosen flow" onKeyDown={(event) => event.key === "Escape" && onClose()}>
      <div className={classes.about}>
        <div className={classes.heading}>
          <h2>{flow.event ?? flow.kind}</h2>
          <ActionIcon size="md" onClick={onClose} aria-label="Close the details">
            <X size={16} aria-hidden />
          </ActionIcon>
        </div>
        <dl>
          <Side name="From" of={from} onParty={onParty} />
          <Side name="To" of={to} onParty={onParty} />
          {facts.map(([name, value]) =>
            value === undefined ? null : (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
          )}
        </dl>
      </div>
      {flow.preview ? <Snippet code={indented(flow.preview)} what="the arguments" /> : <p className="muted">It has no arguments.</p>}
    </section>
  );
}

function Side({ name, of: { key, kind, name: called, role, id }, onParty }: { name: string; of: Known; onParty: (key: string) => void }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {called} {role && !called.startsWith(role) && <span className="muted">{role}</span>} {id && <code className="muted">{id}</code>}
        {kind !== "hub" && (
          <Button size="compact-xs" variant="subtle" leftSection={<ListFilter size={12} aria-hidden />} onClick={() => onParty(key)}>
            Only this party
          </Button>
        )}
      </dd>
    </div>
  );
}
