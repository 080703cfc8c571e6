//! Instants as people and other systems write them.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Timelike};
use cpc_core::{Date, Timestamp};

use crate::reason::Language;

/// The milliseconds of an RFC 3339 time; parts of a millisecond are dropped.
pub(crate) fn parse(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.timestamp_millis())
}

/// A calendar date, `2026-12-25`.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    // The calendar would also take signs, and blanks before its numbers.
    let digits_as_zeros = text.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    let written = digits_as_zeros.eq(*b"0000-00-00");
    let date = text.parse::<NaiveDate>().ok().filter(|_| written)?;
    Date::new(date.year(), date.month(), date.day())
}

/// The minutes of a time of day, `09:00`; `24:00` is the end of the day.
pub(crate) fn parse_minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| {
        (digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| digits.parse::<u16>().ok())?
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (minutes < 60 && hours * 60 + minutes <= 24 * 60).then_some(hours * 60 + minutes)
}

const BRASILIA_SECONDS: i32 = -3 * 60 * 60;

/// An instant for people, at Brasília: `24/11/2026 14:03:05 (horário de Brasília)`. Parts of a second count as
/// a whole one, so that who waits until then has waited long enough.
#[must_use]
pub fn format_instant(instant: Timestamp, language: Language) -> String {
    let seconds = i64::try_from(instant.as_millis().div_ceil(1000)).unwrap_or(i64::MAX);
    let local = FixedOffset::east_opt(BRASILIA_SECONDS)
        .and_then(|offset| Some(DateTime::from_timestamp(seconds, 0)?.with_timezone(&offset)));
    let Some(local) = local else {
        // Beyond the calendar, as no instant of an engine is.
        return instant.to_string();
    };
    let (day, month, time) = (local.day(), local.month(), [local.hour(), local.minute(), local.second()]);
    let mut year = itoa::Buffer::new();
    let year = year.format(local.year());
    let mut text = String::with_capacity("24/11/2026 14:03:05 (horário de Brasília)".len());
    match language {
        Language::PtBr => {
            push_two_digits(&mut text, day);
            text.push('/');
            push_two_digits(&mut text, month);
            text.push('/');
            text.push_str(year);
        }
        Language::En => {
            text.push_str(year);
            text.push('-');
            push_two_digits(&mut text, month);
            text.push('-');
            push_two_digits(&mut text, day);
        }
    }
    for (separator, number) in [' ', ':', ':'].into_iter().zip(time) {
        text.push(separator);
        push_two_digits(&mut text, number);
    }
    text.push_str(language.choose(" (horário de Brasília)", " (Brasília time)"));
    text
}

/// Formatting machinery would take longer than a decision about a message.
fn push_two_digits(text: &mut String, number: u32) {
    text.extend([number / 10, number % 10].into_iter().filter_map(|digit| char::from_digit(digit, 10)));
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
        assert_eq!(parse_minutes("24:00"), Some(1440));
        for bad in ["24:01", "9:00", "09:60", "0900", "+9:00", "09:00:00", ""] {
            assert_eq!(parse_minutes(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_instant_is_shown_at_brasilia_and_never_too_early() {
        let instant = |ms| Timestamp::new(ms).unwrap();
        assert_eq!(
            format_instant(instant(1_795_539_785_000), Language::PtBr),
            "24/11/2026 14:03:05 (horário de Brasília)"
        );
        assert_eq!(
            format_instant(instant(1_795_539_784_001), Language::En),
            "2026-11-24 14:03:05 (Brasília time)"
        );
    }
}
