// Reading and writing pages, and what their blocks may show: the endpoints of the app, each with its fields.

import { answer, type Endpoint, type Finding, hub, Problem, type Structure } from "../../api/client";
import { ofApp, queries } from "../../api/queries";
import type { Json } from "../../parts/document";

const at = (app: string, page: string) => ({ params: { path: { app, page } } });

export const readPage = (app: string, page: string) => answer(hub.GET("/api/v1/apps/{app}/pages/{page}", at(app, page)));

/** Saves it if it still has this version; 0 is a page that there isn't yet. */
export const savePage = (app: string, page: string, document: Json, version: number) =>
  answer(hub.PUT("/api/v1/apps/{app}/pages/{page}", { params: { path: { app, page }, query: { version } }, body: document as never }));

export const deletePage = (app: string, page: string) => answer(hub.DELETE("/api/v1/apps/{app}/pages/{page}", at(app, page)));

/** What is wrong with a document, or else what looks wrong; nothing is saved. */
export async function checkPage(app: string, page: string, document: Json): Promise<{ mistakes: Finding[]; warnings: Finding[] }> {
  try {
    const { warnings } = await answer(hub.POST("/api/v1/apps/{app}/pages/{page}/check", { ...at(app, page), body: document as never }));
    return { mistakes: [], warnings };
  } catch (problem) {
    if (problem instanceof Problem && problem.mistakes.length > 0) return { mistakes: problem.mistakes, warnings: [] };
    throw problem;
  }
}

export const readPagesAgain = (app: string) => queries.invalidateQueries({ queryKey: ofApp(app, "pages") });

/** What a key for pages is called. */
export const KEY_NAME = "pages";

/** Whether the app has a key that its pages can connect with. */
export async function hasKey(app: string): Promise<boolean> {
  const { items } = await answer(hub.GET("/api/v1/apps/{app}/keys", { params: { path: { app } } }));
  return items.some(({ revoked_at_ms }) => !revoked_at_ms);
}

export const makeKey = (app: string) => answer(hub.POST("/api/v1/apps/{app}/keys", { params: { path: { app } }, body: { name: KEY_NAME } }));

/** The most that one call gives. Those beyond can still be written into the text. */
const CHOICES_MAX = 200;

/** An endpoint, for whoever chooses one. */
export interface Source {
  /** As documents have it: "orders/open". */
  name: string;
  fields: string[];
  isRead: boolean;
  isWritten: boolean;
}

/** The endpoints of an app. */
export const sources = (app: string) => ({
  queryKey: ofApp(app, "endpoints", "sources"),
  queryFn: async (): Promise<Source[]> => {
    const params = { path: { app }, query: { limit: CHOICES_MAX } };
    const [endpoints, structures] = await Promise.all([
      answer(hub.GET("/api/v1/apps/{app}/endpoints", { params })),
      answer(hub.GET("/api/v1/apps/{app}/structures", { params })),
    ]);
    return endpoints.items.map((endpoint) => source(endpoint, structures.items));
  },
});

function source({ structure, method, fields, read = "nobody", write = "nobody" }: Endpoint, structures: Structure[]): Source {
  const all = structures.find(({ name }) => name === structure)?.fields.map(({ name }) => name) ?? [];
  return { name: `${structure}/${method}`, fields: fields ?? all, isRead: read !== "nobody", isWritten: write !== "nobody" };
}
