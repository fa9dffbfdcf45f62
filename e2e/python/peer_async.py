"""A peer on python-socketio's asyncio client, driven over the lines of `lines.py`."""

import asyncio
import sys

import socketio

from lines import parse, report, target

url, transports = target()
client = socketio.AsyncClient(handle_sigint=False)


@client.event
async def connect():
    report(on="connect", id=client.get_sid(), transport=client.transport())


@client.event
async def disconnect(reason):
    report(on="disconnect")


@client.on("*")
async def any_event(event, payload=None):
    report(on="event", event=event, payload=payload)


async def ask(id, event, payload):
    await client.emit(event, payload, callback=lambda answer=None: report(on="ack", id=id, payload=answer))


async def leave():
    # Told to disconnect while a POST is on its way, the client over polling never says so to the hub.
    await client.eio.queue.join()
    await client.disconnect()


async def obey(command):
    match command["op"]:
        case "connect":
            await client.connect(url, transports=transports)
        case "disconnect":
            await leave()
        case "emit":
            await client.emit(command["event"], command["payload"])
        case "ask":
            await ask(command["id"], command["event"], command["payload"])


async def main():
    lines = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        await obey(parse(line))


asyncio.run(main())
