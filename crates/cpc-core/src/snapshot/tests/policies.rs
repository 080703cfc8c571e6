//! The policy in a snapshot.

use super::*;
use crate::policy::{PolicyBuilder, policy_members};
use crate::schema::Kind;
use core::time::Duration;

/// Choices and flags, numbers, key, countries, and hours if there are any.
fn policy_row(choices: &[u8], numbers: &[u64], countries: &[&str], hours: Option<Bytes>) -> Bytes {
    let bytes = numbers.iter().fold(Bytes::default().raw(choices), |bytes, number| bytes.u64(*number));
    let bytes = bytes.u128(5 << 64 | 6).each(countries, |bytes, prefix| bytes.text(prefix));
    match hours {
        None => bytes.u8(0),
        Some(hours) => bytes.u8(1).raw(&hours.0),
    }
}

/// How many values each choice has, and then each flag, by the table of members.
fn choices() -> Vec<(&'static str, u8)> {
    let fields = Policy::SCHEMA.fields.iter();
    let choices = fields.clone().filter_map(|field| match field.kind {
        Kind::Choice(choices) => Some((field.name, choices.values.len() as u8)),
        _ => None,
    });
    let flags = fields.filter(|field| matches!(field.kind, Kind::Boolean)).map(|field| (field.name, 2));
    choices.chain(flags).collect()
}

fn last_choices() -> Vec<u8> {
    choices().iter().map(|(_, values)| values - 1).collect()
}

/// A value for each number, none like another's: a little more than the least.
fn numbers() -> Vec<u64> {
    let bounds = Policy::SCHEMA.fields.iter().filter_map(|field| field.bounds);
    bounds.zip(1..).map(|(bounds, place)| bounds.min + place).collect()
}

/// Sets members of one kind, each by its own setter: to the last choice, to `true`, to the next of the numbers.
macro_rules! set {
    ($builder:ident $numbers:ident $name:ident (choice $Choice:ident)) => {
        $builder.$name(*$Choice::ALL.last().unwrap())
    };
    ($builder:ident $numbers:ident $name:ident (flag $($rest:tt)*)) => {
        $builder.$name(true)
    };
    ($builder:ident $numbers:ident $name:ident (milliseconds $($rest:tt)*)) => {
        $builder.$name(Duration::from_millis($numbers.next().unwrap()))
    };
    ($builder:ident $numbers:ident $name:ident (count $($rest:tt)*)) => {
        $builder.$name($numbers.next().unwrap())
    };
    ($builder:ident $numbers:ident $name:ident $kind:tt) => {
        $builder
    };
}

