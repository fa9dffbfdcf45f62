// One step of the guide: its number, or a tick once it is done.

import { Check } from "lucide-react";
import { type ReactNode, useId } from "react";
import classes from "./FirstMinute.module.css";

interface Props {
  number: number;
  title: string;
  isDone: boolean;
  children: ReactNode;
}

export function Step({ number, title, isDone, children }: Props) {
  const heading = useId();
  return (
    <li className={classes.step} data-done={isDone || undefined} aria-labelledby={heading}>
      <span className={classes.number} aria-hidden>
        {isDone ? <Check size={16} strokeWidth={2.5} /> : number}
      </span>
      <div className={classes.content}>
        <h2 id={heading}>
          {title} {isDone && <span className="visually-hidden">(done)</span>}
        </h2>
        {children}
      </div>
    </li>
  );
}
