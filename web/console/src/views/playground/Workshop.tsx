// One dashboard: its boxes, what is in them, its plugins, the vehicle's signals, and what the plugins say.

import { Switch } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useUnsaved } from "../../app/unsaved";
import { Columns } from "../../parts/Page";
import { BoardCard } from "./BoardCard";
import { DashboardText } from "./DashboardText";
import { Dashboards } from "./Dashboards";
import { unused } from "./document";
import { NEW_PLUGIN, socketioPath } from "./examples";
import { LogPanel } from "./LogPanel";
import { plan } from "./places";
import { usePlay } from "./play";
import { PluginEditor } from "./PluginEditor";
import { Plugins } from "./Plugins";
import { ProviderHint } from "./ProviderHint";
import { Log } from "./run";
import { type Board, edit } from "./shelf";
import { SignalsPanel } from "./SignalsPanel";
import { Signals } from "./signals";

interface Props {
  board: Board;
  boards: Board[];
  onOpen: (id: string) => void;
}

export function Workshop({ board, boards, onOpen }: Props) {
  const { id, dashboard, plugins } = board;
  const [signals] = useState(() => new Signals(board.signals));
  const [log] = useState(() => new Log());
  const [editing, setEditing] = useState<string>();
  /** What is written and not saved, by plugin. */
  const [drafts, setDrafts] = useState<ReadonlyMap<string, string>>(new Map());
  useUnsaved(plugins.some(({ name }) => drafts.has(name)));
  const [usesOwnClient, setUsesOwnClient] = useLocalStorage({ key: "campanile.playground.client", defaultValue: true, getInitialValueInEffect: false });
  const client = usesOwnClient ? `${location.origin}${socketioPath()}` : undefined;
  const play = usePlay({ plugins, client }, signals, log);
  const { state } = play;
  const planned = useMemo(() => {
    const widgetsOf = (name: string) => {
      const plugin = state?.plugins.get(name);
      return plugin?.state === "ready" ? plugin.widgets : undefined;
    };
    return plan(dashboard, plugins, widgetsOf);
  }, [dashboard, plugins, state?.plugins]);
  const write = () => {
    const name = unused("Mine", plugins.map((plugin) => plugin.name));
    edit(id, (former) => ({ plugins: [...former.plugins, { name, source: NEW_PLUGIN }] }));
    setEditing(name);
  };
  const draft = (name: string, text: string | undefined) =>
    setDrafts((former) => {
      const next = new Map(former);
      if (text === undefined) next.delete(name);
      else next.set(name, text);
      return next;
    });
  const edited = plugins.find(({ name, source }) => name === editing && source !== undefined);
  return (
    <>
      <Dashboards board={board} boards={boards} onOpen={onOpen} />
      <ProviderHint plugins={plugins} />
      <BoardCard board={board} plan={planned} play={play} onWrite={write} />
      {edited && (
        <Revealed key={edited.name}>
          <PluginEditor board={board} plugin={edited} draft={drafts.get(edited.name)} onDraft={(text) => draft(edited.name, text)} isRunning={play.run !== undefined} onRenamed={setEditing} onClose={() => setEditing(undefined)} />
        </Revealed>
      )}
      <Columns>
        <Plugins board={board} play={play} drafts={drafts} onWrite={write} onEdit={setEditing} />
        <SignalsPanel id={id} signals={signals} />
      </Columns>
      <Columns>
        <DashboardText board={board} plan={planned} />
        <LogPanel log={log} />
      </Columns>
      <Switch
        label="Use the hub's own Socket.IO client in place of a CDN's"
        description="Script tags that ask cdn.socket.io, jsDelivr, unpkg or cdnjs for the client get the one of this hub: plugins run unchanged without internet"
        checked={usesOwnClient}
        onChange={(event) => setUsesOwnClient(event.currentTarget.checked)}
      />
    </>
  );
}

/** Comes into view when it appears. */
function Revealed({ children }: { children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Newer browsers return a promise, which an effect must not.
    void place.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return <div ref={place}>{children}</div>;
}
