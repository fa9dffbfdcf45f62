// What attackers try: guessing passwords, reading secrets where they have no business, riding on an operator's cookie,
// coming from a foreign page, starting from defaults.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, stat } from "node:fs/promises";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { apiOf, compatible, connect, connected, createApp, refusal, refused, socketOf, startHub, CHEAP_PASSWORDS } from "./support.mjs";

let hub;
before(async () => (hub = await startHub()));
after(() => hub?.stop());

/** The password of the operator that the first start prints. */
const printedPassword = (lines) => lines.map((line) => line.match(/^ +admin +admin \/ (\S+)/)?.[1]).filter(Boolean);

const signIn = (from, password = printedPassword(from.lines)[0]) =>
  apiOf(from.url).call("POST", "/admin/login", { name: "admin", password });

/** The name and value of the cookie that an answer sets, as a browser would send it back. */
const cookieOf = (answer) => answer.headers.get("set-cookie").split(";")[0];

test("the operator's password is printed at the first start only, and differs from hub to hub", async (t) => {
  const first = await startHub();
  const [password, ...more] = printedPassword(first.lines);
  assert.ok(password, first.lines.join("\n"));
  assert.deepEqual(more, []);
  assert.notEqual(password, printedPassword(hub.lines)[0]);
  assert.equal((await signIn(first)).status, 200);
  const data = await first.leave("SIGTERM");
  const second = await startHub({ data });
  t.after(() => second.stop());
  assert.deepEqual(printedPassword(second.lines), []);
  assert.ok(!second.lines.join("\n").includes(password));
  assert.equal((await signIn(second, password)).status, 200);
  assert.notEqual(second.token, first.token);
});

test("what is secret in the data folder is the owner's alone to read", async () => {
  const files = await readdir(hub.dataDir);
  assert.ok(files.includes("cli.token") && files.includes("campanile.db"), String(files));
  for (const file of files) {
    const { mode } = await stat(join(hub.dataDir, file));
    assert.equal((mode & 0o077).toString(8), "0", file);
  }
});

