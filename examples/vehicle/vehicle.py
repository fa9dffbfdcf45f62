"""A vehicle whose battery runs down: a provider that broadcasts a signal and is asked where it is.

    python vehicle.py --app KEY

It broadcasts `{"cmd": "signal", "data": {"name": "battery", "value": 25}}`, one per cent less each time, and answers
`position`. It knows nothing of users and of scenarios: what a low battery means is the hub's business.
"""

import argparse

import socketio

FULL = 25
EMPTY = 15


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A vehicle whose battery runs down.")
    parser.add_argument("--hub", default="http://127.0.0.1:4100", help="where the hub is")
    parser.add_argument("--app", required=True, help="an API key of the app")
    parser.add_argument("--id", default="VAN-1", help="the provider id")
    parser.add_argument("--interval", type=float, default=1.0, help="seconds between two signals")
    return parser.parse_args()


def main() -> None:
    given = options()
    vehicle = socketio.Client()

    @vehicle.on("new_request")
    def answer(request: dict) -> None:
        if request.get("cmd") == "position":
            vehicle.emit("provider_reply", {**request, "result": "Brig, Bahnhofstrasse"})

    vehicle.connect(given.hub, auth={"app_id": given.app}, wait_timeout=10)
    vehicle.call("register_provider", {"provider_id": given.id, "name": "A van"})
    print(f"driving as {given.id} at {given.hub}", flush=True)
    for battery in range(FULL, EMPTY - 1, -1):
        vehicle.emit("send_to_all_clients", {"cmd": "signal", "data": {"name": "battery", "value": battery}})
        vehicle.sleep(given.interval)
    vehicle.wait()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
