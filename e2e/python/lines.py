"""The line protocol between a test and a Python peer: one JSON object per line, commands on stdin, reports on stdout.

Bytes travel as {"$bytes": "<base64>"}, integers that JavaScript can't hold as {"$integer": "<digits>"}. This module
knows nothing about Socket.IO.

Commands: {"op": "connect"}, {"op": "disconnect"}, {"op": "emit", "event", "payload"},
          {"op": "ask", "id", "event", "payload"}
Reports:  {"on": "connect", "id", "transport"}, {"on": "disconnect"}, {"on": "event", "event", "payload"},
          {"on": "ack", "id", "payload"}
"""

import base64
import json
import queue
import sys
import threading

_EXACT_MAX = 2**53 - 1  # of JavaScript's numbers
_reports = queue.SimpleQueue()


def report(**fields):
    # Printing here would block and let another thread's report overtake this one.
    _reports.put(json.dumps(_to_json(fields)))


def _print_reports():
    while True:
        print(_reports.get(), flush=True)


threading.Thread(target=_print_reports, daemon=True).start()


def parse(line):
    return json.loads(line, object_hook=_from_json)


def target():
    """The arguments of every peer: the hub's URL and the transports, separated by commas."""
    return sys.argv[1], sys.argv[2].split(",")


def _to_json(value):
    match value:
        case dict():
            return {key: _to_json(each) for key, each in value.items()}
        case list():
            return [_to_json(each) for each in value]
        case bytes():
            return {"$bytes": base64.b64encode(value).decode()}
        case int() if abs(value) > _EXACT_MAX:
            return {"$integer": str(value)}
        case _:
            return value


def _from_json(value):
    match value:
        case {"$bytes": text}:
            return base64.b64decode(text)
        case {"$integer": digits}:
            return int(digits)
        case _:
            return value
