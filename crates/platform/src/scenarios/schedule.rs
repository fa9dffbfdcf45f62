//! When a schedule is due: the next instant after another, in a time zone with its changes of the clock. It reads no clock.
//!
//! Where the clock goes forward, what was due in the skipped hour is due once, right after it. Where it goes back, what is
//! due in the repeated hour is due the first time only.

mod cron;

use std::{borrow::Cow, fmt, str::FromStr};

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Time, Weekday},
    tz::{AmbiguousOffset, TimeZone},
};
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

pub use self::cron::Cron;
pub(super) use self::cron::SOURCE_BYTES_MAX as CRON_BYTES_MAX;

/// When something is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub enum Schedule {
    /// Every so many seconds, counted from the epoch.
    Every(u32),
    /// Whenever the clock shows what a cron expression says.
    Cron(Cron),
    /// Every day.
    Daily(At),
    /// Every week.
    Weekly(Weekly),
    /// Every month.
    Monthly(Monthly),
}

/// A schedule as a document writes it: one of these.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Fields {
    /// Every so many seconds, counted from the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    every_s: Option<u32>,
    /// Whenever the clock shows this: minute, hour, day of the month, month, day of the week.
    #[serde(skip_serializing_if = "Option::is_none")]
    cron: Option<Cron>,
    /// Every day at this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    daily: Option<At>,
    /// Every week.
    #[serde(skip_serializing_if = "Option::is_none")]
    weekly: Option<Weekly>,
    /// Every month.
    #[serde(skip_serializing_if = "Option::is_none")]
    monthly: Option<Monthly>,
}

/// A time on a day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WeeklyTime)]
pub struct Weekly {
    /// The day.
    pub day: Day,
    /// The time.
    pub at: At,
}

/// A time on a day of the month; in a shorter month, on its last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MonthlyTime)]
pub struct Monthly {
    /// The day, 1 to 31.
    pub day: DayOfMonth,
    /// The time.
    pub at: At,
}

/// A day of the month, 1 to 31.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct DayOfMonth(u8);

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Weekday)]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// A time of day, `HH:MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct At {
    hour: u8,
    minute: u8,
}

/// A time zone of the IANA database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

/// Seconds of the longest interval, a year.
pub(super) const EVERY_S_MAX: u32 = 366 * 24 * 60 * 60;

/// Days after which a schedule that wasn't due never is: February has 29 days every eight years at least.
const DAYS_MAX: u32 = 9 * 366;

impl Schedule {
    /// The next time at which it is due after an instant, both in milliseconds since the epoch. `None` if it never is.
    #[must_use]
    pub fn next_after(&self, after_ms: i64, zone: &Zone) -> Option<i64> {
        if let Self::Every(seconds) = self {
            let interval_ms = i64::from(*seconds) * 1_000;
            return (after_ms.div_euclid(interval_ms) + 1).checked_mul(interval_ms);
        }
        let after = Timestamp::from_millisecond(after_ms).ok()?;
        let mut day = zone.zone.to_datetime(after).date();
        for _ in 0..DAYS_MAX {
            let due = self.times_on(day).filter_map(|time| zone.instant(day.to_datetime(time)));
            if let Some(due) = due.into_iter().find(|due| *due > after) {
                return Some(due.as_millisecond());
            }
            day = day.checked_add(1.day()).ok()?;
        }
        None
    }

    /// The times at which it is due on a day, in order.
    fn times_on(&self, day: Date) -> impl Iterator<Item = Time> {
        let (is_due, at) = match self {
            Self::Every(_) => (false, None),
            Self::Cron(cron) => (cron.has_day(day), None),
            Self::Daily(at) => (true, Some(at)),
            Self::Weekly(Weekly { day: weekday, at }) => (weekday.is(day.weekday()), Some(at)),
            Self::Monthly(Monthly { day: DayOfMonth(of_month), at }) => {
                (day.day() == (*of_month as i8).min(day.days_in_month()), Some(at))
            }
        };
        let cron = if let Self::Cron(cron) = self { Some(cron) } else { None };
        let of_cron = cron.filter(|_| is_due).into_iter().flat_map(Cron::times);
        at.filter(|_| is_due).map(At::time).into_iter().chain(of_cron)
    }
}

