// The frame in which plugins run. See docs/playground.md for what keeps them apart from this page.

import { useEffect, useRef } from "react";
import classes from "./Playground.module.css";
import type { Run } from "./run";

/** What frames in it may do. That it may not navigate the page is what is missing here. */
const ALLOWED = "allow-scripts allow-same-origin allow-forms allow-modals allow-popups allow-downloads";

export function Stage({ run, scheme }: { run: Run; scheme: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const onLoad = () => {
    const { port1, port2 } = new MessageChannel();
    run.attach(port1);
    frame.current?.contentWindow?.postMessage({ scheme }, location.origin, [port2]);
  };
  useEffect(() => {
    frame.current?.contentWindow?.postMessage({ scheme }, location.origin);
  }, [scheme]);
  return <iframe ref={frame} className={classes.stage} title="Running widgets" src="/playground/stage" sandbox={ALLOWED} onLoad={onLoad} />;
}