test("the operator's cookie has its flags, and Secure over TLS", async (t) => {
  const answer = await signIn(hub);
  const flags = (header) => header.split(";").slice(1).map((flag) => flag.trim().toLowerCase());
  assert.match(answer.headers.get("set-cookie"), /^campanile_admin=\S{22,};/);
  const plain = flags(answer.headers.get("set-cookie"));
  for (const flag of ["httponly", "samesite=strict", "path=/"]) assert.ok(plain.includes(flag), `${flag} in ${plain}`);
  assert.ok(!plain.some((flag) => flag.startsWith("domain")));

  const folder = await mkdtemp(join(tmpdir(), "campanile-tls-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  execFileSync("openssl", [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost".split(" "),
    ...["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
  ], { stdio: "ignore" });
  const secure = await startHub({ config: `${CHEAP_PASSWORDS}[tls]\nkey = "${key}"\ncertificate = "${certificate}"\n` });
  t.after(() => secure.stop());
  const ca = await readFile(certificate);
  const header = await new Promise((resolve, reject) => {
    const options = { method: "POST", ca, headers: { "content-type": "application/json" } };
    const request = https.request(`${secure.url}/api/v1/admin/login`, options, (got) => resolve(got.headers["set-cookie"][0]));
    request.on("error", reject).end(JSON.stringify({ name: "admin", password: printedPassword(secure.lines)[0] }));
  });
  assert.ok(flags(header).includes("secure"), header);
});

test("a cookie changes nothing without its CSRF token", async () => {
  const login = await signIn(hub);
  const cookie = cookieOf(login);
  const { csrf_token, token } = login.body;
  const other = (await signIn(hub)).body.csrf_token;
  const riding = apiOf(hub.url, { cookie });
  assert.equal((await riding.get("/admin/me")).name, "admin");
  const rows = [undefined, "", "wrong", csrf_token.slice(0, -1), other];
  for (const value of rows) {
    const headers = value === undefined ? {} : { "x-csrf-token": value };
    for (const [method, path, body] of [["POST", "/apps", { id: "forged" }], ["DELETE", "/apps/public"], ["PUT", "/admin/password", {}], ["POST", "/admin/logout"]]) {
      const answer = await riding.call(method, path, body, headers);
      assert.equal(answer.status, 403, `${method} ${path} with ${value}: ${answer.text}`);
    }
  }
  refused(await riding.call("GET", "/apps/forged"), 404, "app_not_found");
  const made = await riding.call("POST", "/apps", { id: "wanted" }, { "x-csrf-token": csrf_token });
  assert.equal(made.status, 201, made.text);
  const bearer = await apiOf(hub.url, { authorization: `Bearer ${token}` }).call("DELETE", "/apps/wanted");
  assert.equal(bearer.status, 204, bearer.text);
});

test("a foreign page gets nothing out of the operator's cookie", async (t) => {
  const open = await startHub();
  t.after(() => open.stop());
  const cookie = cookieOf(await signIn(open));
  for (const origin of ["https://evil.example", "null"]) {
    const answer = await apiOf(open.url, { cookie, origin }).call("GET", "/admin/me");
    const [allowed, credentials] = ["origin", "credentials"].map((name) => answer.headers.get(`access-control-allow-${name}`));
    assert.notEqual(credentials, "true", `${origin} may read with credentials`);
    assert.ok(allowed === null || allowed === "*" || answer.status >= 400, `${origin}: ${allowed}`);
  }
});

test("signing out ends the token, and so does a new password", async () => {
  const own = await startHub();
  try {
    const old = printedPassword(own.lines)[0];
    const [one, two] = [await signIn(own), await signIn(own)];
    const bearer = ({ body }) => apiOf(own.url, { authorization: `Bearer ${body.token}` });
    assert.equal((await bearer(one).call("POST", "/admin/logout")).status, 204);
    refused(await bearer(one).call("GET", "/admin/me"), 401, "unauthorized");
    assert.equal((await bearer(two).get("/admin/me")).name, "admin");

    const change = (old_password, new_password) => bearer(two).call("PUT", "/admin/password", { old_password, new_password });
    assert.ok((await change("wrong", "a quite new password")).status >= 400);
    assert.ok((await change(old, "short")).status >= 400);
    const three = await signIn(own);
    assert.equal((await change(old, "a quite new password")).status, 204);
    refused(await bearer(three).call("GET", "/admin/me"), 401, "unauthorized");
    assert.equal((await signIn(own, old)).status, 401);
    assert.equal((await signIn(own, "a quite new password")).status, 200);
  } finally {
    await own.stop();
  }
});

test("a thousand guesses are cut short, and cost others nothing", async (t) => {
  const strict = await startHub({
    config: `${CHEAP_PASSWORDS}[limits]\nlogin_failures_per_account_max = 10\nlogin_window_s = 600\n`,
  });
  t.after(() => strict.stop());
  const app = await createApp(strict);
  await app.user("victim", { password: "the real password" });
  await app.user("other", { password: "another password" });
  const login = (username, password, headers) =>
    compatible(strict, "/v5/auth", { appID: app.key }, { username, password }, headers);
  const outcomes = {};
  for (let wave = 0; wave < 20; wave++) {
    // Whoever guesses may claim to be behind a proxy.
    const from = (at) => ({ "x-forwarded-for": `10.0.${wave}.${at}`, "x-real-ip": `10.0.${wave}.${at}` });
    const guesses = Array.from({ length: 50 }, (_, at) => login("victim", `guess ${wave} ${at}`, from(at)));
    for (const answer of await Promise.all(guesses)) {
      outcomes[answer.status] = (outcomes[answer.status] ?? 0) + 1;
      if (answer.status === 429) {
        assert.match(answer.headers.get("retry-after"), /^[1-9]\d*$/);
        assert.equal(answer.body.status, "ERROR", answer.text);
      }
    }
  }
  assert.deepEqual(outcomes, { 400: 10, 429: 990 });
  assert.equal((await login("victim", "the real password")).status, 429);
  assert.equal((await login("other", "another password")).status, 200);
});

test("an address that tries one password on many accounts is cut short, too", async (t) => {
  const strict = await startHub({ config: `${CHEAP_PASSWORDS}[limits]\nlogin_failures_per_address_max = 10\n` });
  t.after(() => strict.stop());
  const app = await createApp(strict);
  const statuses = [];
  for (let at = 0; at < 30; at++) {
    const guess = { username: `user ${at}`, password: "password1" };
    statuses.push((await compatible(strict, "/v5/auth", { appID: app.key }, guess)).status);
  }
  assert.deepEqual(statuses, [...Array(10).fill(400), ...Array(20).fill(429)]);
});

test("guesses at the operator's password are limited, too", async (t) => {
  const strict = await startHub({ config: `${CHEAP_PASSWORDS}[limits]\nlogin_failures_per_account_max = 5\n` });
  t.after(() => strict.stop());
  const statuses = [];
  for (let at = 0; at < 20; at++) statuses.push((await signIn(strict, `guess ${at}`)).status);
  assert.deepEqual(statuses, [...Array(5).fill(401), ...Array(15).fill(429)]);
  refused(await signIn(strict), 429, "limit_reached");
});

test("nobody learns from a login who exists", async () => {
  const app = await createApp(hub);
  await app.user("ann", { password: "the password of ann" });
  await app.user("without");
  const login = (username) => compatible(hub, "/v5/auth", { appID: app.key }, { username, password: "wrong" });
  const [ann, nobody, without] = [await login("ann"), await login("nobody"), await login("without")];
  assert.deepEqual([nobody.status, nobody.text], [ann.status, ann.text]);
  assert.deepEqual([without.status, without.text], [ann.status, ann.text]);
});

test("no secret is in an answer after its creation, in the log, in the audit or in plain text on the disk", async (t) => {
  const own = await startHub({ env: { CAMPANILE_LOG__LEVEL: "trace" } });
  const passwords = ["first-password-5a1f", "second-password-77c2", "wrong-password-9e3b"];
  const app = await createApp(own);
  await app.user("ann", { password: passwords[0] });
  const { body } = await compatible(own, "/v5/auth", { appID: app.key }, { username: "ann", password: passwords[0] });
  await compatible(own, "/v5/auth", { appID: app.key }, { username: "ann", password: passwords[2] });
  await compatible(own, "/v4/auth/check", { appID: app.key, sessionID: body.result.token });
  const session = await app.session("ann");
  const socket = socketOf(t, own, { app_id: app.key, session_id: session.token });
  await connected(socket);
  socket.close();
  await own.api.patch(`${app.path}/users/ann`, { password: passwords[1] });
  await own.api.call("POST", `${app.path}/users`, { id: "x", password: passwords[1], unknown: true });
  const operator = await signIn(own);
  const admin = printedPassword(own.lines)[0];
  const secrets = [...passwords, body.result.token, session.token, app.secret, own.token, operator.body.token, admin];

  const lists = ["", "/keys", "/secret-keys", "/plugins", "/users", "/users/ann", "/sessions", "/pushes", "/sockets"];
  const answers = [await own.api.get("/apps"), await own.api.get("/audit?limit=200"), await own.api.get("/admin/me").catch(() => "")];
  for (const list of lists) answers.push(await own.api.get(app.path + list));
  const metrics = await (await fetch(`${own.url}/metrics`)).text();
  const data = await own.leave("SIGTERM");
  const disk = [];
  for (const file of (await readdir(data)).filter((file) => file !== "cli.token")) disk.push(await readFile(join(data, file), "latin1"));
  await rm(data, { recursive: true });

  const log = own.lines.filter((line) => !printedPassword([line]).length).join("\n");
  const places = { answers: JSON.stringify(answers), log, metrics, disk: disk.join("\n") };
  for (const [place, text] of Object.entries(places)) {
    for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} in ${place}`);
    if (place !== "disk") assert.ok(!text.includes("$argon2"), `a hash in ${place}`);
  }
  assert.ok(places.disk.includes("$argon2id$"), "passwords are kept as argon2id hashes");
  const actions = JSON.stringify(answers[1]);
  for (const subject of ["ann", app.id]) assert.ok(actions.includes(subject), `${subject} isn't in the audit`);
});

test("what the audit says: who, what, whom, from where", async () => {
  const app = await createApp(hub);
  await app.api.post(`${app.path}/users`, { id: "by-key" });
  const { items } = await hub.api.get(`/audit?app=${app.id}&limit=200`);
  const made = items.find(({ subject, action }) => subject === "by-key" && action === "user.create");
  assert.match(made.actor, /^key:/);
  assert.equal(made.app, app.id);
  assert.equal(made.address, "127.0.0.1");
  assert.ok(items.every(({ app: of }) => of === app.id));
  assert.match(items.find(({ action }) => action === "app.create").actor, /^(admin:|system|cli)/);
});

test("pages of other origins are held to the list, everywhere", async (t) => {
  const listed = await startHub({
    config: `${CHEAP_PASSWORDS}[socketio.cors]\norigins = ["https://good.example"]\ncredentials = true\n`,
  });
  t.after(() => listed.stop());
  const app = await createApp(listed);
  const ask = (path, origin) => fetch(`${listed.url}${path}`, { headers: { origin, authorization: `Bearer ${listed.token}` } });
  for (const path of ["/socket.io/?EIO=4&transport=polling", "/api/v1/apps", `/api/v1${app.path}/users`]) {
    assert.equal((await ask(path, "https://good.example")).status, 200);
    for (const origin of ["https://evil.example", "null", "https://good.example.evil.example", "http://good.example"]) {
      const answer = await ask(path, origin);
      assert.equal(answer.status, 403, `${path} from ${origin}`);
      assert.equal(answer.headers.get("access-control-allow-origin"), null);
    }
  }
  const from = (origin) => ({ extraHeaders: { origin }, transports: ["websocket"] });
  await connect(t, listed, { app_id: app.key }, from("https://good.example"));
  await assert.rejects(connected(socketOf(t, listed, { app_id: app.key }, from("https://evil.example"))));
});

test("a profile keeps what it is given, without polluting anything", async () => {
  const app = await createApp(hub);
  const profile = '{"__proto__":{"admin":true},"constructor":1,"html":"<img src=x onerror=alert(1)>","role":"admin"}';
  const made = await hub.api.call("POST", `${app.path}/users`, `{"id":"odd","role":"reader","profile":${profile}}`);
  assert.equal(made.status, 201, made.text);
  const read = await hub.api.call("GET", `${app.path}/users/odd`);
  assert.deepEqual(read.body.profile, JSON.parse(profile));
  assert.equal(read.body.role, "reader");
});

test("odd user ids are users like others", async (t) => {
  const app = await createApp(hub);
  const ids = ["a/b", "..", "%2e%2e", "ü 🔔", "'; DROP TABLE users; --", "a?b#c", "x".repeat(100), "__proto__", "0"];
  for (const id of ids) {
    const made = await hub.api.call("POST", `${app.path}/users`, { id, password: "a good password" });
    if (made.status !== 201) {
      refused(made, 400, "invalid_payload", id);
      continue;
    }
    const { token } = await app.session(id);
    const socket = await connect(t, hub, { app_id: app.key, session_id: token });
    assert.equal((await app.push(id, "message", "x")).delivered, 1, id);
    socket.close();
    const encoded = encodeURIComponent(id).replace(/^\.\.$/, "%2E%2E");
    if (id !== "..") assert.equal((await hub.api.get(`${app.path}/users/${encoded}`)).id, id);
  }
  assert.ok((await hub.api.get(`${app.path}/users?limit=200`)).items.length >= 5);
  refused(await hub.api.call("POST", `${app.path}/users`, { id: "*" }), 400, "invalid_payload", "the wildcard");
  refused(await hub.api.call("POST", `${app.path}/users`, { id: "" }), 400, "invalid_payload", "nobody");
  refused(await hub.api.call("POST", `${app.path}/users`, { id: "x".repeat(10_000) }), 400, "invalid_payload", "too long");
  assert.equal((await refusal(t, hub, { app_id: app.key, session_id: "' OR 1=1 --" })).data.code, "session_invalid");
});

test("a hub that listens to everyone doesn't do so with a password that somebody chose for all", async () => {
  const open = await startHub({ listen: "0.0.0.0:0" });
  try {
    const url = open.url.replace("0.0.0.0", "127.0.0.1");
    for (const password of ["", "admin", "password", "campanile", "changeme"]) {
      const { status } = await apiOf(url).call("POST", "/admin/login", { name: "admin", password });
      assert.ok([400, 401].includes(status), `${password}: ${status}`);
    }
  } finally {
    await open.stop();
  }
});
