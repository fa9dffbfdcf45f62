// Toasts of what this page's own socket got, as a front end would show them.

import { Bell } from "lucide-react";
import { useEffect, useState } from "react";
import { Toast } from "../../toast/Toast";
import classes from "./FirstMinute.module.css";
import type { Heard } from "./own-socket";

export function Toasts({ heard }: { heard: Heard[] }) {
  return (
    <div className={classes.toasts} data-testid="toasts" aria-live="polite">
      {heard.map(({ number, alert }) => (
        <Passing key={number} alert={alert} />
      ))}
    </div>
  );
}

function Passing({ alert }: Pick<Heard, "alert">) {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), alert.duration_ms);
    return () => clearTimeout(timer);
  }, [alert]);
  // Looks are left out: whoever may push to the app may not draw over the console.
  return isOver ? null : <Toast alert={{ ...alert, style: undefined }} icon={<Bell size={18} aria-hidden />} />;
}
