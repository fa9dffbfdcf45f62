-- How many users an app has in each role, kept up to date with the users, so that a push knows it at once.

CREATE TABLE role_counts (
    app INTEGER NOT NULL REFERENCES apps (number) ON DELETE CASCADE,
    role TEXT NOT NULL,
    users INTEGER NOT NULL,
    PRIMARY KEY (app, role)
) STRICT, WITHOUT ROWID;

INSERT INTO role_counts (app, role, users) SELECT app, role, count(*) FROM users GROUP BY app, role;

CREATE TRIGGER users_inserted AFTER INSERT ON users BEGIN
    INSERT INTO role_counts (app, role, users) VALUES (new.app, new.role, 1)
        ON CONFLICT (app, role) DO UPDATE SET users = users + 1;
END;

CREATE TRIGGER users_deleted AFTER DELETE ON users BEGIN
    UPDATE role_counts SET users = users - 1 WHERE app = old.app AND role = old.role;
    DELETE FROM role_counts WHERE app = old.app AND role = old.role AND users = 0;
END;

CREATE TRIGGER users_changed_role AFTER UPDATE OF role ON users WHEN old.role <> new.role BEGIN
    UPDATE role_counts SET users = users - 1 WHERE app = old.app AND role = old.role;
    DELETE FROM role_counts WHERE app = old.app AND role = old.role AND users = 0;
    INSERT INTO role_counts (app, role, users) VALUES (new.app, new.role, 1)
        ON CONFLICT (app, role) DO UPDATE SET users = users + 1;
END;
