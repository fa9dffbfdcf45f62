//! Objects of structures.

use rusqlite::{Row, params, params_from_iter, types::Value};

use crate::{
    AppNumber, Condition, Direction, Place, Result, StoreError, Tx, View,
    condition::order,
    sql::{change_one, one_off_rows, row},
};

/// An object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its id, unique in its structure.
    pub id: String,
    /// Counts its changes, from 1.
    pub version: i64,
    /// A JSON object.
    pub data: String,
    /// When it was created.
    pub created_at_ms: i64,
    /// When it was last changed.
    pub updated_at_ms: i64,
    /// The user who created it.
    pub created_by: Option<String>,
}

/// Which objects of a structure, in which order.
#[derive(Clone, Debug, Default)]
pub struct ObjectQuery {
    /// Those for which this holds.
    pub condition: Option<Condition>,
    /// By these, then in the order of their creation.
    pub sort: Vec<(Place, Direction)>,
    /// How many to leave out at the front.
    pub offset: u64,
    /// How many.
    pub limit: u32,
}

/// Some of the objects that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objects {
    /// The objects.
    pub items: Vec<Object>,
    /// How many there are of them in all.
    pub total: u32,
}

const COLUMNS: &str = "id, version, data, created_at_ms, updated_at_ms, created_by";

fn object(row: &Row<'_>) -> rusqlite::Result<Object> {
    Ok(Object {
        id: row.get(0)?,
        version: row.get(1)?,
        data: row.get(2)?,
        created_at_ms: row.get(3)?,
        updated_at_ms: row.get(4)?,
        created_by: row.get(5)?,
    })
}

impl View<'_> {
    /// One object.
    ///
    /// # Errors
    /// The database refuses.
    pub fn object(&self, app: AppNumber, structure: &str, id: &str) -> Result<Option<Object>> {
        let sql = format!("SELECT {COLUMNS} FROM objects WHERE app = ?1 AND structure = ?2 AND id = ?3");
        row(self.connection, &sql, params![app.0, structure, id], object)
    }

    /// Objects of a structure. All of the structure are looked at, unless the condition names one id or one creator.
    ///
    /// # Errors
    /// The database refuses.
    pub fn objects(&self, app: AppNumber, structure: &str, query: &ObjectQuery) -> Result<Objects> {
        let condition = query.condition.clone().unwrap_or(Condition::All(Vec::new())).clause();
        let order = order(&query.sort);
        let from = format!("FROM objects WHERE app = ? AND structure = ? AND {}", condition.sql);
        let sql = format!("SELECT {COLUMNS} {from} ORDER BY {} LIMIT ? OFFSET ?", order.sql);
        let within = [Value::Integer(app.0.into()), Value::Text(structure.to_owned())];
        let meant: Vec<Value> = within.into_iter().chain(condition.values).collect();
        let offset = i64::try_from(query.offset).unwrap_or(i64::MAX);
        let part = [Value::Integer(query.limit.into()), Value::Integer(offset)];
        let values = meant.iter().chain(&order.values).chain(&part);
        let items = one_off_rows(self.connection, &sql, params_from_iter(values), object)?;
        let total = match query.condition {
            None => self.structure(app, structure)?.map_or(0, |structure| structure.objects),
            Some(_) => {
                let sql = format!("SELECT count(*) {from}");
                let counted = one_off_rows(self.connection, &sql, params_from_iter(meant), |row| row.get(0))?;
                counted.first().copied().unwrap_or(0)
            }
        };
        Ok(Objects { items, total })
    }
}

impl Tx<'_> {
    /// Creates an object.
    ///
    /// # Errors
    /// `NotFound`: there is no such structure. `Exists`: the id is taken.
    pub fn insert_object(&mut self, app: AppNumber, structure: &str, new: &Object) -> Result<()> {
        let sql = format!(
            "INSERT INTO objects (app, structure, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        );
        let values = params![
            app.0,
            structure,
            new.id,
            new.version,
            new.data,
            new.created_at_ms,
            new.updated_at_ms,
            new.created_by,
        ];
        change_one(self.connection, &sql, values)
    }

    /// Gives an object other data, and the next version.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn update_object(
        &mut self,
        app: AppNumber,
        structure: &str,
        id: &str,
        data: &str,
        now_ms: i64,
    ) -> Result<Object> {
        let sql = "UPDATE objects SET data = ?4, version = version + 1, updated_at_ms = ?5 \
                   WHERE app = ?1 AND structure = ?2 AND id = ?3";
        change_one(self.connection, sql, params![app.0, structure, id, data, now_ms])?;
        self.object(app, structure, id)?.ok_or(StoreError::NotFound)
    }

    /// Deletes an object.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn delete_object(&mut self, app: AppNumber, structure: &str, id: &str) -> Result<()> {
        let sql = "DELETE FROM objects WHERE app = ?1 AND structure = ?2 AND id = ?3";
        change_one(self.connection, sql, params![app.0, structure, id])
    }
}
