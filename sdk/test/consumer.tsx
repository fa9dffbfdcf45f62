// A consumer as the compiler sees it: what has to be right compiles, and what has to be wrong doesn't. Never run.

import { CampanileError, connect, followRedirects, parseRedirect } from "campanile-sdk";
import "campanile-sdk/elements";
import { Campanile, Refresher, Toaster, useEvent, useProvider, useSocket } from "campanile-sdk/react";

const app = connect<{ order: { id: number }; note: string }>({ host: "https://hub.example" });
app.on("order", ({ id }) => id.toFixed());
// @ts-expect-error nobody pushes that
app.on("odrer", () => {});
// @ts-expect-error a note is a text
app.on("note", (note: number) => note);

const reply = await app.provider("X").request<number>("read", null, { timeoutMs: 5 });
reply.result.toFixed();
try {
  await app.request("X", "read");
} catch (error) {
  if (error instanceof CampanileError && error.code === "provider_offline") app.close();
}

followRedirects(app, { navigate: (url) => url.length });
const redirect = parseRedirect("../", "https://site.example/a/b");
if ("url" in redirect) redirect.url.length;
// @ts-expect-error it may have been refused
else redirect.url;

document.querySelector("campanile-refresher")?.refresh();
document.querySelector("campanile-app")?.app?.onRefresh("orders", () => {});

export function Page() {
  const { state, socket } = useSocket();
  const { status, request } = useProvider("X", ({ cmd }) => cmd);
  useEvent<{ id: number }>("order", ({ id }) => id.toFixed());
  return (
    <Campanile host="https://hub.example" appId={undefined}>
      <Toaster position="top-right" closeLabel="Schließen" gutter={4} />
      <Refresher eventName="orders" onRefresh={async () => request("read")} />
      {/* @ts-expect-error it needs to know what to do */}
      <Refresher eventName="orders" />
      {`${state} ${socket?.id} ${status}`}
    </Campanile>
  );
}
