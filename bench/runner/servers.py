"""The servers that are measured, and how each is started. Knows no workload."""

import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent
ROOT = BENCH.parent

# Files that a server may have open: one per connection, and some.
OPEN_FILES = 20_000

START_TIMEOUT_S = 20


def release(target: Path, program: str) -> str:
    """A release binary, where cargo puts it."""
    return str(Path(os.environ.get("CARGO_TARGET_DIR", target)) / "release" / program)


@dataclass(frozen=True)
class Server:
    name: str
    label: str
    family: str
    # What follows the port on the command line, and what the environment says.
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, hub: str, port: int, sockets: int, data_dir: str) -> list[str]:
        match self.family:
            case "campanile":
                return [hub, "serve", "--listen", f"127.0.0.1:{port}", "--data-dir", data_dir]
            case "socketioxide":
                return [release(BENCH / "target", "peer-socketioxide"), str(port), *self.arguments]
            case "node":
                return ["node", str(BENCH / "peer-node" / "server.js"), str(port)]
            case _:
                return [release(BENCH / "target", "floor"), str(port), str(sockets), *self.arguments]


def hub(name: str, label: str, shards: int) -> Server:
    return Server(name, label, "campanile", environment={"CAMPANILE_SHARDS": str(shards)})


CAMPANILE = hub("campanile", "Campanile", 1)
CAMPANILE_2 = hub("campanile-2", "Campanile, two shards", 2)
SOCKETIOXIDE = Server("socketioxide", "socketioxide", "socketioxide", ("current",))
SOCKETIOXIDE_MT = Server("socketioxide-mt", "socketioxide, threads", "socketioxide", ("multi",))
NODE = Server("node", "Node", "node")
FLOOR = Server("floor", "write() loop", "floor", ("write",))
FLOOR_URING = Server("floor-uring", "io_uring loop", "floor", ("uring",))

ALL = (CAMPANILE, CAMPANILE_2, FLOOR, FLOOR_URING, SOCKETIOXIDE, SOCKETIOXIDE_MT, NODE)
PEERS = (SOCKETIOXIDE, SOCKETIOXIDE_MT, NODE)
FLOORS = (FLOOR, FLOOR_URING)


class Running:
    """A started server; a context manager that ends it."""

    def __init__(self, server: Server, hub_binary: str, port: int, sockets: int, cores: str):
        self.data_dir = tempfile.TemporaryDirectory(prefix="campanile-bench-")
        command = server.command(hub_binary, port, sockets, self.data_dir.name)
        limited = ["sh", "-c", f'ulimit -n {OPEN_FILES} && exec taskset -c {cores} "$@"', "sh", *command]
        environment = {**os.environ, **server.environment}
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(limited, env=environment, stdout=self.log, stderr=self.log)
        try:
            self.wait_until_ready(server, port)
        except Exception:
            self.end()
            raise

    def wait_until_ready(self, server: Server, port: int) -> None:
        # Asking the kernel instead of connecting: the floor counts its connections.
        give_up = time.monotonic() + START_TIMEOUT_S
        while not is_listening(port) or (server.family == "campanile" and not self.has_token()):
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"the server doesn't get ready: {self.output()}")
            time.sleep(0.02)

    def has_token(self) -> bool:
        """Whether the hub has made its administrator, whose token is the last thing that it writes."""
        token = Path(self.data_dir.name) / "cli.token"
        return token.exists() and token.stat().st_size > 0

    def output(self) -> str:
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-2000:]

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()
        self.data_dir.cleanup()

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_) -> None:
        self.end()


def is_listening(port: int) -> bool:
    listening = "0A"
    with open("/proc/net/tcp", encoding="ascii") as table:
        fields = [line.split() for line in table.readlines()[1:]]
    return any(f[1].endswith(f":{port:04X}") and f[3] == listening for f in fields)
