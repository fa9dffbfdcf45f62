// How a run stands.

import { Pill, type Tone } from "../../parts/Pill";

export const STATUSES = ["queued", "running", "waiting", "retrying", "done", "failed", "cancelled"];

const TONES: Record<string, Tone> = { running: "info", waiting: "info", retrying: "warn", done: "good", failed: "bad" };

export const isOpen = (status: string) => !["done", "failed", "cancelled"].includes(status);

export const RunStatus = ({ status }: { status: string }) => <Pill tone={TONES[status]}>{status}</Pill>;
