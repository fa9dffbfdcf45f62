// Which app is chosen: the one in the address, else the one that was chosen last, else the first.

import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect } from "react";
import { useLocation, useRoute } from "wouter";
import { answer, hub } from "../api/client";

const REMEMBERED = "campanile.app";
const APPS_MAX = 200;

const readApps = async () => (await answer(hub.GET("/api/v1/apps", { params: { query: { limit: APPS_MAX } } }))).items;

/** All apps, by id. */
export const useApps = () => useQuery({ queryKey: ["apps"], queryFn: readApps });

const Current = createContext<string | undefined>(undefined);

export function CurrentApp({ children }: { children: ReactNode }) {
  const { data: apps } = useApps();
  const [, inAddress] = useRoute("/apps/:app/*?");
  const named = inAddress?.app;
  useEffect(() => {
    if (named) localStorage.setItem(REMEMBERED, named);
  }, [named]);
  const remembered = apps?.find(({ id }) => id === localStorage.getItem(REMEMBERED)) ?? apps?.[0];
  return <Current value={named ?? remembered?.id}>{children}</Current>;
}

/** The chosen app, where one may be missing while the list is being read. */
export const useChosenApp = () => useContext(Current);

/** The id of the app that a view below `/apps/{app}` is about. */
export function useApp(): string {
  const app = useContext(Current);
  if (app === undefined) throw new Error("views of an app stand below its address");
  return app;
}

/** Goes to the same view of another app, or to this view if the present one isn't an app's. */
export function useChangeApp() {
  const [location, navigate] = useLocation();
  const [, view] = useRoute("/apps/:app/:view/*?");
  return (app: string) => navigate(`/apps/${app}/${location.startsWith("/apps/") ? (view?.view ?? "first-minute") : "first-minute"}`);
}