macro_rules! set_every_member {
    ($($(#[doc = $doc:literal])+ $field:ident $name:ident $json:literal: $kind:tt;)+) => {
        fn with_every_member(mut builder: PolicyBuilder, numbers: &[u64]) -> PolicyBuilder {
            let mut numbers = numbers.iter().copied();
            $(builder = set!(builder numbers $name $kind);)+
            builder
        }
    };
}

policy_members!(set_every_member);

type Spans<'a> = [&'a [(u32, u32)]; 7];
const WEEK: Spans<'_> = [&[(0, 60), (540, 1_080)], &[(1, 1_440)], &[], &[], &[], &[], &[(600, 720)]];
const OFFSETS: [(u8, i32); 2] = [(11, 60), (68, -300)];

fn hours(offset: i32, offsets: &[(u8, i32)], week: Spans<'_>, closed: &[i32]) -> Bytes {
    let raw = |bytes: Bytes, number: i32| bytes.raw(&number.to_le_bytes());
    let bytes = raw(Bytes::default(), offset);
    let bytes = bytes.each(offsets, |bytes, (ddd, minutes)| raw(bytes.u8(*ddd), *minutes));
    let span = |bytes: Bytes, (open, close): &(u32, u32)| bytes.u32(open * 65_536 + close);
    let bytes = week.iter().fold(bytes, |bytes, day| bytes.each(day, span));
    bytes.each(closed, |bytes, day| raw(bytes, *day))
}

#[test]
fn a_policy_is_what_its_layout_says_and_comes_back() {
    let day =
        |spans: &[(u16, u16)]| spans.iter().map(|(open, close)| Span::new(*open, *close).unwrap()).collect();
    let week = [&[(0, 60), (540, 1_080)][..], &[(1, 1_440)], &[], &[], &[], &[], &[(600, 720)]].map(day);
    let open = ContactHours::new(week).utc_offset_minutes(-240);
    let open = open.and_then(|hours| hours.ddd_offset(68, -300)?.ddd_offset(11, 60));
    let open =
        open.and_then(|hours| hours.closed_on(Date::new(1970, 1, 3)?)?.closed_on(Date::new(1970, 1, 2)?));
    let policy = with_every_member(Policy::builder(), &numbers())
        .hash_key(5 << 64 | 6)
        .countries(Countries::new(&["1", "55"]).unwrap())
        .hours(open)
        .build()
        .unwrap();
    let hours = hours(-240, &OFFSETS, WEEK, &[1, 2]);
    let expected = policy_row(&last_choices(), &numbers(), &["1", "55"], Some(hours));
    let bytes = written(&policy).0;
    assert_eq!(bytes, expected.0);
    assert_eq!(policy::read(&mut Source(&bytes)).unwrap(), policy);
}

#[test]
fn a_policy_is_as_it_can_be_chosen() {
    let closed = |days: i32| (0..days).collect::<Vec<_>>();
    let all_day: Spans<'_> = [&[(0, 1_440)]; 7];
    let (first, last, numbers) = (alloc::vec![0; choices().len()], last_choices(), numbers());
    let with_hours = |what, hours| (what, policy_row(&last, &numbers, &["55"], Some(hours)));
    let chosen = |choices: &[u8]| policy_row(choices, &numbers, &["55"], None);
    let countries = |countries: &[&str]| policy_row(&last, &numbers, countries, None);
    let mut no_window = numbers.clone();
    no_window[0] = 0;
    for (place, (name, values)) in choices().into_iter().enumerate() {
        let mut unknown = first.clone();
        unknown[place] = values;
        refused(1, &[(name, chosen(&unknown))]);
    }
    accepted(
        1,
        &[
            ("the first choices", chosen(&first)),
            ("the last choices", chosen(&last)),
            ("all countries", countries(&["*"])),
            with_hours("the most closed dates", hours(-180, &[], all_day, &closed(4_000))),
            with_hours("the least and the greatest offset", hours(-840, &[(11, 840)], all_day, &[])),
        ],
    );
    refused(
        1,
        &[
            ("no window", policy_row(&last, &no_window, &["55"], None)),
            ("no countries", countries(&[])),
            ("no prefix", countries(&["0"])),
            with_hours("too great an offset", hours(841, &[], all_day, &[])),
            with_hours("more than an offset", hours(65_536, &[], all_day, &[])),
            with_hours("no such area code", hours(-180, &[(10, -180)], all_day, &[])),
            with_hours("too great an offset of an area code", hours(-180, &[(11, 841)], all_day, &[])),
            with_hours("open for no time", hours(-180, &[], [&[(60, 60)]; 7], &[])),
            with_hours("open after midnight", hours(-180, &[], [&[(60, 1_441)]; 7], &[])),
            with_hours("a closed date too many", hours(-180, &[], all_day, &closed(4_001))),
        ],
    );
}

/// Memory is asked for by what is there, whatever is claimed.
#[test]
fn no_more_is_counted_than_there_are_bytes_for() {
    let bytes = |count: u64, following: usize| Bytes::default().u64(count).raw(&[0; 40][..following]).0;
    for (count, following, size, fits) in [
        (0, 0, 8, true),
        (5, 40, 8, true),
        (6, 40, 8, false),
        (5, 39, 8, false),
        (3, 40, 13, true),
        (u64::MAX, 40, 1, false),
    ] {
        let counted = Source(&bytes(count, following)).count(size).ok();
        assert_eq!(counted, fits.then_some(count as usize), "{count} of {size} in {following}");
    }
}
