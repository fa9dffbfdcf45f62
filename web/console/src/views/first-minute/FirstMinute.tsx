// From nothing to a bell that rings: a key, a socket that appears, a push, and its toast, in this page if need be.

import { useState } from "react";
import { useApp } from "../../app/current-app";
import { Page } from "../../parts/Page";
import { Connect } from "./Connect";
import classes from "./FirstMinute.module.css";
import { Further } from "./Further";
import { Key } from "./Key";
import { Ring } from "./Ring";
import { Toasts } from "./Toasts";
import { useKeys } from "./keys";
import { useOwnSocket } from "./own-socket";

export default function FirstMinute() {
  const app = useApp();
  return <Steps key={app} app={app} />;
}

function Steps({ app }: { app: string }) {
  const keys = useKeys(app);
  const own = useOwnSocket(app, keys.chosen);
  const [sockets, setSockets] = useState(0);
  return (
    <Page title="First minute" about="Connect a page to this app, push to it, and see it ring.">
      <ol className={classes.steps}>
        <Key app={app} keys={keys} />
        <Connect app={app} appKey={keys.chosen} own={own} onSockets={setSockets} />
        <Ring app={app} sockets={sockets} heard={own.heard} />
      </ol>
      <Further app={app} />
      <Toasts heard={own.heard} />
    </Page>
  );
}
