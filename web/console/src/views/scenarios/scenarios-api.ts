// Reading and writing scenarios and their runs.

import { answer, hub, Problem, type Scenario, type StepRecord } from "../../api/client";
import { ofApp, queries } from "../../api/queries";
import type { Json } from "../../parts/document";

export const readScenario = (app: string, scenario: string) => answer(hub.GET("/api/v1/apps/{app}/scenarios/{scenario}", { params: { path: { app, scenario } } }));

/** Whether there is one. An id that can't be one is for the hub to refuse, when it is saved. */
export async function hasScenario(app: string, scenario: string): Promise<boolean> {
  try {
    await readScenario(app, scenario);
    return true;
  } catch (problem) {
    if (problem instanceof Problem && [400, 404].includes(problem.status)) return false;
    throw problem;
  }
}

/** Documents are sent as they were written: what is wrong with one is for the hub to say. */
export const saveScenario = (app: string, scenario: string, document: Json): Promise<Scenario> =>
  answer(hub.PUT("/api/v1/apps/{app}/scenarios/{scenario}", { params: { path: { app, scenario } }, body: document as never }));

export const turnScenario = (app: string, scenario: string, enabled: boolean) =>
  answer(hub.PATCH("/api/v1/apps/{app}/scenarios/{scenario}", { params: { path: { app, scenario } }, body: { enabled } }));

export const deleteScenario = (app: string, scenario: string) => answer(hub.DELETE("/api/v1/apps/{app}/scenarios/{scenario}", { params: { path: { app, scenario } } }));

export interface Trial {
  document: Json;
  object?: Json;
  given?: Json;
  answers?: Json;
  links?: Json;
  /** Now if absent. */
  now_ms?: number | null;
}

export const testScenario = (app: string, scenario: string, trial: Trial) =>
  answer(hub.POST("/api/v1/apps/{app}/scenarios/{scenario}/test", { params: { path: { app, scenario } }, body: trial as never }));

export const runScenario = (app: string, scenario: string, object_id?: string) =>
  answer(hub.POST("/api/v1/apps/{app}/scenarios/{scenario}/run", { params: { path: { app, scenario } }, body: { object_id } }));

const STRUCTURES_MAX = 200;

/** The names of the app's structures. */
export const structureNames = (app: string) => ({
  queryKey: ofApp(app, "structures", "names"),
  queryFn: async () => (await answer(hub.GET("/api/v1/apps/{app}/structures", { params: { path: { app }, query: { limit: STRUCTURES_MAX } } }))).items.map(({ name }) => name),
});

/** The object of a structure that was changed last; null if it has none. */
export async function newestObject(app: string, structure: string): Promise<Json | null> {
  const query = { sort: "updated_at_ms,desc", page_size: 1 };
  const { items } = await answer(hub.GET("/api/v1/apps/{app}/structures/{structure}/objects", { params: { path: { app, structure }, query } }));
  return (items[0] as Json | undefined) ?? null;
}

/** A step in the log of a run. */
export type RunStep = StepRecord & { repeated?: boolean };

export async function readRun(app: string, run: number) {
  const detail = await answer(hub.GET("/api/v1/apps/{app}/runs/{run}", { params: { path: { app, run } } }));
  return { ...detail, steps: detail.steps as unknown as RunStep[] };
}

export const cancelRun = (app: string, run: number) => answer(hub.DELETE("/api/v1/apps/{app}/runs/{run}", { params: { path: { app, run } } }));

export const readScenariosAgain = (app: string) => Promise.all(["scenarios", "runs"].map((what) => queries.invalidateQueries({ queryKey: ofApp(app, what) })));
