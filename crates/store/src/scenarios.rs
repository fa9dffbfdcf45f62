//! Scenarios: documents that say what an app does by itself, with their former versions.

use rusqlite::{Row, params};

use crate::{
    AppNumber, Page, Paged, Result, StoreError, Tx, View,
    sql::{change, change_one, row, rows},
};

/// A scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Its number; never used again for another one.
    pub number: i64,
    /// Its app.
    pub app: AppNumber,
    /// Its id, unique in its app.
    pub id: String,
    /// Counts its changes, from 1.
    pub version: i64,
    /// JSON.
    pub document: String,
    /// Whether its trigger starts it.
    pub enabled: bool,
    /// What starts it.
    pub trigger: TriggerKey,
    /// The secret part of the address that starts it.
    pub hook: Option<String>,
    /// When time starts it next.
    pub due_at_ms: Option<i64>,
    /// When it was created.
    pub created_at_ms: i64,
    /// When it was last changed.
    pub updated_at_ms: i64,
}

/// What starts a scenario, as it can be looked up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TriggerKey {
    /// The kind of trigger.
    pub kind: String,
    /// What has to happen it to: a structure, an endpoint, an event's name; empty for anything.
    pub subject: String,
}

/// A scenario to be saved.
#[derive(Clone, Debug)]
pub struct NewScenario {
    /// Its id.
    pub id: String,
    /// JSON.
    pub document: String,
    /// Whether its trigger starts it.
    pub enabled: bool,
    /// What starts it.
    pub trigger: TriggerKey,
    /// The secret part of the address that starts it, should it need one and have none yet.
    pub hook: Option<String>,
    /// When time starts it next.
    pub due_at_ms: Option<i64>,
    /// Who saves it.
    pub actor: String,
    /// When.
    pub at_ms: i64,
}

/// A version of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioVersion {
    /// Its number.
    pub version: i64,
    /// JSON.
    pub document: String,
    /// Who saved it.
    pub actor: String,
    /// When.
    pub at_ms: i64,
}

const COLUMNS: &str = "number, app, id, version, document, enabled, trigger_kind, trigger_subject, hook, \
                       due_at_ms, created_at_ms, updated_at_ms";

fn scenario(row: &Row<'_>) -> rusqlite::Result<Scenario> {
    Ok(Scenario {
        number: row.get(0)?,
        app: AppNumber(row.get(1)?),
        id: row.get(2)?,
        version: row.get(3)?,
        document: row.get(4)?,
        enabled: row.get(5)?,
        trigger: TriggerKey { kind: row.get(6)?, subject: row.get(7)? },
        hook: row.get(8)?,
        due_at_ms: row.get(9)?,
        created_at_ms: row.get(10)?,
        updated_at_ms: row.get(11)?,
    })
}

fn version(row: &Row<'_>) -> rusqlite::Result<ScenarioVersion> {
    Ok(ScenarioVersion {
        version: row.get(0)?,
        document: row.get(1)?,
        actor: row.get(2)?,
        at_ms: row.get(3)?,
    })
}

impl View<'_> {
    /// One scenario.
    ///
    /// # Errors
    /// The database refuses.
    pub fn scenario(&self, app: AppNumber, id: &str) -> Result<Option<Scenario>> {
        let sql = format!("SELECT {COLUMNS} FROM scenarios WHERE app = ?1 AND id = ?2");
        row(self.connection, &sql, params![app.0, id], scenario)
    }

    /// The scenarios of an app, by id.
    ///
    /// # Errors
    /// The database refuses.
    pub fn scenarios(&self, app: AppNumber) -> Result<Vec<Scenario>> {
        let sql = format!("SELECT {COLUMNS} FROM scenarios WHERE app = ?1 ORDER BY id");
        rows(self.connection, &sql, [app.0], scenario)
    }

    /// How many scenarios an app has.
    ///
    /// # Errors
    /// The database refuses.
    pub fn count_scenarios(&self, app: AppNumber) -> Result<u32> {
        let sql = "SELECT count(*) FROM scenarios WHERE app = ?1";
        Ok(row(self.connection, sql, [app.0], |row| row.get(0))?.unwrap_or(0))
    }

    /// Apps that have scenarios.
    ///
    /// # Errors
    /// The database refuses.
    pub fn apps_with_scenarios(&self) -> Result<Vec<AppNumber>> {
        rows(self.connection, "SELECT DISTINCT app FROM scenarios ORDER BY app", [], |row| {
            Ok(AppNumber(row.get(0)?))
        })
    }

    /// The enabled scenarios that this starts, by id.
    ///
    /// # Errors
    /// The database refuses.
    pub fn scenarios_by_trigger(&self, app: AppNumber, key: &TriggerKey) -> Result<Vec<Scenario>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM scenarios WHERE app = ?1 AND trigger_subject = ?2 AND trigger_kind = ?3 \
             AND enabled ORDER BY id"
        );
        rows(self.connection, &sql, params![app.0, key.subject, key.kind], scenario)
    }

    /// Whether this starts an enabled scenario.
    ///
    /// # Errors
    /// The database refuses.
    pub fn starts_scenarios(&self, app: AppNumber, kind: &str, subject: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM scenarios WHERE app = ?1 AND trigger_subject = ?2 AND trigger_kind = ?3 \
                   AND enabled LIMIT 1";
        Ok(row(self.connection, sql, params![app.0, subject, kind], |_| Ok(()))?.is_some())
    }

    /// The scenario that has this address.
    ///
    /// # Errors
    /// The database refuses.
    pub fn scenario_by_hook(&self, hook: &str) -> Result<Option<Scenario>> {
        let sql = format!("SELECT {COLUMNS} FROM scenarios WHERE hook = ?1");
        row(self.connection, &sql, [hook], scenario)
    }

    /// Goes up with each change of an app's scenarios.
    ///
    /// # Errors
    /// The database refuses.
    pub fn scenario_generation(&self, app: AppNumber) -> Result<i64> {
        let sql = "SELECT generation FROM scenario_generations WHERE app = ?1";
        Ok(row(self.connection, sql, [app.0], |row| row.get(0))?.unwrap_or(0))
    }

    /// Versions of a scenario that are kept, newest first.
    ///
    /// # Errors
    /// The database refuses.
    pub fn scenario_versions(&self, scenario: i64, page: &Page) -> Result<Paged<ScenarioVersion>> {
        let sql = "SELECT version, document, actor, at_ms FROM scenario_versions \
                   WHERE scenario = ?1 AND version < ?2 ORDER BY version DESC LIMIT ?3";
        let found = rows(self.connection, sql, params![scenario, page.below(), page.fetch()], version)?;
        Ok(page.cut(found, |version| version.version.to_string()))
    }

    /// One version of a scenario.
    ///
    /// # Errors
    /// The database refuses.
    pub fn scenario_version(&self, scenario: i64, number: i64) -> Result<Option<ScenarioVersion>> {
        let sql = "SELECT version, document, actor, at_ms FROM scenario_versions \
                   WHERE scenario = ?1 AND version = ?2";
        row(self.connection, sql, params![scenario, number], version)
    }
}