impl PartialSchema for Schedule {
    fn schema() -> RefOr<Schema> {
        Fields::schema()
    }
}

impl ToSchema for Schedule {
    fn name() -> Cow<'static, str> {
        "ScheduleTrigger".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Fields::schemas(schemas);
    }
}

impl TryFrom<Fields> for Schedule {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let Fields { every_s, cron, daily, weekly, monthly } = fields;
        let given = [
            every_s.map(Self::Every),
            cron.map(Self::Cron),
            daily.map(Self::Daily),
            weekly.map(Self::Weekly),
            monthly.map(Self::Monthly),
        ];
        let mut given = given.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(Self::Every(seconds)), None) if !(1..=EVERY_S_MAX).contains(&seconds) => {
                Err(format!("every_s must be 1 to {EVERY_S_MAX}"))
            }
            (Some(schedule), None) => Ok(schedule),
            _ => Err("exactly one of every_s, cron, daily, weekly, monthly is needed".to_owned()),
        }
    }
}

impl From<Schedule> for Fields {
    fn from(schedule: Schedule) -> Self {
        let none = Self::default();
        match schedule {
            Schedule::Every(seconds) => Self { every_s: Some(seconds), ..none },
            Schedule::Cron(cron) => Self { cron: Some(cron), ..none },
            Schedule::Daily(at) => Self { daily: Some(at), ..none },
            Schedule::Weekly(weekly) => Self { weekly: Some(weekly), ..none },
            Schedule::Monthly(monthly) => Self { monthly: Some(monthly), ..none },
        }
    }
}

impl TryFrom<u8> for DayOfMonth {
    type Error = String;

    fn try_from(day: u8) -> Result<Self, String> {
        if (1..=31).contains(&day) { Ok(Self(day)) } else { Err("the day must be 1 to 31".to_owned()) }
    }
}

impl From<DayOfMonth> for u8 {
    fn from(day: DayOfMonth) -> Self {
        day.0
    }
}

impl Day {
    fn is(self, weekday: Weekday) -> bool {
        self as i8 == weekday.to_monday_zero_offset()
    }
}

impl At {
    fn time(&self) -> Time {
        Time::constant(self.hour as i8, self.minute as i8, 0, 0)
    }
}

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let two_digits = |text: &str, end: u8| {
            let is_right = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|number| is_right && *number < end)
        };
        let parts = text.split_once(':');
        let at = parts.and_then(|(hour, minute)| {
            Some(Self { hour: two_digits(hour, 24)?, minute: two_digits(minute, 60)? })
        });
        at.ok_or_else(|| format!("{text:?} is no time of day: 09:30 is one"))
    }
}

impl TryFrom<String> for At {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<At> for String {
    fn from(at: At) -> Self {
        at.to_string()
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl Zone {
    /// The instant at which the clock shows a time: the first one if it shows it twice, and the end of the gap if it
    /// never does.
    fn instant(&self, time: DateTime) -> Option<Timestamp> {
        let ambiguous = self.zone.to_ambiguous_timestamp(time);
        match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(time).ok(),
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(time).ok(),
            AmbiguousOffset::Gap { after, .. } => {
                let before_gap = after.to_timestamp(time).ok()?;
                self.zone.following(before_gap).next().map(|transition| transition.timestamp())
            }
        }
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }
}

impl FromStr for Zone {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match TimeZone::get(name) {
            Ok(zone) => Ok(Self { name: name.to_owned(), zone }),
            Err(_) => Err(format!("{name:?} is no time zone: Europe/Berlin is one")),
        }
    }
}

impl TryFrom<String> for Zone {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name
    }
}

/// An instant as RFC 3339 writes it, in milliseconds since the epoch.
///
/// # Errors
/// A sentence for whoever wrote it.
pub fn instant_ms(text: &str) -> Result<i64, String> {
    let instant: Result<Timestamp, _> = text.parse();
    instant
        .map(Timestamp::as_millisecond)
        .map_err(|_| format!("{text:?} is no instant: 2026-03-29T01:00:00Z is one"))
}

#[cfg(test)]
mod tests;
