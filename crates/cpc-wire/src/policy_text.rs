//! A policy as JSON: the members of a command line `policy`. Members that do not exist are refused, so that a
//! rule that is misspelt is not silently left at its default.

use crate::line_error::{Expected, LineError};
use crate::read::{Notes, Read, Seed, refuse_scalars};
use crate::shape::{choices, shape};
use crate::time_text::{parse_date, parse_minutes};
use core::fmt;
use cpc_core::{
    ContactHours, Countries, Date, EmptyTemplate, GateScope, OperatorAffinity, Policy, PolicyBuilder,
    Profile, Span, Sticky,
};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;

choices!(GateScope {
    "phoneOrClient" => GateScope::PhoneOrClient,
    "phone" => GateScope::Phone,
    "client" => GateScope::Client,
});

choices!(Sticky {
    "prefer" => Sticky::Prefer,
    "require" => Sticky::Require,
    "off" => Sticky::Off,
});

choices!(OperatorAffinity {
    "prefer" => OperatorAffinity::Prefer,
    "require" => OperatorAffinity::Require,
    "ignore" => OperatorAffinity::Ignore,
});

choices!(EmptyTemplate {
    "warn" => EmptyTemplate::Warn,
    "reject" => EmptyTemplate::Reject,
});

choices!(Profile {
    "standard" => Profile::Standard,
    "strict" => Profile::Strict,
});

shape! {
    pub(crate) struct PolicyText {
        window_ms "windowMs": Option<u64>,
        gate "gate": Option<GateScope>,
        sticky "sticky": Option<Sticky>,
        operator_affinity "operatorAffinity": Option<OperatorAffinity>,
        empty_template "emptyTemplate": Option<EmptyTemplate>,
        profile "profile": Option<Profile>,
        countries "countries": Option<Countries>,
        max_clock_jump_ms "maxClockJumpMs": Option<u64>,
        reply_skew_ms "replySkewMs": Option<u64>,
        retention_ms "retentionMs": Option<u64>,
        max_batch "maxBatch": Option<u64>,
        max_contacts "maxContacts": Option<u64>,
        max_delay_ms "maxDelayMs": Option<u64>,
        follow_up_retry_ms "followUpRetryMs": Option<u64>,
        final_block "finalBlock": Option<bool>,
        report_ttl_ms "reportTtlMs": Option<u64>,
        max_failover "maxFailover": Option<u64>,
        sender_hold_ms "senderHoldMs": Option<u64>,
        service_window_ms "serviceWindowMs": Option<u64>,
        hours "hours": Option<HoursText>,
        hash_key "hashKey": Option<HashKey>,
    }
}

/// Calls one setter for each member that is there.
macro_rules! set_all {
    ($text:ident, $builder:ident: $($member:ident),*) => {
        $(if let Some(value) = $text.$member {
            $builder = $builder.$member(value);
        })*
    };
}

macro_rules! set_durations {
    ($text:ident, $builder:ident: $($member:ident $setter:ident),*) => {
        $(if let Some(value) = $text.$member {
            $builder = $builder.$setter(core::time::Duration::from_millis(value));
        })*
    };
}

impl PolicyText {
    /// The policy: what is not named is at its default.
    pub(crate) fn build(self) -> Result<Policy, LineError> {
        let mut builder: PolicyBuilder = Policy::builder();
        set_all!(self, builder: gate, sticky, operator_affinity, empty_template, profile);
        set_all!(self, builder: countries, max_batch, max_contacts, final_block, max_failover);
        set_durations!(self, builder: window_ms window, max_clock_jump_ms max_clock_jump);
        set_durations!(self, builder: reply_skew_ms reply_skew, retention_ms retention, max_delay_ms max_delay);
        set_durations!(self, builder: follow_up_retry_ms follow_up_retry, report_ttl_ms report_ttl);
        set_durations!(self, builder: sender_hold_ms sender_hold, service_window_ms service_window);
        if let Some(key) = self.hash_key {
            builder = builder.hash_key(key.0);
        }
        if let Some(hours) = self.hours {
            builder = builder.hours(Some(hours.build()?));
        }
        builder.build().map_err(LineError::PolicyBounds)
    }
}

impl<'de> Read<'de> for Option<Countries> {
    fn read<D: Deserializer<'de>>(deserializer: D, notes: &Notes) -> Result<Self, D::Error> {
        let list: Option<Vec<Cow<'de, str>>> = Read::read(deserializer, notes)?;
        let Some(list) = list else { return Ok(None) };
        Countries::new(&list).map(Some).ok_or_else(|| notes.refuse(Expected::Countries))
    }
}

/// The key of the hash that forgotten opt-outs leave.
pub(crate) struct HashKey(u128);

impl<'de> Read<'de> for Option<HashKey> {
    fn read<D: Deserializer<'de>>(deserializer: D, notes: &Notes) -> Result<Self, D::Error> {
        let text: Cow<'de, str> = Read::read(deserializer, notes)?;
        if text.is_empty() {
            return Ok(None);
        }
        let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let key = u128::from_str_radix(&text, 16).ok().filter(|_| digits);
        key.map(|key| Some(HashKey(key))).ok_or_else(|| notes.refuse(Expected::HashKey))
    }
}

choices!(Preset {
    "brConservador" => Preset::BrConservador,
});

/// Hours that come with a name.
enum Preset {
    BrConservador,
}

