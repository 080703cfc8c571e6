//! The rules of one tenant that can be chosen: windows, scopes, limits. Checked when built, so that the engine never
//! sees an invalid one.

use crate::error::PolicyError;
use crate::hours::ContactHours;
use crate::phone::Countries;
use crate::schema::{DefaultValue, Field, Kind, Object};
use crate::tables::names;
use crate::time::{DAY, HOUR, MINUTE, SECOND, millis_of};
use crate::value::{Described, FieldKey, FieldValue, Fields, Visit};
use alloc::boxed::Box;
use core::fmt;
use core::time::Duration;

names! {
    /// Which gates must be open to a new contact ([RULES §2.6](crate::rules#2-identity)).
    pub enum GateScope {
        /// The phone's gate and, with a client id, the client's; both are taken.
        PhoneOrClient = "phoneOrClient",
        /// The phone's gate alone.
        Phone = "phone",
        /// Only the client's gate if a client id is present, else the phone's.
        Client = "client",
    }
    default PhoneOrClient
}

names! {
    /// Whether a contact keeps its sender ([RULES §5.4](crate::rules#5-number-allocation)).
    pub enum Sticky {
        /// The last sender first, another if it cannot.
        Prefer = "prefer",
        /// Once there is a last sender of the wallet, no other.
        Require = "require",
        /// The last sender counts like any other.
        Off = "off",
    }
    default Prefer
}

names! {
    /// Whether an operator's messages go out from the senders that list that operator
    /// ([RULES §5.4](crate::rules#5-number-allocation)).
    pub enum OperatorAffinity {
        /// Those first, others if none of them can.
        Prefer = "prefer",
        /// Only those.
        Require = "require",
        /// Lists of operators are not looked at.
        Ignore = "ignore",
    }
    default Prefer
}

names! {
    /// What a blank `mainTemplate` leads to ([RULES §4](crate::rules#4-dispatch)).
    pub enum EmptyTemplate {
        /// Accepted, with a warning.
        Warn = "warn",
        /// `empty_template`.
        Reject = "reject",
    }
    default Warn
}

names! {
    /// Which fields a message must have ([RULES §4.1](crate::rules#4-dispatch)).
    pub enum Profile {
        /// What cannot be done without.
        Standard = "standard",
        /// Also `idMessage`, `clientId`, `contract` and `idAccount`, as the document's table has it.
        Strict = "strict",
    }
    default Standard
}

/// The longest window of a cycle, for policies and wallets.
pub(crate) const MAX_WINDOW: u64 = 30 * DAY;
/// The longest retention.
pub(crate) const MAX_RETENTION: u64 = 3_660 * DAY;

