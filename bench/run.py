#!/usr/bin/env python3
"""Measures the hub beside its peers: every workload on every server in turn, and one table of medians.

It builds nothing: `make bench` does. A complete run writes docs/benchmarks/; a part of it only prints, unless --out
names a folder, or --merge puts the workloads that were run into the place of the same ones there.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Iterable

from runner import machine, report
from runner.rows import ROWS, Result, Row, Runs, evaluate
from runner.servers import ALL, BENCH, ROOT, Running, Server, release
from runner.workloads import WORKLOADS, Workload

RESULTS = ROOT / "docs" / "benchmarks"

GENERATOR_TIMEOUT_S = 300

# A port per run, so that no run meets what an earlier one left in the kernel.
PORTS = 100


def main() -> int:
    options = parse_options()
    rows = [row for row in ROWS if not options.only or row.name in options.only]
    wanted = {row.workload for row in rows}
    workloads = [workload for workload in WORKLOADS if workload.name in wanted]
    if options.quick:
        workloads = [workload.quick() for workload in workloads]
    facts = machine.describe(options.hub)
    runs, failures = measure(options, workloads)
    results = evaluate_all(rows, runs)
    print(f"{report.text_table(results)}\n\n{report.notes(results)}".rstrip())
    if failures and options.merge:
        print("\nnot merged, because a run failed", file=sys.stderr)
    else:
        keep(options, runs, facts)
    return 1 if failures else 0


def keep(options: argparse.Namespace, runs: Runs, facts: machine.Facts) -> None:
    """Writes the results, if they are to be kept: alone, or with those in the folder that weren't measured anew."""
    folder = options.out or (None if is_partial(options) and not options.merge else RESULTS)
    if folder is None:
        return
    measured = {workload: facts for workload in runs}
    if options.merge:
        former_runs, formerly = report.read(folder)
        runs, measured = former_runs | runs, formerly | measured
    report.write(folder, evaluate_all(ROWS, runs), runs, measured)
    print(f"\nwritten to {folder}", file=sys.stderr)


def evaluate_all(rows: Iterable[Row], runs: Runs) -> list[Result]:
    families = {server.name: server.family for server in ALL}
    return [result for row in rows if (result := evaluate(row, runs, families))]


def parse_options() -> argparse.Namespace:
    names = lambda text: text.split(",")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", type=names, default=[], help="rows of the table by name, separated by commas")
    parser.add_argument("--servers", type=names, default=[], help="servers or families, separated by commas")
    parser.add_argument("--reps", type=int, default=3, help="repetitions")
    parser.add_argument("--quick", action="store_true", help="tiny numbers: shows that it works, measures nothing")
    parser.add_argument("--hub", default=release(ROOT / "target", "campanile"), help="the hub's binary")
    parser.add_argument("--port", type=int, default=4500, help="the first of 100 ports that are used in turn")
    parser.add_argument("--out", type=Path, help="folder for results.json, results.md and chart.svg")
    parser.add_argument("--merge", action="store_true", help="keep the folder's results of what isn't run")
    options = parser.parse_args()
    unknown = set(options.only) - {row.name for row in ROWS}
    unknown |= set(options.servers) - {name for server in ALL for name in (server.name, server.family)}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    if options.merge and not options.out and (options.servers or options.quick or options.reps < 3):
        parser.error("only what was measured on all servers, in full and three times is merged into the results")
    if options.merge and not ((options.out or RESULTS) / "results.json").exists():
        parser.error("there are no results to merge with")
    return options


def is_partial(options: argparse.Namespace) -> bool:
    return bool(options.only or options.servers or options.quick or options.reps < 3)


def measure(options: argparse.Namespace, workloads: list[Workload]) -> tuple[Runs, int]:
    """Repetitions are the outer loop, so that a disturbance doesn't hit all of one server's."""
    runs: Runs = {}
    number, failures = 0, 0
    for repetition in range(1, options.reps + 1):
        for workload in workloads:
            for server in workload.servers:
                if options.servers and not {server.name, server.family} & set(options.servers):
                    continue
                port, number = options.port + number % PORTS, number + 1
                try:
                    numbers = run_once(options, workload, server, port)
                except (OSError, RuntimeError, subprocess.SubprocessError) as error:
                    print(f"{repetition}: {workload.name} on {server.name} failed: {error}", file=sys.stderr)
                    failures += 1
                    continue
                print(f"{repetition}: {workload.name} on {server.name}: {brief(numbers)}", file=sys.stderr)
                runs.setdefault(workload.name, {}).setdefault(server.name, []).append(numbers)
    return runs, failures


def run_once(options: argparse.Namespace, workload: Workload, server: Server, port: int) -> dict[str, float]:
    sockets = workload.numbers.get("sockets", 0)
    with Running(server, options.hub, port, sockets, workload.server_cores) as running:
        command = ["taskset", "-c", workload.generator_cores, release(BENCH / "target", "loadgen")]
        command += workload.arguments(server)
        command += ["--port", str(port), "--pid", str(running.process.pid)]
        if server.family == "campanile":
            command += ["--data-dir", running.data_dir.name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=GENERATOR_TIMEOUT_S, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{done.stderr.strip()} {running.output()}")
        return json.loads(done.stdout)


def brief(numbers: dict[str, float]) -> str:
    return " ".join(f"{name}={number:.4g}" for name, number in numbers.items())


if __name__ == "__main__":
    sys.exit(main())
