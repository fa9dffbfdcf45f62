// What an app does by itself: scenarios, each with its document and the log of its runs.

import { Route, Switch, useParams } from "wouter";
import { useApp } from "../../app/current-app";
import { ScenarioList } from "./ScenarioList";
import { ScenarioView } from "./ScenarioView";

export default function Scenarios() {
  const app = useApp();
  return (
    <Switch>
      <Route path="/">
        <ScenarioList key={app} app={app} />
      </Route>
      <Route path="/:scenario" nest>
        <One app={app} />
      </Route>
    </Switch>
  );
}

function One({ app }: { app: string }) {
  const { scenario } = useParams<{ scenario: string }>();
  return <ScenarioView key={`${app} ${scenario}`} app={app} id={scenario} />;
}
