"""What the load generator is asked to do, and with which servers on which cores. Knows no target."""

from dataclasses import dataclass, field, replace

from .servers import CAMPANILE, CAMPANILE_2, FLOORS, NODE, PEERS, SOCKETIOXIDE, SOCKETIOXIDE_MT, Server


@dataclass(frozen=True)
class Workload:
    name: str
    # The generator's name for it, and its numbers.
    command: str
    numbers: dict[str, int]
    servers: tuple[Server, ...] = (CAMPANILE, *PEERS)
    server_cores: str = "0"
    generator_cores: str = "1"
    # Numbers for some servers only.
    extra: dict[str, dict[str, int]] = field(default_factory=dict)

    def arguments(self, server: Server) -> list[str]:
        command = "floor" if server.family == "floor" else self.command
        numbers = {**self.numbers, **self.extra.get(server.name, {})}
        return [command, *(word for name, number in numbers.items() for word in (f"--{name}", str(number)))]

    def quick(self) -> "Workload":
        """The same so small that it only shows that everything works."""
        small = {"sockets": 10, "rounds": 5, "seconds": 3, "rest": 30, "batches": 10, "pairs": 10, "users": 10}
        return replace(self, numbers={n: max(1, v // small.get(n, 1)) for n, v in self.numbers.items()})


def broadcast(name: str, sockets: int, burst: int) -> Workload:
    numbers = {"sockets": sockets, "burst": burst, "seconds": 3}
    return Workload(name, "broadcast", numbers, (CAMPANILE, *FLOORS, *PEERS))


WORKLOADS = (
    broadcast("broadcast-1k", 1000, 1),
    broadcast("broadcast-5k", 5000, 1),
    broadcast("burst8-1k", 1000, 8),
    broadcast("burst8-5k", 5000, 8),
    Workload("request-100", "requests", {"pairs": 100, "seconds": 3}),
    Workload("ack-200", "acks", {"sockets": 200, "seconds": 3}),
    Workload("idle-10k", "idle", {"sockets": 10_000, "rest": 60}),
    Workload("storm-5k", "storm", {"sockets": 5000}),
    Workload("drop-10k", "comeback", {"sockets": 10_000}),
    Workload("slow-reader", "slow-reader", {"sockets": 1000, "bytes": 8000, "rounds": 1500}),
    Workload(
        "order",
        "order",
        {"batches": 100},
        (CAMPANILE_2, *PEERS),
        server_cores="0,1",
        generator_cores="0,1",
        # Its ids say on which shard a client is, so that receivers on both can be asked for.
        extra={"campanile-2": {"shards": 2}},
    ),
    Workload(
        "flood-2000",
        "burst",
        {"sockets": 10, "events": 2000},
        extra={peer.name: {"handler": 1} for peer in PEERS},
    ),
    Workload("polling-1k", "polling", {"sockets": 1000, "seconds": 3}),
    Workload("push-user-10k", "push-user", {"sockets": 10_000, "callers": 16, "seconds": 3}, (CAMPANILE, NODE)),
    Workload("push-all-5k", "push-all", {"sockets": 5000, "seconds": 3}, (CAMPANILE, NODE)),
    Workload("writes", "changes", {"sockets": 1000, "callers": 64, "seconds": 3}, (CAMPANILE,)),
    Workload("writes-ring", "changes", {"sockets": 1000, "callers": 64, "seconds": 3, "scenario": 1}, (CAMPANILE,)),
    *(
        Workload(
            f"ring-{rate}",
            "changes",
            {"sockets": 1000, "callers": 128, "seconds": 5, "scenario": 1, "rate": rate},
            (CAMPANILE,),
        )
        for rate in (100, 1000)
    ),
    # A login takes a while by design, so it takes longer until there are enough of them.
    Workload("logins", "logins", {"users": 200, "callers": 16, "seconds": 6}, (CAMPANILE,)),
    Workload("session-checks", "session-checks", {"users": 200, "callers": 16, "seconds": 3}, (CAMPANILE,)),
    Workload(
        "two-shards",
        "broadcast",
        {"sockets": 1000, "burst": 1, "seconds": 3},
        (CAMPANILE, CAMPANILE_2, SOCKETIOXIDE, SOCKETIOXIDE_MT),
        server_cores="0,1",
        generator_cores="0,1",
    ),
)
