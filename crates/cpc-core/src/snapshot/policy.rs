//! A policy as bytes.

use super::codec::{Invalid, Sink, Source, ensure};
use crate::hours::{ContactHours, Date, Span};
use crate::phone::Countries;
use crate::policy::{EmptyTemplate, GateScope, OperatorAffinity, Policy, Profile, Sticky};
use alloc::vec::Vec;

const GATES: [GateScope; 3] = [GateScope::PhoneOrClient, GateScope::Phone, GateScope::Client];
const STICKY: [Sticky; 3] = [Sticky::Prefer, Sticky::Require, Sticky::Off];
const AFFINITIES: [OperatorAffinity; 3] =
    [OperatorAffinity::Prefer, OperatorAffinity::Require, OperatorAffinity::Ignore];
const EMPTY_TEMPLATES: [EmptyTemplate; 2] = [EmptyTemplate::Warn, EmptyTemplate::Reject];
const PROFILES: [Profile; 2] = [Profile::Standard, Profile::Strict];

fn write_choice<T: PartialEq>(choices: &[T], value: &T, out: &mut impl Sink) {
    let place = choices.iter().position(|choice| choice == value);
    out.u8(place.map_or(u8::MAX, |place| place as u8));
}

fn read_choice<T: Copy>(choices: &[T], source: &mut Source<'_>) -> Result<T, Invalid> {
    choices.get(usize::from(source.u8()?)).copied().ok_or(Invalid)
}

pub(super) fn write(policy: &Policy, out: &mut impl Sink) {
    write_choice(&GATES, &policy.gate, out);
    write_choice(&STICKY, &policy.sticky, out);
    write_choice(&AFFINITIES, &policy.operator_affinity, out);
    write_choice(&EMPTY_TEMPLATES, &policy.empty_template, out);
    write_choice(&PROFILES, &policy.profile, out);
    out.bool(policy.final_block);
    for number in [
        policy.window_ms,
        policy.max_clock_jump_ms,
        policy.reply_skew_ms,
        policy.retention_ms,
        policy.max_batch,
        policy.max_contacts,
        policy.max_delay_ms,
        policy.follow_up_retry_ms,
        policy.report_ttl_ms,
        policy.max_failover,
        policy.sender_hold_ms,
        policy.service_window_ms,
    ] {
        out.u64(number);
    }
    out.u128(policy.hash_key.0);
    out.count(policy.countries.iter().count());
    policy.countries.iter().for_each(|prefix| out.text(prefix.as_bytes()));
    out.bool(policy.hours.is_some());
    if let Some(hours) = policy.hours() {
        write_hours(hours, out);
    }
}

fn write_hours(hours: &ContactHours, out: &mut impl Sink) {
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

pub(super) fn read(source: &mut Source<'_>) -> Result<Policy, Invalid> {
    let mut builder = Policy::builder()
        .gate(read_choice(&GATES, source)?)
        .sticky(read_choice(&STICKY, source)?)
        .operator_affinity(read_choice(&AFFINITIES, source)?)
        .empty_template(read_choice(&EMPTY_TEMPLATES, source)?)
        .profile(read_choice(&PROFILES, source)?)
        .final_block(source.bool()?)
        .window_ms(source.u64()?)
        .max_clock_jump_ms(source.u64()?)
        .reply_skew_ms(source.u64()?)
        .retention_ms(source.u64()?)
        .max_batch(source.u64()?)
        .max_contacts(source.u64()?)
        .max_delay_ms(source.u64()?)
        .follow_up_retry_ms(source.u64()?)
        .report_ttl_ms(source.u64()?)
        .max_failover(source.u64()?)
        .sender_hold_ms(source.u64()?)
        .service_window_ms(source.u64()?)
        .hash_key(source.u128()?);
    let prefixes = (0..source.count(4)?).map(|_| source.text()).collect::<Result<Vec<_>, _>>()?;
    builder = builder.countries(Countries::new(&prefixes).ok_or(Invalid)?);
    if source.bool()? {
        builder = builder.hours(Some(read_hours(source)?));
    }
    source.end()?;
    builder.build().map_err(|_| Invalid)
}

fn read_minutes(source: &mut Source<'_>) -> Result<i16, Invalid> {
    i16::try_from(source.i32()?).map_err(|_| Invalid)
}

fn read_hours(source: &mut Source<'_>) -> Result<ContactHours, Invalid> {
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
    Ok(hours)
}
