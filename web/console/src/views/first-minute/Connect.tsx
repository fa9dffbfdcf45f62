// The second step: a socket appears, be it a program's or this page's own.

import { Button, SegmentedControl } from "@mantine/core";
import { useEffect, useState } from "react";
import { answer, hub, type SocketInfo } from "../../api/client";
import { LIVE, ofApp } from "../../api/queries";
import { Snippet } from "../../parts/Copy";
import { Failure } from "../../parts/Failure";
import { useWhole } from "../../parts/list";
import { duration } from "../../parts/Moment";
import { Presence } from "../../parts/Pill";
import classes from "./FirstMinute.module.css";
import { DEMO_USER, type OwnSocket } from "./own-socket";
import { snippets } from "./snippets";
import { Step } from "./Step";

interface Props {
  app: string;
  appKey: string | undefined;
  own: OwnSocket;
  onSockets: (count: number) => void;
}

export function Connect({ app, appKey, own, onSockets }: Props) {
  const list = useWhole(ofApp(app, "sockets", "first minute"), () => answer(hub.GET("/api/v1/apps/{app}/sockets", { params: { path: { app } } })), LIVE);
  const sockets = list.items ?? [];
  useEffect(() => onSockets(sockets.length), [sockets.length]);
  return (
    <Step number={2} title="Connect" isDone={sockets.length > 0}>
      {appKey === undefined ? (
        <p className={classes.text}>A page needs the key for this.</p>
      ) : (
        <>
          <p className={classes.text}>Put one of these into a page or a program and run it. As soon as it connects, it appears below.</p>
          <Programs appKey={appKey} />
          <Own own={own} appKey={appKey} />
          <Failure problem={list.problem} onRetry={list.readAgain} />
          <Connected sockets={sockets} own={own.id} />
        </>
      )}
    </Step>
  );
}

function Programs({ appKey }: { appKey: string }) {
  const all = snippets(location.origin, appKey);
  const [title, setTitle] = useState(all[0]!.title);
  const shown = all.find((snippet) => snippet.title === title) ?? all[0]!;
  return (
    <div className={classes.programs}>
      <SegmentedControl size="xs" data={all.map(({ title }) => title)} value={title} onChange={setTitle} aria-label="Written for" />
      <Snippet code={shown.code} what={`the program for ${shown.title}`} />
    </div>
  );
}

function Own({ own, appKey }: { own: OwnSocket; appKey: string }) {
  if (own.state !== "idle") {
    return (
      <div className={classes.row}>
        <Button variant="default" onClick={own.disconnect} loading={own.state === "connecting"}>
          Disconnect this page
        </Button>
      </div>
    );
  }
  return (
    <>
      <Failure problem={own.problem} />
      <div className={classes.row}>
        <span className="muted">Nothing at hand?</span>
        <Button variant="default" onClick={() => own.connect("anonymous")}>
          Connect this page
        </Button>
        {appKey && (
          <Button variant="subtle" onClick={() => own.connect("user")}>
            … as the user {DEMO_USER}
          </Button>
        )}
      </div>
    </>
  );
}

const SHOWN_MAX = 5;

function Connected({ sockets, own }: { sockets: SocketInfo[]; own?: string }) {
  if (sockets.length === 0) {
    return (
      <p className={classes.waiting} role="status">
        <i aria-hidden /> Waiting for a socket …
      </p>
    );
  }
  const rank = ({ id, connected_ms }: SocketInfo) => (id === own ? -1 : connected_ms);
  const newest = [...sockets].sort((a, b) => rank(a) - rank(b)).slice(0, SHOWN_MAX);
  return (
    <ul className={classes.sockets} aria-label="Connected sockets" data-testid="sockets">
      {newest.map(({ id, user_id, address, connected_ms }) => (
        <li key={id}>
          <Presence online>{user_id ?? "anonymous"}</Presence>
          <code>{id}</code>
          <span>
            {id === own ? "this page" : address}, for {duration(connected_ms)}
          </span>
        </li>
      ))}
      {sockets.length > SHOWN_MAX && <li className="muted">and {sockets.length - SHOWN_MAX} more</li>}
    </ul>
  );
}
