//! Instants as people at Brasília read them.

use chrono::{DateTime, Datelike, FixedOffset, Timelike};
use cpc_core::Timestamp;
use cpc_wire::Language;

/// Three hours behind UTC, all year round.
const BRASILIA_SECONDS: i32 = -3 * 3600;

/// The time at Brasília; `None` beyond the calendar, where no instant of an engine is.
pub(crate) fn at_brasilia(instant: Timestamp) -> Option<DateTime<FixedOffset>> {
    let millis = i64::try_from(instant.as_millis()).ok()?;
    let offset = FixedOffset::east_opt(BRASILIA_SECONDS)?;
    Some(DateTime::from_timestamp_millis(millis)?.with_timezone(&offset))
}

/// `seg 23/11 09:00`; with seconds, and fractions of one, only if there are any.
pub(crate) fn short(instant: Timestamp, language: Language) -> String {
    let Some(local) = at_brasilia(instant) else { return instant.to_string() };
    let (day, month) = (local.day(), local.month());
    let date = match language {
        Language::PtBr => format!("{day:02}/{month:02}"),
        Language::En => format!("{month:02}-{day:02}"),
    };
    let seconds = match (local.second(), local.timestamp_subsec_millis()) {
        (0, 0) => String::new(),
        (seconds, 0) => format!(":{seconds:02}"),
        (seconds, millis) => format!(":{seconds:02}.{millis:03}"),
    };
    format!("{} {date} {:02}:{:02}{seconds}", weekday(&local, language), local.hour(), local.minute())
}

/// The day of the week, in three letters.
pub(crate) fn weekday(local: &DateTime<FixedOffset>, language: Language) -> &'static str {
    let names = match language {
        Language::PtBr => ["seg", "ter", "qua", "qui", "sex", "sáb", "dom"],
        Language::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    };
    usize::try_from(local.weekday().num_days_from_monday())
        .ok()
        .and_then(|day| names.get(day))
        .copied()
        .unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_short_unless_it_has_to_be_long() {
        let shown = |millis| short(Timestamp::new(millis).unwrap(), Language::PtBr);
        assert_eq!(shown(1_795_435_200_000), "seg 23/11 09:00");
        assert_eq!(shown(1_795_435_230_000), "seg 23/11 09:00:30");
        assert_eq!(shown(1_795_435_200_007), "seg 23/11 09:00:00.007");
        assert_eq!(short(Timestamp::new(1_795_435_200_000).unwrap(), Language::En), "Mon 11-23 09:00");
    }
}
