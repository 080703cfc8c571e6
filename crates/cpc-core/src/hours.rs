//! When contacts may be written to: opening hours in the contact's local time.
//!
//! [RULES §9](crate::rules#9-contact-hours). Local time is a fixed offset from UTC, by area code where a state keeps
//! another one; Brazil has had no daylight saving since 2019, so no time-zone database is needed.

use crate::phone::{ContactKey, is_ddd};
use crate::time::{DAY, MINUTE, Timestamp};
use crate::value::{FieldKey, FieldValue, Fields, Items, Visit};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;

/// A local date, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

impl Date {
    /// A date of the proleptic Gregorian calendar, 1970 to 2200; `None` when there is no such day.
    // Never in a hurry, and called in many places.
    #[inline(never)]
    #[must_use]
    pub fn new(year: i32, month: u32, day: u32) -> Option<Date> {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let index = usize::try_from(month.checked_sub(1)?).ok()?;
        if !(1970..=2200).contains(&year) || day < 1 || day > *lengths.get(index)? {
            return None;
        }
        let leap_days = |years: i32| years / 4 - years / 100 + years / 400;
        let years = (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969);
        let months: u32 = lengths.iter().take(index).sum();
        i32::try_from(months + day - 1).ok().map(|days| Date(years + days))
    }

    /// Year, month and day: the latest year and month that begin no later.
    fn parts(self) -> (i32, u32, i32) {
        let first = |year, month| Date::new(year, month, 1).unwrap_or(Date(0));
        let year = (1970..=2200).rev().find(|year| first(*year, 1) <= self).unwrap_or(1970);
        let month = (1..=12).rev().find(|month| first(year, *month) <= self).unwrap_or(1);
        (year, month, self.0 - first(year, month).0 + 1)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn days(self) -> i32 {
        self.0
    }

    pub(crate) const fn from_days(days: i32) -> Date {
        Date(days)
    }
}

/// A time of day during which contact is allowed: `[open, close)`, in minutes after local midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    open: u16,
    close: u16,
}

impl Span {
    /// From opening to closing minute, `open < close <= 1440`; else `None`.
    #[must_use]
    pub const fn new(open: u16, close: u16) -> Option<Span> {
        if open < close && close <= 1440 { Some(Span { open, close }) } else { None }
    }

    /// The first minute that is allowed.
    #[must_use]
    pub const fn open(self) -> u16 {
        self.open
    }

    /// The first minute that is not allowed any more.
    #[must_use]
    pub const fn close(self) -> u16 {
        self.close
    }
}

/// The hours in which contacts may be written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactHours {
    utc_offset_minutes: i16,
    ddd_offsets: BTreeMap<u8, i16>,
    week: [Vec<Span>; 7],
    closed: BTreeSet<Date>,
}

impl ContactHours {
    /// The default offset from UTC, in minutes: Brasília.
    pub const BRASILIA: i16 = -180;
    /// The most closed dates a queue may hold.
    pub const MAX_CLOSED_DATES: usize = 4_000;

    /// Hours by weekday, Monday first, at Brasília's offset. A day without spans is closed. Spans are kept
    /// sorted; overlapping or touching ones are joined.
    #[must_use]
    pub fn new(week: [Vec<Span>; 7]) -> ContactHours {
        ContactHours {
            utc_offset_minutes: Self::BRASILIA,
            ddd_offsets: BTreeMap::new(),
            week: week.map(join),
            closed: BTreeSet::new(),
        }
    }

