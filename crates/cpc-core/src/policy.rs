//! The tenant's rules that can be chosen: windows, scopes, limits. Checked when built, so that the engine never
//! sees an invalid one.

use crate::hours::ContactHours;
use crate::phone::Countries;
use crate::time::{DAY, HOUR, MINUTE, SECOND};
use alloc::boxed::Box;
use core::fmt;

/// A member of a [`Policy`] outside its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("policy: {field} is {value}, it must be between {min} and {max}")]
pub struct PolicyError {
    /// The member, as it is named in JSON.
    pub field: &'static str,
    /// What was asked for.
    pub value: u64,
    /// The least it may be.
    pub min: u64,
    /// The most it may be.
    pub max: u64,
}

/// Which gates must be open to a new contact ([RULES §2.6](crate#2-identity)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GateScope {
    /// The phone's gate and, with a client id, the client's; both are taken.
    #[default]
    PhoneOrClient,
    /// The phone's gate alone.
    Phone,
    /// Only the client's gate if a client id is present, else the phone's.
    Client,
}

/// Whether a contact keeps its number ([RULES §5.4](crate#5-number-allocation)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sticky {
    /// The last sender first, another if it cannot.
    #[default]
    Prefer,
    /// Once there is a last sender of the wallet, no other.
    Require,
    /// The last sender counts like any other.
    Off,
}

/// Whether an operator's messages go out from the senders that list that operator
/// ([RULES §5.4](crate#5-number-allocation)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OperatorAffinity {
    /// Those first, others if none of them can.
    #[default]
    Prefer,
    /// Only those.
    Require,
    /// Lists of operators are not looked at.
    Ignore,
}

/// What a blank `mainTemplate` leads to ([RULES §4](crate#4-dispatch)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EmptyTemplate {
    /// Accepted, with a warning.
    #[default]
    Warn,
    /// `empty_template`.
    Reject,
}

/// Which members a message must have ([RULES §4.1](crate#4-dispatch)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// What cannot be done without.
    #[default]
    Standard,
    /// Also `idMessage`, `clientId`, `contract` and `idAccount`, as the document's table has it.
    Strict,
}

/// The choices of one tenant. Build one with [`Policy::builder`]; [`Policy::default`] has every default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub(crate) window_ms: u64,
    pub(crate) gate: GateScope,
    pub(crate) sticky: Sticky,
    pub(crate) operator_affinity: OperatorAffinity,
    pub(crate) empty_template: EmptyTemplate,
    pub(crate) profile: Profile,
    pub(crate) countries: Countries,
    pub(crate) max_clock_jump_ms: u64,
    pub(crate) reply_skew_ms: u64,
    pub(crate) retention_ms: u64,
    pub(crate) max_batch: u64,
    pub(crate) max_contacts: u64,
    pub(crate) max_delay_ms: u64,
    pub(crate) follow_up_retry_ms: u64,
    pub(crate) final_block: bool,
    pub(crate) report_ttl_ms: u64,
    pub(crate) max_failover: u64,
    pub(crate) sender_hold_ms: u64,
    pub(crate) service_window_ms: u64,
    pub(crate) hours: Option<Box<ContactHours>>,
    pub(crate) hash_key: Secret,
}

/// A number that is not printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Secret(pub(crate) u128);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("*")
    }
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            window_ms: 24 * HOUR,
            gate: GateScope::default(),
            sticky: Sticky::default(),
            operator_affinity: OperatorAffinity::default(),
            empty_template: EmptyTemplate::default(),
            profile: Profile::default(),
            countries: Countries::default(),
            max_clock_jump_ms: 30 * DAY,
            reply_skew_ms: SECOND,
            retention_ms: 30 * DAY,
            max_batch: 100_000,
            max_contacts: 50_000_000,
            max_delay_ms: HOUR,
            follow_up_retry_ms: 15 * MINUTE,
            final_block: false,
            report_ttl_ms: 48 * HOUR,
            max_failover: 2,
            sender_hold_ms: HOUR,
            service_window_ms: 24 * HOUR,
            hours: None,
            hash_key: Secret(0),
        }
    }
}

/// The longest window of a cycle, for policies and wallets.
pub(crate) const MAX_WINDOW: u64 = 30 * DAY;
/// The longest retention.
pub(crate) const MAX_RETENTION: u64 = 3_660 * DAY;

