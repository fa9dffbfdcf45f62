//! `campanile scenario`: scenarios of an app; `test`, whether a file holds one, and what that would do; and the schema of such
//! files. The latter two ask no hub, and do nothing.

mod stored;

use std::{
    fs,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::SystemTime,
};

use anyhow::{Context, bail};
use campanile_platform::scenarios::{
    definition::{Definition, DefinitionLimits, Trigger},
    dry_run::{Rehearsal, Trial, rehearse},
    engine::StepRecord,
    schedule::{Zone, instant_ms},
    schema,
    validate::{self, Checked, Finding},
    world::Start,
};
use clap::Subcommand;
use serde_json::{Map, Value, json};

use super::{
    connection::Connection,
    output::{Format, print, shown},
    time,
};

#[derive(Debug, Subcommand)]
pub(super) enum ScenarioCommand {
    /// Check a scenario, and show what each of its steps would do; nothing is done.
    Test(TestArgs),
    /// Print the JSON Schema of scenarios, for editors.
    Schema,
    #[command(flatten)]
    Stored(stored::StoredCommand),
}

#[derive(Debug, clap::Args)]
pub(super) struct TestArgs {
    /// The scenario, a JSON file.
    file: PathBuf,
    /// The object that triggers it, a JSON file.
    #[arg(long, value_name = "FILE")]
    object: Option<PathBuf>,
    /// The user who does.
    #[arg(long, value_name = "ID")]
    user: Option<String>,
    /// The time, as in 2026-03-29T01:00:00Z [default: now].
    #[arg(long, value_name = "TIME", value_parser = instant_ms)]
    now: Option<i64>,
    /// The time zone of the app, for a scenario that names none.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: Zone,
    /// What else is known: before, changed, event, provider, WebUser, HttpRequest, GlobalVar; may be given several times.
    #[arg(long, value_name = "NAME=JSON")]
    given: Vec<Member>,
    /// What a step gets that leaves it `as` this name; may be given several times.
    #[arg(long, value_name = "NAME=JSON")]
    answer: Vec<Member>,
    /// The object, or objects, that a field links to; may be given several times.
    #[arg(long, value_name = "FIELD=JSON")]
    link: Vec<Member>,
}

/// A name with a value, as it is typed.
#[derive(Clone, Debug)]
struct Member(String, Value);

impl FromStr for Member {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("there is no \"=\" in it")?;
        let value = serde_json::from_str(value).map_err(|error| format!("this isn't JSON: {error}"))?;
        Ok(Self(name.to_owned(), value))
    }
}

fn members(members: Vec<Member>) -> Map<String, Value> {
    members.into_iter().map(|Member(name, value)| (name, value)).collect()
}

impl ScenarioCommand {
    pub(super) fn run(self, connection: &Connection) -> anyhow::Result<()> {
        match self {
            Self::Test(args) => args.run(connection.format()),
            Self::Stored(command) => command.run(&connection.client()?),
            Self::Schema => print(&format!("{:#}\n", schema::document(&DefinitionLimits::default()))),
        }
    }
}

impl TestArgs {
    fn run(self, format: Format) -> anyhow::Result<()> {
        let (file, is_json) = (self.file.clone(), format == Format::Json);
        let document = read(&file)?;
        let Checked { definition, warnings } = match validate::check(&document, &DefinitionLimits::default())
        {
            Ok(checked) => checked,
            Err(mistakes) => return refuse(&file, &mistakes, is_json),
        };
        let of_app = self.time_zone.clone();
        let trial = self.trial(&definition)?;
        let due = next_times(&definition, &of_app, trial.now_ms);
        let definition = Arc::new(definition);
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let rehearsal = runtime.block_on(rehearse(&definition, trial));
        if is_json {
            let answer = json!({ "warnings": warnings, "due_at_ms": due, "run": rehearsal });
            print(&format!("{answer}\n"))?;
        } else {
            warnings.iter().for_each(|warning| eprintln!("{}: warning: {}", file.display(), plain(warning)));
            print(
                &due.iter().map(|at_ms| format!("due {}\n", time::date_and_time(*at_ms))).collect::<String>(),
            )?;
            print(&described(&rehearsal))?;
        }
        match rehearsal.failure {
            Some(failure) => bail!("the run fails: {}: {}", failure.code, shown(&failure.message)),
            None => Ok(()),
        }
    }

