// What is measured of the hub while it is soaked, and how that is judged. Reads /proc and /metrics; knows no client.

import { readFileSync, readdirSync } from "node:fs";

/** The part of the run in which memory may still grow: pools, tables and the allocator fill up. */
const WARM_UP = 0.25;
const GROWTH_MAX = 0.05;
const GROWTH_BYTES_MIN = 4 << 20;
const FILES_SLACK = 20;

/** Reasons under which the hub may drop something here, and the actors that provoke it. */
const PROVOKED = {
  invalid_packet: ["malformed packets"],
  provider_offline: ["requests answered provider_offline", "HTTP requests"],
  other: ["floods"],
};

/** The same for connections that end. */
const ENDINGS = {
  transport_close: ["passers-by", "provider restarts"],
  transport_error: ["malformed frames", "malformed packets", "passers-by", "provider restarts"],
  parse_error: ["malformed packets"],
  forced: ["malformed packets"],
  ping_timeout: ["vanishing sessions", "slow readers"],
  outbox_overflow: ["slow readers"],
};

export class Watch {
  samples = [];

  constructor(hub) {
    this.hub = hub;
    this.start = Date.now();
  }

  async sample() {
    const status = readFileSync(`/proc/${this.hub.pid}/status`, "utf8");
    const field = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]);
    const sample = {
      at_s: Math.round((Date.now() - this.start) / 1_000),
      resident_bytes: field("VmRSS") * 1_024,
      threads: field("Threads"),
      files: readdirSync(`/proc/${this.hub.pid}/fd`).length,
      metrics: parse(await (await fetch(`${this.hub.url}/metrics`)).text()),
    };
    this.samples.push(sample);
    return sample;
  }

  static line({ at_s, resident_bytes, threads, files, metrics }) {
    const { connections, sockets, timers, outbox_bytes, deliveries_total } = metrics;
    return [
      `${at_s} s`,
      `${mebibytes(resident_bytes)} MiB`,
      `${files} files`,
      `${threads} threads`,
      `${connections} connections`,
      `${sockets} sockets`,
      `${timers} timers`,
      `${outbox_bytes} bytes waiting`,
      `${deliveries_total} deliveries`,
    ].join("  ");
  }

  /** Whether the hub holds nothing of its clients any more. */
  static isEmpty({ files, metrics }, idle) {
    const gauges = ["connections", "sockets", "rooms", "timers", "outbox_bytes", "providers", "open_requests"];
    return gauges.every((name) => metrics[name] === 0) && files <= idle.files + 2;
  }

  /** Everything that has to hold, each with what was found. */
  judge({ idle, counts, log, exitCode }) {
    const last = this.samples.at(-1);
    const loaded = this.samples.slice(1).filter(({ metrics }) => metrics.sockets > 100);
    const warm = loaded.slice(Math.floor(loaded.length * WARM_UP));
    const third = Math.max(1, Math.floor(warm.length / 3));
    const [early, late] = [warm.slice(0, third), warm.slice(-third)];
    return [
      { what: "the hub ran to the end", ok: exitCode === null, found: `exit code ${exitCode}` },
      flat("memory", early, late, "resident_bytes", GROWTH_BYTES_MIN, mebibytes),
      flat("open files", early, late, "files", FILES_SLACK, String),
      flat("threads", early, late, "threads", 0, String),
      {
        what: "nothing is left of clients that have gone",
        ok: Watch.isEmpty(last, idle),
        found: Watch.line(last),
      },
      { what: "no surprise to a client", ok: !counts.unexplained, found: `${counts.unexplained ?? 0} surprises` },
      { what: "nothing in the log", ok: log.every((line) => !/ERROR|WARN|panicked/.test(line)), found: `${log.length} lines` },
      provoked("dropped", last.metrics, PROVOKED, counts),
      provoked("connections_closed", last.metrics, ENDINGS, counts),
    ];
  }

  summary({ verdict, counts, minutes, machine }) {
    const rows = (entries) => entries.map(([name, value]) => `| ${name} | ${value} |`).join("\n");
    const loaded = this.samples.filter(({ metrics }, at) => at === 0 || metrics.sockets > 100);
    const step = Math.ceil(loaded.length / 30);
    const shown = [...loaded.filter((_, at) => at % step === 0), this.samples.at(-1)];
    const counters = Object.entries(this.samples.at(-1).metrics).filter(([name, value]) => /_total/.test(name) && value > 0);
    return `# Soak

${minutes} minutes of mixed traffic against the release binary with its default configuration, on ${machine}.
Made by \`make soak\`.

| Verdict | Found |
|---|---|
${verdict.map(({ what, ok, found }) => `| ${ok ? "yes" : "**NO**"}: ${what} | ${found} |`).join("\n")}

| Traffic | Count |
|---|---|
${rows(Object.entries(counts).sort())}

| Hub | Count |
|---|---|
${rows(counters)}

| Second | Resident MiB | Open files | Threads | Connections | Sockets | Timers |
|---|---|---|---|---|---|---|
${shown
  .map(({ at_s, resident_bytes, files, threads, metrics: { connections, sockets, timers } }) =>
    `| ${[at_s, mebibytes(resident_bytes), files, threads, connections, sockets, timers].join(" | ")} |`)
  .join("\n")}
`;
  }
}

/** Samples of the OpenMetrics text, their prefix removed; a label becomes part of the name. */
function parse(text) {
  const samples = text.matchAll(/^campanile_(\w+)(?:\{reason="(\w+)"\})? (\d+)/gm);
  return Object.fromEntries([...samples].map(([, name, reason, value]) => [reason ? `${name}.${reason}` : name, Number(value)]));
}

const mebibytes = (bytes) => (bytes / (1 << 20)).toFixed(1);

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

function flat(what, early, late, field, slack, show) {
  const [before, after] = [early, late].map((samples) => median(samples.map((sample) => sample[field])));
  return {
    what: `${what} flat`,
    ok: after - before <= Math.max(before * GROWTH_MAX, slack),
    found: `${show(before)} after the warm-up, ${show(after)} at the end`,
  };
}

/** Every reason that the hub counted must be one that an actor provoked. */
function provoked(family, metrics, reasons, counts) {
  const counted = Object.entries(metrics).filter(([name, value]) => name.startsWith(`${family}_total.`) && value > 0);
  const unprovoked = counted.filter(([name]) => !reasons[name.split(".")[1]]?.some((actor) => counts[actor] > 0));
  return {
    what: `every reason of ${family} was provoked`,
    ok: unprovoked.length === 0,
    found: (unprovoked.length > 0 ? unprovoked : counted).map(([name, value]) => `${value} ${name.split(".")[1]}`).join(", "),
  };
}
