//! A policy as JSON: reading the field `policy` of the line `policy`. Fields that do not exist are refused, so that a rule
//! that is misspelt is not silently left at its default.

use crate::arena::Arena;
use crate::fields::Kind;
use crate::parse_error::{Expected, ParseError};
use crate::read::{Context, FromJson, Seed, refuse_scalars};
use crate::shape::{choices, shape};
use crate::time::{parse_date, parse_minutes};
use core::fmt;
use core::time::Duration;
use cpc_core::{
    ContactHours, Countries, Date, EmptyTemplate, GateScope, OperatorAffinity, Policy, Profile, Span, Sticky,
};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

choices!(GateScope, Sticky, OperatorAffinity, EmptyTemplate, Profile);

/// What a member's kind is in JSON: the type that it is read as, and how that becomes what its setter takes.
macro_rules! member {
    (type $life:lifetime (milliseconds $($rest:tt)*)) => { Option<u64> };
    (type $life:lifetime (count $($rest:tt)*)) => { Option<u64> };
    (type $life:lifetime (flag $($rest:tt)*)) => { Option<bool> };
    (type $life:lifetime (choice $Choice:ident)) => { Option<$Choice> };
    (type $life:lifetime (countries)) => { Option<Countries> };
    (type $life:lifetime (hours)) => { Option<HoursFields<$life>> };
    (type $life:lifetime (secret)) => { Option<HashKey> };

    (set (milliseconds $($rest:tt)*) $value:expr) => { Duration::from_millis($value) };
    (set (hours) $value:expr) => { Some($value.build()?) };
    (set (secret) $value:expr) => { $value.0 };
    (set $kind:tt $value:expr) => { $value };
}

/// The reader of a policy, from the rows of the core.
macro_rules! policy_json {
    ($($(#[doc = $doc:literal])+ $field:ident $name:ident $json:literal: $kind:tt;)+) => {
        shape! {
            pub(crate) struct PolicyFields<'a> {
                $($field $json: member!(type 'a $kind),)+
            }
        }

        impl PolicyFields<'_> {
            /// The policy: what is not named is at its default. `own_hash_key` is the host's, if it has one.
            pub(crate) fn build(self, own_hash_key: Option<&str>) -> Result<Policy, ParseError> {
                let mut builder = Policy::builder();
                $(if let Some(value) = self.$field {
                    builder = builder.$name(member!(set $kind value));
                })+
                if let Some(text) = own_hash_key {
                    let refused =
                        ParseError::InvalidPolicy { path: String::from("hashKey"), expected: Expected::HashKey };
                    builder = builder.hash_key(HashKey::of(text).ok_or(refused)?.0);
                }
                builder.build().map_err(ParseError::PolicyBounds)
            }
        }
    };
}

cpc_core::policy_members!(policy_json);

/// Reads a policy that stands by itself, for a host that has its own key. Paths of errors are those that a line has.
pub(crate) fn read_policy(text: &str, hash_key: &str) -> Result<Policy, ParseError> {
    let arena = Arena::new();
    let context = Context { has_own_hash_key: true, ..Context::new(&arena) };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let policy = PolicyFields::from_json(&mut deserializer, &context);
    let policy = context.errors.within_field("policy", policy);
    policy
        .and_then(|policy| deserializer.end().map(|()| policy))
        .map_err(|error| context.errors.explain(&error))?
        .build(Some(hash_key))
}

impl<'de> FromJson<'de> for Option<Countries> {
    const KIND: Kind = Kind::List(&Kind::Text);

    fn from_json<D: Deserializer<'de>>(deserializer: D, context: &Context<'de>) -> Result<Self, D::Error> {
        let list: Option<&'de [&'de str]> = FromJson::from_json(deserializer, context)?;
        let Some(list) = list else { return Ok(None) };
        Countries::new(list).map(Some).ok_or_else(|| context.errors.refuse(Expected::Countries))
    }
}

/// The key of the hash that forgotten opt-outs leave.
pub(crate) struct HashKey(u128);

impl HashKey {
    fn of(text: &str) -> Option<HashKey> {
        let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        u128::from_str_radix(text, 16).ok().filter(|_| digits).map(HashKey)
    }
}

impl<'de> FromJson<'de> for Option<HashKey> {
    const KIND: Kind = Kind::Text;

    fn from_json<D: Deserializer<'de>>(deserializer: D, context: &Context<'de>) -> Result<Self, D::Error> {
        // The host's own key counts as one that was there before.
        if context.has_own_hash_key {
            return Err(context.errors.refuse(Expected::Once));
        }
        let text: &'de str = FromJson::from_json(deserializer, context)?;
        if text.is_empty() {
            return Ok(None);
        }
        HashKey::of(text).map(Some).ok_or_else(|| context.errors.refuse(Expected::HashKey))
    }
}

