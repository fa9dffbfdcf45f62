"""A peer on python-socketio's synchronous client, driven over the lines of `lines.py`."""

import sys

import socketio

from lines import parse, report, target

# The synchronous client hands each incoming message to a thread of its own. Threads that give way only when they
# block run in the order in which they were started, so that a test can look at the order of messages.
sys.setswitchinterval(60)

url, transports = target()
client = socketio.Client(handle_sigint=False)


@client.event
def connect():
    report(on="connect", id=client.get_sid(), transport=client.transport())


@client.event
def disconnect(reason):
    report(on="disconnect")


@client.on("*")
def any_event(event, payload=None):
    report(on="event", event=event, payload=payload)


def ask(id, event, payload):
    client.emit(event, payload, callback=lambda answer=None: report(on="ack", id=id, payload=answer))


def leave():
    # Told to disconnect while a POST is on its way, the client over polling never says so to the hub.
    client.eio.queue.join()
    client.disconnect()


def obey(command):
    match command["op"]:
        case "connect":
            client.connect(url, transports=transports)
        case "disconnect":
            leave()
        case "emit":
            client.emit(command["event"], command["payload"])
        case "ask":
            ask(command["id"], command["event"], command["payload"])


for line in sys.stdin:
    obey(parse(line))
