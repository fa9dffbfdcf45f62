// Puts the host into a document of an opaque origin and hands it the port that the console has sent.
//
// The stage is of the hub's origin with a policy that allows everything, so nothing else may ever be in it, and it reads
// nothing but what the console says: which colours it has, and once, the port.

const host = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Dashboard</title><base href="${location.origin}/">
<link rel="stylesheet" href="/playground/host.css"><body><script type="module" src="/playground/host.js"></script>`;

function begin(port) {
  const frame = document.createElement("iframe");
  frame.title = "Widgets";
  // A document of such an address has an origin of its own, which the documents that it makes share with it.
  frame.src = `data:text/html;charset=utf-8,${encodeURIComponent(host)}`;
  frame.addEventListener("load", () => frame.contentWindow.postMessage("port", "*", [port]), { once: true });
  document.body.replaceChildren(frame);
}

addEventListener("message", ({ source, origin, data, ports }) => {
  const isFromConsole = parent !== window && source === parent && origin === location.origin;
  if (!isFromConsole) return;
  // A frame of other colours than the page around it isn't transparent.
  document.documentElement.style.colorScheme = data.scheme;
  if (ports.length === 1) begin(ports[0]);
});
