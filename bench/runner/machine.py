"""Where and what was measured: the machine, and versions."""

import json
import os
import platform
import re
import subprocess
import tempfile
import tomllib
from datetime import datetime, timezone
from pathlib import Path

from .servers import BENCH, ROOT


# The machine and the versions, as text by name.
Facts = dict[str, dict[str, str]]


def describe(hub_binary: str) -> Facts:
    return {"machine": machine(), "versions": versions(hub_binary)}


def machine() -> dict[str, str]:
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    return {
        "cpu": cpu.group(1) if cpu else platform.processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{int(memory.group(1)) / (1 << 20):.0f} GiB" if memory else "unknown",
        "kernel": platform.release(),
        # Where the hub's data folder is while it is measured: a commit waits for it.
        "data_on": first_line(["stat", "--file-system", "--format=%T", tempfile.gettempdir()]),
        "measured": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "load_at_start": f"{os.getloadavg()[0]:.2f}",
    }


def versions(hub_binary: str) -> dict[str, str]:
    return {
        "campanile": first_line([hub_binary, "--version"]),
        "revision": first_line(["git", "-C", str(ROOT), "describe", "--always", "--dirty"]),
        "rustc": first_line(["rustc", "--version"]),
        "socketioxide": crate("socketioxide"),
        "axum": crate("axum"),
        "node": first_line(["node", "--version"]),
        "socket.io": package("socket.io"),
        "ws": package("ws"),
    }


def first_line(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[0]
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def crate(name: str) -> str:
    packages = tomllib.loads((BENCH / "Cargo.lock").read_text())["package"]
    return next(package["version"] for package in packages if package["name"] == name)


def package(name: str) -> str:
    lock = json.loads((BENCH / "peer-node" / "package-lock.json").read_text())
    return lock["packages"][f"node_modules/{name}"]["version"]
