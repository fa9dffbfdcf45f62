// What an app knows beside its users: structures, their objects, and the endpoints through which front ends reach them.

import { Route, Switch, useParams } from "wouter";
import { useApp } from "../../app/current-app";
import { StructureView } from "./StructureView";
import { Structures } from "./Structures";

export default function Data() {
  const app = useApp();
  return (
    <Switch>
      <Route path="/">
        <Structures app={app} />
      </Route>
      <Route path="/:structure" nest>
        <One app={app} />
      </Route>
    </Switch>
  );
}

function One({ app }: { app: string }) {
  const { structure } = useParams<{ structure: string }>();
  return <StructureView key={`${app} ${structure}`} app={app} name={structure} />;
}