/// The members of a policy, one row each: the field, the setter and getter, the JSON name, the kind, the default and,
/// of numbers, the bounds. `within FIELD` bounds a number by another member as well, and is checked after all others.
///
/// The rows are handed to the macro that is named: here they become [`Policy`] and its builder, in the snapshot the
/// order of its bytes, in `cpc-wire` the reader and the writer of JSON.
#[doc(hidden)]
#[macro_export]
macro_rules! policy_members {
    ($($then:tt)+) => {
        $($then)+! {
            /// How long a cycle blocks its gates unless it is answered.
            window_ms window "windowMs": (milliseconds = 24 * HOUR, 1, MAX_WINDOW);
            /// Which gates a new contact must find open, and takes.
            gate gate "gate": (choice GateScope);
            /// Whether a contact keeps its sender.
            sticky sticky "sticky": (choice Sticky);
            /// Whether an operator's messages go out from the senders that list the operator.
            operator_affinity operator_affinity "operatorAffinity": (choice OperatorAffinity);
            /// What a blank `mainTemplate` leads to.
            empty_template empty_template "emptyTemplate": (choice EmptyTemplate);
            /// Which fields a message must have.
            profile profile "profile": (choice Profile);
            /// Prefixes of the countries that may be contacted, or `["*"]`.
            countries countries "countries": (countries);
            /// How far `at` may run ahead of the clock.
            max_clock_jump_ms max_clock_jump "maxClockJumpMs": (milliseconds = 30 * DAY, 1, 36_525 * DAY);
            /// How much earlier than its cycle a reply may be stamped, because WhatsApp stamps whole seconds.
            reply_skew_ms reply_skew "replySkewMs": (milliseconds = SECOND, 0, HOUR);
            /// How long a silent contact is remembered; at least twice every window.
            retention_ms retention "retentionMs": (milliseconds = 30 * DAY, 48 * HOUR, MAX_RETENTION);
            /// The most messages of one batch.
            max_batch max_batch "maxBatch": (count = 100_000, 1, 1_000_000);
            /// The most phones and clients, counted together.
            max_contacts max_contacts "maxContacts": (count = 50_000_000, 1, 500_000_000);
            /// How far the pace of a sender may put a message off.
            max_delay_ms max_delay "maxDelayMs": (milliseconds = HOUR, 0, 7 * DAY);
            /// When a follow-up that could not go is tried again if nothing better is known.
            follow_up_retry_ms follow_up_retry "followUpRetryMs": (milliseconds = 15 * MINUTE, 1, 30 * DAY);
            /// Whether the last follow-up of a contact blocks it until it writes, and not until a window is over.
            final_block final_block "finalBlock": (flag = false);
            /// How long delivery reports of a dispatch are accepted; no longer than the retention.
            report_ttl_ms report_ttl "reportTtlMs": (milliseconds = 48 * HOUR, 1, MAX_RETENTION, within retention_ms);
            /// How often one dispatch may move to another sender.
            max_failover max_failover "maxFailover": (count = 2, 0, 16);
            /// How long a failed sender is quarantined.
            sender_hold_ms sender_hold "senderHoldMs": (milliseconds = HOUR, 0, 30 * DAY);
            /// How long after a contact's last message operators may write.
            service_window_ms service_window "serviceWindowMs": (milliseconds = 24 * HOUR, 0, 30 * DAY);
            /// When contacts may be written to, in their local time; always if absent.
            hours hours "hours": (hours);
            /// The key of the hash that a forgotten opt-out leaves, and the seed of the contact table: choose it at
            /// random, keep it secret, and keep it. It cannot change while forgotten opt-outs exist, and with the
            /// default, 0, an attacker who chooses phones and client ids can make look-ups slow.
            hash_key hash_key "hashKey": (secret);
        }
    };
}

