use jiff::{Timestamp, civil::Time, tz::TimeZone};
use proptest::prelude::*;
use serde_json::json;

use super::{Cron, Schedule, Zone};

fn schedule(document: serde_json::Value) -> Schedule {
    serde_json::from_value(document).unwrap()
}

fn ms(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

/// The next times after an instant.
fn following(schedule: &Schedule, zone: &str, after: &str, count: usize) -> Vec<String> {
    let zone: Zone = zone.parse().unwrap();
    let next = |after: &i64| schedule.next_after(*after, &zone);
    let due = std::iter::successors(next(&ms(after)), next).take(count);
    due.map(|due| Timestamp::from_millisecond(due).unwrap().to_string()).collect()
}

#[test]
fn each_kind_is_due_when_it_says() {
    for (document, zone, after, expected) in [
        (
            json!({"every_s": 90}),
            "UTC",
            "2026-01-01T00:00:00Z",
            ["2026-01-01T00:01:30Z", "2026-01-01T00:03:00Z"],
        ),
        (
            json!({"daily": "09:30"}),
            "UTC",
            "2026-01-01T09:30:00Z",
            ["2026-01-02T09:30:00Z", "2026-01-03T09:30:00Z"],
        ),
        (
            json!({"daily": "00:00"}),
            "Asia/Tokyo",
            "2026-01-01T00:00:00Z",
            ["2026-01-01T15:00:00Z", "2026-01-02T15:00:00Z"],
        ),
        (
            json!({"weekly": {"day": "monday", "at": "08:00"}}),
            "Europe/Berlin",
            "2026-01-05T07:00:00Z",
            ["2026-01-12T07:00:00Z", "2026-01-19T07:00:00Z"],
        ),
        (
            json!({"monthly": {"day": 31, "at": "12:00"}}),
            "UTC",
            "2028-01-31T12:00:00Z",
            ["2028-02-29T12:00:00Z", "2028-03-31T12:00:00Z"],
        ),
        (
            json!({"cron": "*/20 8-9 * * mon-fri"}),
            "UTC",
            "2026-01-02T09:30:00Z",
            ["2026-01-02T09:40:00Z", "2026-01-05T08:00:00Z"],
        ),
        (
            json!({"cron": "0 0 29 2 *"}),
            "UTC",
            "2096-03-01T00:00:00Z",
            ["2104-02-29T00:00:00Z", "2108-02-29T00:00:00Z"],
        ),
        (
            json!({"cron": "15 6 1,15 JAN,mar 7"}),
            "UTC",
            "2026-01-01T06:15:00Z",
            ["2026-01-04T06:15:00Z", "2026-01-11T06:15:00Z"],
        ),
        (
            json!({"cron": "50/5 0 */15 * *"}),
            "UTC",
            "2026-01-01T00:50:00Z",
            ["2026-01-01T00:55:00Z", "2026-01-16T00:50:00Z"],
        ),
    ] {
        let schedule = schedule(document.clone());
        assert_eq!(following(&schedule, zone, after, 2), expected, "{document}");
        assert_eq!(serde_json::to_value(&schedule).unwrap(), document);
    }
}

#[test]
fn a_skipped_hour_is_made_up_for_once() {
    // In Berlin 02:00 becomes 03:00 on 2026-03-29 at 01:00 UTC.
    let daily = schedule(json!({"daily": "02:30"}));
    assert_eq!(
        following(&daily, "Europe/Berlin", "2026-03-28T00:00:00Z", 3),
        ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]
    );
    let often = schedule(json!({"cron": "*/30 1-3 * * *"}));
    assert_eq!(
        following(&often, "Europe/Berlin", "2026-03-29T00:00:00Z", 4),
        ["2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z", "2026-03-29T23:00:00Z"]
    );
    // Samoa left out 2011-12-30.
    assert_eq!(
        following(&schedule(json!({"daily": "12:00"})), "Pacific/Apia", "2011-12-29T00:00:00Z", 3),
        ["2011-12-29T22:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z"]
    );
}

#[test]
fn a_repeated_hour_is_due_once() {
    // In Berlin 03:00 becomes 02:00 on 2026-10-25 at 01:00 UTC.
    let daily = schedule(json!({"daily": "02:30"}));
    assert_eq!(
        following(&daily, "Europe/Berlin", "2026-10-24T23:00:00Z", 2),
        ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
    );
    let often = schedule(json!({"cron": "0,30 2 * * *"}));
    assert_eq!(
        following(&often, "Europe/Berlin", "2026-10-25T00:15:00Z", 2),
        ["2026-10-25T00:30:00Z", "2026-10-26T01:00:00Z"]
    );
}

#[test]
fn what_never_comes_is_never_due() {
    let never = schedule(json!({"cron": "0 0 30 2 *"}));
    assert_eq!(never.next_after(0, &Zone::default()), None);
    assert_eq!(never.next_after(i64::MAX, &Zone::default()), None);
    assert_eq!(schedule(json!({"every_s": 60})).next_after(i64::MAX, &Zone::default()), None);
}

