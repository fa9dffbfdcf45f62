// The document of a page, as the hub checks and serves it. A preview may bring one that isn't right yet.

export interface PageDocument {
  title: string;
  access?: "everyone" | "users";
  lang?: string | null;
  blocks: BlockSpec[];
}

interface Frame {
  id?: string | null;
  title?: string | null;
  width?: number | null;
  refresh_on?: string[];
}

export interface TextSpec extends Frame { type: "text"; text: string; endpoint?: string | null }
export interface HtmlSpec extends Frame { type: "html"; html: string; endpoint?: string | null }

interface ListSpec extends Frame {
  endpoint: string;
  page_size?: number | null;
  sort?: string | null;
}

export interface Column { field: string; title?: string | null }
export interface TableSpec extends ListSpec { type: "table"; columns: Column[] }
export interface CardsSpec extends ListSpec { type: "cards"; heading: string; text?: string | null; image?: string | null }

export type FieldKind = "text" | "multiline" | "number" | "checkbox" | "date" | "select" | "hidden";

export interface FieldSpec {
  field: string;
  label?: string | null;
  kind?: FieldKind;
  required?: boolean;
  options?: string[];
  value?: string | null;
}

export interface FormSpec extends Frame {
  type: "form";
  endpoint: string;
  fields: FieldSpec[];
  submit?: string | null;
  done?: string | null;
}

export interface ChatSpec extends Frame {
  type: "chat";
  read: string;
  write?: string | null;
  text?: string | null;
  author?: string | null;
  time?: string | null;
}

export interface ChartSpec extends Frame {
  type: "chart";
  endpoint: string;
  kind?: "line" | "bar";
  x: string;
  y: string[];
  sort?: string | null;
}

export type BlockSpec = TextSpec | HtmlSpec | TableSpec | CardsSpec | FormSpec | ChatSpec | ChartSpec;
