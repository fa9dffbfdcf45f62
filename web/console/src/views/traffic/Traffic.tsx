// What flows through the hub, as it happens: a list and a picture of it, which one can filter, pause and clear.

import { Button, SegmentedControl } from "@mantine/core";
import { Eraser, Pause, Play, Square } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useSearchParams } from "wouter";
import { Failure } from "../../parts/Failure";
import { Card, Page } from "../../parts/Page";
import { Pill, type Tone } from "../../parts/Pill";
import { Details } from "./Details";
import type { FeedState } from "./feed";
import { type Filter, filterIn, withFilter } from "./filter";
import { Filters } from "./Filters";
import { Gauges } from "./Gauges";
import { type Entry, Recording } from "./recording";
import { Stage } from "./Stage";
import { Start } from "./Start";
import classes from "./Traffic.module.css";
import { type Example, useExample } from "./use-example";
import { useFeed } from "./use-feed";

export default function Traffic() {
  const [recording] = useState(() => new Recording());
  useSyncExternalStore(recording.subscribe, () => recording.version);
  const { filter, change } = useFilter(recording);
  const [chosen, setChosen] = useState<Entry>();
  const [isOpen, setOpen] = useState(false);
  const [shown, setShown] = useState("list");
  const { state, tryAgain } = useFeed(recording, filter.app);
  const example = useExample();
  const turn = () => (recording.isPaused ? recording.goOn() : recording.pause());
  const setParty = (party: string | undefined) => change({ party });
  const isNew = recording.kept === 0 && recording.fresh === 0;
  return (
    <Page wide title="Live traffic" about="What flows through the hub, as it happens" actions={<Actions recording={recording} state={state} example={example} onTurn={turn} onClear={() => (recording.clear(), setChosen(undefined))} />}>
      {"problem" in state && <Failure problem={state.problem} onRetry={tryAgain} />}
      <Gauges recording={recording} />
      <Card flush>
        <Filters filter={filter} party={filter.party && recording.parties.find(filter.party)?.name} onChange={change} />
        <SegmentedControl className={classes.tabs} fullWidth data={[{ value: "list", label: "List" }, { value: "picture", label: "Picture" }]} value={shown} onChange={setShown} aria-label="What to show" />
        <div className={classes.stage} data-show={shown} data-new={isNew || undefined}>
          <Stage
            recording={recording}
            chosen={chosen}
            onChoose={setChosen}
            onOpen={(entry) => setOpen(entry !== undefined)}
            party={filter.party}
            onParty={setParty}
            onPause={turn}
          />
          {isNew && <Start example={example} />}
          {!isNew && recording.fitting.length === 0 && <p className={classes.nothing}>Nothing of what is kept fits the filter.</p>}
          {isOpen && chosen && <Details entry={chosen} onParty={setParty} onClose={() => setOpen(false)} />}
        </div>
      </Card>
    </Page>
  );
}

/** The filter in the address, which the recording goes by. */
function useFilter(recording: Recording) {
  const [search, setSearch] = useSearchParams();
  const filter = filterIn(search);
  useEffect(() => recording.filter(filter), [search.toString()]);
  const change = (change: Partial<Filter>) => setSearch((former) => withFilter(former, change), { replace: true });
  return { filter, change };
}

interface ActionsProps {
  recording: Recording;
  state: FeedState;
  example: Example;
  onTurn: () => void;
  onClear: () => void;
}

function Actions({ recording: { isPaused, fresh }, state, example, onTurn, onClear }: ActionsProps) {
  return (
    <>
      <span role="status">
        <State state={state} isPaused={isPaused} />
      </span>
      {example.state === "on" && (
        <Button size="sm" variant="default" leftSection={<Square size={13} aria-hidden />} onClick={example.stop}>
          Stop the example
        </Button>
      )}
      <Button size="sm" variant="default" leftSection={<Eraser size={15} aria-hidden />} onClick={onClear}>
        Clear
      </Button>
      <Button size="sm" className={classes.turn} variant={isPaused ? "filled" : "default"} leftSection={isPaused ? <Play size={15} aria-hidden /> : <Pause size={15} aria-hidden />} onClick={onTurn}>
        {isPaused ? `Go on · ${fresh.toLocaleString("en")} new` : "Pause"}
      </Button>
    </>
  );
}

const STATES: Record<FeedState["kind"], [string, Tone]> = {
  connecting: ["connecting", "plain"],
  live: ["live", "good"],
  lost: ["not connected", "warn"],
  refused: ["refused", "bad"],
};

function State({ state: { kind }, isPaused }: { state: FeedState; isPaused: boolean }) {
  const [word, tone] = kind === "live" && isPaused ? (["paused", "info"] as const) : STATES[kind];
  return <Pill tone={tone}>{word}</Pill>;
}
