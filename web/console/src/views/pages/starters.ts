// Ready starting points: what each needs in an app, in words and as calls of the API. Names that are taken get a number, so
// that nothing which is there is touched.

import { answer, type Field, hub, type NewEndpoint } from "../../api/client";
import { ofApp, queries } from "../../api/queries";
import type { Json } from "../../parts/document";
import { saveScenario } from "../scenarios/scenarios-api";
import { hasKey, KEY_NAME, makeKey, savePage } from "./pages-api";

/** A part of a starting point. */
export interface Piece {
  kind: "API key" | "structure" | "endpoint" | "scenario" | "page";
  name: string;
  about: string;
  create: () => Promise<unknown>;
}

export interface Plan {
  /** The id of the page. */
  page: string;
  pieces: Piece[];
}

export interface Starter {
  id: string;
  title: string;
  about: string;
  /** What it takes in this app, where these names are free. */
  plan: (app: string, name: (wanted: string) => string) => Plan;
}

export const STARTERS: Starter[] = [
  {
    id: "form",
    title: "Update content after a form",
    about: "A form and a table. What one visitor sends appears in the table of everyone who has the page open.",
    plan: (app, name) => {
      const entries = name("entries");
      return {
        page: entries,
        pieces: [
          structure(app, entries, "Entries", [text("name", "Name"), text("message", "Message")], "What is sent: a name and a message"),
          endpoint(app, entries, "all", { read: "users", fields: ["name", "message", "created_by", "created_at_ms"] }, "Users read all entries"),
          endpoint(app, entries, "new", { write: "owner", fields: ["name", "message"] }, "Users write new ones, and change none of others"),
          teller(app, entries, "When there is an entry, tells every page that shows them"),
          page(app, entries, {
            title: "Entries",
            access: "users",
            blocks: [
              { type: "text", text: "What is sent here appears for everyone who has this page open." },
              {
                type: "form",
                title: "New entry",
                endpoint: `${entries}/new`,
                fields: [
                  { field: "name", label: "Name", required: true },
                  { field: "message", label: "Message", kind: "multiline", required: true },
                ],
                submit: "Send",
                done: "Thank you, **{{name}}**.",
              },
              {
                type: "table",
                title: "All entries",
                endpoint: `${entries}/all`,
                columns: [{ field: "name", title: "Name" }, { field: "message", title: "Message" }],
                sort: "created_at_ms,desc",
                refresh_on: [entries],
              },
            ],
          }),
        ],
      };
    },
  },
  {
    id: "messenger",
    title: "Messenger",
    about: "Users write to each other. A message appears at once for everyone who has the page open.",
    plan: (app, name) => {
      const messages = name("messages");
      return {
        page: messages,
        pieces: [
          structure(app, messages, "Messages", [text("text", "Text")], "What is written"),
          endpoint(app, messages, "all", { read: "users", fields: ["text", "created_by", "created_at_ms"] }, "Users read all messages, with who wrote them and when"),
          endpoint(app, messages, "new", { write: "owner", fields: ["text"] }, "Users write new ones, and change none of others"),
          teller(app, messages, "When there is a message, tells every page that shows them"),
          page(app, messages, {
            title: "Messenger",
            access: "users",
            blocks: [{ type: "chat", title: "Messages", read: `${messages}/all`, write: `${messages}/new`, refresh_on: [messages] }],
          }),
        ],
      };
    },
  },
];

/** Where the app has none yet. */
function key(app: string): Piece {
  const create = async () => (await hasKey(app)) || makeKey(app);
  return { kind: "API key", name: KEY_NAME, about: "What pages connect with. It is public", create };
}

const text = (name: string, title: string): Field => ({ name, title, type: "string", required: true });

function structure(app: string, name: string, title: string, fields: Field[], about: string): Piece {
  const params = { path: { app, structure: name } };
  return { kind: "structure", name, about, create: () => answer(hub.PUT("/api/v1/apps/{app}/structures/{structure}", { params, body: { title, fields } })) };
}

function endpoint(app: string, structure: string, method: string, body: NewEndpoint, about: string): Piece {
  const params = { path: { app, structure, method } };
  return { kind: "endpoint", name: `${structure}/${method}`, about, create: () => answer(hub.PUT("/api/v1/apps/{app}/endpoints/{structure}/{method}", { params, body })) };
}

/** Pushes an event that is called like the structure whenever one of its objects is created. */
function teller(app: string, structure: string, about: string): Piece {
  const document = {
    id: structure,
    name: `Tell about ${structure}`,
    trigger: { type: "object_created", structure },
    steps: [{ type: "push", name: "tell every page", user_id: "*", event_name: structure }],
  };
  return { kind: "scenario", name: structure, about, create: () => saveScenario(app, structure, document) };
}

function page(app: string, id: string, document: Json): Piece {
  return { kind: "page", name: id, about: `At /p/${app}/${id}, for users who are logged in`, create: () => savePage(app, id, document, 0) };
}

/** As many as one call gives. Should a name beyond them be taken, the hub refuses the page, which is made last. */
const NAMES_MAX = 200;

/** The names of structures, scenarios and pages. */
async function takenNames(app: string): Promise<Set<string>> {
  const params = { path: { app }, query: { limit: NAMES_MAX } };
  const [structures, scenarios, pages] = await Promise.all([
    answer(hub.GET("/api/v1/apps/{app}/structures", { params })),
    answer(hub.GET("/api/v1/apps/{app}/scenarios", { params })),
    answer(hub.GET("/api/v1/apps/{app}/pages", { params })),
  ]);
  return new Set([...structures.items.map(({ name }) => name), ...scenarios.items.map(({ id }) => id), ...pages.items.map(({ id }) => id)]);
}

/** What a starting point takes in this app. */
export async function planOf(app: string, { plan }: Starter): Promise<Plan> {
  const taken = await takenNames(app);
  const free = (wanted: string) => {
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}${number}`;
    return name;
  };
  const { page, pieces } = plan(app, free);
  return { page, pieces: (await hasKey(app)) ? pieces : [key(app), ...pieces] };
}

/** Makes all of it, in order. What was made before something failed is there, and is made the same again. */
export async function make(app: string, { pieces }: Plan) {
  for (const { create } of pieces) await create();
  await queries.invalidateQueries({ queryKey: ofApp(app) });
}
