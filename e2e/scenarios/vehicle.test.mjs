// The example of a vehicle, as its readers run it: a provider in Python broadcasts a signal, the scenario of the example
// asks it where it is, and the right users' sockets get a toast.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { python, root, startProcess } from "../bridge/support.mjs";
import { arrived, connect, createApp, fence, startHub } from "../push/support.mjs";
import { put, runs } from "./support.mjs";

let hub, app;
before(async () => {
  hub = await startHub();
  app = await createApp(hub, {}, ["socket.io", "bridge"]);
});
after(() => hub?.stop());

test("a low battery raises a toast at the fleet, and at nobody else", async (t) => {
  const folder = join(root, "examples/vehicle");
  await put(app, JSON.parse(await readFile(join(folder, "low-battery.json"), "utf8")));
  const dispatcher = await connect(t, hub, { app_id: app.key, session_id: await app.user("dispatcher", { role: "fleet" }) });
  const clerk = await connect(t, hub, { app_id: app.key, session_id: await app.user("clerk", { role: "office" }) });
  const vehicle = startProcess(python, [
    ...[join(folder, "vehicle.py"), "--hub", hub.url, "--app", app.key],
    ...["--id", "VAN-7", "--interval", "0.01"],
  ]);
  t.after(() => vehicle.stop());

  await arrived(dispatcher, 5);
  await fence(app, [dispatcher, clerk]);
  const left = [19, 18, 17, 16, 15];
  const toast = (value) => ({
    message: `VAN-7 has ${value} % left near Brig, Bahnhofstrasse`,
    parameters: { id: "battery-VAN-7", icon: "🔋", duration: 10000 },
  });
  assert.deepEqual(dispatcher.arrivals, left.map((value) => ["alert", toast(value)]), "in the order of the signals");
  assert.deepEqual(clerk.arrivals, []);

  const [run] = await runs(app, "scenario=low-battery", 5);
  assert.deepEqual([run.status, run.cause, run.lane], ["done", "provider_broadcast VAN-7", "provider:VAN-7"]);
});
