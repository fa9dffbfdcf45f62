// Gives a window the hub's own Socket.IO client where a script tag asks a CDN for one.

const CDNS = ["cdn.socket.io", "cdn.jsdelivr.net", "unpkg.com", "cdnjs.cloudflare.com"];
const CLIENT = /^socket\.io(?:-client)?(?:@[\w.^~-]+|-\d[\w.-]*)?((?:\.(?:slim|esm|msgpack|dev|min))*)(?:\.js)?$/;

/** @param folder where the hub's own bundles are */
export function replaceClients(window, folder) {
  const { prototype } = window.HTMLScriptElement;
  const src = Object.getOwnPropertyDescriptor(prototype, "src");
  const integrity = Object.getOwnPropertyDescriptor(prototype, "integrity");
  const { setAttribute } = window.Element.prototype;
  const replaced = new WeakSet();

  const setSrc = (script, value) => {
    const own = ownClient(value, folder);
    if (own) {
      // A digest was that of the CDN's file.
      script.removeAttribute("integrity");
      replaced.add(script);
    }
    setAttribute.call(script, "src", own ?? value);
  };
  const setIntegrity = (script, value) => replaced.has(script) || setAttribute.call(script, "integrity", value);

  Object.defineProperty(prototype, "src", { ...src, set(value) { setSrc(this, value); } });
  Object.defineProperty(prototype, "integrity", { ...integrity, set(value) { setIntegrity(this, value); } });
  prototype.setAttribute = function (name, value) {
    const set = { src: setSrc, integrity: setIntegrity }[String(name).toLowerCase()];
    if (set) set(this, value);
    else setAttribute.call(this, name, value);
  };
}

/** The hub's bundle in place of this one, if it is a client on a CDN. */
function ownClient(address, folder) {
  const url = URL.parse(address, document.baseURI);
  if (!url || !CDNS.includes(url.hostname)) return undefined;
  const match = CLIENT.exec(url.pathname.split("/").at(-1));
  if (!match) return undefined;
  const variant = ["esm", "msgpack"].find((each) => match[1].includes(`.${each}`));
  return `${folder}socket.io${variant ? `.${variant}` : ""}.min.js`;
}
