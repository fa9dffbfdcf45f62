-- What apps keep: structures, their objects, the endpoints to them, and changes that wait until somebody has seen them.
-- How many objects a structure has, and how many changes of an app wait, is kept up to date, so that limits know it.

CREATE TABLE structures (
    app INTEGER NOT NULL REFERENCES apps (number) ON DELETE CASCADE,
    name TEXT NOT NULL,
    definition TEXT NOT NULL,
    objects INTEGER NOT NULL DEFAULT 0,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (app, name)
) STRICT;

CREATE TABLE objects (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    app INTEGER NOT NULL,
    structure TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    data TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    created_by TEXT,
    UNIQUE (app, structure, id),
    FOREIGN KEY (app, structure) REFERENCES structures (app, name) ON DELETE CASCADE
) STRICT;
CREATE INDEX objects_in_order ON objects (app, structure, number);
CREATE INDEX objects_by_creator ON objects (app, structure, created_by, number);

CREATE TRIGGER objects_inserted AFTER INSERT ON objects BEGIN
    UPDATE structures SET objects = objects + 1 WHERE app = new.app AND name = new.structure;
END;

CREATE TRIGGER objects_deleted AFTER DELETE ON objects BEGIN
    UPDATE structures SET objects = objects - 1 WHERE app = old.app AND name = old.structure;
END;

CREATE TABLE endpoints (
    app INTEGER NOT NULL,
    structure TEXT NOT NULL,
    method TEXT NOT NULL,
    settings TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (app, structure, method),
    FOREIGN KEY (app, structure) REFERENCES structures (app, name) ON DELETE CASCADE
) STRICT;

CREATE TABLE changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    app INTEGER NOT NULL REFERENCES apps (number) ON DELETE CASCADE,
    structure TEXT NOT NULL,
    object_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    fields TEXT NOT NULL,
    before TEXT,
    after TEXT,
    actor TEXT NOT NULL,
    depth INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX changes_by_app ON changes (app, number);

CREATE TABLE change_counts (
    app INTEGER PRIMARY KEY REFERENCES apps (number) ON DELETE CASCADE,
    changes INTEGER NOT NULL
) STRICT;

CREATE TRIGGER changes_inserted AFTER INSERT ON changes BEGIN
    INSERT INTO change_counts (app, changes) VALUES (new.app, 1)
        ON CONFLICT (app) DO UPDATE SET changes = changes + 1;
END;

CREATE TRIGGER changes_deleted AFTER DELETE ON changes BEGIN
    UPDATE change_counts SET changes = changes - 1 WHERE app = old.app;
END;
