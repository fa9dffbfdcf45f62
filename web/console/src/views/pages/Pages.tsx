// What an app shows to its users by itself: pages, each a document of blocks.

import { Route, Switch, useParams } from "wouter";
import { useApp } from "../../app/current-app";
import { PageList } from "./PageList";
import { PageView } from "./PageView";

export default function Pages() {
  const app = useApp();
  return (
    <Switch>
      <Route path="/">
        <PageList key={app} app={app} />
      </Route>
      <Route path="/:page">
        <One app={app} />
      </Route>
    </Switch>
  );
}

function One({ app }: { app: string }) {
  const { page } = useParams<{ page: string }>();
  return <PageView key={`${app} ${page}`} app={app} id={page} />;
}
