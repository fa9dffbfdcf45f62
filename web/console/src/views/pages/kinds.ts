// The kinds of blocks: what each is called, what can be said about one, and how one begins. It's a table: the editor shows
// inputs as it says, and what it doesn't know stays in the document as it is.

import { ChartLine, CodeXml, type LucideIcon, MessagesSquare, RectangleHorizontal, Table2, TextCursorInput, Type } from "lucide-react";
import { isJson, type Json } from "../../parts/document";
import type { Source } from "./pages-api";

/** What is asked for a member of a block. */
export interface Question {
  member: string;
  label: string;
  about?: string;
  as: "line" | "lines" | "number" | "source" | "target" | "field" | "fields" | "columns" | "formFields" | "choice" | "words" | "width";
  /** The member that names the endpoint whose fields can be chosen; `endpoint` if absent. */
  of?: string;
  /** Without an answer the document doesn't have the member. */
  required?: true;
  choices?: string[];
}

interface Kind {
  title: string;
  icon: LucideIcon;
  about: string;
  questions: Question[];
  /** A block to begin with, made for an endpoint that fits it, if there is one. */
  begin: (sources: Source[]) => Json;
}

const source: Question = { member: "endpoint", label: "Endpoint", about: "Where the objects come from", as: "source", required: true };
const object: Question = { member: "endpoint", label: "Endpoint", about: "Its first object gives the values", as: "source" };
const sort: Question = { member: "sort", label: "Order", about: "Fields, as in total,desc", as: "line" };
const size: Question = { member: "page_size", label: "Objects at once", about: "As the endpoint has it if empty", as: "number" };

/** Of every block. */
export const COMMON: Question[] = [
  { member: "title", label: "Title", about: "What stands above it", as: "line" },
  { member: "width", label: "Width", as: "width" },
  { member: "refresh_on", label: "Brought up to date by", about: "Names of events; Enter adds one", as: "words" },
  { member: "id", label: "Id", about: "For links to it", as: "line" },
];

export const KINDS: Record<string, Kind> = {
  text: {
    title: "Text",
    icon: Type,
    about: "Markdown",
    questions: [{ member: "text", label: "Text", about: "Markdown. Values are {{WebUser.id}}, {{HttpRequest.x}} and fields of the endpoint's first object", as: "lines", required: true }, object],
    begin: () => ({ type: "text", text: "## A heading\n\nHello **{{WebUser.id}}**" }),
  },
  table: {
    title: "Table",
    icon: Table2,
    about: "Objects in rows",
    questions: [source, { member: "columns", label: "Columns", as: "columns", required: true }, sort, size],
    begin: (sources) => {
      const { name, fields } = readable(sources);
      return { type: "table", endpoint: name, columns: fields.map((field) => ({ field })) };
    },
  },
  cards: {
    title: "Cards",
    icon: RectangleHorizontal,
    about: "Objects, each as a card",
    questions: [
      source,
      { member: "heading", label: "Heading", about: "Its fields are values: {{name}}", as: "line", required: true },
      { member: "text", label: "Text", about: "Markdown", as: "lines" },
      { member: "image", label: "Picture", about: "Its address", as: "line" },
      sort,
      size,
    ],
    begin: (sources) => {
      const { name, fields } = readable(sources);
      return { type: "cards", endpoint: name, heading: `{{${fields[0] ?? "id"}}}` };
    },
  },
  form: {
    title: "Form",
    icon: TextCursorInput,
    about: "Fields to fill in and send",
    questions: [
      { member: "endpoint", label: "Endpoint", about: "Where the object goes", as: "target", required: true },
      { member: "fields", label: "Fields", as: "formFields", required: true },
      { member: "submit", label: "Button", about: "Send if empty", as: "line" },
      { member: "done", label: "Afterwards", about: "Markdown, with the fields as values", as: "lines" },
    ],
    begin: (sources) => {
      const { name, fields } = writable(sources);
      return { type: "form", endpoint: name, fields: fields.map((field) => ({ field })) };
    },
  },
  chat: {
    title: "Chat",
    icon: MessagesSquare,
    about: "Messages, and a line to write",
    questions: [
      { member: "read", label: "Endpoint", about: "Where the messages come from", as: "source", required: true },
      { member: "write", label: "Endpoint for the next one", about: "Without it nobody can write", as: "target" },
      { member: "text", label: "Field with the text", about: "text if empty", as: "field", of: "read" },
      { member: "author", label: "Field with the author", about: "created_by if empty, which nobody can forge", as: "field", of: "read" },
      { member: "time", label: "Field with the time", about: "created_at_ms if empty", as: "field", of: "read" },
    ],
    begin: (sources) => {
      const { name, fields } = readable(sources);
      return { type: "chat", read: name, ...(fields.includes("text") ? {} : { text: fields[0] ?? "text" }) };
    },
  },
  chart: {
    title: "Chart",
    icon: ChartLine,
    about: "Numbers as a picture",
    questions: [
      source,
      { member: "kind", label: "Looks like", as: "choice", choices: ["line", "bar"] },
      { member: "x", label: "To the right", about: "Numbers, dates or texts", as: "field", required: true },
      { member: "y", label: "Upwards", about: "Numbers; Enter adds one", as: "fields", required: true },
      sort,
    ],
    begin: (sources) => {
      const { name, fields } = readable(sources);
      return { type: "chart", endpoint: name, x: fields[0] ?? "id", y: fields.slice(1, 2) };
    },
  },
  html: {
    title: "HTML",
    icon: CodeXml,
    about: "A piece of HTML",
    questions: [{ member: "html", label: "HTML", about: "Scripts, styles and forms are taken out. Values as in a text", as: "lines", required: true }, object],
    begin: () => ({ type: "html", html: "<p>Hello</p>" }),
  },
};

const NOTHING: Source = { name: "", fields: [], isRead: false, isWritten: false };

const readable = (sources: Source[]) => sources.find(({ isRead }) => isRead) ?? NOTHING;
const writable = (sources: Source[]) => sources.find(({ isWritten }) => isWritten) ?? NOTHING;

/** The fields that the hub writes by itself: they are shown, and not filled in. */
const OWN = ["id", "version", "created_at_ms", "updated_at_ms", "created_by"];

/** The fields of an endpoint that a block may show. */
export const shownFields = (sources: Source[], endpoint: unknown): string[] => {
  const fields = sources.find(({ name }) => name === endpoint)?.fields ?? [];
  return [...fields, ...OWN.slice(0, 1).filter((field) => !fields.includes(field))];
};

/** The fields of an endpoint that a visitor may fill in. */
export const askedFields = (sources: Source[], endpoint: unknown): string[] => shownFields(sources, endpoint).filter((field) => !OWN.includes(field));

/** A block in one line. */
export function blockInWords(block: Json): string {
  const about = [block.endpoint, block.read, block.text, block.html].find((value) => typeof value === "string" && value !== "");
  const line = String(about ?? "").split("\n").find((line) => line.trim()) ?? "";
  return line.length > LINE_CHARACTERS_MAX ? `${line.slice(0, LINE_CHARACTERS_MAX)} …` : line;
}

const LINE_CHARACTERS_MAX = 60;

/** The blocks of a document, whatever they are. */
export const blocksOf = (document: Json | undefined): Json[] => (Array.isArray(document?.blocks) ? document.blocks.map((block) => (isJson(block) ? block : {})) : []);
