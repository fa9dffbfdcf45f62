// What an app lacks for its pages to work: a key that they connect with, and the plugin by which they are kept up to date.

import { Button } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { answer, hub } from "../../api/client";
import { ofApp, queries } from "../../api/queries";
import { Failure } from "../../parts/Failure";
import classes from "./Pages.module.css";
import { hasKey, makeKey } from "./pages-api";

export function Needs({ app, onMet }: { app: string; onMet: () => void }) {
  const keys = useQuery({ queryKey: ofApp(app, "keys", "any"), queryFn: () => hasKey(app) });
  const plugins = useQuery({ queryKey: ofApp(app, "plugins", "all"), queryFn: () => answer(hub.GET("/api/v1/apps/{app}/plugins", { params: { path: { app } } })) });
  const making = useMutation({
    mutationFn: () => makeKey(app),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ofApp(app, "keys") });
      onMet();
    },
  });
  const isStill = plugins.data && !plugins.data.items.some(({ name }) => name === "socket.io");
  return (
    <>
      {keys.data === false && (
        <div className={classes.warning}>
          <p>The app has no API key, and its pages need one to connect. It is public.</p>
          <Button variant="default" size="xs" onClick={() => making.mutate()} loading={making.isPending}>
            Make a key
          </Button>
          <Failure problem={making.error} />
        </div>
      )}
      {isStill && (
        <p className={classes.warning}>
          The plugin socket.io isn't installed, so pages show what is new only when they are loaded anew. <Link href={`~/console/apps/${app}/manage/plugins`}>Install it</Link>.
        </p>
      )}
    </>
  );
}
