//! A policy as JSON: the field `policy` of the line `policy`, read and written. Fields that do not exist are refused, so
//! that a rule that is misspelt is not silently left at its default.

use crate::fields::Kind;
use crate::parse_error::{Expected, ParseError};
use crate::read::{Context, FromJson, Seed, refuse_scalars};
use crate::shape::{Name, choices, shape};
use crate::time::{format_date, format_minutes, parse_date, parse_minutes};
use crate::write::{ObjectWriter, array, object, text};
use core::fmt;
use cpc_core::{
    ContactHours, Countries, Date, EmptyTemplate, GateScope, OperatorAffinity, Policy, PolicyBuilder,
    Profile, Span, Sticky,
};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

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
    pub(crate) struct PolicyFields<'a> {
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
        hours "hours": Option<HoursFields<'a>>,
        hash_key "hashKey": Option<HashKey>,
    }
}

/// Calls one setter for each field that is there.
macro_rules! set_all {
    ($text:ident, $builder:ident: $($field:ident),*) => {
        $(if let Some(value) = $text.$field {
            $builder = $builder.$field(value);
        })*
    };
}

impl PolicyFields<'_> {
    /// The policy: what is not named is at its default.
    pub(crate) fn build(self) -> Result<Policy, ParseError> {
        let mut builder: PolicyBuilder = Policy::builder();
        set_all!(self, builder: window_ms, gate, sticky, operator_affinity, empty_template, profile);
        set_all!(self, builder: countries, max_clock_jump_ms, reply_skew_ms, retention_ms, max_batch);
        set_all!(self, builder: max_contacts, max_delay_ms, follow_up_retry_ms, final_block, report_ttl_ms);
        set_all!(self, builder: max_failover, sender_hold_ms, service_window_ms);
        if let Some(key) = self.hash_key {
            builder = builder.hash_key(key.0);
        }
        if let Some(hours) = self.hours {
            builder = builder.hours(Some(hours.build()?));
        }
        builder.build().map_err(ParseError::PolicyBounds)
    }
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

impl<'de> FromJson<'de> for Option<HashKey> {
    const KIND: Kind = Kind::Text;

    fn from_json<D: Deserializer<'de>>(deserializer: D, context: &Context<'de>) -> Result<Self, D::Error> {
        let text: &'de str = FromJson::from_json(deserializer, context)?;
        if text.is_empty() {
            return Ok(None);
        }
        let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let key = u128::from_str_radix(text, 16).ok().filter(|_| digits);
        key.map(|key| Some(HashKey(key))).ok_or_else(|| context.errors.refuse(Expected::HashKey))
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

/// Writes every field of a policy; contact hours as a week, whether or not they came as a preset.
pub(crate) fn write_policy(policy: &Policy, object: &mut ObjectWriter<'_>) {
    object.number("windowMs", policy.window_ms());
    object.text("gate", policy.gate().name_in_json());
    object.text("sticky", policy.sticky().name_in_json());
    object.text("operatorAffinity", policy.operator_affinity().name_in_json());
    object.text("emptyTemplate", policy.empty_template().name_in_json());
    object.text("profile", policy.profile().name_in_json());
    array(object.field("countries"), policy.countries().iter(), text);
    object.number("maxClockJumpMs", policy.max_clock_jump_ms());
    object.number("replySkewMs", policy.reply_skew_ms());
    object.number("retentionMs", policy.retention_ms());
    object.number("maxBatch", policy.max_batch());
    object.number("maxContacts", policy.max_contacts());
    object.number("maxDelayMs", policy.max_delay_ms());
    object.number("followUpRetryMs", policy.follow_up_retry_ms());
    object.flag("finalBlock", policy.final_block());
    object.number("reportTtlMs", policy.report_ttl_ms());
    object.number("maxFailover", policy.max_failover());
    object.number("senderHoldMs", policy.sender_hold_ms());
    object.number("serviceWindowMs", policy.service_window_ms());
    if let Some(hours) = policy.hours() {
        write_hours(hours, object.field("hours"));
    }
    object.text("hashKey", &format!("{:032x}", policy.hash_key()));
}

fn write_hours(hours: &ContactHours, out: &mut Vec<u8>) {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    object(out, |fields| {
        fields.number("utcOffsetMinutes", hours.offset());
        object(fields.field("dddOffsets"), |offsets| {
            for (ddd, minutes) in hours.ddd_offsets() {
                offsets.number(itoa::Buffer::new().format(ddd), minutes);
            }
        });
        object(fields.field("week"), |week| {
            for (day, spans) in DAYS.into_iter().zip(hours.week()) {
                array(week.field(day), spans, |out, span| {
                    let times = [format_minutes(span.open()), format_minutes(span.close())];
                    array(out, &times, |out, time| text(out, time));
                });
            }
        });
        let dates = hours.closed_dates().map(format_date);
        array(fields.field("closedDates"), dates, |out, date| text(out, &date));
    });
}
