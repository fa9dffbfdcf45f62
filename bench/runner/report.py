"""Results as a table for people and as JSON for programs, and read back from there to be joined with newer ones."""

import json
from pathlib import Path

from .chart import draw
from .machine import Facts
from .rows import HIGHER, NOTES, Result, Row, Runs, Verdict
from .servers import FLOOR, FLOOR_URING, NODE, SOCKETIOXIDE, SOCKETIOXIDE_MT

# One column per server; the hub's is the row's subject, whatever the number of its shards.
COLUMNS = (FLOOR, FLOOR_URING, SOCKETIOXIDE, SOCKETIOXIDE_MT, NODE)
HEADER = ("Workload", "Measure", "Campanile", *(server.label for server in COLUMNS), "Must reach")


# Where and what was measured, by workload.
Measured = dict[str, Facts]


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


def notes(results: list[Result]) -> str:
    names = dict.fromkeys(result.row.name for result in results)
    return "\n".join(f"- {name}: {NOTES[name]}" for name in names if name in NOTES)


def markdown_table(results: list[Result], origins: list[str]) -> str:
    """The table, with a column for where each row comes from, unless all come from one run."""
    line = lambda row: f"| {' | '.join(row)} |"
    rule = ("---", "---", *["---:"] * (len(HEADER) - 3), "---")
    rows = [HEADER, rule, *map(cells, results)]
    if len(set(origins)) > 1:
        rows = [(*row, origin) for row, origin in zip(rows, ["Run", "---", *origins])]
    return "\n".join(map(line, rows))


def run_of(facts: Facts, repetitions: int) -> str:
    machine, versions = facts["machine"], facts["versions"]
    data_on = f", data on {machine['data_on']}" if "data_on" in machine else ""
    times = "one repetition" if repetitions == 1 else f"{repetitions} repetitions"
    return f"""{machine["cpu"]}, {machine["cores"]} cores, {machine["memory"]}{data_on}, Linux {machine["kernel"]}, \
{machine["measured"]}, {times}. \
{versions["campanile"]} ({versions["revision"]}, {versions["rustc"].split(" (")[0]}), socketioxide \
{versions["socketioxide"]} on axum {versions["axum"]}, socket.io {versions["socket.io"]} with ws {versions["ws"]} on Node \
{versions["node"]}."""


def markdown(results: list[Result], runs: Runs, measured: Measured) -> str:
    repetitions = lambda workload: max(map(len, runs[workload].values()))
    workloads = [result.row.workload for result in results]
    texts = [run_of(measured[workload], repetitions(workload)) for workload in workloads]
    # The runs that the rows come from, each with a letter.
    letters = {text: chr(ord("A") + index) for index, text in enumerate(dict.fromkeys(texts))}
    lettered = [f"- {letter}: {text}" for text, letter in letters.items()]
    places = "\n".join(lettered if len(letters) > 1 else letters)
    reached = [v.is_reached for result in results for v in result.verdicts]
    return f"""# Benchmark results

Written by `make bench`; see [bench/README.md](../../bench/README.md) for what is measured and how. Medians of the
repetitions; ratios within one run are what counts, absolute times vary with the machine.

{places}

![CPU time per operation](chart.svg)

{sum(reached)} of {len(reached)} targets are reached.

{markdown_table(results, [letters[text] for text in texts])}

{notes(results)}
"""


def as_json(results: list[Result], runs: Runs, measured: Measured) -> str:
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
            "run": result.row.workload,
            "measured": measured[result.row.workload],
        }
        for result in results
    ]
    return json.dumps({"rows": rows, "runs": runs}, indent=1) + "\n"


def write(folder: Path, results: list[Result], runs: Runs, measured: Measured) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(as_json(results, runs, measured))
    (folder / "results.md").write_text(markdown(results, runs, measured))
    (folder / "chart.svg").write_text(draw(results))


def read(folder: Path) -> tuple[Runs, Measured]:
    """The runs that the results in a folder were made of, and where each was made."""
    results = json.loads((folder / "results.json").read_text())
    measured = {row["run"]: row["measured"] for row in results["rows"] if "run" in row}
    if "machine" in results:
        # Written before rows could come from several runs.
        measured = {workload: {name: results[name] for name in ("machine", "versions")} for workload in results["runs"]}
    return {workload: runs for workload, runs in results["runs"].items() if workload in measured}, measured