/// Hours that come with a name.
enum Preset {
    BrConservador,
}

impl Preset {
    const NAMES: &'static [&'static str] = &["brConservador"];

    fn from_name(name: &str) -> Option<Preset> {
        Preset::NAMES.contains(&name).then_some(Preset::BrConservador)
    }
}

choices!(Preset);

shape! {
    /// Contact hours: a preset, a week, or a preset with some of its days and offsets changed.
    pub(crate) struct HoursFields<'a> {
        preset "preset": Option<Preset>,
        utc_offset_minutes "utcOffsetMinutes": Option<i64>,
        ddd_offsets "dddOffsets": Option<DddOffsets>,
        week "week": Option<WeekFields<'a>>,
        closed_dates "closedDates": Option<&'a [DateText]>,
    }
}

impl HoursFields<'_> {
    fn build(self) -> Result<ContactHours, ParseError> {
        let refuse = |path: &str, expected| ParseError::InvalidPolicy { path: String::from(path), expected };
        let HoursFields { preset, utc_offset_minutes, ddd_offsets, week, closed_dates } = self;
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
                *day = spans.iter().map(|span| span.0).collect();
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
    struct WeekFields<'a> {
        mon "mon": Option<&'a [SpanText]>,
        tue "tue": Option<&'a [SpanText]>,
        wed "wed": Option<&'a [SpanText]>,
        thu "thu": Option<&'a [SpanText]>,
        fri "fri": Option<&'a [SpanText]>,
        sat "sat": Option<&'a [SpanText]>,
        sun "sun": Option<&'a [SpanText]>,
    }
}

impl<'a> WeekFields<'a> {
    /// Monday first; `None` where a day is not named.
    fn days(self) -> [Option<&'a [SpanText]>; 7] {
        [self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun]
    }
}

/// `["09:00","18:00"]`.
#[derive(Clone, Copy)]
struct SpanText(Span);

impl<'de> FromJson<'de> for SpanText {
    const KIND: Kind = Kind::List(&Kind::Text);

    fn from_json<D: Deserializer<'de>>(deserializer: D, context: &Context<'de>) -> Result<Self, D::Error> {
        let times: Option<&'de [&'de str]> = FromJson::from_json(deserializer, context)?;
        let span = match times {
            Some([open, close]) => {
                parse_minutes(open).zip(parse_minutes(close)).and_then(|(open, close)| Span::new(open, close))
            }
            _ => None,
        };
        span.map(SpanText).ok_or_else(|| context.errors.refuse(Expected::Span))
    }
}

/// `"2026-12-25"`.
#[derive(Clone, Copy)]
struct DateText(Date);

impl<'de> FromJson<'de> for DateText {
    const KIND: Kind = Kind::Text;

    fn from_json<D: Deserializer<'de>>(deserializer: D, context: &Context<'de>) -> Result<Self, D::Error> {
        let text: &'de str = FromJson::from_json(deserializer, context)?;
        parse_date(text).map(DateText).ok_or_else(|| context.errors.refuse(Expected::Dates))
    }
}

/// `{"68":-300}`: offsets by area code.
struct DddOffsets(Vec<(u8, i16)>);

impl<'de> FromJson<'de> for Option<DddOffsets> {
    const KIND: Kind = Kind::Offsets;

    fn from_json<D: Deserializer<'de>>(deserializer: D, context: &Context<'de>) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DddVisitor { context })
    }
}

struct DddVisitor<'c, 'de> {
    context: &'c Context<'de>,
}

impl<'de> Visitor<'de> for DddVisitor<'_, 'de> {
    type Value = Option<DddOffsets>;

    refuse_scalars!(Expected::Object);

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.is_empty() { Ok(None) } else { Err(self.context.errors.refuse(Expected::Object)) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(self.context.errors.refuse(Expected::Object))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (context, errors) = (self.context, &self.context.errors);
        let mut offsets: Vec<(u8, i16)> = Vec::new();
        while let Some(name) = map.next_key_seed(Seed::<&'de str>::new(context))? {
            let ddd = name.parse::<u8>().ok().filter(|_| name.len() == 2);
            let minutes: Option<i64> = context.value(&mut map)?;
            let minutes = minutes.and_then(|minutes| i16::try_from(minutes).ok());
            let (ddd, minutes) = ddd.zip(minutes).ok_or_else(|| errors.refuse(Expected::DddOffsets))?;
            if offsets.iter().any(|(other, _)| *other == ddd) {
                return errors.within_field(ddd.to_string(), Err(errors.refuse(Expected::Once)));
            }
            offsets.push((ddd, minutes));
        }
        Ok(Some(DddOffsets(offsets)))
    }
}
