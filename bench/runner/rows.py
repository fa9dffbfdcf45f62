"""The rows of the table: which number of which workload, and what it must reach. Knows neither how servers are
started nor how a table looks."""

from dataclasses import dataclass
from statistics import median
from typing import Callable

Numbers = dict[str, float]
# By workload, by server: one entry per repetition.
Runs = dict[str, dict[str, list[Numbers]]]

LOWER, HIGHER = "lower", "higher"

OUTBOX_BYTES_MAX = 4 << 20

# What is called "unchanged within noise".
NOISE = 1.15

# What an allocator adds to what it was asked for.
ALLOCATOR = 1.25


@dataclass(frozen=True)
class Target:
    """A limit, on the number itself or on its ratio to what a family of servers reaches."""

    limit: float
    against: str | None = None


@dataclass(frozen=True)
class Row:
    name: str
    measure: str
    number: Callable[[Numbers], float | None]
    targets: tuple[Target, ...] = ()
    better: str = LOWER
    # The workload whose run it is taken from, where it isn't called the same.
    run: str | None = None
    subject: str = "campanile"
    digits: int = 2

    @property
    def workload(self) -> str:
        return self.run or self.name


def taken(name: str, scale: float = 1) -> Callable[[Numbers], float | None]:
    return lambda numbers: numbers[name] * scale if name in numbers else None


def grown(numerator: str, denominator: str) -> Callable[[Numbers], float]:
    return lambda numbers: numbers[numerator] / numbers[denominator]


def versus(floor: float | None = None, socketioxide: float | None = None, node: float | None = None):
    limits = {"floor": floor, "socketioxide": socketioxide, "node": node}
    return tuple(Target(limit, against) for against, limit in limits.items() if limit is not None)


CPU = taken("cpu_us_per_op")
PER_SECOND = taken("ops_per_second")

ROWS = (
    Row("broadcast-1k", "server CPU per delivery, µs", CPU, versus(1.15, 0.7, 0.6)),
    Row("broadcast-5k", "server CPU per delivery, µs", CPU, versus(1.15, 0.7, 0.5)),
    Row("burst8-1k", "server CPU per delivery, µs", CPU, versus(None, 0.75, 0.12)),
    Row("burst8-5k", "server CPU per delivery, µs", CPU, versus(None, 0.75, 0.12)),
    Row("request-100", "server CPU per round trip, µs", CPU, versus(None, 0.85, 0.6)),
    Row("request-100", "round trip p50, µs", taken("trip_p50_us"), digits=0),
    Row("request-100", "round trip p99, µs", taken("trip_p99_us"), digits=0),
    Row("ack-200", "server CPU per round trip, µs", CPU, versus(None, 0.85, 0.5)),
    Row("ack-200", "round trip p99, µs", taken("trip_p99_us"), versus(None, 0.3), digits=0),
    Row("idle-10k", "resident bytes per socket", taken("idle_bytes_per_socket"), (Target(2048),), digits=0),
    Row(
        "idle-10k",
        "resident bytes per socket after a broadcast and a rest",
        taken("after_broadcast_bytes_per_socket"),
        (Target(3072),),
        digits=0,
    ),
    Row(
        "storm-5k",
        "connects per server CPU second",
        taken("connects_per_cpu_second"),
        versus(None, 1.5, 7),
        HIGHER,
        digits=0,
    ),
    Row("drop-10k", "share that is back", taken("back_share"), (Target(1),), HIGHER),
    Row("drop-10k", "time until all are back, s", taken("seconds_to_all_back"), versus(None, 0.5)),
    Row(
        "slow-reader",
        "p99 of the others: with / without",
        grown("with_p99_us", "without_p99_us"),
        (Target(NOISE),),
    ),
    Row(
        "slow-reader",
        "memory that it costs, MiB",
        taken("memory_growth_bytes", 1 / (1 << 20)),
        (Target(ALLOCATOR * OUTBOX_BYTES_MAX / (1 << 20)),),
        digits=1,
    ),
    Row("slow-reader", "events missing without a word", taken("slow_gaps"), (Target(0),), digits=0),
    Row(
        "order",
        "of 600 batches, out of order",
        taken("out_of_order"),
        (Target(0),),
        subject="campanile-2",
        digits=0,
    ),
    Row(
        "flood-2000",
        "of 20,000 sent in one piece, missing",
        taken("pipelined_missing"),
        (Target(0),),
        digits=0,
    ),
    Row("flood-2000", "of 20,000 sent in one handler, missing", taken("handler_missing"), digits=0),
    Row(
        "first-5k",
        "time until the first of 5,000 has it, µs",
        taken("first_p50_us"),
        run="broadcast-5k",
        digits=0,
    ),
    Row("polling-1k", "server CPU per delivery, µs", CPU, versus(None, 0.6)),
    Row("push-user-10k", "server CPU per push, µs", CPU, versus(None, None, 1)),
    Row("push-user-10k", "pushes per second", PER_SECOND, better=HIGHER, digits=0),
    Row("push-user-10k", "request until event p50, µs", taken("event_p50_us"), digits=0),
    Row("push-user-10k", "request until event p99, µs", taken("event_p99_us"), digits=0),
    Row("push-user-10k", "request until answer p50, µs", taken("answer_p50_us"), digits=0),
    Row("push-user-10k", "request until answer p99, µs", taken("answer_p99_us"), digits=0),
    Row("push-all-5k", "server CPU per delivery, µs", CPU, versus(None, None, 0.6)),
    Row("writes", "objects changed per second", PER_SECOND, better=HIGHER, digits=0),
    Row("writes", "server CPU per change, µs", CPU, digits=0),
    Row("writes", "… with a scenario that pushes, per second", PER_SECOND, better=HIGHER, run="writes-ring", digits=0),
    Row("writes", "… with a scenario that pushes, server CPU, µs", CPU, run="writes-ring", digits=0),
    *(
        Row(f"ring-{rate}", f"change until event {quantile}, µs", taken(f"event_{quantile}_us"), digits=0)
        for rate in (100, 1000)
        for quantile in ("p50", "p99")
    ),
    Row("logins", "logins per second", PER_SECOND, better=HIGHER, digits=1),
    Row("logins", "server CPU per login, ms", taken("cpu_us_per_op", 1 / 1000), digits=1),
    Row("logins", "session checks per second", PER_SECOND, better=HIGHER, run="session-checks", digits=0),
    Row("logins", "server CPU per session check, µs", CPU, run="session-checks", digits=1),
    Row("two-shards", "deliveries per second, one thread", PER_SECOND, better=HIGHER, digits=0),
    Row(
        "two-shards",
        "deliveries per second, two threads",
        PER_SECOND,
        better=HIGHER,
        subject="campanile-2",
        digits=0,
    ),
)

