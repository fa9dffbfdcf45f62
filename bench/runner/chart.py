"""The chart: CPU time per operation, one small panel of bars per workload. Writes SVG by itself and follows
the reader's light or dark setting."""

from html import escape

from .rows import CPU, Result

BARS = (
    ("campanile", "Campanile", "hub"),
    ("floor", "write() loop", "floor"),
    ("socketioxide", "socketioxide", "peer"),
    ("node", "Node socket.io", "peer"),
)

TITLES = {
    "broadcast-1k": "Broadcast to 1,000",
    "broadcast-5k": "Broadcast to 5,000",
    "burst8-1k": "Bursts of 8 to 1,000",
    "burst8-5k": "Bursts of 8 to 5,000",
    "request-100": "Request and reply, 100 pairs",
    "ack-200": "Event with ack, 200 sockets",
    "polling-1k": "Long-polling broadcast to 1,000",
    "push-user-10k": "Push to one of 10,000, stored by Campanile only",
    "push-all-5k": "Push to all of 5,000",
}

PANEL_WIDTH, PANEL_GAP, COLUMNS = 400, 40, 2
LABEL_WIDTH, VALUE_WIDTH = 110, 60
BAR_HEIGHT, BAR_STEP = 14, 22
PANEL_HEIGHT = 36 + BAR_STEP * len(BARS) + 16
HEAD_HEIGHT = 64

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #57606a }
.title { font-size: 17px; font-weight: 600; fill: #1f2328 }
.panel { font-size: 13px; font-weight: 600; fill: #1f2328 }
.value { font-variant-numeric: tabular-nums; fill: #1f2328 }
.hub { fill: #1769aa } .floor { fill: #8c959f } .peer { fill: #c9814a }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1 } .title, .panel, .value { fill: #f0f6fc }
  .hub { fill: #58a6ff } .floor { fill: #6e7681 } .peer { fill: #d29564 }
}
"""


def draw(results: list[Result]) -> str:
    panels = [result for result in results if result.row.number is CPU and result.row.name in TITLES]
    lines = -(-len(panels) // COLUMNS)
    width = COLUMNS * PANEL_WIDTH + (COLUMNS + 1) * PANEL_GAP
    height = HEAD_HEIGHT + lines * PANEL_HEIGHT
    drawn = "".join(panel(result, *place(index)) for index, result in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="Server CPU time per operation">\n<style>{STYLE}</style>\n'
        f'<text class="title" x="{PANEL_GAP}" y="32">Server CPU per operation</text>\n'
        f'<text x="{PANEL_GAP}" y="50">microseconds, shorter is better</text>\n{drawn}</svg>\n'
    )


def place(index: int) -> tuple[int, int]:
    column, line = index % COLUMNS, index // COLUMNS
    return PANEL_GAP + column * (PANEL_WIDTH + PANEL_GAP), HEAD_HEIGHT + line * PANEL_HEIGHT


def panel(result: Result, x: int, y: int) -> str:
    bars = [(label, kind, value(result, server)) for server, label, kind in BARS]
    bars = [(label, kind, number) for label, kind, number in bars if number is not None]
    longest = max(number for *_, number in bars)
    scale = (PANEL_WIDTH - LABEL_WIDTH - VALUE_WIDTH) / longest
    drawn = "".join(
        bar(label, kind, number, number * scale, x, y + 36 + index * BAR_STEP)
        for index, (label, kind, number) in enumerate(bars)
    )
    return f'<text class="panel" x="{x}" y="{y + 22}">{escape(TITLES[result.row.name])}</text>\n{drawn}'


def value(result: Result, server: str) -> float | None:
    """A server's number; of socketioxide's variants the better one."""
    variants = (result.medians.get(server), result.medians.get(f"{server}-mt"))
    return min((number for number in variants if number is not None), default=None)


def bar(label: str, kind: str, number: float, length: float, x: int, y: int) -> str:
    start, base = x + LABEL_WIDTH, y + BAR_HEIGHT - 3
    return (
        f'<text x="{x}" y="{base}">{escape(label)}</text>'
        f'<rect class="{kind}" x="{start}" y="{y}" width="{length:.1f}" height="{BAR_HEIGHT}" rx="2"/>'
        f'<text class="value" x="{start + length + 6:.1f}" y="{base}">{number:.2f}</text>\n'
    )