/// A number of a policy: its name, the least and the most it may be, and where it is.
type Bound = (&'static str, u64, u64, fn(&Policy) -> u64);

/// The bounds of the numbers of a policy that depend on no other. Times are in milliseconds.
const BOUNDS: [Bound; 11] = [
    ("windowMs", 1, MAX_WINDOW, |policy| policy.window_ms),
    ("maxClockJumpMs", 1, 36_525 * DAY, |policy| policy.max_clock_jump_ms),
    ("replySkewMs", 0, HOUR, |policy| policy.reply_skew_ms),
    ("retentionMs", 48 * HOUR, MAX_RETENTION, |policy| policy.retention_ms),
    ("maxBatch", 1, 1_000_000, |policy| policy.max_batch),
    ("maxContacts", 1, 500_000_000, |policy| policy.max_contacts),
    ("maxDelayMs", 0, 7 * DAY, |policy| policy.max_delay_ms),
    ("followUpRetryMs", 1, 30 * DAY, |policy| policy.follow_up_retry_ms),
    ("maxFailover", 0, 16, |policy| policy.max_failover),
    ("senderHoldMs", 0, 30 * DAY, |policy| policy.sender_hold_ms),
    ("serviceWindowMs", 0, 30 * DAY, |policy| policy.service_window_ms),
];

impl Policy {
    /// A builder that starts from the defaults.
    #[must_use]
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder { policy: Policy::default() }
    }

    /// The retention a policy needs, so that a contact is never forgotten inside a window: 48 h, and twice
    /// every window ([RULES §3.7](crate#3-the-gate)).
    pub(crate) const fn allows_window(&self, window_ms: u64) -> bool {
        window_ms <= self.longest_window()
    }

    /// The longest window that it allows.
    pub(crate) const fn longest_window(&self) -> u64 {
        self.retention_ms / 2
    }

    fn check(&self) -> Result<(), PolicyError> {
        for (field, min, max, read) in BOUNDS {
            let value = read(self);
            if value < min || value > max {
                return Err(PolicyError { field, value, min, max });
            }
        }
        let retention = self.retention_ms;
        if !self.allows_window(self.window_ms) {
            let (field, min) = ("retentionMs", 2 * self.window_ms);
            return Err(PolicyError { field, value: retention, min, max: MAX_RETENTION });
        }
        // A cycle that its contact no longer remembers cannot be reported on.
        if self.report_ttl_ms < 1 || self.report_ttl_ms > retention {
            let (field, value) = ("reportTtlMs", self.report_ttl_ms);
            return Err(PolicyError { field, value, min: 1, max: retention });
        }
        Ok(())
    }
}

/// Builds a [`Policy`]; every setter's default, unit and bounds are in its documentation.
#[derive(Clone, Debug)]
pub struct PolicyBuilder {
    policy: Policy,
}

