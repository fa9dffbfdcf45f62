// Asks whether to leave what isn't saved.

import { useEffect, useState } from "react";
import { Confirm } from "../parts/Confirm";
import { askBeforeLeaving, forgetUnsaved } from "./unsaved";

export function Leaving() {
  const [leave, setLeave] = useState<() => void>();
  useEffect(() => askBeforeLeaving((leave) => setLeave(() => leave)), []);
  if (!leave) return null;
  const goOn = async () => {
    forgetUnsaved();
    leave();
  };
  return (
    <Confirm title="Leave without saving" verb="Leave" onConfirm={goOn} onClose={() => setLeave(undefined)}>
      What you have written here isn't saved. It is gone when you leave.
    </Confirm>
  );
}
