// A page that uses every part of `campanile-sdk/react`. `hub`, `app`, `session` and `provider` come with the address;
// its rows come from `/rows` of its own site, also under another one of its addresses.

import { Campanile, Redirects, Refresher, Toaster, useEvent, useProvider, usePush, useSocket } from "campanile-sdk/react";
import { StrictMode, useCallback, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

const query = new URLSearchParams(location.search);
const rowsUrl = query.get("rows");

function Connection() {
  const { state, code, socket } = useSocket();
  const [messages, setMessages] = useState([]);
  const [pushes, setPushes] = useState([]);
  useEvent("message", (message) => setMessages((all) => [...all, message]));
  usePush((name, message) => setPushes((all) => [...all, `${name}=${message}`]));
  return (
    <section>
      <p id="state">{[state, code].filter(Boolean).join(" ")}</p>
      <p id="socket">{socket?.connected ? socket.id : ""}</p>
      <p id="messages">{messages.join(",")}</p>
      <p id="pushes">{pushes.join(",")}</p>
    </section>
  );
}

function Widget() {
  const [id, setId] = useState(query.get("provider") ?? "NOBODY");
  const [heard, setHeard] = useState([]);
  const [answer, setAnswer] = useState("");
  const { status, message, request } = useProvider(id, ({ data }) => setHeard((all) => [...all, data]));
  const ask = (cmd, data, options) =>
    request(cmd, data, options).then(({ result }) => setAnswer(`result ${result}`), ({ code }) => setAnswer(`error ${code}`));
  return (
    <section>
      <p id="provider">{`${id} ${status}`}</p>
      <p id="last">{message ? `${message.cmd} ${message.data}` : ""}</p>
      <p id="heard">{heard.join(",")}</p>
      <p id="answer">{answer}</p>
      <button onClick={() => ask("double_me", 21)}>Double 21</button>
      <button onClick={() => ask("silence", null, { timeoutMs: 50 })}>Be silent</button>
      <button onClick={() => setId("ANOTHER")}>Follow another</button>
    </section>
  );
}

function Rows() {
  const [rows, setRows] = useState([]);
  const [note, setNote] = useState("");
  const refresh = useCallback(async () => rowsUrl && setRows(await (await fetch(rowsUrl)).json()), []);
  useEffect(() => void refresh(), [refresh]);
  return (
    <section>
      <Refresher eventName="orders" onRefresh={refresh} delayMs={0} />
      <ol id="rows">{rows.map((row) => <li key={row}>{row}</li>)}</ol>
      <input value={note} onChange={(event) => setNote(event.target.value)} />
    </section>
  );
}

function Page() {
  const [sessionId, setSessionId] = useState(query.get("session") ?? undefined);
  const [refused, setRefused] = useState("");
  const navigate = query.has("router") ? (url) => history.pushState({}, "", url) : undefined;
  const onRedirect = (redirect) => ("refusal" in redirect ? setRefused(redirect.refusal) : undefined);
  return (
    <Campanile host={query.get("hub")} appId={query.get("app")} sessionId={sessionId}>
      <Connection />
      <Widget />
      <Rows />
      <p id="refused">{refused}</p>
      <button onClick={() => setSessionId(undefined)}>Log out</button>
      <Redirects navigate={navigate} onRedirect={onRedirect} />
      <Toaster position="bottom-right" toastOptions={{ duration: Infinity }} />
    </Campanile>
  );
}

createRoot(document.getElementById("root")).render(<StrictMode><Page /></StrictMode>);
