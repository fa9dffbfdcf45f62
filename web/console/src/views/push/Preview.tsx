// What a push does to a page that shows it as the well-known events are shown, and what arrives on the socket.

import { RefreshCw } from "lucide-react";
import { Snippet } from "../../parts/Copy";
import { Card } from "../../parts/Page";
import { type Alert, readAlert } from "../../toast/alert";
import { readRedirect } from "../../toast/redirect";
import { Toast } from "../../toast/Toast";
import { type Composition, eventOf, requestOf } from "./composition";
import classes from "./Push.module.css";

const PAGE = "https://shop.example/orders/7";

export function Preview({ app, composed }: { app: string; composed: Composition }) {
  const event = whole(composed);
  return (
    <Card title="Preview" about="As pages show the well-known events">
      <div className={classes.browser} data-testid="preview">
        <Address composed={composed} />
        <div className={classes.page}>
          <i /> <i /> <i />
          <Shown composed={composed} />
        </div>
      </div>
      {event && <Snippet what="the event" code={event} />}
      {event && <Snippet what="the request for curl" code={curl(app, composed)} />}
    </Card>
  );
}

/** What the socket gets; nothing while a part of it isn't JSON yet. */
function whole(composed: Composition): string | undefined {
  try {
    const { event_name, message } = eventOf(composed);
    const text = typeof message === "string" ? message : JSON.stringify(message, null, 2);
    return `socket.on(${JSON.stringify(event_name)}, …)${text && `\n${text}`}`;
  } catch {
    return undefined;
  }
}

function curl(app: string, composed: Composition): string {
  const body = JSON.stringify(requestOf(composed)).replaceAll("'", "'\\''");
  return `curl -H "Authorization: Bearer $SECRET_KEY" \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}' \\\n  ${location.origin}/api/v1/apps/${app}/push`;
}

function Address({ composed }: { composed: Composition }) {
  return (
    <div className={classes.address}>
      <span>{PAGE.slice("https://".length)}</span>
      {composed.kind === "redirect" && <Destination composed={composed} />}
    </div>
  );
}

function Destination({ composed }: { composed: Composition }) {
  const read = readRedirect(String(eventOf(composed).message), PAGE);
  if (typeof read === "string") return <strong data-refused>{read}</strong>;
  return <strong>→ {read.to === "back" ? "the page before" : read.to.replace(/^https?:\/\//, "")}</strong>;
}

function Shown({ composed }: { composed: Composition }) {
  if (composed.kind === "alert") return <AlertShown composed={composed} />;
  if (composed.kind === "redirect") return null;
  return (
    <p className={classes.refresh}>
      <RefreshCw size={15} aria-hidden />
      {composed.kind === "refresh" ? (
        <>
          Elements that listen to <code>{composed.event_name}</code> fetch their content again
        </>
      ) : (
        <>
          Whatever listens to <code>{composed.event_name}</code> gets the message
        </>
      )}
    </p>
  );
}

function AlertShown({ composed }: { composed: Composition }) {
  const alert = alertOrNothing(composed);
  if (!alert) return null;
  return (
    <>
      <div className={classes.stage} data-position={alert.position}>
        <Toast key={JSON.stringify(alert)} alert={alert} />
      </div>
      {alert.pages.length > 0 && <p className={classes.limited}>Only on {alert.pages.join(", ")} and what is below</p>}
    </>
  );
}

function alertOrNothing(composed: Composition): Alert | undefined {
  try {
    return readAlert(eventOf(composed).message);
  } catch {
    return undefined;
  }
}
