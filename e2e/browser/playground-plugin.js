// A plugin in the form of the original service's guide: the client comes from a CDN by a script tag, no acks, no take-down.
// Only the address of the server is put in by the test.

const PROVIDER_ID = "PYTHON-CLIENT-SAMPLE";

const loadScript = (boxWindow, url) => {
    return new Promise(async (resolve, reject) => {
        try {
            const script = boxWindow.document.createElement("script");
            script.defer = true;
            script.referrerPolicy = "origin"

            script.src = url;
            script.addEventListener("load", () => resolve(undefined));
            boxWindow.document.head.appendChild(script);
        } catch (e) {
            reject(e);
        }
    });
}

const plugin = ({widgets, simulator, vehicle}) => {
    widgets.register("Client", async (box) => {
        await loadScript(box.window, `https://cdn.socket.io/4.6.0/socket.io.min.js`)
        const socket = box.window.io("https://bridge.example");

        const container = document.createElement("div")
        container.innerHTML = `
            <span id="speed"></span> <span id="reply"></span>
            <button id="start">Start</button> <button id="double">Double</button>`
        box.injectNode(container)
        const lblSpeed = container.querySelector("#speed")

        const onConnected = () => {
            console.log("Io connected")
            socket.emit("register_client", {
                master_provider_id: PROVIDER_ID
            })
        }
        socket.on("connect", onConnected);

        const messageFromProvider = (payload) => {
            if(payload.cmd == 'showSpeed') {
                lblSpeed.innerText = payload.data
            }
        }
        socket.on('message_from_provider', messageFromProvider)

        const onProviderReply = (payload) => {
            container.querySelector("#reply").innerText = `${payload.cmd}: ${payload.result}`
        }
        socket.on('provider_reply', onProviderReply)

        container.querySelector("#start").onclick = () => {
            socket.emit("request_provider", {
                to_provider_id: PROVIDER_ID,
                cmd: "Start",
                data: 1
            })
        }
        container.querySelector("#double").onclick = () => {
            socket.emit("request_provider", {
                to_provider_id: PROVIDER_ID,
                cmd: "double_me",
                data: 21
            })
        }
    })
    return {}
}

export default plugin;