    /// `brConservador`: Monday to Friday, 09:00 to 18:00, what the laws of all states have in common, with the
    /// offsets of the area codes west of Brasília.
    ///
    /// ```
    /// use cpc_core::{ContactHours, Countries, Phone, Timestamp};
    ///
    /// let hours = ContactHours::br_conservador();
    /// let contact = Phone::parse("5511988876204", &Countries::default())?.key();
    /// // Monday, 2026-11-23, 12:00 in Brasília, and 20:00.
    /// assert!(hours.is_open(contact, Timestamp::from(1_795_446_000_000)));
    /// assert!(!hours.is_open(contact, Timestamp::from(1_795_474_800_000)));
    /// # Ok::<(), cpc_core::InvalidPhone>(())
    /// ```
    #[must_use]
    pub fn br_conservador() -> ContactHours {
        let day = || Span::new(9 * 60, 18 * 60).into_iter().collect::<Vec<_>>();
        let mut hours = ContactHours::new([day(), day(), day(), day(), day(), Vec::new(), Vec::new()]);
        hours.ddd_offsets.extend([65, 66, 67, 69, 92, 95, 97].map(|ddd| (ddd, -240)));
        hours.ddd_offsets.insert(68, -300);
        hours
    }

    /// Sets the offset from UTC in minutes, -840 to 840; `None` outside.
    #[must_use]
    pub fn utc_offset_minutes(mut self, minutes: i16) -> Option<ContactHours> {
        self.utc_offset_minutes = valid_offset(minutes)?;
        Some(self)
    }

    /// Sets the offset of one Brazilian area code; `None` when there is no such code or the offset is not
    /// between -840 and 840 minutes.
    #[must_use]
    pub fn ddd_offset(mut self, ddd: u8, minutes: i16) -> Option<ContactHours> {
        if !is_ddd(u64::from(ddd)) {
            return None;
        }
        self.ddd_offsets.insert(ddd, valid_offset(minutes)?);
        Some(self)
    }

    /// Closes a local date; `None` beyond [`MAX_CLOSED_DATES`](Self::MAX_CLOSED_DATES).
    #[must_use]
    pub fn closed_on(mut self, date: Date) -> Option<ContactHours> {
        self.closed.insert(date);
        (self.closed.len() <= Self::MAX_CLOSED_DATES).then_some(self)
    }

    /// The offset from UTC in minutes where no area code says otherwise.
    #[must_use]
    pub const fn offset(&self) -> i16 {
        self.utc_offset_minutes
    }

    /// The offsets by area code.
    pub fn ddd_offsets(&self) -> impl Iterator<Item = (u8, i16)> {
        self.ddd_offsets.iter().map(|(ddd, minutes)| (*ddd, *minutes))
    }

    /// The spans by weekday, Monday first.
    #[must_use]
    pub const fn week(&self) -> &[Vec<Span>; 7] {
        &self.week
    }

    /// The closed local dates, sorted.
    pub fn closed_dates(&self) -> impl Iterator<Item = Date> {
        self.closed.iter().copied()
    }

    /// Whether `contact` may be written to at `instant`.
    #[must_use]
    pub fn is_open(&self, contact: ContactKey, instant: Timestamp) -> bool {
        self.next_opening(contact, instant) == Some(instant)
    }

    /// The first instant at or after `from` at which `contact` may be written to; `None` when that is never.
    #[must_use]
    pub fn next_opening(&self, contact: ContactKey, from: Timestamp) -> Option<Timestamp> {
        if self.week.iter().all(Vec::is_empty) {
            return None;
        }
        let own_offset = contact.ddd().and_then(|ddd| self.ddd_offsets.get(&ddd));
        let offset = i64::from(*own_offset.unwrap_or(&self.utc_offset_minutes)) * MINUTE as i64;
        let local = (from.as_millis() as i64).saturating_add(offset);
        let today = local.div_euclid(DAY as i64);
        // Every closed date can delay the opening by a week at most, and the list is finite.
        let horizon = 7 * (self.closed.len() + 2);
        (today..).take(horizon).find_map(|day| {
            let opening = self.opening_on(day, local)?;
            u64::try_from(opening - offset).ok().map(Timestamp::from_millis)
        })
    }

