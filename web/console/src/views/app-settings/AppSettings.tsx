// What the owner of an app may set: who is let in, its keys, its plugins; and its end.

import { useApp } from "../../app/current-app";
import { Page } from "../../parts/Page";
import { Sections } from "../../parts/Sections";
import { General } from "./General";
import { Keys } from "./Keys";
import { Plugins } from "./Plugins";
import { SecretKeys } from "./SecretKeys";

const SECTIONS = [
  { path: "/", title: "General", Shown: General },
  { path: "/keys", title: "API keys", Shown: Keys },
  { path: "/secret-keys", title: "Secret keys", Shown: SecretKeys },
  { path: "/plugins", title: "Plugins", Shown: Plugins },
];

export default function AppSettings() {
  const app = useApp();
  return (
    <Page title="App settings" about={<>Of the app <code>{app}</code></>}>
      <Sections key={app} label="Settings of the app" sections={SECTIONS} />
    </Page>
  );
}