shape! {
    /// Contact hours: a preset, a week, or a preset with some of its days and offsets changed.
    pub(crate) struct HoursText {
        preset "preset": Option<Preset>,
        utc_offset_minutes "utcOffsetMinutes": Option<i64>,
        ddd_offsets "dddOffsets": Option<DddOffsets>,
        week "week": Option<WeekText>,
        closed_dates "closedDates": Option<Vec<DateText>>,
    }
}

impl HoursText {
    fn build(self) -> Result<ContactHours, LineError> {
        let refuse = |path: &str, expected| LineError::InvalidPolicy { path: String::from(path), expected };
        let HoursText { preset, utc_offset_minutes, ddd_offsets, week, closed_dates } = self;
        let (preset, week) = match (preset, week) {
            (None, None) => return Err(refuse("hours", Expected::Week)),
            (preset, week) => (preset, week.unwrap_or_default()),
        };
        let base = match preset {
            Some(Preset::BrConservador) => ContactHours::br_conservador(),
            None => ContactHours::new(Default::default()),
        };
        let mut days = base.week().clone();
        for (day, named) in days.iter_mut().zip(week.days()) {
            if let Some(spans) = named {
                *day = spans.into_iter().map(|span| span.0).collect();
            }
        }
        let offset = utc_offset_minutes.unwrap_or(i64::from(base.offset()));
        let mut hours = i16::try_from(offset)
            .ok()
            .and_then(|minutes| ContactHours::new(days).utc_offset_minutes(minutes))
            .ok_or_else(|| refuse("hours.utcOffsetMinutes", Expected::Offset))?;
        let own_offsets = ddd_offsets.map(|offsets| offsets.0).unwrap_or_default();
        for (ddd, minutes) in base.ddd_offsets().chain(own_offsets) {
            hours = hours
                .ddd_offset(ddd, minutes)
                .ok_or_else(|| refuse("hours.dddOffsets", Expected::DddOffsets))?;
        }
        for date in closed_dates.unwrap_or_default() {
            hours = hours.closed_on(date.0).ok_or_else(|| refuse("hours.closedDates", Expected::Dates))?;
        }
        Ok(hours)
    }
}

shape! {
    struct WeekText {
        mon "mon": Option<Vec<SpanText>>,
        tue "tue": Option<Vec<SpanText>>,
        wed "wed": Option<Vec<SpanText>>,
        thu "thu": Option<Vec<SpanText>>,
        fri "fri": Option<Vec<SpanText>>,
        sat "sat": Option<Vec<SpanText>>,
        sun "sun": Option<Vec<SpanText>>,
    }
}

impl WeekText {
    /// Monday first; `None` where a day is not named.
    fn days(self) -> [Option<Vec<SpanText>>; 7] {
        [self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun]
    }
}

/// `["09:00","18:00"]`.
struct SpanText(Span);

impl<'de> Read<'de> for SpanText {
    fn read<D: Deserializer<'de>>(deserializer: D, notes: &Notes) -> Result<Self, D::Error> {
        let times: Option<Vec<Cow<'de, str>>> = Read::read(deserializer, notes)?;
        let span = match times.as_deref() {
            Some([open, close]) => {
                parse_minutes(open).zip(parse_minutes(close)).and_then(|(open, close)| Span::new(open, close))
            }
            _ => None,
        };
        span.map(SpanText).ok_or_else(|| notes.refuse(Expected::Span))
    }
}

/// `"2026-12-25"`.
struct DateText(Date);

impl<'de> Read<'de> for DateText {
    fn read<D: Deserializer<'de>>(deserializer: D, notes: &Notes) -> Result<Self, D::Error> {
        let text: Cow<'de, str> = Read::read(deserializer, notes)?;
        parse_date(&text).map(DateText).ok_or_else(|| notes.refuse(Expected::Dates))
    }
}

/// `{"68":-300}`: offsets by area code.
struct DddOffsets(Vec<(u8, i16)>);

impl<'de> Read<'de> for Option<DddOffsets> {
    fn read<D: Deserializer<'de>>(deserializer: D, notes: &Notes) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DddVisitor { notes })
    }
}

struct DddVisitor<'n> {
    notes: &'n Notes,
}

impl<'de> Visitor<'de> for DddVisitor<'_> {
    type Value = Option<DddOffsets>;

    refuse_scalars!(Expected::Object);

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.is_empty() { Ok(None) } else { Err(self.notes.refuse(Expected::Object)) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(self.notes.refuse(Expected::Object))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let notes = self.notes;
        let mut offsets: Vec<(u8, i16)> = Vec::new();
        while let Some(name) = map.next_key_seed(Seed::<Cow<'de, str>>::new(notes))? {
            let ddd = name.parse::<u8>().ok().filter(|_| name.len() == 2);
            let minutes: Option<i64> = map.next_value_seed(Seed::new(notes))?;
            let minutes = minutes.and_then(|minutes| i16::try_from(minutes).ok());
            let (ddd, minutes) = ddd.zip(minutes).ok_or_else(|| notes.refuse(Expected::DddOffsets))?;
            if offsets.iter().any(|(other, _)| *other == ddd) {
                return notes.within_member(ddd.to_string(), Err(notes.refuse(Expected::Once)));
            }
            offsets.push((ddd, minutes));
        }
        Ok(Some(DddOffsets(offsets)))
    }
}
