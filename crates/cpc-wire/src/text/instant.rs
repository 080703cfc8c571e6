//! Instants for people.

use super::Language;
use chrono::{DateTime, Datelike, FixedOffset, Timelike};
use cpc_core::Timestamp;

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
