// A front end as users of the platform write them: logs in with the published client, connects with the stock one, and
// shows what is pushed. Without `hub` in the address it talks to its own origin, where a proxy knows the app's key.

import Directual from "directual-api";
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { io } from "socket.io-client";

const query = new URLSearchParams(location.search);
const [hub, appID] = [query.get("hub"), query.get("app")];
const client = new Directual(hub ? { apiHost: hub, appID } : { apiHost: "/" });
const socket = io(hub ?? "", { autoConnect: false });

const appKey = async () => appID ?? (await (await fetch("/appid")).json()).APP_ID;

/** Who is logged in; a session of an earlier visit is taken up again when it still holds. */
function useUser() {
  const [user, setUser] = useState(null);
  const [failure, setFailure] = useState("");
  const enter = ({ username, role, sessionID }) => {
    localStorage.setItem("sid", sessionID);
    setFailure("");
    setUser({ username, role, sessionID });
  };
  useEffect(() => {
    client.auth.isAuthorize(localStorage.getItem("sid") ?? "", (valid, token) => valid && enter(token));
  }, []);
  const logIn = (name, password) =>
    client.auth.login(name, password).then(enter, (error) => setFailure(error.response?.data?.msg ?? error.message));
  const logOut = async () => {
    await client.auth.logout(user.sessionID);
    localStorage.removeItem("sid");
    setUser(null);
  };
  return { user, failure, logIn, logOut };
}

/** The socket of this session: its state, every event, and the last message. */
function usePushes(sessionID) {
  const [state, setState] = useState("offline");
  const [events, setEvents] = useState([]);
  const [message, setMessage] = useState("");
  useEffect(() => {
    let current = true;
    const listeners = {
      connect: () => setState("connected"),
      disconnect: (reason) => setState(reason),
      connect_error: (error) => setState(error.data?.code ?? error.message),
      message: setMessage,
    };
    const onAny = (name, args) => setEvents((all) => [...all, `${name}: ${JSON.stringify(args)}`]);
    socket.onAny(onAny);
    for (const [name, listener] of Object.entries(listeners)) socket.on(name, listener);
    appKey().then((app_id) => {
      if (!current || !sessionID) return;
      socket.auth = { app_id, session_id: sessionID };
      socket.connect();
    });
    return () => {
      current = false;
      socket.offAny(onAny);
      for (const [name, listener] of Object.entries(listeners)) socket.off(name, listener);
      socket.disconnect();
    };
  }, [sessionID]);
  return { state, events, message };
}

function LogIn({ logIn, failure }) {
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    logIn(form.get("user"), form.get("password"));
  };
  return (
    <form onSubmit={submit}>
      <input name="user" />
      <input name="password" type="password" />
      <button>Log in</button>
      <p id="failure">{failure}</p>
    </form>
  );
}

function Page() {
  const { user, failure, logIn, logOut } = useUser();
  const { state, events, message } = usePushes(user?.sessionID);
  return (
    <main>
      {user ? <p id="user">{`${user.username} (${user.role})`}</p> : <LogIn logIn={logIn} failure={failure} />}
      {user && <button onClick={logOut}>Log out</button>}
      <p id="state">{state}</p>
      <p id="message">{message}</p>
      <ol id="events">{events.map((text, at) => <li key={at}>{text}</li>)}</ol>
    </main>
  );
}

createRoot(document.getElementById("root")).render(<StrictMode><Page /></StrictMode>);