    /// The first local millisecond of `day` that is open and not before `from`.
    fn opening_on(&self, day: i64, from: i64) -> Option<i64> {
        if self.closed.contains(&Date(i32::try_from(day).ok()?)) {
            return None;
        }
        // 1970-01-01 was a Thursday, the fourth day of a week that starts on Monday.
        let weekday = usize::try_from((day + 3).rem_euclid(7)).ok()?;
        self.week.get(weekday)?.iter().find_map(|span| {
            let at = |minute: u16| day * DAY as i64 + i64::from(minute) * MINUTE as i64;
            (from < at(span.close)).then(|| from.max(at(span.open)))
        })
    }
}

/// The names of the days of a week, Monday first, as JSON has them.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Fields for ContactHours {
    fn each_field(&self, visit: &mut Visit<'_>) {
        let key = |name, rust| FieldKey::new(name, rust, true);
        let offset = FieldValue::Signed(self.utc_offset_minutes.into());
        visit(key("utcOffsetMinutes", "utc_offset_minutes"), offset);
        visit(key("dddOffsets", "ddd_offsets"), FieldValue::Offsets(&self.ddd_offsets));
        visit(key("week", "week"), FieldValue::Object(&Week(&self.week)));
        visit(key("closedDates", "closed_dates"), FieldValue::List(&self.closed));
    }
}

struct Week<'a>(&'a [Vec<Span>; 7]);

impl Fields for Week<'_> {
    fn each_field(&self, visit: &mut Visit<'_>) {
        for (day, spans) in DAYS.into_iter().zip(self.0) {
            visit(FieldKey::new(day, day, true), FieldValue::List(&Spans(spans)));
        }
    }
}

struct Spans<'a>(&'a [Span]);

impl Items for Spans<'_> {
    fn each_item(&self, visit: &mut dyn FnMut(FieldValue<'_>)) {
        self.0.iter().for_each(|span| visit(FieldValue::List(span)));
    }
}

/// `["09:00","18:00"]`
impl Items for Span {
    fn each_item(&self, visit: &mut dyn FnMut(FieldValue<'_>)) {
        for minute in [self.open, self.close] {
            visit(FieldValue::Text(&TimeOfDay(minute).to_string()));
        }
    }
}

impl Items for BTreeSet<Date> {
    fn each_item(&self, visit: &mut dyn FnMut(FieldValue<'_>)) {
        self.iter().for_each(|date| visit(FieldValue::Text(&date.to_string())));
    }
}

/// Minutes after midnight as a clock shows them: `09:00`. The end of a day is `24:00`.
struct TimeOfDay(u16);

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", i32::from(self.0 / 60), i32::from(self.0 % 60))
    }
}

/// `2026-12-25`
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year}-{month:02}-{day:02}")
    }
}

fn valid_offset(minutes: i16) -> Option<i16> {
    (-840..=840).contains(&minutes).then_some(minutes)
}

