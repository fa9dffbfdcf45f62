//! A number that was counted, and the most that it may be.

use std::fmt;

/// What was counted.
pub(crate) struct Finding {
    pub(crate) name: &'static str,
    pub(crate) number: f64,
    /// A little above what it was when it was last looked at: who exceeds it explains why, and moves it.
    pub(crate) at_most: f64,
}

impl Finding {
    pub(crate) fn is_within(&self) -> bool {
        self.number <= self.at_most
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, number, at_most } = self;
        let verdict = if self.is_within() { "ok" } else { "EXCEEDED" };
        write!(f, "  {name:<44} {number:>10.3}  at most {at_most:>8}  {verdict}")
    }
}