/// What a member's kind means: its Rust type, its default, what its setter takes and its getter gives.
macro_rules! member {
    (type (milliseconds $($rest:tt)*)) => { u64 };
    (type (count $($rest:tt)*)) => { u64 };
    (type (flag $($rest:tt)*)) => { bool };
    (type (choice $Choice:ident)) => { $Choice };
    (type (countries)) => { Countries };
    (type (hours)) => { Option<Box<ContactHours>> };
    (type (secret)) => { Secret };

    (default (milliseconds = $default:expr, $($bounds:tt)*)) => { $default };
    (default (count = $default:expr, $($bounds:tt)*)) => { $default };
    (default (flag = $default:expr)) => { $default };
    (default (choice $Choice:ident)) => { $Choice::default() };
    (default (countries)) => { Countries::default() };
    (default (hours)) => { None };
    (default (secret)) => { Secret(0) };

    (taken (milliseconds $($rest:tt)*)) => { Duration };
    (taken (hours)) => { Option<ContactHours> };
    (taken (secret)) => { u128 };
    (taken $kind:tt) => { member!(type $kind) };

    (stored (milliseconds $($rest:tt)*) $value:expr) => { millis_of($value) };
    (stored (hours) $value:expr) => { $value.map(Box::new) };
    (stored (secret) $value:expr) => { Secret($value) };
    (stored $kind:tt $value:expr) => { $value };

    (given (milliseconds $($rest:tt)*)) => { Duration };
    (given (countries)) => { &Countries };
    (given (hours)) => { Option<&ContactHours> };
    (given (secret)) => { u128 };
    (given $kind:tt) => { member!(type $kind) };

    (read (milliseconds $($rest:tt)*) $value:expr) => { Duration::from_millis($value) };
    (read (countries) $value:expr) => { &$value };
    (read (hours) $value:expr) => { $value.as_deref() };
    (read (secret) $value:expr) => { $value.0 };
    (read $kind:tt $value:expr) => { $value };

    (note (milliseconds = $default:expr, $min:expr, $max:expr $(, within $other:ident)?)) => {
        concat!(
            "\n\n`", stringify!($default), "` by default, `", stringify!($min), "` to `", stringify!($max),
            "`, in milliseconds; a fraction of one does not count."
        )
    };
    (note (count = $default:expr, $min:expr, $max:expr)) => {
        concat!("\n\n", stringify!($default), " by default, ", stringify!($min), " to ", stringify!($max), ".")
    };
    (note (flag = $default:expr)) => { concat!("\n\n`", stringify!($default), "` by default.") };
    (note (countries)) => { "\n\nBrazil by default." };
    (note $kind:tt) => { "" };

    (schema $json:literal $field:ident (milliseconds = $default:expr, $min:expr, $max:expr $(, within $other:ident)?)) => {
        Field::new($json, stringify!($field), Kind::Milliseconds, false)
            .bounded($min, $max)
            .default(DefaultValue::Integer($default))
    };
    (schema $json:literal $field:ident (count = $default:expr, $min:expr, $max:expr)) => {
        Field::new($json, stringify!($field), Kind::Integer, false)
            .bounded($min, $max)
            .default(DefaultValue::Integer($default))
    };
    (schema $json:literal $field:ident (flag = $default:expr)) => {
        Field::new($json, stringify!($field), Kind::Boolean, false).default(DefaultValue::Boolean($default))
    };
    (schema $json:literal $field:ident (choice $Choice:ident)) => {
        Field::new($json, stringify!($field), Kind::Choice(&$Choice::SCHEMA), false)
            .default(DefaultValue::Name($Choice::DEFAULT.name()))
    };
    (schema $json:literal $field:ident (countries)) => {
        Field::new($json, stringify!($field), Kind::Countries, false)
            .default(DefaultValue::Json("[\"55\"]"))
    };
    (schema $json:literal $field:ident (hours)) => {
        Field::new($json, stringify!($field), Kind::ContactHours, false)
    };
    (schema $json:literal $field:ident (secret)) => {
        Field::new($json, stringify!($field), Kind::Secret, false)
    };

    (held (hours) $value:expr) => { $value.as_deref().map_or(FieldValue::Absent, |hours| FieldValue::Object(hours)) };
    (held (secret) $value:expr) => { FieldValue::Secret($value.0) };
    (held (countries) $value:expr) => { FieldValue::List(&$value) };
    (held $kind:tt $value:expr) => { $value.value() };

    (bound $json:literal $field:ident ($kind:ident = $default:expr, $min:expr, $max:expr, within $other:ident)) => {
        Some(Bound {
            field: $json,
            min: $min,
            max: $max,
            value: |policy| policy.$field,
            within: Some(|policy| policy.$other),
        })
    };
    (bound $json:literal $field:ident ($kind:ident = $default:expr, $min:expr, $max:expr)) => {
        Some(Bound { field: $json, min: $min, max: $max, value: |policy| policy.$field, within: None })
    };
    (bound $json:literal $field:ident $kind:tt) => { None };
}

