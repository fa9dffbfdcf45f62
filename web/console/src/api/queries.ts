// How the console reads: each answer is kept under a key and read anew after a change, at intervals while somebody
// looks, and when the tab comes back.

import { QueryCache, QueryClient, type QueryKey } from "@tanstack/react-query";
import { answer, hub, Problem } from "./client";

/** How often what moves by itself is asked for. Nothing is while the tab is hidden. */
export const LIVE = { refetchInterval: 2_000 };
export const CALM = { refetchInterval: 5_000 };

const ATTEMPTS_MAX = 3;

const mayPass = (problem: unknown) =>
  problem instanceof Problem && ["unreachable", "overloaded", "stopping"].includes(problem.code);

export const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeEnd }),
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      retry: (failures, problem) => mayPass(problem) && failures < ATTEMPTS_MAX,
    },
    mutations: { onError: noticeEnd },
  },
});

export const ME: QueryKey = ["me"];

/** Whoever isn't logged in any more sees the login instead of errors. */
function noticeEnd(problem: unknown) {
  if (problem instanceof Problem && problem.code === "unauthorized") queries.setQueryData(ME, null);
}

/** Who is logged in; null if nobody is. */
export async function readMe() {
  try {
    return await answer(hub.GET("/api/v1/admin/me"));
  } catch (problem) {
    if (problem instanceof Problem && problem.code === "unauthorized") return null;
    throw problem;
  }
}

/** Keys of what belongs to an app begin so, so that one change can have all of it read anew. */
export const ofApp = (app: string, ...more: unknown[]): QueryKey => ["app", app, ...more];
