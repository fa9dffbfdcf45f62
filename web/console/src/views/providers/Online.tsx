// Who is online, to choose from.

import { RadioTower } from "lucide-react";
import type { Provider } from "../../api/client";
import { Snippet } from "../../parts/Copy";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import type { List } from "../../parts/list";
import { Card } from "../../parts/Page";
import classes from "./Providers.module.css";

interface Props {
  list: List<Provider>;
  app: string;
  chosen?: string;
  onChoose?: (provider: string) => void;
}

export function Online({ list, app, chosen, onChoose }: Props) {
  return (
    <Card title="Online" about={list.items && `${list.items.length} ${list.items.length === 1 ? "provider" : "providers"}`}>
      <Failure problem={list.problem} onRetry={list.readAgain} />
      {list.items?.length === 0 && <NoProviders app={app} />}
      <ul className={classes.providers}>
        {list.items?.map(({ provider_id, name, members, followers }) => (
          <li key={provider_id}>
            <button type="button" aria-pressed={provider_id === chosen} onClick={() => onChoose?.(provider_id)}>
              <span className={classes.id}>{provider_id}</span>
              <span className={classes.about}>
                {[name, count(followers, "follower"), members > 1 && count(members, "member")].filter(Boolean).join(" · ")}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;

const provider = (url: string) => `# pip install "python-socketio[client]"
import socketio

hub = socketio.Client()

@hub.event
def connect():
    hub.emit("register_provider", {"provider_id": "THERMOMETER"})

@hub.on("new_request")
def new_request(request):
    hub.emit("provider_reply", {**request, "result": 21.5})

hub.connect("${url}", retry=True)
hub.wait()`;

function NoProviders({ app }: { app: string }) {
  return (
    <>
      <Empty icon={RadioTower} title="Nobody is online">
        {app === "public" ? "Run this, and THERMOMETER appears here:" : "A provider connects with one of this app's API keys as auth: {app_id}, and registers. In the app public it needs no key:"}
      </Empty>
      <Snippet code={provider(location.origin)} what="a provider in Python" />
    </>
  );
}
