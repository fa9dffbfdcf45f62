// Reading and writing objects of a structure.

import { answer, hub } from "../../api/client";
import type { Subject } from "./context";
import type { DataObject, Values } from "./values";

export interface Part {
  /** A condition, as JSON. */
  filter?: string;
  sort?: string;
  page: number;
  page_size: number;
}

const at = ({ app, structure }: Subject) => ({ app, structure: structure.name });

export async function readObjects(subject: Subject, query: Part) {
  const part = await answer(hub.GET("/api/v1/apps/{app}/structures/{structure}/objects", { params: { path: at(subject), query } }));
  return { ...part, items: part.items as DataObject[] };
}

export const createObject = (subject: Subject, values: Values) =>
  answer(hub.POST("/api/v1/apps/{app}/structures/{structure}/objects", { params: { path: at(subject) }, body: values }));

/** With the version that was read, so that nobody else's change is lost. */
export const changeObject = (subject: Subject, { id, version }: DataObject, values: Values) =>
  answer(hub.PATCH("/api/v1/apps/{app}/structures/{structure}/objects/{object}", { params: { path: { ...at(subject), object: id } }, body: { ...values, version } }));

export const deleteObject = (subject: Subject, { id, version }: DataObject) =>
  answer(hub.DELETE("/api/v1/apps/{app}/structures/{structure}/objects/{object}", { params: { path: { ...at(subject), object: id }, query: { version } } }));
