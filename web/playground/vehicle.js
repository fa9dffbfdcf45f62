// `vehicle` and `simulator` for plugins. The console keeps the values; a copy of them is here, so that reading needs no message.

const METHODS = ["get", "set", "subscribe"];
const PREFIX = "Vehicle.";

const withoutPrefix = (path) => (path.startsWith(PREFIX) ? path.slice(PREFIX.length) : path);

export function createVehicle(send) {
  const values = new Map();
  const subscribers = new Map();
  /** What a plugin does itself when a signal is read, written or followed, by method and path. */
  const simulated = new Map();
  const writes = new Map();
  let writesMade = 0;

  const simulation = (func, path) => {
    const handler = simulated.get(`${func} ${path}`);
    return handler && ((...args) => handler({ func, args }));
  };

  const signal = (path) => ({
    get: async () => {
      const simulate = simulation("get", path);
      return simulate ? simulate() : structuredClone(values.get(path));
    },
    set: async (value) => {
      const simulate = simulation("set", path);
      return simulate ? simulate(value) : write(path, value);
    },
    subscribe: (callback) => {
      simulation("subscribe", path)?.(callback);
      if (!subscribers.has(path)) subscribers.set(path, new Set());
      // Each subscription is one of its own, also of the same function.
      const subscription = (value) => callback(value);
      subscribers.get(path).add(subscription);
      return () => subscribers.get(path).delete(subscription);
    },
  });

  function write(path, value) {
    const json = JSON.stringify(value);
    if (json === undefined) throw new TypeError(`${path}: a signal's value is JSON`);
    const id = ++writesMade;
    const written = new Promise((resolve, reject) => writes.set(id, { resolve, reject }));
    send({ type: "set", id, path, value: JSON.parse(json) });
    return written;
  }

  /** Any path below `path`. What ends in a method is called, so it looks like one object for each signal. */
  const below = (path) =>
    new Proxy(Object.freeze({}), {
      get: (_, name) => {
        // `await` asks whether something is a promise.
        if (typeof name !== "string" || name === "then" || name === "toJSON") return undefined;
        if (path && METHODS.includes(name)) return signal(withoutPrefix(path))[name];
        return below(path ? `${path}.${name}` : name);
      },
    });

  const settle = (id, end) => {
    const write = writes.get(id);
    writes.delete(id);
    if (write) end(write);
  };

  return {
    vehicle: below(""),

    simulator: (path, method, handler) => void simulated.set(`${method} ${withoutPrefix(String(path))}`, handler),

    begin: (signals) => Object.entries(signals).forEach(([path, value]) => values.set(path, value)),

    /** The console has a new value, by this write or by somebody else. Without one, the signal is gone. */
    changed: ({ path, value, id }) => {
      if (value === undefined) values.delete(path);
      else values.set(path, value);
      for (const tell of subscribers.get(path) ?? []) queueMicrotask(() => tell(structuredClone(value)));
      settle(id, ({ resolve }) => resolve());
    },

    refused: ({ id, problem }) => settle(id, ({ reject }) => reject(new Error(problem))),
  };
}
