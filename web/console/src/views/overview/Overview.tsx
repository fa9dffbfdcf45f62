// What the whole hub does at this moment.

import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Timer } from "lucide-react";
import { Link } from "wouter";
import { answer, hub, type HubStats } from "../../api/client";
import { LIVE } from "../../api/queries";
import { useChosenApp } from "../../app/current-app";
import { Failure } from "../../parts/Failure";
import { duration } from "../../parts/Moment";
import { Page } from "../../parts/Page";
import { Chart, type Line, WHOLE } from "./Chart";
import { pastOf, remember } from "./history";
import { Losses } from "./Losses";
import classes from "./Overview.module.css";

const readStats = async () => remember(await answer(hub.GET("/api/v1/stats")));

const CONNECTIONS: Line[] = [
  { series: "connections", name: "connections", color: "accent" },
  { series: "users_online", name: "users", color: "info" },
];
const EVENTS: Line[] = [
  { series: "deliveries", name: "delivered", color: "third" },
  { series: "events_in", name: "in", color: "info" },
  { series: "events_out", name: "out", color: "accent" },
];
const PUSHES: Line[] = [
  { series: "push_deliveries", name: "delivered", color: "third" },
  { series: "pushes", name: "pushes", color: "accent" },
];
const LATENCY: Line[] = [
  { series: "latency_95_ms", name: "95 %", color: "third" },
  { series: "latency_median_ms", name: "median", color: "accent" },
];

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const whole = (value: number) => compact.format(Math.round(value));
const rate = (value: number) => compact.format(value);
const ms = (value: number) => `${compact.format(value)} ms`;

export default function Overview() {
  const { data: stats, error, refetch } = useQuery({ queryKey: ["stats"], queryFn: readStats, ...LIVE });
  const history = pastOf();
  return (
    <Page title="Overview" about={stats ? about(stats) : "What the hub does at this moment"}>
      <Failure problem={error} onRetry={() => void refetch()} />
      {stats ? <Tiles stats={stats} /> : <Skeleton height={84} radius="md" />}
      {stats && stats.counters.pushes === 0 && <Start />}
      <div className={classes.charts}>
        <Chart title="Connections" lines={CONNECTIONS} history={history} format={whole} steps={WHOLE} />
        <Chart title="Events per second" lines={EVENTS} history={history} format={rate} />
        <Chart title="Pushes per second" lines={PUSHES} history={history} format={rate} />
        <Chart title="Requests to providers" lines={LATENCY} history={history} format={ms} />
      </div>
      {stats && <Losses stats={stats} />}
    </Page>
  );
}

const about = ({ version, shards, started_at_ms, at_ms }: HubStats) =>
  `Version ${version} on ${shards} ${shards === 1 ? "shard" : "shards"}, up for ${duration(at_ms - started_at_ms)}`;

function Tiles({ stats: { gauges, counters } }: { stats: HubStats }) {
  const tiles: [string, number | undefined][] = [
    ["Connections", gauges.connections],
    ["Users online", gauges.users_online],
    ["Providers", gauges.providers],
    ["Pushes", counters.pushes],
    ["Deliveries", counters.deliveries],
  ];
  return (
    <dl className={classes.tiles}>
      {tiles.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{whole(value ?? 0)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Whoever has never pushed is shown where to begin. */
function Start() {
  const app = useChosenApp();
  return (
    <aside className={classes.start}>
      <Timer size={20} aria-hidden />
      <p>
        <strong>Nothing has been pushed yet.</strong> In one minute you connect a page, push to it, and see it ring.
      </p>
      <Button component={Link} href={app === undefined ? "/apps" : `/apps/${app}/first-minute`} size="sm">
        Start the first minute
      </Button>
    </aside>
  );
}
