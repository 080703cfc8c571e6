//! Contact hours by looking at one minute's local time. RULES §9.

use super::number;
use cpc_core::ContactHours;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// Whether a contact may be written to at an instant.
pub(crate) fn is_open(hours: &ContactHours, key: u64, at: u64) -> bool {
    let local = local_time(hours, key, at);
    let date = local.div_euclid(DAY);
    // Day 0 of 1970 was a Thursday; the week starts on Monday.
    let weekday = usize::try_from((date + 3).rem_euclid(7)).expect("0 to 6");
    let minute = u16::try_from(local.rem_euclid(DAY) / MINUTE).expect("a minute of a day");
    !hours.closed_dates().any(|closed| i64::from(closed.days()) == date)
        && hours.week()[weekday].iter().any(|span| span.open() <= minute && minute < span.close())
}

/// The first instant at or after `from` that is open: either `from` itself, or the beginning of some span.
pub(crate) fn next_opening(hours: &ContactHours, key: u64, from: u64) -> Option<u64> {
    let shift = local_time(hours, key, from) - from as i64;
    let today = (from as i64 + shift).div_euclid(DAY);
    let days = 7 * (hours.closed_dates().count() as i64 + 2);
    let openings = (today..today + days).flat_map(|date| {
        hours.week().iter().flatten().map(move |span| date * DAY + i64::from(span.open()) * MINUTE - shift)
    });
    let mut candidates: Vec<u64> =
        openings.filter_map(|at| u64::try_from(at).ok()).filter(|at| *at > from).collect();
    candidates.push(from);
    candidates.sort_unstable();
    candidates.into_iter().find(|at| is_open(hours, key, *at))
}

fn local_time(hours: &ContactHours, key: u64, at: u64) -> i64 {
    let own = number::area(key).and_then(|area| hours.ddd_offsets().find(|(ddd, _)| *ddd == area));
    at as i64 + i64::from(own.map_or(hours.offset(), |(_, minutes)| minutes)) * MINUTE
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpc_core::Date;

    /// Midnight UTC of a date.
    fn midnight(year: i32, month: u32, day: u32) -> u64 {
        Date::new(year, month, day).unwrap().days() as u64 * DAY as u64
    }

    #[test]
    fn friday_evening_waits_for_monday_morning() {
        let hours = ContactHours::br_conservador();
        let hour = 3_600_000;
        let friday = midnight(2026, 11, 20);
        let closing = friday + 21 * hour;
        assert!(is_open(&hours, 551188876204, closing - 1));
        assert!(!is_open(&hours, 551188876204, closing));
        assert_eq!(next_opening(&hours, 551188876204, closing), Some(friday + 3 * 24 * hour + 12 * hour));
        assert_eq!(next_opening(&hours, 556888876204, closing + hour), Some(closing + hour));
        let never = ContactHours::new([const { Vec::new() }; 7]);
        assert_eq!(next_opening(&never, 551188876204, closing), None);
    }
}
