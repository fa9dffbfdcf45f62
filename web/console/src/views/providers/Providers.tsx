// Programs that serve this app: who is online, and talking to one.

import { useSearchParams } from "wouter";
import { answer, hub } from "../../api/client";
import { LIVE, ofApp } from "../../api/queries";
import { useApp } from "../../app/current-app";
import { useWhole } from "../../parts/list";
import { Columns, Page } from "../../parts/Page";
import { Online } from "./Online";
import { Talk } from "./Talk";

export default function Providers() {
  const app = useApp();
  const [search, setSearch] = useSearchParams();
  const list = useWhole(ofApp(app, "providers"), () => answer(hub.GET("/api/v1/apps/{app}/providers", { params: { path: { app } } })), LIVE);
  const chosen = search.get("provider") ?? list.items?.[0]?.provider_id;
  return (
    <Page title="Providers" about="Programs that dialled this hub: clients follow them, hear what they broadcast, and ask them.">
      {chosen === undefined ? (
        <Online list={list} app={app} />
      ) : (
        <Columns>
          <Online list={list} app={app} chosen={chosen} onChoose={(provider) => setSearch({ provider })} />
          <Talk key={chosen} app={app} provider={chosen} isOnline={list.items?.some(({ provider_id }) => provider_id === chosen) ?? true} />
        </Columns>
      )}
    </Page>
  );
}