impl Tx<'_> {
    /// Creates a scenario, or gives it its next version. It keeps the address that it has.
    ///
    /// # Errors
    /// `NotFound`: there is no such app.
    pub fn put_scenario(&mut self, app: AppNumber, new: &NewScenario) -> Result<Scenario> {
        let sql = "INSERT INTO scenarios (app, id, version, document, enabled, trigger_kind, \
                   trigger_subject, hook, due_at_ms, created_at_ms, updated_at_ms) \
                   VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9) \
                   ON CONFLICT (app, id) DO UPDATE SET version = version + 1, \
                   document = excluded.document, enabled = excluded.enabled, \
                   trigger_kind = excluded.trigger_kind, trigger_subject = excluded.trigger_subject, \
                   hook = coalesce(hook, excluded.hook), due_at_ms = excluded.due_at_ms, \
                   updated_at_ms = excluded.updated_at_ms";
        let NewScenario { id, document, enabled, trigger, hook, due_at_ms, actor, at_ms } = new;
        let TriggerKey { kind, subject } = trigger;
        let values = params![app.0, id, document, enabled, kind, subject, hook, due_at_ms, at_ms];
        change_one(self.connection, sql, values)?;
        let saved = self.scenario(app, id)?.ok_or(StoreError::NotFound)?;
        let sql = "INSERT INTO scenario_versions (scenario, version, document, actor, at_ms) \
                   VALUES (?1, ?2, ?3, ?4, ?5)";
        change_one(self.connection, sql, params![saved.number, saved.version, document, actor, at_ms])?;
        self.next_generation(app)?;
        Ok(saved)
    }

    /// Deletes a scenario, with its versions and its runs.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn delete_scenario(&mut self, app: AppNumber, id: &str) -> Result<()> {
        change_one(self.connection, "DELETE FROM scenarios WHERE app = ?1 AND id = ?2", params![app.0, id])?;
        self.next_generation(app)
    }

    /// Notes when time starts a scenario next. One that has been saved or deleted meanwhile stays as it is.
    ///
    /// # Errors
    /// The database refuses.
    pub fn set_scenario_due(&mut self, scenario: i64, version: i64, due_at_ms: Option<i64>) -> Result<()> {
        let sql = "UPDATE scenarios SET due_at_ms = ?3 WHERE number = ?1 AND version = ?2";
        change(self.connection, sql, params![scenario, version, due_at_ms]).map(drop)
    }

    /// Forgets all but the newest versions of a scenario, and those that open runs began with.
    ///
    /// # Errors
    /// The database refuses.
    pub fn trim_scenario_versions(&mut self, scenario: i64, keep: u32) -> Result<usize> {
        let sql = "DELETE FROM scenario_versions WHERE scenario = ?1 AND version <= \
                   (SELECT version FROM scenario_versions WHERE scenario = ?1 ORDER BY version DESC \
                   LIMIT 1 OFFSET ?2) AND version NOT IN \
                   (SELECT version FROM runs WHERE scenario = ?1 AND ended_at_ms IS NULL)";
        change(self.connection, sql, params![scenario, keep])
    }

    fn next_generation(&mut self, app: AppNumber) -> Result<()> {
        let sql = "INSERT INTO scenario_generations (app, generation) VALUES (?1, 1) \
                   ON CONFLICT (app) DO UPDATE SET generation = generation + 1";
        change_one(self.connection, sql, [app.0])
    }
}
