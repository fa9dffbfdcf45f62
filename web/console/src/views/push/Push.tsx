// Composes a push, shows what it will look like, sends it, and lists what was sent.

import { useState } from "react";
import { useApp } from "../../app/current-app";
import { Columns, Page } from "../../parts/Page";
import { Composer } from "./Composer";
import { BLANK, composedLike } from "./composition";
import { History } from "./History";
import { Preview } from "./Preview";

export default function Push() {
  const app = useApp();
  const [composed, setComposed] = useState(BLANK);
  return (
    <Page title="Push" about="An event for the pages of one user, several, a role, or everyone who is connected.">
      <Columns wide="first">
        <Composer app={app} composed={composed} set={(change) => setComposed((former) => ({ ...former, ...change }))} />
        <Preview app={app} composed={composed} />
      </Columns>
      <History
        app={app}
        onAgain={(push) => {
          setComposed(composedLike(push));
          scrollTo({ top: 0, behavior: "smooth" });
        }}
      />
    </Page>
  );
}
