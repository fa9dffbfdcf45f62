//! Every statement finds its rows by an index. What SQLite plans can't be seen from outside.

use std::sync::{Arc, Mutex};

use rusqlite::{
    Connection,
    trace::{TraceEvent, TraceEventCodes},
};
use tempfile::TempDir;

use crate::{
    ApiKey, AppNumber, Comparison, Condition, Durability, NewAdminSession, NewAudit, NewChange, NewPush,
    NewRun, NewScenario, NewSession, NewUser, Object, ObjectQuery, Operand, Page, Place, Result, RunEnd,
    RunFilter, RunProgress, RunStatus, SecretKey, TriggerKey, Tx, UserChange, UserFilter, View, database,
};

const APP: AppNumber = AppNumber(0);
const HASH: [u8; 32] = [1; 32];

#[test]
fn every_statement_finds_its_rows_by_an_index() {
    let folder = TempDir::new().unwrap();
    let mut connection = database::open(folder.path(), Durability::Normal).unwrap().writer;
    let statements = traced(&mut connection);
    let mut tx = Tx { view: View { connection: &connection } };
    add(&mut tx).unwrap();
    read(&tx).unwrap();
    change(&mut tx).unwrap();

    let statements = std::mem::take(&mut *statements.lock().unwrap());
    assert!(statements.len() > 50, "{statements:?}");
    for sql in statements {
        // What is to be listed whole may be scanned.
        let lists_everything = !sql.contains('?');
        for step in plan(&connection, &sql) {
            let is_scan = step.starts_with("SCAN") && !lists_everything;
            assert!(!is_scan && !step.starts_with("USE TEMP"), "{sql}\n{step}");
            let names_one = sql.contains(" AND id IS ") && step.contains(" objects ");
            assert!(!names_one || step.contains("id=?"), "{sql}\n{step}");
            let names_creator = sql.contains(" AND created_by IS ") && step.contains(" objects ");
            assert!(!names_creator || step.contains("created_by=?"), "{sql}\n{step}");
        }
    }
}

/// Notes each statement that is run.
fn traced(connection: &mut Connection) -> Arc<Mutex<Vec<String>>> {
    let statements = Arc::<Mutex<Vec<String>>>::default();
    let noted = statements.clone();
    let note = move |event: TraceEvent<'_>| {
        if let TraceEvent::Stmt(statement, _) = event {
            noted.lock().unwrap().push(statement.sql().into_owned());
        }
    };
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(note)).unwrap();
    statements
}

fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = statement.raw_query().mapped(|row| row.get("detail"));
    steps.collect::<rusqlite::Result<_>>().unwrap()
}

fn add(tx: &mut Tx<'_>) -> Result<()> {
    let text = String::new;
    let (created_at_ms, expires_at_ms, revoked_at_ms) = (1, 1, None);
    let key = ApiKey { key: text(), app: APP, name: text(), created_at_ms, revoked_at_ms };
    tx.insert_api_key(&key)?;
    let key = SecretKey { id: text(), app: APP, name: text(), scopes: text(), created_at_ms, revoked_at_ms };
    tx.insert_secret_key(&key, &HASH)?;
    tx.put_plugin(APP, "bridge", "", 1)?;
    tx.insert_user(APP, &NewUser { id: text(), role: text(), profile: text(), password_hash: None }, 1)?;
    tx.insert_session(
        APP,
        &NewSession {
            hash: HASH,
            user_id: text(),
            created_at_ms,
            expires_at_ms,
            address: text(),
            user_agent: text(),
        },
    )?;
    tx.insert_push(
        APP,
        &NewPush {
            number: 0,
            id: text(),
            to: text(),
            event_name: text(),
            message: text(),
            mode: text(),
            actor: text(),
            sent_at_ms: 1,
            matched_users: 0,
            delivered: 0,
            queued: 0,
        },
    )?;
    add_data(tx)?;
    add_scenarios(tx)?;
    tx.append_audit(&NewAudit {
        at_ms: 1,
        actor: text(),
        action: text(),
        app: None,
        subject: text(),
        detail: text(),
        address: text(),
    })?;
    tx.put_admin("", "", 1)?;
    tx.insert_admin_session(&NewAdminSession {
        hash: HASH,
        admin: text(),
        csrf: text(),
        created_at_ms,
        expires_at_ms,
    })
}

fn add_data(tx: &mut Tx<'_>) -> Result<()> {
    let text = String::new;
    tx.put_structure(APP, "", "", 1)?;
    tx.put_endpoint(APP, "", "", "", 1)?;
    let (created_at_ms, updated_at_ms, created_by) = (1, 1, None);
    let object =
        Object { id: text(), version: 1, data: "{}".into(), created_at_ms, updated_at_ms, created_by };
    tx.insert_object(APP, "", &object)?;
    let (before, after) = (None, None);
    let change = NewChange {
        structure: text(),
        object_id: text(),
        kind: text(),
        fields: text(),
        before,
        after,
        actor: text(),
        depth: 0,
        at_ms: 1,
    };
    tx.insert_change(APP, &change).map(drop)
}

fn trigger() -> TriggerKey {
    TriggerKey { kind: String::new(), subject: String::new() }
}

