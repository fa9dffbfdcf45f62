// The API keys with which a page may connect to an app, and the one that is shown.

import { useState } from "react";
import { answer, type ApiKey, hub } from "../../api/client";
import { ofApp, queries } from "../../api/queries";
import { type List, useWhole } from "../../parts/list";

/** The app to which one connects without a key. */
const OPEN_APP = "public";

export interface Keys {
  list: List<ApiKey>;
  live: ApiKey[];
  /** The key that is shown; empty where none is needed, undefined where there is none yet. */
  chosen: string | undefined;
  choose: (key: string) => void;
  create: () => Promise<void>;
}

export function useKeys(app: string): Keys {
  const [picked, choose] = useState<string>();
  const params = { path: { app } };
  const list = useWhole(ofApp(app, "keys"), () => answer(hub.GET("/api/v1/apps/{app}/keys", { params })));
  const live = list.items?.filter(({ revoked_at_ms }) => !revoked_at_ms) ?? [];
  const chosen = live.find(({ key }) => key === picked) ?? live[0];
  const create = async () => {
    const { key } = await answer(hub.POST("/api/v1/apps/{app}/keys", { params, body: { name: "front end" } }));
    await queries.invalidateQueries({ queryKey: ofApp(app, "keys") });
    choose(key);
  };
  return { list, live, chosen: chosen?.key ?? (app === OPEN_APP && list.items ? "" : undefined), choose, create };
}
