-- Scenarios with their former versions, and their runs, each with what its steps did.
-- What triggers a scenario stands beside its document, so that whoever changes something knows whether anybody cares.

CREATE TABLE scenarios (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    app INTEGER NOT NULL REFERENCES apps (number) ON DELETE CASCADE,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    trigger_kind TEXT NOT NULL,
    trigger_subject TEXT NOT NULL,
    hook TEXT UNIQUE,
    due_at_ms INTEGER,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    UNIQUE (app, id)
) STRICT;
CREATE INDEX scenarios_by_trigger ON scenarios (app, trigger_subject, trigger_kind) WHERE enabled;

CREATE TABLE scenario_versions (
    scenario INTEGER NOT NULL REFERENCES scenarios (number) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    actor TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (scenario, version)
) STRICT, WITHOUT ROWID;

-- Goes up with each change of an app's scenarios, so that whoever knows them in memory sees that it has to look again.
CREATE TABLE scenario_generations (
    app INTEGER PRIMARY KEY REFERENCES apps (number) ON DELETE CASCADE,
    generation INTEGER NOT NULL
) STRICT;

CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    app INTEGER NOT NULL REFERENCES apps (number) ON DELETE CASCADE,
    scenario INTEGER NOT NULL REFERENCES scenarios (number) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    cause TEXT NOT NULL,
    lane TEXT NOT NULL,
    depth INTEGER NOT NULL,
    start TEXT,
    state TEXT,
    effect TEXT,
    due_at_ms INTEGER,
    interruptions INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    created_at_ms INTEGER NOT NULL,
    started_at_ms INTEGER,
    ended_at_ms INTEGER
) STRICT;
CREATE INDEX runs_by_app ON runs (app, number);
CREATE INDEX runs_open ON runs (app, number) WHERE ended_at_ms IS NULL;
CREATE INDEX runs_ended ON runs (app, number) WHERE ended_at_ms IS NOT NULL;
CREATE INDEX runs_by_scenario ON runs (scenario, number);
CREATE INDEX runs_by_lane ON runs (app, lane, number);

CREATE TABLE run_steps (
    run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;
