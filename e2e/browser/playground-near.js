// What the plugin from another origin imports.

export const text = "from afar, with its neighbour";
