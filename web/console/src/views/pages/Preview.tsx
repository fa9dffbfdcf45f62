// The page as it will look, while it is written: the hub's own page in a frame, which is handed each state of the document.
// Nothing is saved or sent by it.

import { SegmentedControl } from "@mantine/core";
import { useDebouncedValue, useElementSize } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import type { Json } from "../../parts/document";
import { Card } from "../../parts/Page";
import classes from "./Pages.module.css";

/** Between two states of the document, while somebody types. */
const PAUSE_MS = 150;

/** How wide a page is on each device, in CSS pixels. */
const WIDTHS_PX = { telephone: 360, desktop: 1_200 };

const HEIGHT_PX = 560;

type Device = keyof typeof WIDTHS_PX;

export function Preview({ path, document }: { path: string; document: Json | undefined }) {
  const [chosen, setChosen] = useState<Device>();
  const { ref, width: room_px } = useElementSize();
  const frame = useFrame(document);
  const device = chosen ?? (room_px > 0 && room_px <= WIDTHS_PX.telephone ? "telephone" : "desktop");
  const width_px = WIDTHS_PX[device];
  // What is wider than the room for it is shown smaller, and not narrower.
  const scale = room_px > 0 ? Math.min(1, room_px / width_px) : 1;
  const size = { width: width_px, height: HEIGHT_PX / scale, transform: `scale(${scale})`, marginLeft: Math.max(0, (room_px - width_px) / 2) };
  const devices = [{ value: "telephone", label: "Telephone" }, { value: "desktop", label: "Desktop" }];
  return (
    <Card title="Preview" about="As it stands, also before it is saved. Nothing is sent from here" actions={<SegmentedControl size="xs" aria-label="Width" data={devices} value={device} onChange={(device) => setChosen(device as Device)} />}>
      <div ref={ref} className={classes.frame} style={{ height: HEIGHT_PX }}>
        <iframe ref={frame} src={`${path}?preview=1`} title="Preview" style={size} />
      </div>
    </Card>
  );
}

/** A frame that is handed the document whenever it changes, and when the page in it says that it listens. */
function useFrame(document: Json | undefined) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [handed] = useDebouncedValue(document, PAUSE_MS);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const onMessage = ({ origin, source, data }: MessageEvent) => {
      const isOurs = origin === location.origin && source === frame.current?.contentWindow;
      if (isOurs && data?.type === "campanile-page-ready") setTurn((turn) => turn + 1);
    };
    addEventListener("message", onMessage);
    return () => removeEventListener("message", onMessage);
  }, []);
  useEffect(() => {
    if (turn > 0 && handed) frame.current?.contentWindow?.postMessage({ type: "campanile-page", document: handed }, location.origin);
  }, [turn, handed]);
  return frame;
}
