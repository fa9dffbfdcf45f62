// The plugins of a dashboard: where they come from, what has become of them, and adding one.

import { ActionIcon, Button, Group, TextInput, Tooltip } from "@mantine/core";
import { Blocks, FileCode, Globe, Pencil, Plus, Trash2 } from "lucide-react";
import { type DragEvent, type FormEvent, useState } from "react";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { Card } from "../../parts/Page";
import { Pill } from "../../parts/Pill";
import { isWebAddress, type Plugin, unused } from "./document";
import { FileButton } from "./FileButton";
import { Functions } from "./Functions";
import { DOCUMENT_BYTES_MAX, NAME_CHARACTERS_MAX, PLUGINS_MAX } from "./limits";
import classes from "./Playground.module.css";
import type { Play } from "./play";
import type { PluginState } from "./run";
import { type Board, edit } from "./shelf";

interface Props {
  board: Board;
  play: Play;
  /** What is written and not saved, by plugin. */
  drafts: ReadonlyMap<string, string>;
  onWrite: () => void;
  onEdit: (name: string) => void;
}

export function Plugins({ board, play, drafts, onWrite, onEdit }: Props) {
  const { id, plugins } = board;
  const [problem, setProblem] = useState<string>();
  const [asksForUrl, setAsksForUrl] = useState(false);
  const [isOver, setOver] = useState(false);
  const add = (name: string, plugin: Omit<Plugin, "name">) =>
    edit(id, (former) => ({ plugins: [...former.plugins, { name: unused(name.slice(0, NAME_CHARACTERS_MAX) || "Plugin", former.plugins.map((each) => each.name)), ...plugin }] }));
  const addFiles = async (files: File[]) => {
    setProblem(undefined);
    if (plugins.length + files.length > PLUGINS_MAX) return setProblem(`A dashboard has at most ${PLUGINS_MAX} plugins.`);
    for (const file of files) {
      if (!/\.m?js$/i.test(file.name)) setProblem(`${file.name} is no plugin: those are files that end in .js or .mjs.`);
      else if (file.size > DOCUMENT_BYTES_MAX) setProblem(`${file.name} is larger than ${DOCUMENT_BYTES_MAX.toLocaleString("en")} bytes.`);
      else add(nameIn(file.name), { source: await file.text() });
    }
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void addFiles([...event.dataTransfer.files]);
  };
  const isFull = plugins.length >= PLUGINS_MAX;
  return (
    <div
      className={classes.drop}
      data-over={isOver || undefined}
      data-testid="plugins"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <Card title="Plugins" about="Files can be dropped here as well">
        {plugins.length === 0 && (
          <Empty icon={Blocks} title="No plugins yet">
            A plugin registers widgets, which then go into boxes. Write one, or take one from a file or a URL.
          </Empty>
        )}
        <ul className={classes.plugins}>
          {plugins.map((plugin) => (
            <Item key={plugin.name} plugin={plugin} play={play} isDrafted={drafts.has(plugin.name)} onEdit={() => onEdit(plugin.name)} onRemove={() => edit(id, (former) => ({ plugins: former.plugins.filter(({ name }) => name !== plugin.name) }))} />
          ))}
        </ul>
        <Failure problem={problem} />
        {isFull ? (
          <p className="muted">There are {PLUGINS_MAX} plugins, which is the most.</p>
        ) : (
          <Group gap="xs">
            <Button size="xs" variant="default" leftSection={<Plus size={15} aria-hidden />} onClick={onWrite}>
              Write one
            </Button>
            <FileButton label="From a file" accept=".js,.mjs,text/javascript" icon={<FileCode size={15} aria-hidden />} onFiles={(files) => void addFiles(files)} />
            <Button size="xs" variant="default" leftSection={<Globe size={15} aria-hidden />} aria-expanded={asksForUrl} onClick={() => setAsksForUrl(!asksForUrl)}>
              From a URL
            </Button>
          </Group>
        )}
        {asksForUrl && (
          <UrlForm
            onUrl={(url) => {
              setAsksForUrl(false);
              add(nameIn(decoded(URL.parse(url)!.pathname)), { url });
            }}
          />
        )}
      </Card>
    </div>
  );
}

/** The name of a file without its folders and its ending. */
const nameIn = (path: string): string => path.split("/").at(-1)!.replace(/\.\w+$/, "");

/** A path as people read it; as it is where its percent signs mean nothing. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function UrlForm({ onUrl }: { onUrl: (url: string) => void }) {
  const [url, setUrl] = useState("");
  const [error, setError] = useState<string>();
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (isWebAddress(url.trim())) onUrl(url.trim());
    else setError("An address begins with https:// or http://");
  };
  return (
    <form onSubmit={onSubmit} className={classes.inline}>
      <TextInput label="URL of the plugin" description="Read anew each time it runs. Its server has to let other pages read it" value={url} error={error} onChange={(event) => setUrl(event.currentTarget.value)} autoComplete="off" autoFocus />
      <Button type="submit">Add</Button>
    </form>
  );
}

interface ItemProps {
  plugin: Plugin;
  play: Play;
  isDrafted: boolean;
  onEdit: () => void;
  onRemove: () => void;
}

function Item({ plugin, play, isDrafted, onEdit, onRemove }: ItemProps) {
  const { name, source, url } = plugin;
  const state = play.state?.plugins.get(name);
  return (
    <li>
      <div className={classes.plugin}>
        <span>
          <strong>{name}</strong> {state && <State {...state} />} {isDrafted && <Pill tone="warn">not saved</Pill>}
        </span>
        <span className={classes.tools}>
          {source !== undefined && (
            <Tooltip label={`Edit ${name}`}>
              <ActionIcon size="md" aria-label={`Edit ${name}`} onClick={onEdit}>
                <Pencil size={15} aria-hidden />
              </ActionIcon>
            </Tooltip>
          )}
          <Tooltip label={`Remove ${name}`}>
            <ActionIcon size="md" aria-label={`Remove ${name}`} onClick={onRemove}>
              <Trash2 size={15} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </span>
      </div>
      {url && <p className={classes.about}>{url}</p>}
      {state && state.widgets.length > 0 && <p className={classes.about}>Widgets: {state.widgets.join(", ")}</p>}
      <Failure problem={state?.problem} />
      {play.run && state && <Functions run={play.run} plugin={name} names={state.functions} />}
    </li>
  );
}

function State({ state }: PluginState) {
  if (state === "failed") return <Pill tone="bad">failed</Pill>;
  return state === "ready" ? <Pill tone="good">runs</Pill> : <Pill tone="info">starts</Pill>;
}
