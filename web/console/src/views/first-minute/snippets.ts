// Programs to copy, which already have this hub's address and the app's key.

/** The path that the hub serves Socket.IO under. */
export const SOCKETIO_PATH = document.documentElement.dataset.socketioPath ?? "/socket.io/";

const isUsual = SOCKETIO_PATH === "/socket.io/";

export interface Snippet {
  title: string;
  code: string;
}

export function snippets(url: string, key: string): Snippet[] {
  const parts = [!isUsual && `path: ${JSON.stringify(SOCKETIO_PATH)}`, key && `auth: { app_id: ${JSON.stringify(key)} }`].filter(Boolean);
  const options = parts.length > 0 ? `, { ${parts.join(", ")} }` : "";
  return [
    { title: "Browser", code: browser(url, options) },
    { title: "React", code: react(url, options) },
    { title: "Python", code: python(url, key) },
  ];
}

const browser = (url: string, options: string) => `<script src="${url}${SOCKETIO_PATH}socket.io.min.js"></script>
<script>
  const socket = io("${url}"${options});
  socket.on("connect", () => console.log("connected"));
  socket.on("alert", (message) => alert(message));
</script>`;

const react = (url: string, options: string) => `// npm install socket.io-client
import { useEffect } from "react";
import { io } from "socket.io-client";

export function useAlert(onAlert) {
  useEffect(() => {
    const socket = io("${url}"${options});
    socket.on("alert", onAlert);
    return () => socket.disconnect();
  }, [onAlert]);
}`;

const python = (url: string, key: string) => `# pip install "python-socketio[client]"
import socketio

hub = socketio.Client()

@hub.on("alert")
def alert(message):
    print("Ding dong:", message)

hub.connect("${url}"${key && `, auth={"app_id": "${key}"}`}${isUsual ? "" : `, socketio_path="${SOCKETIO_PATH}"`})
hub.wait()`;
