// Follows a provider on the bridge: shows the speeds that it broadcasts, and asks it to start and to double a number.

const HUB = "{{hub}}";
const PROVIDER_ID = "PYTHON-CLIENT-SAMPLE";

const loadScript = (boxWindow, url) =>
  new Promise((resolve, reject) => {
    const script = boxWindow.document.createElement("script");
    script.src = url;
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", () => reject(new Error(`${url} did not load`)));
    boxWindow.document.head.append(script);
  });

const PAGE = `
  <style>
    :root { color-scheme: light dark; font: 16px/1.4 system-ui, sans-serif; }
    main { box-sizing: border-box; height: 100%; padding: 1rem; display: grid; grid-template-rows: auto 1fr auto auto; gap: .5rem; }
    #state { margin: 0; color: light-dark(#596171, #a3adbd); font-size: .8125rem; overflow-wrap: anywhere; }
    #speed { place-self: center; font-size: 3.5rem; font-weight: 650; line-height: 1; font-variant-numeric: tabular-nums; }
    form { display: flex; flex-wrap: wrap; gap: .5rem; margin: 0; }
    input { width: 4.5rem; }
    input, button { font: inherit; font-size: .875rem; padding: .3rem .75rem; border: 1px solid light-dark(#8a8172, #6b7b95); border-radius: .5rem; background: none; color: inherit; }
    button { cursor: pointer; }
    #reply { min-height: 1.4em; font-size: .875rem; overflow-wrap: anywhere; }
  </style>
  <main>
    <p id="state" role="status">connecting</p>
    <output id="speed" aria-label="Speed">–</output>
    <form>
      <button type="button" id="start">Start</button>
      <input id="number" type="number" value="21" aria-label="A number to double">
      <button>Double it</button>
    </form>
    <output id="reply" aria-label="Reply"></output>
  </main>`;

const plugin = ({ widgets, simulator, vehicle }) => {
  let request = () => {
    throw new Error("No widget of this plugin is on the dashboard.");
  };

  widgets.register("Client", async (box) => {
    box.injectHTML(PAGE);
    const element = (id) => box.window.document.getElementById(id);
    await loadScript(box.window, `${HUB}{{path}}socket.io.min.js`);
    const socket = box.window.io(HUB, { path: "{{path}}" });
    request = (cmd, data) => socket.emit("request_provider", { to_provider_id: PROVIDER_ID, cmd, data });
    const showState = (online) => {
      element("state").textContent = `${PROVIDER_ID} is ${online ? "online" : "offline: start the provider"}`;
    };

    socket.on("connect", () => {
      console.log("connected to", HUB);
      socket.emit("register_client", { master_provider_id: PROVIDER_ID }, ({ online }) => showState(online));
    });
    socket.on("disconnect", () => {
      element("state").textContent = "connecting";
    });
    socket.on("provider_status", ({ online }) => showState(online));
    socket.on("message_from_provider", ({ cmd, data }) => {
      if (cmd === "showSpeed") element("speed").textContent = data;
    });
    socket.on("provider_reply", ({ cmd, result }) => {
      element("reply").textContent = `${cmd}: ${result}`;
    });

    element("start").addEventListener("click", () => request("Start", 1));
    box.window.document.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      request("double_me", element("number").valueAsNumber);
    });

    // Called when the widget is taken down.
    return () => socket.close();
  });

  // These can be run from the list of plugins.
  return { start: () => request("Start", 1), double: (number) => request("double_me", number) };
};

export default plugin;
