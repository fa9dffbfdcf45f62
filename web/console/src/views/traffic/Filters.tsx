// What one wants to see of it.

import { Select, TextInput, UnstyledButton } from "@mantine/core";
import { Search, X } from "lucide-react";
import { useApps } from "../../app/current-app";
import type { Filter } from "./filter";
import { type Kind, KINDS } from "./flow";
import classes from "./Traffic.module.css";

interface Props {
  filter: Filter;
  /** What the party of the filter is called. */
  party?: string;
  onChange: (change: Partial<Filter>) => void;
}

export function Filters({ filter, party, onChange }: Props) {
  const { data: apps = [] } = useApps();
  const toggle = (kind: Kind) => onChange({ kinds: filter.kinds.includes(kind) ? filter.kinds.filter((other) => other !== kind) : [...filter.kinds, kind] });
  return (
    <div className={classes.filters} role="search" aria-label="Filters">
      <Select
        size="xs"
        aria-label="App"
        placeholder="All apps"
        data={apps.map(({ id, name }) => ({ value: id, label: name }))}
        value={filter.app ?? null}
        onChange={(app) => onChange({ app: app ?? undefined })}
        clearable
        searchable
        clearButtonProps={{ "aria-label": "All apps" }}
      />
      <TextInput size="xs" aria-label="Event" placeholder="Event" value={filter.event ?? ""} onChange={({ currentTarget }) => onChange({ event: currentTarget.value })} />
      <TextInput size="xs" aria-label="Text in the arguments" placeholder="Text" leftSection={<Search size={13} aria-hidden />} value={filter.text ?? ""} onChange={({ currentTarget }) => onChange({ text: currentTarget.value })} />
      <div className={classes.kinds} role="group" aria-label="Kinds">
        {KINDS.map((kind) => (
          <UnstyledButton key={kind} className={classes.kind} data-kind={kind} aria-pressed={filter.kinds.includes(kind)} onClick={() => toggle(kind)}>
            {kind}
          </UnstyledButton>
        ))}
      </div>
      {filter.party !== undefined && (
        <span className={classes.party}>
          {party ?? filter.party.replace(/^\w+:/, "")}
          <UnstyledButton aria-label="All parties" onClick={() => onChange({ party: undefined })}>
            <X size={13} aria-hidden />
          </UnstyledButton>
        </span>
      )}
    </div>
  );
}
