// The structure that the parts of this view are about.

import { createContext, useContext } from "react";
import type { Structure } from "../../api/client";
import { ofApp, queries } from "../../api/queries";

export interface Subject {
  app: string;
  structure: Structure;
}

export const StructureContext = createContext<Subject | undefined>(undefined);

export function useStructure(): Subject {
  const subject = useContext(StructureContext);
  if (!subject) throw new Error("parts of a structure stand within it");
  return subject;
}

/** The structure with its number of objects, its objects and its endpoints. */
export const readDataAgain = (app: string) =>
  Promise.all(["structures", "objects", "endpoints"].map((what) => queries.invalidateQueries({ queryKey: ofApp(app, what) })));
