"""Results as a table for people and as JSON for programs."""

import json
from pathlib import Path

from .chart import draw
from .rows import HIGHER, Result, Row, Runs, Verdict
from .servers import FLOOR, FLOOR_URING, NODE, SOCKETIOXIDE, SOCKETIOXIDE_MT

# One column per server; the hub's is the row's subject, whatever the number of its shards.
COLUMNS = (FLOOR, FLOOR_URING, SOCKETIOXIDE, SOCKETIOXIDE_MT, NODE)
HEADER = ("Workload", "Measure", "Campanile", *(server.label for server in COLUMNS), "Must reach")


def number(row: Row, value: float | None) -> str:
    return "–" if value is None else f"{value:,.{row.digits}f}"


def verdict(row: Row, verdict: Verdict) -> str:
    sign = "≥" if row.better == HIGHER else "≤"
    mark = "reached" if verdict.is_reached else "MISSED"
    limit = f"{verdict.target.limit:,g}"
    if verdict.target.against is None:
        return f"{sign} {limit}: {mark}"
    name = {"floor": "write() loop", "node": "Node"}.get(verdict.target.against, verdict.target.against)
    return f"{sign} {limit} × {name}: {verdict.value:.2f} {mark}"


def cells(result: Result) -> tuple[str, ...]:
    row = result.row
    names = (row.subject, *(server.name for server in COLUMNS))
    numbers = (number(row, result.medians.get(name)) for name in names)
    verdicts = "; ".join(verdict(row, v) for v in result.verdicts) or "reported"
    return (row.name, row.measure, *numbers, verdicts)


def text_table(results: list[Result]) -> str:
    rows = [HEADER, *map(cells, results)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADER))]
    # Words to the left, numbers to the right.
    align = lambda i, cell: cell.ljust(widths[i]) if i in (0, 1, len(HEADER) - 1) else cell.rjust(widths[i])
    return "\n".join("  ".join(align(i, cell) for i, cell in enumerate(row)).rstrip() for row in rows)


def markdown_table(results: list[Result]) -> str:
    line = lambda row: f"| {' | '.join(row)} |"
    rule = ("---", "---", *["---:"] * (len(HEADER) - 3), "---")
    return "\n".join(map(line, [HEADER, rule, *map(cells, results)]))


def markdown(results: list[Result], facts: dict, repetitions: int) -> str:
    machine, versions = facts["machine"], facts["versions"]
    reached = [v.is_reached for result in results for v in result.verdicts]
    times = "one run" if repetitions == 1 else f"{repetitions} repetitions"
    return f"""# Benchmark results

Written by `make bench`; see [bench/README.md](../../bench/README.md) for what is measured and how. Medians of
{times}; ratios within one run are what counts, absolute times vary with the machine.

{machine["cpu"]}, {machine["cores"]} cores, {machine["memory"]}, Linux {machine["kernel"]}, {machine["measured"]}. \
{versions["campanile"]} ({versions["revision"]}, {versions["rustc"].split(" (")[0]}), socketioxide \
{versions["socketioxide"]} on axum {versions["axum"]}, socket.io {versions["socket.io"]} with ws {versions["ws"]} on Node \
{versions["node"]}.

![CPU time per operation](chart.svg)

{sum(reached)} of {len(reached)} targets are reached.

{markdown_table(results)}
"""


def as_json(results: list[Result], runs: Runs, facts: dict) -> str:
    rows = [
        {
            "workload": result.row.name,
            "measure": result.row.measure,
            "subject": result.row.subject,
            "better": result.row.better,
            "medians": result.medians,
            "targets": [
                {"limit": v.target.limit, "against": v.target.against, "value": v.value, "reached": v.is_reached}
                for v in result.verdicts
            ],
        }
        for result in results
    ]
    return json.dumps({**facts, "rows": rows, "runs": runs}, indent=1) + "\n"


def write(folder: Path, results: list[Result], runs: Runs, facts: dict, repetitions: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(as_json(results, runs, facts))
    (folder / "results.md").write_text(markdown(results, facts, repetitions))
    (folder / "chart.svg").write_text(draw(results))