# What has to be known beside a row's numbers, by its name.
NOTES = {
    "push-user-10k": "The hub checks the secret key, looks the user up in its database and has each push on disk before it "
    "answers; the event goes out before that. Node's peer keeps no users, no keys and no pushes: its answer is a "
    "number out of memory.",
    "push-all-5k": "As above: the hub commits each push, Node's peer stores nothing.",
    "writes": "A change is on disk when it is answered. With the scenario it is done when its push, of which the hub keeps a "
    "record, has arrived at the socket of the object's user.",
    "ring-1000": "Counted from when a change was due, until its push is at the socket: the change is committed, then the run "
    "that follows from it, then the push goes out.",
    "logins": "A login costs what argon2id with 19 MiB and 2 passes costs, which is the point of it; there are at most "
    "two at once, on one core here.",
}


@dataclass(frozen=True)
class Verdict:
    target: Target
    value: float
    is_reached: bool


@dataclass(frozen=True)
class Result:
    """A row with its numbers: medians by server, and what became of its targets."""

    row: Row
    medians: dict[str, float]
    verdicts: tuple[Verdict, ...]


def evaluate(row: Row, runs: Runs, families: dict[str, str]) -> Result | None:
    """The row's result; `None` if nothing was measured for it."""
    medians = {}
    for server, repetitions in runs.get(row.workload, {}).items():
        numbers = [n for n in map(row.number, repetitions) if n is not None]
        if numbers:
            medians[server] = median(numbers)
    if not medians:
        return None
    verdicts = [judge(row, target, medians, families) for target in row.targets]
    return Result(row, medians, tuple(verdict for verdict in verdicts if verdict is not None))


def judge(row: Row, target: Target, medians: dict[str, float], families: dict[str, str]) -> Verdict | None:
    value = medians.get(row.subject)
    if value is None:
        return None
    if target.against is not None:
        rival = rival_of(row, target.against, medians, families)
        if not rival:
            return None
        value /= rival
    return Verdict(target, value, value >= target.limit if row.better == HIGHER else value <= target.limit)


def rival_of(row: Row, family: str, medians: dict[str, float], families: dict[str, str]) -> float | None:
    """What a family reaches: the better of its variants. The floor is the plain loop, whatever io_uring reaches."""
    if family == "floor":
        return medians.get("floor")
    numbers = [number for server, number in medians.items() if families[server] == family]
    return (max if row.better == HIGHER else min)(numbers, default=None)
