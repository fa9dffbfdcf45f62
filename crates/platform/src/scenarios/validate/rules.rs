//! What a document of the right shape must keep to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{Findings, read::Parts};
use crate::{
    bridge::ProviderId,
    platform::is_own_event,
    push::{self, Mode},
    scenarios::{
        definition::{
            Create, Definition, DefinitionLimits, Delete, Edit, Http, If, Push, RequestProvider, Respond,
            RunScenario, Step, Trigger, Wait,
        },
        schedule::Zone,
        written::{JsonText, Text},
    },
};

/// Names in the context that aren't fields of an object.
pub(in crate::scenarios) const RESERVED: [&str; 9] =
    ["id", "now", "before", "changed", "event", "provider", "WebUser", "GlobalVar", "HttpRequest"];

const NAME_BYTES_MAX: usize = 64;

pub(super) fn check(document: &Value, parts: &Parts, limits: &DefinitionLimits, findings: &mut Findings) {
    let bytes = document.to_string().len();
    findings.expect(
        bytes <= limits.bytes_max,
        "",
        format!("a scenario can't have more than {} bytes", limits.bytes_max),
    );
    let steps = parts.steps.len();
    findings.expect(
        steps <= limits.steps_max,
        "steps",
        format!("a scenario can't have more than {} steps", limits.steps_max),
    );
    let zone = parts.head.as_ref().and_then(|head| head.time_zone.clone()).unwrap_or_default();
    if let Some(head) = &parts.head {
        check_head(head, limits, findings);
    }
    if let Some(trigger) = &parts.trigger {
        check_trigger(trigger, &zone, findings);
    }
    for (path, step) in &parts.steps {
        let mut rules = Rules { path, limits, trigger: parts.trigger.as_ref(), findings };
        rules.check(step);
    }
}

fn check_head(head: &Definition, limits: &DefinitionLimits, findings: &mut Findings) {
    findings.expect(is_id(&head.id, limits), "id", id_rule(limits));
    let is_short = head.name.len() <= limits.name_bytes_max;
    findings.expect(is_short, "name", format!("can't have more than {} bytes", limits.name_bytes_max));
    if let Some(Err(error)) = head.filter.as_ref().map(|filter| filter.compiled()) {
        findings.add("filter", error.to_string());
    }
}

fn check_trigger(trigger: &Trigger, zone: &Zone, findings: &mut Findings) {
    if let Some(structure) = trigger.structure() {
        let at = if matches!(trigger, Trigger::Endpoint { .. }) { "endpoint" } else { "structure" };
        findings.expect(is_name(structure), format!("trigger.{at}"), NAME_RULE);
    }
    match trigger {
        Trigger::ObjectChanged { fields, .. } => {
            for (index, field) in fields.iter().enumerate() {
                findings.expect(is_name(field), format!("trigger.fields[{index}]"), NAME_RULE);
            }
        }
        Trigger::Schedule(schedule) => {
            let start = Timestamp::UNIX_EPOCH.as_millisecond();
            findings.expect(schedule.next_after(start, zone).is_some(), "trigger", "never comes");
        }
        Trigger::Endpoint { endpoint } => {
            let is_pair = endpoint.split_once('/').is_some_and(|(_, method)| is_method(method));
            findings.expect(
                is_pair,
                "trigger.endpoint",
                "must be a structure and a method: \"orders/create\"",
            );
        }
        Trigger::SocketEvent { event_name } => {
            if let Some(problem) = push::event_name_problem(event_name) {
                findings.add("trigger.event_name", problem);
            }
            let rule = format!("{event_name:?} is an event of the hub's own");
            findings.expect(!is_own_event(event_name), "trigger.event_name", rule);
        }
        Trigger::ProviderOnline { provider_id: Some(id) }
        | Trigger::ProviderOffline { provider_id: Some(id) }
        | Trigger::ProviderBroadcast { provider_id: Some(id) } => {
            let is_one = ProviderId::new(id, "provider_id").is_ok();
            let rule = format!("must have 1 to {} bytes", ProviderId::BYTES_MAX);
            findings.expect(is_one, "trigger.provider_id", rule);
        }
        _ => {}
    }
}

pub(crate) const NAME_RULE: &str =
    "must be a name: up to 64 letters without accents, digits and _, not beginning with a digit";

pub(crate) fn is_name(name: &str) -> bool {
    let is_right = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.len() <= NAME_BYTES_MAX
        && name.chars().all(is_right)
        && name.starts_with(|first: char| !first.is_ascii_digit())
}

/// As names of endpoints are.
pub(crate) fn is_method(method: &str) -> bool {
    let is_right = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=NAME_BYTES_MAX).contains(&method.len()) && method.chars().all(is_right)
}

fn is_id(id: &str, limits: &DefinitionLimits) -> bool {
    let is_right = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=limits.id_bytes_max).contains(&id.len()) && id.chars().all(is_right)
}

fn id_rule(limits: &DefinitionLimits) -> String {
    format!("must be 1 to {} letters without accents, digits, _ and -", limits.id_bytes_max)
}

/// The rules for one step.
struct Rules<'a> {
    path: &'a str,
    limits: &'a DefinitionLimits,
    trigger: Option<&'a Trigger>,
    findings: &'a mut Findings,
}