    fn trial(self, definition: &Definition) -> anyhow::Result<Trial> {
        let object = match &self.object {
            Some(file) => match read(file)? {
                Value::Object(object) => object,
                _ => bail!("{}: isn't an object", file.display()),
            },
            None => Map::new(),
        };
        let mut given = members(self.given);
        if let Some(user) = self.user {
            given.insert("WebUser".to_owned(), json!({ "id": user }));
        }
        let globals = match given.remove("GlobalVar") {
            Some(Value::Object(globals)) => globals,
            _ => Map::new(),
        };
        let structure = definition.trigger.structure().map(str::to_owned);
        Ok(Trial {
            start: Start { structure, object, given },
            now_ms: self.now.unwrap_or_else(now_ms),
            answers: members(self.answer),
            links: members(self.link),
            globals,
        })
    }
}

fn now_ms() -> i64 {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

fn read(file: &Path) -> anyhow::Result<Value> {
    let text = fs::read_to_string(file).with_context(|| format!("{}: cannot be read", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{}: isn't JSON", file.display()))
}

/// Tells all mistakes, the last one as the command's failure.
fn refuse(file: &Path, mistakes: &[Finding], is_json: bool) -> anyhow::Result<()> {
    if is_json {
        print(&format!("{}\n", json!({ "mistakes": mistakes })))?;
    }
    let lines: Vec<String> =
        mistakes.iter().map(|mistake| format!("{}: {}", file.display(), plain(mistake))).collect();
    bail!("{}", lines.join("\n"))
}

fn plain(finding: &Finding) -> String {
    shown(&finding.to_string())
}

/// The next three times at which a schedule is due.
fn next_times(definition: &Definition, of_app: &Zone, now_ms: i64) -> Vec<i64> {
    let Trigger::Schedule(schedule) = &definition.trigger else { return Vec::new() };
    let zone = definition.time_zone.as_ref().unwrap_or(of_app);
    let next = |after: &i64| schedule.next_after(*after, zone);
    std::iter::successors(next(&now_ms), next).take(3).collect()
}

fn described(rehearsal: &Rehearsal) -> String {
    let mut text = match (rehearsal.is_admitted, rehearsal.steps.is_empty()) {
        (false, _) if rehearsal.failure.is_some() => String::new(),
        (false, _) => "the filter doesn't hold: nothing is done\n".to_owned(),
        (true, true) => "there are no steps\n".to_owned(),
        (true, false) => rehearsal.steps.iter().map(step).collect(),
    };
    if let Some(response) = &rehearsal.response {
        text += &format!("answer {} {}\n", response.status, shown(&response.content_type));
    }
    text
}

/// A step in one line for itself, and one for each thing that it would do.
fn step(record: &StepRecord) -> String {
    let name = record.name.as_ref().map(|name| format!(" {:?}", shown(name))).unwrap_or_default();
    let attempt = if record.attempt > 1 { format!(", attempt {}", record.attempt) } else { String::new() };
    let mut text = format!("{}: {}{name}{attempt}\n", record.path, record.kind);
    if let Value::Object(input) = &record.input {
        let given = input.iter().filter(|(_, value)| !value.is_null());
        text.extend(given.map(|(name, value)| format!("  {name}: {}\n", cell(value))));
    }
    if !record.output.is_null() {
        text += &format!("  -> {}\n", cell(&record.output));
    }
    text
}

fn cell(value: &Value) -> String {
    shown(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}
