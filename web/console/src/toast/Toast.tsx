// A toast, as pages show it for the event `alert`.

import type { ReactNode } from "react";
import type { Alert } from "./alert";
import classes from "./Toast.module.css";

interface Props {
  alert: Alert;
  /** For an alert that has none of its own. */
  icon?: ReactNode;
}

export function Toast({ alert: { title, text, icon, variant, style }, icon: usual }: Props) {
  return (
    <div className={classes.toast} data-variant={variant} data-card={title !== undefined || undefined} style={style} role="status">
      {(icon ?? usual) && <span className={classes.icon}>{icon ?? usual}</span>}
      <div className={classes.text}>
        {title && <strong>{title}</strong>}
        <span>{text}</span>
      </div>
    </div>
  );
}
