-- Times are milliseconds since the epoch. The first app is the built-in one.

CREATE TABLE apps (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    settings TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
    key TEXT PRIMARY KEY,
    app INTEGER NOT NULL REFERENCES apps (number) ON DELETE CASCADE,
    name TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    revoked_at_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_by_app ON api_keys (app, created_at_ms);

CREATE TABLE secret_keys (
    id TEXT PRIMARY KEY,
    app INTEGER NOT NULL REFERENCES apps (number) ON DELETE CASCADE,
    hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    revoked_at_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX secret_keys_by_app ON secret_keys (app, created_at_ms);

CREATE TABLE plugins (
    app INTEGER NOT NULL REFERENCES apps (number) ON DELETE CASCADE,
    name TEXT NOT NULL,
    settings TEXT NOT NULL,
    installed_at_ms INTEGER NOT NULL,
    PRIMARY KEY (app, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    app INTEGER NOT NULL REFERENCES apps (number) ON DELETE CASCADE,
    id TEXT NOT NULL,
    role TEXT NOT NULL,
    profile TEXT NOT NULL,
    password_hash TEXT,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (app, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX users_by_role ON users (app, role, id);

CREATE TABLE sessions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    app INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    last_used_at_ms INTEGER NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    FOREIGN KEY (app, user_id) REFERENCES users (app, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX sessions_by_app ON sessions (app, number);
CREATE INDEX sessions_by_user ON sessions (app, user_id, number);
CREATE INDEX sessions_by_expiry ON sessions (expires_at_ms);

CREATE TABLE pushes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    app INTEGER NOT NULL REFERENCES apps (number) ON DELETE CASCADE,
    id TEXT NOT NULL,
    target TEXT NOT NULL,
    event_name TEXT NOT NULL,
    message TEXT NOT NULL,
    mode TEXT NOT NULL,
    actor TEXT NOT NULL,
    sent_at_ms INTEGER NOT NULL,
    matched_users INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    queued INTEGER NOT NULL,
    UNIQUE (app, id)
) STRICT;
CREATE INDEX pushes_by_app ON pushes (app, number);

CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    app TEXT,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    address TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_app ON audit (app, number);

CREATE TABLE admins (
    id TEXT PRIMARY KEY,
    password_hash TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE admin_sessions (
    hash BLOB PRIMARY KEY,
    admin TEXT NOT NULL REFERENCES admins (id) ON DELETE CASCADE,
    csrf TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX admin_sessions_by_admin ON admin_sessions (admin);
CREATE INDEX admin_sessions_by_expiry ON admin_sessions (expires_at_ms);

INSERT INTO apps (number, id, name, settings, created_at_ms) VALUES (0, 'public', 'public', '{}', 0);
INSERT INTO plugins (app, name, settings, installed_at_ms) VALUES (0, 'socket.io', '{}', 0), (0, 'bridge', '{}', 0);