macro_rules! policy {
    ($($(#[doc = $doc:literal])+ $field:ident $name:ident $json:literal: $kind:tt;)+) => {
        /// The choices of one tenant. Build one with [`Policy::builder`]; [`Policy::default`] has every default.
        ///
        /// ```
        /// use cpc_core::{Policy, Sticky};
        /// use std::time::Duration;
        ///
        /// let policy = Policy::builder()
        ///     .window(Duration::from_secs(12 * 3_600))
        ///     .sticky(Sticky::Require)
        ///     .build()?;
        /// assert_eq!(policy.window(), Duration::from_secs(43_200));
        /// // A value outside its bounds is an error that names the member, and what it may be.
        /// let error = Policy::builder().max_batch(0).build().unwrap_err();
        /// assert_eq!((error.field, error.min), ("maxBatch", 1));
        /// # Ok::<(), cpc_core::PolicyError>(())
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Policy {
            $(pub(crate) $field: member!(type $kind),)+
        }

        impl Default for Policy {
            fn default() -> Policy {
                Policy { $($field: member!(default $kind),)+ }
            }
        }

        impl Policy {
            /// The members, as constants: what the bindings are generated from.
            pub const SCHEMA: Object = Object::new(
                "Policy",
                "The rules that can be chosen. A member that is not named is at its default.",
                &[$(member!(schema $json $field $kind).documented(concat!($($doc, "\n"),+)),)+],
            );

            const BOUNDS: &[Option<Bound>] = &[$(member!(bound $json $field $kind),)+];

            $(
                $(#[doc = $doc])+
                #[doc = member!(note $kind)]
                #[must_use]
                pub fn $name(&self) -> member!(given $kind) {
                    member!(read $kind self.$field)
                }
            )+
        }

        /// Every member is there, but hours that contacts have at all times.
        impl Fields for Policy {
            fn each_field(&self, visit: &mut Visit<'_>) {
                $(visit(FieldKey::new($json, stringify!($name), true), member!(held $kind self.$field));)+
            }
        }

        impl PolicyBuilder {
            $(
                $(#[doc = $doc])+
                #[doc = member!(note $kind)]
                #[must_use]
                pub fn $name(mut self, $name: member!(taken $kind)) -> PolicyBuilder {
                    self.policy.$field = member!(stored $kind $name);
                    self
                }
            )+
        }
    };
}

policy_members!(policy);
pub(crate) use policy_members;

crate::tables::serialized!(Policy);

impl Described for Policy {
    const KIND: Kind = Kind::Object(&Policy::SCHEMA);

    fn value(&self) -> FieldValue<'_> {
        FieldValue::Object(self)
    }
}

/// A number that is not printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Secret(pub(crate) u128);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("*")
    }
}

/// The bounds of one number of a policy, and where it is.
struct Bound {
    field: &'static str,
    min: u64,
    max: u64,
    value: fn(&Policy) -> u64,
    /// Another member that it may not exceed.
    within: Option<fn(&Policy) -> u64>,
}

impl Bound {
    fn check(&self, policy: &Policy) -> Result<(), PolicyError> {
        let value = (self.value)(policy);
        let max = self.within.map_or(self.max, |other| other(policy));
        if value < self.min || value > max {
            return Err(PolicyError { field: self.field, value, min: self.min, max });
        }
        Ok(())
    }
}

impl Policy {
    /// A builder that starts from the defaults.
    #[must_use]
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder { policy: Policy::default() }
    }

    /// The retention a policy needs, so that a contact is never forgotten inside a window: 48 h, and twice
    /// every window ([RULES §3.7](crate::rules#3-the-gate)).
    pub(crate) const fn allows_window(&self, window_ms: u64) -> bool {
        window_ms <= self.longest_window()
    }

    /// The longest window that it allows.
    pub(crate) const fn longest_window(&self) -> u64 {
        self.retention_ms / 2
    }

    /// Whether every member is within its bounds; the first that is not is named.
    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        let bounds = || Self::BOUNDS.iter().flatten();
        bounds().filter(|bound| bound.within.is_none()).try_for_each(|bound| bound.check(self))?;
        if !self.allows_window(self.window_ms) {
            let (field, min) = ("retentionMs", 2 * self.window_ms);
            return Err(PolicyError { field, value: self.retention_ms, min, max: MAX_RETENTION });
        }
        bounds().filter(|bound| bound.within.is_some()).try_for_each(|bound| bound.check(self))
    }
}

