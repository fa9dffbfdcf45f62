-- Pages: documents that say what the hub shows to an app's users.

CREATE TABLE pages (
    number INTEGER PRIMARY KEY,
    app INTEGER NOT NULL REFERENCES apps (number) ON DELETE CASCADE,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    UNIQUE (app, id)
) STRICT;
