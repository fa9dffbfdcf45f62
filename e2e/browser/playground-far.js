// A plugin that is read from another origin, and imports its neighbour there.

import { text } from "./near.js";

export default ({ widgets }) => widgets.register("W", (box) => box.injectHTML(text));
