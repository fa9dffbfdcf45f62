//! Times and durations for people, to the second. Times are UTC.

const DAY_S: i64 = 24 * 3600;

/// Milliseconds since the epoch as `2026-11-24 06:39:01Z`.
pub(super) fn date_and_time(at_ms: i64) -> String {
    let at_s = at_ms.div_euclid(1000);
    let (year, month, day) = date(at_s.div_euclid(DAY_S));
    let of_day = at_s.rem_euclid(DAY_S);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}Z")
}

/// Milliseconds as `26:03:09`: hours, minutes, seconds.
pub(super) fn duration(ms: i64) -> String {
    let s = ms / 1000;
    format!("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
}

/// The Gregorian date of a day since the epoch. Years are counted from March, so that the leap day is the last; 400 of
/// them, an era, have the same number of days.
fn date(since_epoch: i64) -> (i64, i64, i64) {
    let day = since_epoch + 719_468;
    let (era, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    (era * 400 + year, month, day)
}

#[cfg(test)]
mod tests {
    use super::{date_and_time, duration};

    #[test]
    fn times_are_read_as_dates() {
        for (at_ms, expected) in [
            (0, "1970-01-01 00:00:00Z"),
            (-1, "1969-12-31 23:59:59Z"),
            (951_782_400_000, "2000-02-29 00:00:00Z"),
            (1_078_012_799_999, "2004-02-28 23:59:59Z"),
            (1_795_502_341_500, "2026-11-24 06:39:01Z"),
            (4_107_542_400_000, "2100-03-01 00:00:00Z"),
        ] {
            assert_eq!(date_and_time(at_ms), expected, "{at_ms}");
        }
    }

    #[test]
    fn durations_are_read_as_hours() {
        assert_eq!(duration(59_999), "0:00:59");
        assert_eq!(duration(26 * 3_600_000 + 3 * 60_000 + 9_000), "26:03:09");
    }
}
