// Server-sent events out of a stream of bytes. Knows the format, and nothing of what is sent.

export interface ServerEvent {
  event: string;
  data: string;
}

export type Bytes = Uint8Array<ArrayBuffer>;

/** Reads a stream to its end. Comments keep a connection alive and say nothing. */
export async function* eventsOf(bytes: ReadableStream<Bytes>): AsyncGenerator<ServerEvent> {
  let event = "message";
  let data: string[] = [];
  for await (const line of linesOf(bytes)) {
    if (line !== "") {
      const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line)!;
      if (field === "event") event = value!;
      if (field === "data") data.push(value!);
      continue;
    }
    if (data.length > 0) yield { event, data: data.join("\n") };
    event = "message";
    data = [];
  }
}

async function* linesOf(bytes: ReadableStream<Bytes>): AsyncGenerator<string> {
  const reader = bytes.pipeThrough(new TextDecoderStream()).getReader();
  let pieces: string[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = value.split("\n");
    while (lines.length > 1) {
      pieces.push(lines.shift()!);
      yield pieces.join("").replace(/\r$/, "");
      pieces = [];
    }
    pieces.push(lines[0]!);
  }
}
