// A toast, as pages show it for the event `alert`.

import type { Alert } from "./alert";
import classes from "./Toast.module.css";

export function Toast({ alert: { title, text, icon, variant, style } }: { alert: Alert }) {
  return (
    <div className={classes.toast} data-variant={variant} data-card={title !== undefined || undefined} style={style} role="status">
      {icon && <span className={classes.icon}>{icon}</span>}
      <div className={classes.text}>
        {title && <strong>{title}</strong>}
        <span>{text}</span>
      </div>
    </div>
  );
}