macro_rules! members {
    ($($(#[$doc:meta])* $name:ident: $kind:ty;)*) => {
        impl PolicyBuilder {
            $($(#[$doc])*
            #[must_use]
            pub fn $name(mut self, $name: $kind) -> PolicyBuilder {
                self.policy.$name = $name;
                self
            })*
        }

        impl Policy {
            $($(#[$doc])*
            #[must_use]
            pub const fn $name(&self) -> $kind {
                self.$name
            })*
        }
    };
}

members! {
    /// How long a cycle blocks its gates unless it is answered: 24 h by default; 1 ms to 30 days.
    window_ms: u64;
    /// Which gates must be open; by default the phone's and the client's.
    gate: GateScope;
    /// Whether a contact keeps its number; preferred by default.
    sticky: Sticky;
    /// Whether operators keep to the senders that list them; preferred by default.
    operator_affinity: OperatorAffinity;
    /// What a blank main template leads to; a warning by default.
    empty_template: EmptyTemplate;
    /// Which members a message must have.
    profile: Profile;
    /// How far `at` may run ahead of the clock, in ms: 30 days by default; 1 ms to 36 525 days.
    max_clock_jump_ms: u64;
    /// How much earlier than its cycle a reply may be stamped, in ms: 1000 by default, because WhatsApp
    /// stamps whole seconds; 0 to 1 h.
    reply_skew_ms: u64;
    /// For how long a silent contact is remembered, in ms: 30 days by default; 48 h to 3660 days, and at
    /// least twice every window.
    retention_ms: u64;
    /// The most messages of one batch: 100 000 by default; 1 to 1 000 000.
    max_batch: u64;
    /// The most phones and clients, counted together: 50 000 000 by default; 1 to 500 000 000.
    max_contacts: u64;
    /// How far pacing may put a message off, in ms: 1 h by default; 0 to 7 days.
    max_delay_ms: u64;
    /// When a follow-up that could not go is tried again if nothing better is known, in ms: 15 min by
    /// default; 1 ms to 30 days.
    follow_up_retry_ms: u64;
    /// Whether a contact that let its last follow-up expire stays blocked until it writes; false by default.
    final_block: bool;
    /// For how long delivery reports are believed, in ms: 48 h by default; 1 ms to the retention.
    report_ttl_ms: u64;
    /// How often one dispatch may move to another sender: 2 by default; 0 to 16.
    max_failover: u64;
    /// For how long a failed sender is quarantined, in ms: 1 h by default; 0 to 30 days.
    sender_hold_ms: u64;
    /// For how long after a contact's last message operators may write, in ms: 24 h by default; 0 to 30 days.
    service_window_ms: u64;
}

impl PolicyBuilder {
    /// The countries that may be contacted; Brazil by default.
    #[must_use]
    pub fn countries(mut self, countries: Countries) -> PolicyBuilder {
        self.policy.countries = countries;
        self
    }

    /// The key of the hash that a forgotten opt-out leaves behind, and the seed of the contact table: choose it
    /// at random, keep it secret, and keep it: it cannot change while forgotten opt-outs exist. 0 by default.
    #[must_use]
    pub fn hash_key(mut self, hash_key: u128) -> PolicyBuilder {
        self.policy.hash_key = Secret(hash_key);
        self
    }

    /// When contacts may be written to; always by default.
    #[must_use]
    pub fn hours(mut self, hours: Option<ContactHours>) -> PolicyBuilder {
        self.policy.hours = hours.map(Box::new);
        self
    }

    /// The policy.
    ///
    /// # Errors
    /// [`PolicyError`] names the first member that is outside its bounds.
    pub fn build(self) -> Result<Policy, PolicyError> {
        self.policy.check()?;
        Ok(self.policy)
    }
}

impl Policy {
    /// The countries that may be contacted.
    #[must_use]
    pub const fn countries(&self) -> &Countries {
        &self.countries
    }

    /// The key of the hash that a forgotten opt-out leaves behind.
    #[must_use]
    pub const fn hash_key(&self) -> u128 {
        self.hash_key.0
    }

    /// When contacts may be written to; `None` is always.
    #[must_use]
    pub fn hours(&self) -> Option<&ContactHours> {
        self.hours.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RULES §3.7
    #[test]
    fn retention_is_at_least_twice_the_window() {
        let build =
            |window: u64, retention: u64| Policy::builder().window_ms(window).retention_ms(retention).build();
        assert!(build(24 * HOUR, 48 * HOUR).is_ok());
        assert_eq!(build(HOUR, 48 * HOUR - 1).unwrap_err().field, "retentionMs");
        let error = build(25 * HOUR, 49 * HOUR).unwrap_err();
        assert_eq!((error.field, error.min), ("retentionMs", 50 * HOUR));
    }

    #[test]
    fn every_number_has_its_bounds() {
        type Set = fn(PolicyBuilder, u64) -> PolicyBuilder;
        let bounds: [(&str, Set, u64, u64); 12] = [
            ("windowMs", PolicyBuilder::window_ms, 1, 30 * DAY),
            ("maxClockJumpMs", PolicyBuilder::max_clock_jump_ms, 1, 36_525 * DAY),
            ("replySkewMs", PolicyBuilder::reply_skew_ms, 0, HOUR),
            ("retentionMs", PolicyBuilder::retention_ms, 48 * HOUR, 3_660 * DAY),
            ("maxBatch", PolicyBuilder::max_batch, 1, 1_000_000),
            ("maxContacts", PolicyBuilder::max_contacts, 1, 500_000_000),
            ("maxDelayMs", PolicyBuilder::max_delay_ms, 0, 7 * DAY),
            ("followUpRetryMs", PolicyBuilder::follow_up_retry_ms, 1, 30 * DAY),
            ("reportTtlMs", PolicyBuilder::report_ttl_ms, 1, 60 * DAY),
            ("maxFailover", PolicyBuilder::max_failover, 0, 16),
            ("senderHoldMs", PolicyBuilder::sender_hold_ms, 0, 30 * DAY),
            ("serviceWindowMs", PolicyBuilder::service_window_ms, 0, 30 * DAY),
        ];
        for (field, set, min, max) in bounds {
            let build = |value| set(Policy::builder().retention_ms(60 * DAY), value).build();
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
        assert_eq!(Policy::builder().report_ttl_ms(31 * DAY).build().unwrap_err().field, "reportTtlMs");
        assert_eq!(Policy::builder().build().unwrap(), Policy::default());
    }
}