/// Builds a [`Policy`]; every setter's default, unit and bounds are in its documentation.
#[derive(Clone, Debug)]
pub struct PolicyBuilder {
    policy: Policy,
}

impl PolicyBuilder {
    /// The policy.
    ///
    /// # Errors
    /// [`PolicyError`] names the first member that is outside its bounds.
    pub fn build(self) -> Result<Policy, PolicyError> {
        self.policy.check()?;
        Ok(self.policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// RULES §3.7
    #[test]
    fn retention_is_at_least_twice_the_window() {
        let build = |window: u64, retention: u64| {
            Policy::builder().window(ms(window)).retention(ms(retention)).build()
        };
        assert!(build(24 * HOUR, 48 * HOUR).is_ok());
        assert_eq!(build(HOUR, 48 * HOUR - 1).unwrap_err().field, "retentionMs");
        let error = build(25 * HOUR, 49 * HOUR).unwrap_err();
        assert_eq!((error.field, error.min), ("retentionMs", 50 * HOUR));
    }

    #[test]
    fn every_number_has_its_bounds() {
        type Set = fn(PolicyBuilder, u64) -> PolicyBuilder;
        let bounds: [(&str, Set, u64, u64); 12] = [
            ("windowMs", |builder, value| builder.window(ms(value)), 1, 30 * DAY),
            ("maxClockJumpMs", |builder, value| builder.max_clock_jump(ms(value)), 1, 36_525 * DAY),
            ("replySkewMs", |builder, value| builder.reply_skew(ms(value)), 0, HOUR),
            ("retentionMs", |builder, value| builder.retention(ms(value)), 48 * HOUR, 3_660 * DAY),
            ("maxBatch", PolicyBuilder::max_batch, 1, 1_000_000),
            ("maxContacts", PolicyBuilder::max_contacts, 1, 500_000_000),
            ("maxDelayMs", |builder, value| builder.max_delay(ms(value)), 0, 7 * DAY),
            ("followUpRetryMs", |builder, value| builder.follow_up_retry(ms(value)), 1, 30 * DAY),
            ("reportTtlMs", |builder, value| builder.report_ttl(ms(value)), 1, 60 * DAY),
            ("maxFailover", PolicyBuilder::max_failover, 0, 16),
            ("senderHoldMs", |builder, value| builder.sender_hold(ms(value)), 0, 30 * DAY),
            ("serviceWindowMs", |builder, value| builder.service_window(ms(value)), 0, 30 * DAY),
        ];
        for (field, set, min, max) in bounds {
            let build = |value| set(Policy::builder().retention(ms(60 * DAY)), value).build();
            assert!(build(min).is_ok() && build(max).is_ok(), "{field}");
            for value in min.checked_sub(1).into_iter().chain([max + 1]) {
                assert_eq!(build(value), Err(PolicyError { field, value, min, max }));
            }
        }
    }

    #[test]
    fn a_policy_tells_what_was_chosen() {
        let (countries, hours) = (Countries::new(&["351"]).unwrap(), ContactHours::br_conservador());
        let policy = Policy::builder().countries(countries.clone()).hash_key(7).hours(Some(hours.clone()));
        let policy = policy.build().unwrap();
        assert_eq!((policy.countries(), policy.hash_key(), policy.hours()), (&countries, 7, Some(&hours)));
    }

    #[test]
    fn an_error_names_field_value_and_bounds() {
        let error = Policy::builder().max_batch(0).build().unwrap_err();
        assert_eq!((error.field, error.value, error.min, error.max), ("maxBatch", 0, 1, 1_000_000));
        assert_eq!(Policy::builder().report_ttl(ms(31 * DAY)).build().unwrap_err().field, "reportTtlMs");
        assert_eq!(Policy::builder().build().unwrap(), Policy::default());
    }
}
