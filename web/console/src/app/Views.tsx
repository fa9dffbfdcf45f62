// Shows the view that the address names. Each is loaded when it is first asked for.

import { Skeleton } from "@mantine/core";
import { SearchX } from "lucide-react";
import { lazy, Suspense } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { Empty } from "../parts/Empty";
import { Page } from "../parts/Page";
import { Fallback } from "./Fallback";
import { APP_VIEWS, HUB_VIEWS, type View } from "./views";

const loaded = ({ path, load }: View) => ({ path, Shown: lazy(load) });
const ofHub = HUB_VIEWS.map(loaded);
const ofApp = APP_VIEWS.map(loaded);

export function Views() {
  const [place] = useLocation();
  return (
    <Fallback place={place}>
      <Suspense fallback={<Waiting />}>
        <Switch>
          {ofApp.map(({ path, Shown }) => (
            <Route key={path} path={`/apps/:app${path}`} nest>
              <Shown />
            </Route>
          ))}
          {ofHub.map(({ path, Shown }) => (
            <Route key={path} path={path}>
              <Shown />
            </Route>
          ))}
          <Route path="/apps/:app">{({ app }) => <Redirect to={`/apps/${app}${APP_VIEWS[0]!.path}`} replace />}</Route>
          <Route>
            <Nothing />
          </Route>
        </Switch>
      </Suspense>
    </Fallback>
  );
}

/** The outline of a view, before it is there. */
function Waiting() {
  return (
    <div aria-hidden>
      <Skeleton height={28} width={180} mb="xs" />
      <Skeleton height={16} width="min(26rem, 80%)" mb="xl" />
      <Skeleton height={180} radius="md" mb="lg" />
      <Skeleton height={240} radius="md" />
    </div>
  );
}

function Nothing() {
  return (
    <Page title="Nothing here">
      <Empty icon={SearchX} title="The console has no such page" action={<Link href="/">Go to the overview</Link>}>
        The address may be misspelt, or from another version of the hub.
      </Empty>
    </Page>
  );
}
