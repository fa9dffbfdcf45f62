// A refusal, for people: what it says, its code, and what to do about it.

import { Button } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import { ADVICE } from "../api/advice";
import { Problem } from "../api/client";
import classes from "./Failure.module.css";

interface Props {
  /** What was thrown; nothing is shown of nothing. */
  problem: unknown;
  onRetry?: () => void;
}

export function Failure({ problem, onRetry }: Props) {
  if (!problem) return null;
  const { code, detail } = problem instanceof Problem ? problem : { code: undefined, detail: String(problem) };
  return (
    <div role="alert" className={classes.failure}>
      <TriangleAlert size={18} aria-hidden />
      <div>
        <p className={classes.detail}>
          {detail} {code && <code className={classes.code}>{code}</code>}
        </p>
        {code && <p className={classes.advice}>{ADVICE[code]}</p>}
        {onRetry && (
          <Button variant="default" size="xs" mt="xs" onClick={onRetry}>
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}