/// Two runs: one that goes on and ends, and one that is open for what comes after.
fn add_scenarios(tx: &mut Tx<'_>) -> Result<()> {
    let text = String::new;
    let (enabled, hook, due_at_ms) = (true, Some(text()), Some(1));
    let (id, document, actor) = (text(), text(), text());
    let new = NewScenario { id, document, enabled, trigger: trigger(), hook, due_at_ms, actor, at_ms: 1 };
    let scenario = tx.put_scenario(APP, &new)?.number;
    let (version, status, depth, error) = (1, RunStatus::Queued, 0, None);
    let (cause, lane, start) = (text(), text(), text());
    let new = NewRun { scenario, version, status, cause, lane, depth, start, error, at_ms: 1 };
    tx.insert_run(APP, &new)?;
    let run = tx.insert_run(APP, &new)?;
    tx.start_run(APP, run, 1)?;
    tx.note_run_effect(run, "")?;
    let steps = vec![text()];
    let progress = RunProgress { state: text(), steps: steps.clone(), status: RunStatus::Running, due_at_ms };
    tx.continue_run(run, &progress)?;
    tx.end_run(APP, run, &RunEnd { status: RunStatus::Done, steps, error: None, at_ms: 1 })
}

fn read_scenarios(view: &View<'_>) -> Result<()> {
    view.scenario(APP, "")?;
    view.scenarios(APP)?;
    view.count_scenarios(APP)?;
    view.apps_with_scenarios()?;
    view.scenarios_by_trigger(APP, &trigger())?;
    view.starts_scenarios(APP, "", "")?;
    view.scenario_by_hook("")?;
    view.scenario_generation(APP)?;
    view.scenario_version(1, 1)?;
    view.run(APP, 1)?;
    view.open_runs(APP)?;
    view.run_steps(1)?;
    for after in [None, Some("1".to_owned())] {
        let page = Page { after, limit: 1 };
        view.scenario_versions(1, &page)?;
        for scenario in [None, Some(String::new())] {
            for status in [None, Some(RunStatus::Waiting), Some(RunStatus::Done)] {
                for lane in [None, Some(String::new())] {
                    view.runs(APP, &RunFilter { scenario: scenario.clone(), status, lane }, &page)?;
                }
            }
        }
    }
    Ok(())
}

fn change_scenarios(tx: &mut Tx<'_>) -> Result<()> {
    tx.set_scenario_due(1, 1, None)?;
    tx.trim_scenario_versions(1, 1)?;
    tx.trim_runs(APP, 1)?;
    tx.forget_run(APP, 1)?;
    tx.delete_scenario(APP, "")
}

fn read_data(view: &View<'_>) -> Result<()> {
    view.structure(APP, "")?;
    view.structures(APP)?;
    view.count_structures(APP)?;
    view.count_objects(APP)?;
    view.endpoint(APP, "", "")?;
    view.endpoints(APP)?;
    view.endpoints_of(APP, "")?;
    view.count_endpoints(APP)?;
    view.object(APP, "", "")?;
    view.changes(APP, 1)?;
    view.apps_with_changes()?;
    view.count_changes(APP)?;
    let is = |place| Some(Condition::Is(place, Comparison::Equal, Operand::Text(String::new())));
    for condition in [None, is(Place::Id), is(Place::CreatedBy), is(Place::Field("x".into()))] {
        view.objects(APP, "", &ObjectQuery { condition, limit: 1, ..ObjectQuery::default() })?;
    }
    Ok(())
}

fn read(view: &View<'_>) -> Result<()> {
    read_data(view)?;
    read_scenarios(view)?;
    view.apps()?;
    view.app("")?;
    view.plugins(APP)?;
    view.all_plugins()?;
    view.api_keys(APP)?;
    view.all_api_keys()?;
    view.secret_keys(APP)?;
    view.all_secret_keys()?;
    view.user(APP, "")?;
    view.user_password(APP, "")?;
    view.count_users(APP)?;
    view.count_role(APP, "")?;
    view.session_by_hash(APP, &HASH)?;
    view.session_any_app_by_hash(&HASH)?;
    view.session(APP, 1)?;
    view.sessions_expired(0, 1)?;
    view.push_by_id(APP, "")?;
    view.admins_count()?;
    view.admin_password("")?;
    view.admin_session_by_hash(&HASH)?;
    for after in [None, Some("1".to_owned())] {
        let page = Page { after, limit: 1 };
        for role in [None, Some("".to_owned())] {
            for starts_with in [None, Some("0".to_owned())] {
                view.users(APP, &UserFilter { role: role.clone(), starts_with }, &page)?;
            }
        }
        for user in [None, Some("")] {
            view.sessions(APP, user, &page)?;
            view.audit(user, &page)?;
        }
        view.pushes(APP, &page)?;
    }
    Ok(())
}

fn change(tx: &mut Tx<'_>) -> Result<()> {
    change_scenarios(tx)?;
    tx.update_object(APP, "", "", "{}", 2)?;
    tx.delete_object(APP, "", "")?;
    tx.delete_changes(&[1])?;
    tx.delete_endpoint(APP, "", "")?;
    tx.delete_structure(APP, "")?;
    tx.update_app(APP, "", "")?;
    tx.revoke_api_key(APP, "", 1)?;
    tx.revoke_secret_key(APP, "", 1)?;
    tx.remove_plugin(APP, "")?;
    tx.update_user(APP, "", &UserChange::default(), 1)?;
    tx.renew_session(APP, 1, 1, 1)?;
    tx.delete_oldest_sessions(APP, "", 1)?;
    tx.delete_expired_sessions(1, 1)?;
    tx.delete_sessions_of_user(APP, "")?;
    tx.delete_session(APP, 1)?;
    tx.delete_user(APP, "")?;
    tx.trim_pushes(APP, 1)?;
    tx.delete_admin_session(&HASH)?;
    tx.delete_admin_sessions("")?;
    tx.delete_expired_admin_sessions(1)?;
    let app = tx.insert_app("other", "", "", 1)?;
    tx.delete_app(app.number)
}
