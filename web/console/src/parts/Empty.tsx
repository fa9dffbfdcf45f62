// What stands where there is nothing yet: what it would be, and what to do first.

import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import classes from "./Empty.module.css";

interface Props {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  /** What to do first. */
  action?: ReactNode;
}

export function Empty({ icon: Icon, title, children, action }: Props) {
  return (
    <div className={classes.empty}>
      <span className={classes.icon}>
        <Icon size={22} strokeWidth={1.75} aria-hidden />
      </span>
      <p className={classes.title}>{title}</p>
      {children && <p className={classes.text}>{children}</p>}
      {action && <div className={classes.action}>{action}</div>}
    </div>
  );
}
