//! Where a run is: the path to the next step.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::scenarios::definition::Step;

/// The path to the next step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The conditions around it, the outermost first: the number of each, and which of its branches.
    around: Vec<(usize, Branch)>,
    /// The number of the step in the innermost list. It may be the end of it, which is left by the next look.
    index: usize,
}

/// A branch of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Branch {
    Then,
    Else,
}

impl Position {
    /// The next step. At the end of a branch it is the one after its condition; at the end of all there is none.
    pub(super) fn find<'a>(&mut self, steps: &'a [Step]) -> Option<&'a Step> {
        loop {
            if let Some(step) = self.list(steps)?.get(self.index) {
                return Some(step);
            }
            let (condition, _) = self.around.pop()?;
            self.index = condition + 1;
        }
    }

    fn list<'a>(&self, steps: &'a [Step]) -> Option<&'a [Step]> {
        self.around.iter().try_fold(steps, |steps, (index, branch)| match (steps.get(*index)?, branch) {
            (Step::If(condition), Branch::Then) => Some(&condition.then[..]),
            (Step::If(condition), Branch::Else) => Some(&condition.otherwise[..]),
            _ => None,
        })
    }

    pub(super) fn advance(&mut self) {
        self.index += 1;
    }

    /// Goes into a branch of the condition that is next.
    pub(super) fn enter(&mut self, branch: Branch) {
        self.around.push((self.index, branch));
        self.index = 0;
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("steps")?;
        for (index, branch) in &self.around {
            let branch = match branch {
                Branch::Then => "then",
                Branch::Else => "else",
            };
            write!(f, "[{index}].{branch}")?;
        }
        write!(f, "[{}]", self.index)
    }
}
