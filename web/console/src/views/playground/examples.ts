// What one can begin with: dashboards that are ready, and a plugin that does next to nothing.

import type { Content } from "./document";
import signals from "./examples/signals.js?raw";
import socketio from "./examples/socketio.js?raw";

/** The provider that public samples talk to, and the one in `examples/python`. */
export const SAMPLE_PROVIDER = "PYTHON-CLIENT-SAMPLE";

/** The folder of the hub's own Socket.IO client, and the path that clients connect to. */
export const socketioPath = (): string => document.documentElement.dataset.socketioPath!;

interface Example {
  title: string;
  about: string;
  make: () => Content;
}

export const EXAMPLES: Example[] = [
  {
    title: "Follow a provider",
    about: `The widget Client of a plugin SocketIO follows ${SAMPLE_PROVIDER} on the bridge of this hub.`,
    make: () => ({
      name: "Follow a provider",
      dashboard: [{ boxes: [1, 2], plugin: "SocketIO", widget: "Client" }],
      plugins: [{ name: "SocketIO", source: socketio.replaceAll("{{hub}}", location.origin).replaceAll("{{path}}", socketioPath()) }],
      signals: {},
    }),
  },
  {
    title: "Vehicle signals",
    about: "Two widgets that show and set signals, which the panel shows and sets as well.",
    make: () => ({
      name: "Vehicle signals",
      dashboard: [
        { boxes: [1, 2], plugin: "Vehicle", widget: "Speed" },
        { boxes: [3], plugin: "Vehicle", widget: "Trunk" },
      ],
      plugins: [{ name: "Vehicle", source: signals }],
      signals: { Speed: 30, "Body.Trunk.Rear.IsOpen": false },
    }),
  },
];

export const EMPTY: Content = { name: "My dashboard", dashboard: [], plugins: [], signals: {} };

export const NEW_PLUGIN = `const plugin = ({ widgets, simulator, vehicle }) => {
  widgets.register("Hello", async (box) => {
    box.injectHTML("<h1>Hello</h1>");

    return () => {
      // Called when the widget is taken down.
    };
  });

  // Functions in this object can be run from the list of plugins.
  return {};
};

export default plugin;
`;
