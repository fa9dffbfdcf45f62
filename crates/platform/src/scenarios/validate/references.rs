//! Whether what steps read is there by then. Whoever reads too early gets nothing, which is allowed, so these are warnings.

use std::collections::BTreeSet;

use super::Finding;
use crate::scenarios::definition::{Definition, Step, Trigger};

pub(super) fn check(definition: &Definition) -> Vec<Finding> {
    let mut names = BTreeSet::new();
    note_results(&definition.steps, &mut names);
    let mut walk = Walk { definition, names, known: BTreeSet::new(), findings: Vec::new() };
    if let Some(filter) = &definition.filter {
        walk.look("filter", &filter.paths());
    }
    walk.steps("steps", &definition.steps);
    walk.findings
}

/// The names under which steps leave what came out of them.
fn note_results<'a>(steps: &'a [Step], names: &mut BTreeSet<&'a str>) {
    for step in steps {
        names.extend(step.result());
        if let Step::If(condition) = step {
            note_results(&condition.then, names);
            note_results(&condition.otherwise, names);
        }
    }
}

struct Walk<'a> {
    definition: &'a Definition,
    /// All names of results.
    names: BTreeSet<&'a str>,
    /// Those that there are by now, in one branch at least.
    known: BTreeSet<&'a str>,
    findings: Vec<Finding>,
}

impl<'a> Walk<'a> {
    fn steps(&mut self, path: &str, steps: &'a [Step]) {
        for (index, step) in steps.iter().enumerate() {
            self.step(&format!("{path}[{index}]"), step);
        }
    }

    fn step(&mut self, path: &str, step: &'a Step) {
        for (field, part) in step.parts() {
            self.look(&format!("{path}.{field}"), &part.paths());
        }
        match step {
            Step::If(condition) => {
                let before = self.known.clone();
                self.steps(&format!("{path}.then"), &condition.then);
                let after_then = std::mem::replace(&mut self.known, before);
                self.steps(&format!("{path}.else"), &condition.otherwise);
                self.known.extend(after_then);
            }
            Step::Respond(_) if !self.is_awaited() => {
                self.add(path, "nobody waits for an answer with this trigger".to_owned());
            }
            Step::RunScenario(run) if run.scenario == self.definition.id => {
                self.add(path, "the scenario starts itself: that ends at the limit of depth".to_owned());
            }
            _ => self.known.extend(step.result()),
        }
    }

    fn look(&mut self, path: &str, reads: &BTreeSet<String>) {
        let first = |read: &String| read.split('.').next().unwrap_or_default().to_owned();
        let firsts: BTreeSet<String> = reads.iter().map(first).collect();
        let early = firsts
            .into_iter()
            .filter(|name| self.names.contains(name.as_str()) && !self.known.contains(name.as_str()));
        for name in early.collect::<Vec<_>>() {
            self.add(path, format!("reads {name:?} before a step has left it there"));
        }
    }

    fn add(&mut self, path: &str, message: String) {
        self.findings.push(Finding { path: path.to_owned(), message });
    }

    /// Whether somebody may wait for an answer; another scenario may have been started by somebody who does.
    fn is_awaited(&self) -> bool {
        matches!(
            self.definition.trigger,
            Trigger::Endpoint { .. }
                | Trigger::Webhook {}
                | Trigger::SocketEvent { .. }
                | Trigger::Scenario {}
        )
    }
}
