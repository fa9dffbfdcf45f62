// The scenario that the parts of this view are about, with what was written and isn't saved yet.

import { createContext, useContext } from "react";
import type { Scenario } from "../../api/client";

/** A text that differs from what is saved, and the version that it began with. */
export interface Draft {
  text: string;
  version: number;
}

interface Subject {
  app: string;
  scenario: Scenario;
  draft: Draft | undefined;
  setDraft: (draft: Draft | undefined) => void;
}

export const ScenarioContext = createContext<Subject | undefined>(undefined);

export function useScenario(): Subject {
  const subject = useContext(ScenarioContext);
  if (!subject) throw new Error("parts of a scenario stand within it");
  return subject;
}
