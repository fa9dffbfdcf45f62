// The whole console: what every view may use, and the login in front of it.

import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { Router, useLocation } from "wouter";
import { showCsrfToken } from "../api/client";
import { ME, queries, readMe } from "../api/queries";
import { Failure } from "../parts/Failure";
import { theme } from "../theme/theme";
import { Login } from "../views/login/Login";
import { Leaving } from "./Leaving";
import { Shell } from "./Shell";
import { aroundNavigation } from "./unsaved";
import { HUB_VIEWS } from "./views";
import { Visit } from "./Visit";

export function Console() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={queries}>
        <Router base="/console" aroundNav={aroundNavigation}>
          <Notifications position="bottom-right" limit={3} />
          <Gate />
          <Leaving />
        </Router>
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** Nobody can say who is logged in. */
function Outage(props: { problem: unknown; onRetry: () => void }) {
  return (
    <main style={{ padding: "2rem" }}>
      <Failure {...props} />
    </main>
  );
}

/** Lets in who is logged in, and others where it is open. */
function Gate() {
  const [location] = useLocation();
  const { data: me, error, isPending, refetch } = useQuery({ queryKey: ME, queryFn: readMe, staleTime: Infinity });
  if (isPending) return null;
  if (me === undefined) return <Outage problem={error} onRetry={() => void refetch()} />;
  if (me === null) return HUB_VIEWS.some(({ path, isOpen }) => isOpen && path === location) ? <Visit /> : <Login />;
  showCsrfToken(me.csrf_token);
  return <Shell />;
}