#[test]
fn mistakes_are_told() {
    for (document, expected) in [
        (json!({}), "exactly one of every_s, cron, daily, weekly, monthly is needed"),
        (
            json!({"every_s": 5, "daily": "09:00"}),
            "exactly one of every_s, cron, daily, weekly, monthly is needed",
        ),
        (json!({"every_s": 0}), "every_s must be 1 to 31622400"),
        (json!({"daily": "9:00"}), "\"9:00\" is no time of day: 09:30 is one"),
        (json!({"daily": "24:00"}), "\"24:00\" is no time of day: 09:30 is one"),
        (json!({"daily": "+1:00"}), "\"+1:00\" is no time of day: 09:30 is one"),
        (json!({"monthly": {"day": 0, "at": "09:00"}}), "the day must be 1 to 31"),
        (
            json!({"cron": "* * * *"}),
            "a cron expression has five fields: minute, hour, day of the month, month, day of the week",
        ),
        (json!({"cron": "60 * * * *"}), "minute: \"60\" isn't 0 to 59"),
        (json!({"cron": "* * 0 * *"}), "day of the month: \"0\" isn't 1 to 31"),
        (json!({"cron": "* * * foo *"}), "month: \"foo\" isn't 1 to 12"),
        (json!({"cron": "* 9-8 * * *"}), "hour: \"9-8\" ends before it begins"),
        (json!({"cron": "*/0 * * * *"}), "minute: \"*/0\" has no step of 1 to 63"),
        (json!({"cron": "1,,2 * * * *"}), "minute: \"\" isn't 0 to 59"),
        (json!({"cron": "+1 * * * *"}), "minute: \"+1\" isn't 0 to 59"),
    ] {
        let error = serde_json::from_value::<Schedule>(document.clone()).unwrap_err();
        assert_eq!(error.to_string(), expected, "{document}");
    }
    assert_eq!(
        "Europe/Atlantis".parse::<Zone>().unwrap_err(),
        "\"Europe/Atlantis\" is no time zone: Europe/Berlin is one"
    );
}

/// Zones whose clocks change by an hour, by half an hour, at midnight, and not at all.
const ZONES: [&str; 5] =
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata"];

fn field(first: u8, last: u8) -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just("*".to_owned()),
        2 => (first..=last).prop_map(|value| value.to_string()),
        1 => (first..=last, first..=last).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b))),
        1 => (1u8..30).prop_map(|step| format!("*/{step}")),
    ]
}

fn crons() -> impl Strategy<Value = String> {
    (field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 7))
        .prop_map(|(minute, hour, day, month, weekday)| format!("{minute} {hour} {day} {month} {weekday}"))
}

/// Instants from 2020 to 2030, most of them close to changes of the clock in Berlin or New York.
fn instants() -> impl Strategy<Value = i64> {
    let near = prop::sample::select(vec![
        "2026-03-29T01:00:00Z",
        "2026-10-25T01:00:00Z",
        "2026-03-08T07:00:00Z",
        "2026-11-01T06:00:00Z",
    ]);
    prop_oneof![
        1_577_836_800_000i64..1_893_456_000_000,
        (near, -7_200_000i64..7_200_000).prop_map(|(at, offset)| ms(at) + offset),
    ]
}

/// Whether a cron expression is due at a full minute, found out without looking ahead: the clock shows the time for the first
/// time, or has just skipped it.
fn is_due(cron: &Cron, zone: &TimeZone, at: Timestamp) -> bool {
    let minute = jiff::SignedDuration::from_mins(1);
    let (shown, before) = (zone.to_datetime(at), zone.to_datetime(at - minute));
    let shows = |time: jiff::civil::DateTime| {
        cron.has_day(time.date()) && cron.times().any(|due: Time| due == time.time())
    };
    let was_shown_before =
        (1..=180).any(|minutes| zone.to_datetime(at - jiff::SignedDuration::from_mins(minutes)) == shown);
    let skipped = std::iter::successors(Some(before + minute), |time| Some(*time + minute));
    let just_skipped = skipped.take_while(|time| *time < shown).any(shows);
    (shows(shown) && !was_shown_before) || just_skipped
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_next_time_is_later_and_times_increase(cron in crons(), zone in prop::sample::select(ZONES.to_vec()), after in instants()) {
        let (cron, zone): (Cron, Zone) = (cron.parse().unwrap(), zone.parse().unwrap());
        let schedule = Schedule::Cron(cron);
        let mut last = after;
        for _ in 0..20 {
            let Some(next) = schedule.next_after(last, &zone) else { break };
            prop_assert!(next > last);
            // Nothing is passed over: from just before it, it is the next one as well.
            prop_assert_eq!(schedule.next_after(next - 1, &zone), Some(next));
            last = next;
        }
    }

    #[test]
    fn no_minute_is_forgotten_or_invented(cron in crons(), zone in prop::sample::select(ZONES.to_vec()), after in instants()) {
        let (cron, zone): (Cron, Zone) = (cron.parse().unwrap(), zone.parse().unwrap());
        let first = (after / 60_000 + 1) * 60_000;
        let minutes = (0..300).map(|minute| Timestamp::from_millisecond(first + minute * 60_000).unwrap());
        let expected = minutes.into_iter().find(|at| is_due(&cron, &zone.zone, *at));
        let next = Schedule::Cron(cron).next_after(after, &zone).filter(|next| *next < first + 300 * 60_000);
        prop_assert_eq!(next, expected.map(|at| at.as_millisecond()));
    }

    #[test]
    fn no_cron_expression_panics(source in "[-*/,0-9a-z ]{0,24}") {
        if let Ok(cron) = source.parse::<Cron>() {
            let _ = Schedule::Cron(cron).next_after(0, &Zone::default());
        }
    }
}
