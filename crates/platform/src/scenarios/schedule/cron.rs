//! Cron expressions of five fields: minute, hour, day of the month, month, day of the week. Each is `*`, a value, a range
//! `a-b`, one of them with a step (`*/5`, `8-18/2`), or several with commas; months and days may have their English names.
//! If both the day of the month and the day of the week are given, either is enough.

use std::str::FromStr;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

/// A cron expression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cron {
    source: String,
    minutes: Set,
    hours: Set,
    days_of_month: Set,
    months: Set,
    /// Sunday is 0.
    days_of_week: Set,
    days: Days,
}

/// Which days are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Days {
    /// In both sets.
    Both,
    /// In either of the sets.
    Either,
}

/// Numbers below 64, one bit for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Set(u64);

/// What a field may hold.
struct Field {
    name: &'static str,
    first: u8,
    last: u8,
    /// Names of the values from `first` on.
    names: &'static [&'static str],
}

const MINUTE: Field = Field { name: "minute", first: 0, last: 59, names: &[] };
const HOUR: Field = Field { name: "hour", first: 0, last: 23, names: &[] };
const DAY_OF_MONTH: Field = Field { name: "day of the month", first: 1, last: 31, names: &[] };
const MONTH: Field = Field {
    name: "month",
    first: 1,
    last: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const DAY_OF_WEEK: Field = Field {
    name: "day of the week",
    first: 0,
    last: 7,
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

pub(in crate::scenarios) const SOURCE_BYTES_MAX: usize = 500;

impl Cron {
    pub(super) fn has_day(&self, day: Date) -> bool {
        let of_month = self.days_of_month.has(day.day() as u8);
        let of_week = self.days_of_week.has(day.weekday().to_sunday_zero_offset() as u8);
        let is_day = match self.days {
            Days::Both => of_month && of_week,
            Days::Either => of_month || of_week,
        };
        is_day && self.months.has(day.month() as u8)
    }

    /// The times of a day, in order.
    pub(super) fn times(&self) -> impl Iterator<Item = Time> {
        let hours = (0..24).filter(|hour| self.hours.has(*hour));
        hours.flat_map(|hour| {
            let minutes = (0..60).filter(|minute| self.minutes.has(*minute));
            minutes.map(move |minute| Time::constant(hour as i8, minute as i8, 0, 0))
        })
    }
}

impl Set {
    fn has(self, number: u8) -> bool {
        self.0 & (1 << number) != 0
    }
}

impl FromStr for Cron {
    type Err = String;

    fn from_str(source: &str) -> Result<Self, String> {
        if source.len() > SOURCE_BYTES_MAX {
            return Err(format!("a cron expression can't have more than {SOURCE_BYTES_MAX} bytes"));
        }
        let fields: Vec<&str> = source.split_ascii_whitespace().collect();
        let [minutes, hours, days_of_month, months, days_of_week] = fields[..] else {
            let message =
                "a cron expression has five fields: minute, hour, day of the month, month, day of the week";
            return Err(message.to_owned());
        };
        let is_any = |field: &str| field.starts_with('*');
        let days = if is_any(days_of_month) || is_any(days_of_week) { Days::Both } else { Days::Either };
        let week = DAY_OF_WEEK.parse(days_of_week)?.0;
        Ok(Self {
            source: source.to_owned(),
            minutes: MINUTE.parse(minutes)?,
            hours: HOUR.parse(hours)?,
            days_of_month: DAY_OF_MONTH.parse(days_of_month)?,
            months: MONTH.parse(months)?,
            // Sunday is 7 as well.
            days_of_week: Set(week | (week >> 7)),
            days,
        })
    }
}

impl TryFrom<String> for Cron {
    type Error = String;

    fn try_from(source: String) -> Result<Self, String> {
        source.parse()
    }
}

impl From<Cron> for String {
    fn from(cron: Cron) -> Self {
        cron.source
    }
}

impl Field {
    fn parse(&self, text: &str) -> Result<Set, String> {
        text.split(',').try_fold(Set(0), |set, part| Ok(Set(set.0 | self.part(part)?.0)))
    }

    /// One part between commas.
    fn part(&self, part: &str) -> Result<Set, String> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (self.first, self.last),
            Some((first, last)) => (self.value(first)?, self.value(last)?),
            // A single value with a step goes on to the end.
            None if step.is_some() => (self.value(range)?, self.last),
            None => (self.value(range)?, self.value(range)?),
        };
        if first > last {
            return Err(format!("{}: {range:?} ends before it begins", self.name));
        }
        let step = step.map_or(Some(1), |step| step.parse().ok().filter(|step| (1..64).contains(step)));
        let step: usize = step.ok_or_else(|| format!("{}: {part:?} has no step of 1 to 63", self.name))?;
        let numbers = (first..=last).step_by(step);
        Ok(Set(numbers.fold(0, |set, number| set | 1 << number)))
    }

    fn value(&self, text: &str) -> Result<u8, String> {
        let name = text.to_ascii_lowercase();
        let named = self.names.iter().position(|known| *known == name);
        let value = match named {
            Some(index) => Some(self.first + index as u8),
            None if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
            None => None,
        };
        let value = value.filter(|value| (self.first..=self.last).contains(value));
        value.ok_or_else(|| format!("{}: {text:?} isn't {} to {}", self.name, self.first, self.last))
    }
}
