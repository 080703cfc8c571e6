//! Times and dates as command lines write them.

use chrono::DateTime;
use cpc_core::Date;

/// The milliseconds of an RFC 3339 time; parts of a millisecond are dropped.
pub(crate) fn parse(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.timestamp_millis())
}

/// A calendar date, `2026-12-25`.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    let (year, date) = text.split_once('-')?;
    let (month, day) = date.split_once('-')?;
    Date::new(digits(year, 4)?.into(), digits(month, 2)?.into(), digits(day, 2)?.into())
}

/// A number of exactly so many digits.
fn digits(text: &str, length: usize) -> Option<u16> {
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// The minutes of a time of day, `09:00`; `24:00` is the end of the day.
pub(crate) fn parse_minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (minutes < 60 && hours * 60 + minutes <= 24 * 60).then_some(hours * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_any_offset() {
        for (text, expected) in [
            ("2026-11-23T12:00:00Z", Some(1_795_435_200_000)),
            ("2026-11-23T09:00:00-03:00", Some(1_795_435_200_000)),
            ("2026-11-23T12:00:00.0019Z", Some(1_795_435_200_001)),
            ("1969-12-31T23:59:59.999Z", Some(-1)),
            ("2026-11-23", None),
            ("2026-11-23T12:00:00", None),
            ("2026-02-30T12:00:00Z", None),
            ("yesterday", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn dates_and_times_of_day_are_read_strictly() {
        assert_eq!(parse_date("2026-12-25"), Date::new(2026, 12, 25));
        for bad in [
            "2026-13-01",
            "2026-02-29",
            "25/12/2026",
            "2026-1-1",
            "+2026-12-25",
            "+2026-1-01",
            " 2026-1-01",
            "2026- 1-01",
            "",
        ] {
            assert_eq!(parse_date(bad), None, "{bad}");
        }
        assert_eq!(parse_minutes("09:30"), Some(570));
        for date in ["1970-01-01", "2026-12-25", "2200-12-31"] {
            assert_eq!(parse_date(date).map(|date| date.to_string()).as_deref(), Some(date));
        }
        assert_eq!(parse_minutes("24:00"), Some(1440));
        for bad in ["24:01", "9:00", "09:60", "0900", "+9:00", "09:00:00", ""] {
            assert_eq!(parse_minutes(bad), None, "{bad}");
        }
    }
}
