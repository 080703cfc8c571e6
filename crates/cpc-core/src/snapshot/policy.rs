//! A policy as bytes.

use super::codec::{Invalid, Sink, Source, ensure};
use crate::hours::{ContactHours, Date, Span};
use crate::phone::Countries;
use crate::policy::{
    EmptyTemplate, GateScope, OperatorAffinity, Policy, Profile, Secret, Sticky, policy_members,
};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Writes and reads the members in the order of `policy_members!`, kind by kind: choices, flags, numbers, the key,
/// countries, hours. A new member changes the bytes, and so the format's version.
macro_rules! policy_bytes {
    ($($(#[doc = $doc:literal])+ $field:ident $name:ident $json:literal: $kind:tt;)+) => {
        pub(super) fn write(policy: &Policy, out: &mut Sink) {
            $(only!(choice $kind { out.u8(policy.$field as u8) });)+
            $(only!(flag $kind { out.bool(policy.$field) });)+
            $(only!(number $kind { out.u64(policy.$field) });)+
            $(only!(secret $kind { out.u128(policy.$field.0) });)+
            $(only!(countries $kind { write_countries(&policy.$field, out) });)+
            $(only!(hours $kind { write_hours(policy.$field.as_deref(), out) });)+
        }

        pub(super) fn read(source: &mut Source<'_>) -> Result<Policy, Invalid> {
            let mut policy = Policy::default();
            $(only!(choice $kind { policy.$field = chosen!($kind source) });)+
            $(only!(flag $kind { policy.$field = source.bool()? });)+
            $(only!(number $kind { policy.$field = source.u64()? });)+
            $(only!(secret $kind { policy.$field = Secret(source.u128()?) });)+
            $(only!(countries $kind { policy.$field = read_countries(source)? });)+
            $(only!(hours $kind { policy.$field = read_hours(source)?.map(Box::new) });)+
            source.end()?;
            policy.check().map_err(|_| Invalid)?;
            Ok(policy)
        }
    };
}

/// A statement for members of one kind, and nothing for others.
macro_rules! only {
    (choice (choice $Choice:ident) $statement:block) => {
        $statement
    };
    (flag (flag $($rest:tt)*) $statement:block) => {
        $statement
    };
    (number (milliseconds $($rest:tt)*) $statement:block) => {
        $statement
    };
    (number (count $($rest:tt)*) $statement:block) => {
        $statement
    };
    (secret (secret) $statement:block) => {
        $statement
    };
    (countries (countries) $statement:block) => {
        $statement
    };
    (hours (hours) $statement:block) => {
        $statement
    };
    ($asked:ident $kind:tt $statement:block) => {};
}

macro_rules! chosen {
    ((choice $Choice:ident) $source:ident) => {
        $Choice::ALL.get(usize::from($source.u8()?)).copied().ok_or(Invalid)?
    };
}

policy_members!(policy_bytes);

fn write_countries(countries: &Countries, out: &mut Sink) {
    out.count(countries.iter().count());
    countries.iter().for_each(|prefix| out.text(prefix.as_bytes()));
}

fn read_countries(source: &mut Source<'_>) -> Result<Countries, Invalid> {
    let prefixes = (0..source.count(4)?).map(|_| source.text()).collect::<Result<Vec<_>, _>>()?;
    Countries::new(&prefixes).ok_or(Invalid)
}

fn write_hours(hours: Option<&ContactHours>, out: &mut Sink) {
    out.bool(hours.is_some());
    let Some(hours) = hours else { return };
    out.i32(i32::from(hours.offset()));
    out.count(hours.ddd_offsets().count());
    for (ddd, minutes) in hours.ddd_offsets() {
        out.u8(ddd);
        out.i32(i32::from(minutes));
    }
    for day in hours.week() {
        out.count(day.len());
        for span in day {
            out.u32(u32::from(span.open()) << 16 | u32::from(span.close()));
        }
    }
    out.count(hours.closed_dates().count());
    hours.closed_dates().for_each(|date| out.i32(date.days()));
}

fn read_minutes(source: &mut Source<'_>) -> Result<i16, Invalid> {
    i16::try_from(source.i32()?).map_err(|_| Invalid)
}

fn read_hours(source: &mut Source<'_>) -> Result<Option<ContactHours>, Invalid> {
    if !source.bool()? {
        return Ok(None);
    }
    let offset = read_minutes(source)?;
    let offsets = (0..source.count(5)?).map(|_| Ok((source.u8()?, read_minutes(source)?)));
    let offsets = offsets.collect::<Result<Vec<_>, Invalid>>()?;
    let mut week = [const { Vec::new() }; 7];
    for day in &mut week {
        for _ in 0..source.count(4)? {
            let packed = source.u32()?;
            day.push(Span::new((packed >> 16) as u16, packed as u16).ok_or(Invalid)?);
        }
    }
    let mut hours = ContactHours::new(week).utc_offset_minutes(offset).ok_or(Invalid)?;
    for (ddd, minutes) in offsets {
        hours = hours.ddd_offset(ddd, minutes).ok_or(Invalid)?;
    }
    let closed = source.count(4)?;
    ensure(closed <= ContactHours::MAX_CLOSED_DATES)?;
    for _ in 0..closed {
        hours = hours.closed_on(Date::from_days(source.i32()?)).ok_or(Invalid)?;
    }
    Ok(Some(hours))
}
