export const text = "from afar, with its neighbour";
