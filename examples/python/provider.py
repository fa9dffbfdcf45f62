"""A provider in Python: it counts a speed up for everybody who follows, and doubles numbers for whoever asks.

    python provider.py [--hub http://127.0.0.1:4100] [--id PYTHON-CLIENT-SAMPLE]

It knows the hub's events and nothing of who is on the other side. When the connection is lost, the Socket.IO client
dials again by itself; `connect` runs each time, so the provider is registered again as well.
"""

import argparse
import threading
import time

import socketio

SPEEDS = range(10)
SECONDS_BETWEEN_SPEEDS = 1
SECONDS_BETWEEN_DIALS = 1

arguments = argparse.ArgumentParser(description="A sample provider for a Campanile hub.")
arguments.add_argument("--hub", default="http://127.0.0.1:4100", help="URL of the hub (default: %(default)s)")
arguments.add_argument("--id", default="PYTHON-CLIENT-SAMPLE", help="provider id to register (default: %(default)s)")
options = arguments.parse_args()

hub = socketio.Client(reconnection_delay=SECONDS_BETWEEN_DIALS, reconnection_delay_max=5)
run = threading.Lock()


@hub.event
def connect():
    hub.emit("register_provider", {"provider_id": options.id, "name": "Python sample"}, callback=registered)


def registered(answer):
    if error := answer.get("error"):
        print(f"not registered: {error['message']}", flush=True)
    else:
        print(f"serving {options.id} at {options.hub}", flush=True)


@hub.event
def disconnect(reason):
    print(f"connection lost: {reason}", flush=True)


@hub.on("new_request")
def new_request(request):
    # A request says what is wanted and from whom; without either there is nothing to answer.
    if not isinstance(request, dict) or "cmd" not in request or "request_from" not in request:
        return
    match request["cmd"]:
        case "Start":
            reply(request, "Started")
            broadcast_speeds()
        case "double_me":
            reply(request, double(request.get("data")))
        case unknown:
            reply(request, f"cmd {unknown} is not supported")


def reply(request, result):
    """Echoes the request, which is how the hub knows the requester, and adds the result."""
    hub.emit("provider_reply", {**request, "result": result})


def double(data):
    # bool is a kind of int in Python; twice True would be 2.
    is_number = isinstance(data, (int, float)) and not isinstance(data, bool)
    return data * 2 if is_number else "double_me needs a number"


def broadcast_speeds():
    # Whoever presses Start during a run follows that run; a second one would mix its speeds with the first's.
    if not run.acquire(blocking=False):
        return
    try:
        for speed in SPEEDS:
            hub.emit("sent_to_my_clients", {"provider_id": options.id, "cmd": "showSpeed", "data": speed})
            time.sleep(SECONDS_BETWEEN_SPEEDS)
    except socketio.exceptions.SocketIOError:
        pass  # The connection is gone and the run with it; the next Start begins a new one.
    finally:
        run.release()


try:
    # `retry` keeps dialling when the hub isn't up yet.
    hub.connect(options.hub, retry=True)
    hub.wait()
except KeyboardInterrupt:
    hub.disconnect()
