// The people of an app: who they are, their sessions, and their sockets.

import { useApp } from "../../app/current-app";
import { Page } from "../../parts/Page";
import { Sections } from "../../parts/Sections";
import { People } from "./People";
import { AllSessions } from "./Sessions";
import { AllSockets } from "./Sockets";

const SECTIONS = [
  { path: "/", title: "Users", Shown: People },
  { path: "/sessions", title: "Sessions", Shown: AllSessions },
  { path: "/sockets", title: "Sockets", Shown: AllSockets },
];

export default function Users() {
  const app = useApp();
  return (
    <Page title="Users" about="Users log in and get a session; their pages connect with it, each with a socket.">
      <Sections key={app} label="Users, sessions, sockets" sections={SECTIONS} />
    </Page>
  );
}