fn join(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort();
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.open <= last.close => last.close = last.close.max(span.close),
            _ => joined.push(span),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::{Countries, Phone};

    fn contact(text: &str) -> ContactKey {
        Phone::parse(text, &Countries::default()).unwrap().key()
    }

    fn at(date: Date, minute: i64, offset: i64) -> Timestamp {
        Timestamp::new(i64::from(date.days()) * DAY as i64 + (minute - offset) * MINUTE as i64).unwrap()
    }

    #[test]
    fn dates_are_counted_from_1970() {
        assert_eq!(Date::new(1970, 1, 1), Some(Date(0)));
        assert_eq!(Date::new(2000, 3, 1), Some(Date(11_017)));
        assert_eq!(Date::new(2026, 11, 23), Some(Date(20_780)));
        for (year, month, day) in [(2026, 2, 29), (2026, 13, 1), (2026, 0, 1), (2026, 4, 31), (2026, 1, 0)] {
            assert_eq!(Date::new(year, month, day), None);
        }
        assert!(Date::new(2028, 2, 29).is_some());
        // A hundredth year has a 29 February only if it is a four hundredth one.
        assert_eq!(Date::new(2000, 2, 29), Some(Date(11_016)));
        assert_eq!(Date::new(2100, 2, 29), None);
        assert_eq!(Date::new(2100, 3, 1), Some(Date(47_541)));
        assert_eq!(Date::new(2200, 12, 31), Some(Date(84_370)));
        assert_eq!([Date::new(1969, 12, 31), Date::new(2201, 1, 1)], [None, None]);
    }

    #[test]
    fn a_date_is_written_as_it_is_read() {
        for days in 0..=Date::new(2200, 12, 31).unwrap().days() {
            let (year, month, day) = Date(days).parts();
            assert_eq!(Date::new(year, month, day.unsigned_abs()), Some(Date(days)));
        }
        for (date, text) in
            [((1970, 1, 1), "1970-01-01"), ((2028, 2, 29), "2028-02-29"), ((2100, 3, 1), "2100-03-01")]
        {
            assert_eq!(Date::new(date.0, date.1, date.2).unwrap().to_string(), text);
        }
        let times = [0, 570, 1440].map(|minute| TimeOfDay(minute).to_string());
        assert_eq!(times, ["00:00", "09:30", "24:00"]);
    }

    /// RULES §9: hours are half-open, and a closed weekend leads to Monday.
    #[test]
    fn the_next_opening() {
        let hours = ContactHours::br_conservador();
        let (friday, monday) = (Date::new(2026, 11, 20).unwrap(), Date::new(2026, 11, 23).unwrap());
        let sp = contact("5511988876204");
        for (from, expected) in [
            (at(friday, 8 * 60, -180), at(friday, 9 * 60, -180)),
            (at(friday, 9 * 60, -180), at(friday, 9 * 60, -180)),
            (at(friday, 18 * 60, -180), at(monday, 9 * 60, -180)),
        ] {
            assert_eq!(hours.next_opening(sp, from), Some(expected));
        }
        let last = Timestamp::from_millis(at(friday, 18 * 60, -180).as_millis() - 1);
        assert!(hours.is_open(sp, last));
        assert!(!hours.is_open(sp, at(friday, 18 * 60, -180)));
    }

    /// RULES §9: area codes have their own offsets.
    #[test]
    fn acre_opens_two_hours_after_brasilia() {
        let hours = ContactHours::br_conservador();
        let monday = Date::new(2026, 11, 23).unwrap();
        let midnight = at(monday, 0, -180);
        assert_eq!(hours.next_opening(contact("5568988876204"), midnight), Some(at(monday, 9 * 60, -300)));
        assert_eq!(hours.next_opening(contact("5592988876204"), midnight), Some(at(monday, 9 * 60, -240)));
    }

    /// RULES §9: closed dates are skipped, and a queue that never opens says so.
    #[test]
    fn closed_dates_and_closed_weeks() {
        let monday = Date::new(2026, 11, 23).unwrap();
        let tuesday = Date::new(2026, 11, 24).unwrap();
        let hours = ContactHours::br_conservador().closed_on(monday).unwrap();
        let sp = contact("5511988876204");
        assert_eq!(hours.next_opening(sp, at(monday, 600, -180)), Some(at(tuesday, 540, -180)));
        let never = ContactHours::new([const { Vec::new() }; 7]);
        assert_eq!(never.next_opening(sp, at(monday, 600, -180)), None);
    }

    #[test]
    fn spans_are_joined() {
        let span = |open, close| Span::new(open, close).unwrap();
        let joined = join(alloc::vec![span(600, 700), span(500, 600), span(800, 900), span(650, 690)]);
        assert_eq!(joined, [span(500, 700), span(800, 900)]);
        let day = span(540, 1080);
        assert_eq!((day.open(), day.close()), (540, 1080));
        assert_eq!(Span::new(10, 10), None);
        assert_eq!(Span::new(10, 1441), None);
    }
}
