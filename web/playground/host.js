// Runs plugins and shows their widgets, as the console says over a port, and tells it what becomes of them.
//
// Plugins share this realm and may change whatever is here. So nothing here knows a secret, and the console takes all that
// it hears for the word of a stranger.

import { replaceClients } from "./client.js";
import { createLog, textOf } from "./log.js";
import { load, pluginIn } from "./plugins.js";
import { createPopups } from "./popup.js";
import { createVehicle } from "./vehicle.js";
import { createWidgets } from "./widgets.js";

addEventListener("message", ({ ports: [port] }) => begin(port), { once: true });

function begin(port) {
  const send = (message) => port.postMessage(message);
  const log = createLog(send);
  const vehicle = createVehicle(send);
  const popups = createPopups((isOpen) => send({ type: "popup", isOpen }));
  const functions = new Map();
  let prepare = () => {};
  const widgets = createWidgets({ send, log, popups, prepare: (window) => prepare(window) });
  log.watch(window, pluginIn);

  async function start({ plugins, client, ...board }) {
    if (client) prepare = (window) => replaceClients(window, client);
    prepare(window);
    vehicle.begin(board.signals);
    widgets.arrange(board);
    send({ type: "started" });
    await Promise.all(plugins.map(startPlugin));
  }

  async function startPlugin(plugin) {
    const { name } = plugin;
    const tell = (more) => send({ type: "plugin", name, widgets: widgets.namesOf(name), functions: Object.keys(functions.get(name) ?? {}), ...more });
    try {
      const factory = await load(plugin);
      const register = (widget, callback) => {
        widgets.register(name, widget, callback);
        tell({ state: functions.has(name) ? "ready" : "starting" });
      };
      const made = await factory({ widgets: { register }, simulator: vehicle.simulator, vehicle: vehicle.vehicle });
      functions.set(name, Object.fromEntries(Object.entries(made ?? {}).filter(([, value]) => typeof value === "function")));
      tell({ state: "ready" });
    } catch (error) {
      log.write("error", name, textOf(error));
      tell({ state: "failed", problem: String(error) });
    }
  }

  async function call({ id, plugin, name, args }) {
    try {
      const result = await functions.get(plugin)[name](...args);
      send({ type: "result", id, text: textOf(result) });
    } catch (error) {
      log.write("error", plugin, textOf(error));
      send({ type: "result", id, problem: String(error) });
    }
  }

  async function stop() {
    await widgets.takeAllDown();
    log.flush();
    send({ type: "stopped" });
  }

  const handlers = { start, call, stop, arrange: widgets.arrange, signal: vehicle.changed, refused: vehicle.refused, closePopup: popups.close };
  port.onmessage = ({ data }) => handlers[data.type]?.(data);
  send({ type: "ready" });
}