impl Rules<'_> {
    fn add(&mut self, field: &str, message: impl Into<String>) {
        self.findings.add(format!("{}.{field}", self.path), message);
    }

    fn expect(&mut self, is_well: bool, field: &str, message: impl Into<String>) {
        if !is_well {
            self.add(field, message);
        }
    }

    fn check(&mut self, step: &Step) {
        for (field, part) in step.parts() {
            for (inside, error) in part.mistakes() {
                self.add(&format!("{field}{inside}"), error.to_string());
            }
        }
        if let Some(name) = step.name() {
            let rule = format!("can't have more than {} bytes", self.limits.name_bytes_max);
            self.expect(name.len() <= self.limits.name_bytes_max, "name", rule);
        }
        if let Some(result) = step.result() {
            self.result(result);
        }
        match step {
            Step::Push(push) => self.push(push),
            Step::Edit(Edit { structure, id, set, .. }) => {
                self.object(structure.as_deref(), id.as_ref());
                self.expect(!set.is_empty(), "set", "is empty");
                self.fields(set);
            }
            Step::Create(Create { structure, set, .. }) => {
                self.expect(is_name(structure), "structure", NAME_RULE);
                self.fields(set);
            }
            Step::Delete(Delete { structure, id, .. }) => self.object(structure.as_deref(), id.as_ref()),
            Step::Http(http) => self.http(http),
            Step::RequestProvider(RequestProvider { provider_id, timeout_ms, .. }) => {
                self.expect(!provider_id.source().is_empty(), "provider_id", "is empty");
                self.timeout(*timeout_ms);
            }
            Step::If(If { then, otherwise, .. }) => {
                self.expect(
                    !then.is_empty() || !otherwise.is_empty(),
                    "then",
                    "has no steps, nor has \"else\"",
                );
            }
            Step::RunScenario(RunScenario { scenario, .. }) => {
                self.expect(is_id(scenario, self.limits), "scenario", id_rule(self.limits));
            }
            Step::Wait(Wait { for_s, .. }) => {
                let longest = self.limits.wait_s_max;
                self.expect((1..=longest).contains(for_s), "for_s", format!("must be 1 to {longest}"));
            }
            Step::Respond(respond) => self.respond(respond),
            Step::Log(_) => {}
        }
    }

    fn result(&mut self, result: &str) {
        self.expect(is_name(result), "as", NAME_RULE);
        self.expect(!RESERVED.contains(&result), "as", format!("{result:?} means something else already"));
    }

    fn push(&mut self, push: &Push) {
        let is_one = push.user_id.is_some() != push.role.is_some();
        self.expect(is_one, "user_id", "either user_id or role is needed, not both");
        if let Some(ids) = &push.user_id {
            self.expect(is_text_or_texts(ids.source()), "user_id", "must be a text or a list of texts");
        }
        let name = push.event_name.source();
        if !name.contains("{{")
            && let Some(problem) = push::event_name_problem(name)
        {
            self.add("event_name", problem);
        }
        let is_text = push.message.as_ref().is_none_or(|message| message.source().is_string());
        let rule = "must be a text; a value needs \"mode\": \"json\"";
        self.expect(is_text || push.mode == Mode::Json, "message", rule);
    }

    /// The object that a step is about, if it isn't the trigger's.
    fn object(&mut self, structure: Option<&str>, id: Option<&Text>) {
        if let Some(structure) = structure {
            self.expect(is_name(structure), "structure", NAME_RULE);
            self.expect(id.is_some(), "id", "is missing: which object of the structure is meant?");
        }
        let brings_object = self
            .trigger
            .is_none_or(|trigger| trigger.structure().is_some() || matches!(trigger, Trigger::Scenario {}));
        if structure.is_none() {
            self.expect(brings_object, "structure", "is missing: the trigger comes without an object");
        }
    }

    fn fields(&mut self, set: &BTreeMap<String, JsonText>) {
        for name in set.keys() {
            self.expect(is_name(name), &format!("set.{name}"), NAME_RULE);
        }
    }

    fn http(&mut self, http: &Http) {
        let url = http.url.source();
        let is_web = ["http://", "https://", "{{"].iter().any(|start| url.starts_with(start));
        self.expect(is_web, "url", "must begin with https:// or http://");
        for name in http.headers.keys() {
            if let Some(problem) = header_problem(name) {
                self.add(&format!("headers.{name}"), problem);
            }
        }
        self.timeout(http.timeout_ms);
        let most = self.limits.retries_max;
        self.expect(http.retries <= most, "retries", format!("can't be more than {most}"));
    }

    fn timeout(&mut self, timeout_ms: u64) {
        let longest = self.limits.timeout_ms_max;
        self.expect((1..=longest).contains(&timeout_ms), "timeout_ms", format!("must be 1 to {longest}"));
    }

    fn respond(&mut self, respond: &Respond) {
        self.expect((200..=599).contains(&respond.status), "status", "must be 200 to 599");
        let is_type = respond.content_type.contains('/') && is_header_value(&respond.content_type);
        self.expect(is_type, "content_type", "must be a media type: \"text/plain\"");
    }
}

fn is_text_or_texts(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty() && items.iter().all(Value::is_string),
        value => value.is_string(),
    }
}

/// Headers that belong to the connection, which is none of a scenario's business.
pub const OWN_HEADERS: [&str; 11] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Why this can't be the name of a header.
fn header_problem(name: &str) -> Option<&'static str> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(is_token) {
        return Some("isn't the name of a header");
    }
    let is_own = OWN_HEADERS.iter().any(|own| own.eq_ignore_ascii_case(name));
    is_own.then_some("is set by the hub")
}

fn is_header_value(value: &str) -> bool {
    value.chars().all(|c| (' '..='~').contains(&c))
}
