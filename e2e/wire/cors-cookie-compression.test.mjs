// The headers that flags turn on: CORS and its refusals, the session cookie, compression of polling answers.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dialRaw } from "./raw.mjs";
import { beyondReference, dial, isRefused, openPolling, openWebSocket, requestOnce, startServer } from "./support.mjs";

const OURS = "https://app.example";
const FOREIGN = [
  "https://evil.example",
  "http://app.example",
  "https://app.example.evil.example",
  "https://app.example:8443",
  "null",
];

const plain = await startServer();
const listed = await startServer("--cors", OURS, "--cookie");
const open = await startServer("--cors", "*");
const echo = await startServer("--engine-only");

const from = (origin) => ({ headers: { origin } });

/** The CORS headers of a response, without their prefix. */
const corsOf = ({ headers }) =>
  Object.fromEntries(
    [...headers].flatMap(([name, value]) => (name.startsWith("access-control-") ? [[name.slice(15), value]] : [])),
  );

describe("without CORS", () => {
  it("no header is sent and nobody is refused", async () => {
    const response = await plain.get({}, from(FOREIGN[0]));
    assert.equal(response.status, 200);
    assert.deepEqual(corsOf(response), {});
    await dial(plain, from(FOREIGN[0]));
  });

  it("a preflight is no handshake", async () => {
    await isRefused(await requestOnce(plain, {}, { method: "OPTIONS", ...from(OURS) }), 2, "Bad handshake method");
  });
});

describe("with a list of origins", () => {
  it("a page of the list may read every answer", async () => {
    const opened = await listed.get({}, from(OURS));
    const { sid } = JSON.parse((await opened.text()).slice(1));
    const posted = await listed.post({ sid }, "40", from(OURS));
    const polled = await listed.get({ sid }, from(OURS));
    const refused = await listed.get({ sid: "unknown" }, from(OURS));
    assert.deepEqual(
      [opened, posted, polled, refused].map(({ status }) => status),
      [200, 200, 200, 400],
    );
    for (const response of [opened, posted, polled, refused]) {
      assert.equal(corsOf(response)["allow-origin"], OURS);
      assert.match(response.headers.get("vary"), /\bOrigin\b/i);
    }
  });

  it("a preflight is answered with 204", async () => {
    const headers = {
      origin: OURS,
      "access-control-request-method": "POST",
      "access-control-request-headers": "x-token",
    };
    const response = await requestOnce(listed, {}, { method: "OPTIONS", headers });
    assert.equal(response.status, 204);
    const cors = corsOf(response);
    assert.equal(cors["allow-origin"], OURS);
    assert.match(cors["allow-methods"], /\bPOST\b/);
    assert.match(cors["allow-headers"], /\bx-token\b/i);
  });

  it("a page of the list may open a WebSocket", async () => {
    await openWebSocket(listed, from(OURS));
  });

  it("who sends no Origin is no page and let in", async () => {
    assert.equal((await listed.get()).status, 200);
    await openWebSocket(listed);
  });

  for (const origin of FOREIGN) {
    it(`the origin ${origin} is never allowed`, async () => {
      const response = await listed.get({}, from(origin));
      assert.notEqual(corsOf(response)["allow-origin"], origin);
      assert.notEqual(corsOf(response)["allow-origin"], "*");
    });

    it(
      `the origin ${origin} is refused on polling and WebSocket`,
      beyondReference("leaves it to the browser"),
      async () => {
        await isRefused(await listed.get({}, from(origin)), 4, "Forbidden", 403);
        const { sid } = await openPolling(listed);
        assert.equal((await listed.post({ sid }, "40", from(origin))).status, 403);
        await assert.rejects(dial(listed, from(origin)), ({ status }) => [400, 403].includes(status));
        await assert.rejects(dial(listed, { fields: { sid }, ...from(origin) }), ({ status }) =>
          [400, 403].includes(status),
        );
      },
    );
  }
});

describe("with every origin", () => {
  for (const origin of [...FOREIGN, undefined]) {
    it(`${origin} may read, but not with credentials`, async () => {
      const response = await open.get({}, origin && from(origin));
      assert.equal(response.status, 200);
      const cors = corsOf(response);
      assert.equal(cors["allow-origin"], "*");
      assert.equal(cors["allow-credentials"], undefined);
      await openWebSocket(open, origin && from(origin));
    });
  }
});

describe("the cookie", () => {
  it("comes with the handshake over polling and never again", async () => {
    const response = await listed.get();
    const { sid } = JSON.parse((await response.text()).slice(1));
    assert.equal(response.headers.get("set-cookie"), `io=${sid}; Path=/; HttpOnly; SameSite=Lax`);
    const posted = await listed.post({ sid }, "40");
    const polled = await listed.get({ sid });
    assert.equal(posted.headers.get("set-cookie"), null);
    assert.equal(polled.headers.get("set-cookie"), null);
  });

  it("is not sent unless it is wanted", async () => {
    assert.equal((await plain.get()).headers.get("set-cookie"), null);
    assert.equal((await dialRaw(plain)).response.headers["set-cookie"], undefined);
  });
});

describe("the compression of polling answers", () => {
  /** The answer to a poll for `length` bytes. */
  async function poll(length, encodings) {
    const { sid } = await openPolling(echo);
    const packet = "4".padEnd(length, "x");
    await echo.post({ sid }, packet);
    const response = await echo.get({ sid }, { headers: { "accept-encoding": encodings } });
    assert.equal(await response.text(), packet);
    return response.headers.get("content-encoding");
  }

  const cases = [
    [1024, "gzip", "gzip"],
    [1024, "deflate", "deflate"],
    [1024, "gzip, deflate, br", "gzip"],
    [100_000, "gzip", "gzip"],
    [1023, "gzip", null],
    [1024, "identity", null],
    [1024, "br", null],
    [1024, "gzip;q=0", null],
    [1024, "gzip;q=0, deflate", "deflate"],
  ];
  for (const [length, encodings, expected] of cases) {
    it(`of ${length} bytes for \`${encodings}\` is ${expected}`, async () => {
      assert.equal(await poll(length, encodings), expected);
    });
  }
});

describe("the compression of WebSocket messages", () => {
  it("is off", async () => {
    const { response } = await dialRaw(echo, {
      headers: ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"],
    });
    assert.equal(response.status, 101);
    assert.equal(response.headers["sec-websocket-extensions"], undefined);
  });
});
