//! Error codes of WhatsApp, and what they mean to the engine: whose fault a failure is, and what else to do.
//!
//! The engine takes the [`Fault`] of a delivery report; the rest of an [`Advice`] is what [`translate`](crate::translate)
//! adds to it. Codes drift, so the table is data: [`FaultTable::set`] adds to it or corrects it.

use core::ops::RangeInclusive;
use cpc_core::Fault;

/// What to do about a failure.
///
/// ```
/// use cpc_core::Fault;
/// use cpc_whatsapp::{FaultTable, Retry, SenderAdvice};
///
/// // 131048: the number is taken for spam.
/// let advice = FaultTable::default().advice(131_048);
/// assert_eq!(advice.fault, Fault::Sender);
/// assert_eq!(advice.sender, SenderAdvice::HoldMs(6 * 3_600_000));
/// assert_eq!(advice.retry, Retry::AsDecided);
/// assert!(!advice.opt_out);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Whose fault it is: the field `fault` of the report.
    pub fault: Fault,
    /// What happens to the sender beyond the quarantine that the engine gives it by itself.
    pub sender: SenderAdvice,
    /// Whether and when the message may be tried again.
    pub retry: Retry,
    /// Whether the contact has opted out by it.
    pub opt_out: bool,
}

/// What happens to a sender whose message failed.
///
/// ```
/// use cpc_whatsapp::SenderAdvice;
///
/// assert_eq!(SenderAdvice::HoldMs(10_000).name(), "hold");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SenderAdvice {
    /// Nothing more.
    None,
    /// It rests for this long, in ms: a command `sender` with state `quarantined`.
    HoldMs(u64),
    /// It serves only contacts that it wrote to before, until the time that the error names: state `existingOnly`.
    ExistingOnly,
    /// It is out of use until a person acts: state `disabled`.
    Disable,
    /// So are all senders of its group, because their common account is at fault.
    DisableGroup,
}

impl SenderAdvice {
    /// The name, as it is written in JSON; how long a hold lasts stands beside it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            SenderAdvice::None => "none",
            SenderAdvice::HoldMs(_) => "hold",
            SenderAdvice::ExistingOnly => "existingOnly",
            SenderAdvice::Disable => "disable",
            SenderAdvice::DisableGroup => "disableGroup",
        }
    }
}

/// Whether and when a message may be tried again.
///
/// ```
/// use cpc_whatsapp::{FaultTable, Retry};
///
/// // 131047: the contact last wrote more than 24 h ago.
/// let retry = FaultTable::default().advice(131_047).retry;
/// assert_eq!((retry, retry.name()), (Retry::AsTemplate, "asTemplate"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// As the engine decides.
    AsDecided,
    /// Not before this long, in ms.
    AfterMs(u64),
    /// After a while that grows each time.
    BackOff,
    /// Only as a template message.
    AsTemplate,
    /// Never to this contact.
    Never,
}

impl Retry {
    /// The name, as it is written in JSON; how long to wait stands beside it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Retry::AsDecided => "asDecided",
            Retry::AfterMs(_) => "after",
            Retry::BackOff => "backOff",
            Retry::AsTemplate => "asTemplate",
            Retry::Never => "never",
        }
    }
}

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

impl Advice {
    /// It is not known what happened; the message may have been delivered. The meaning of time-outs and unknown codes.
    pub const AMBIGUOUS: Advice = Advice::of(Fault::Ambiguous);

    /// The fault alone.
    #[must_use]
    pub const fn of(fault: Fault) -> Advice {
        Advice { fault, sender: SenderAdvice::None, retry: Retry::AsDecided, opt_out: false }
    }

    const fn sender(advice: SenderAdvice) -> Advice {
        Advice { sender: advice, ..Advice::of(Fault::Sender) }
    }

    const fn request(retry: Retry) -> Advice {
        Advice { retry, ..Advice::of(Fault::Request) }
    }
}

/// The first and last code of a row, and its advice.
const DEFAULT_ROWS: [(u32, u32, Advice); 21] = [
    (1, 2, Advice::AMBIGUOUS),
    (4, 4, Advice::request(Retry::BackOff)),
    (368, 368, Advice::sender(SenderAdvice::DisableGroup)),
    // Unofficial gateways: locked for new chats until a time that the error names.
    (463, 463, Advice::sender(SenderAdvice::ExistingOnly)),
    (80_007, 80_007, Advice::request(Retry::BackOff)),
    (130_429, 130_429, Advice { retry: Retry::BackOff, ..Advice::sender(SenderAdvice::HoldMs(10 * SECOND)) }),
    // The contact is in an experiment of WhatsApp's, and will stay in it.
    (130_472, 130_472, Advice::request(Retry::Never)),
    (130_497, 130_497, Advice::sender(SenderAdvice::DisableGroup)),
    (131_000, 131_000, Advice::AMBIGUOUS),
    (131_026, 131_026, Advice::of(Fault::Contact)),
    (131_031, 131_031, Advice::sender(SenderAdvice::DisableGroup)),
    (131_042, 131_042, Advice::sender(SenderAdvice::DisableGroup)),
    (131_045, 131_045, Advice::sender(SenderAdvice::Disable)),
    (131_047, 131_047, Advice::request(Retry::AsTemplate)),
    (131_048, 131_048, Advice::sender(SenderAdvice::HoldMs(6 * HOUR))),
    // A limit of the contact's: another number would not help.
    (131_049, 131_049, Advice::request(Retry::AfterMs(24 * HOUR))),
    (131_050, 131_050, Advice { opt_out: true, ..Advice::request(Retry::Never) }),
    (131_056, 131_056, Advice::request(Retry::AfterMs(6 * SECOND))),
    (131_057, 131_057, Advice::sender(SenderAdvice::HoldMs(2 * MINUTE))),
    (132_000, 132_999, Advice::of(Fault::Request)),
    (133_010, 133_010, Advice::sender(SenderAdvice::Disable)),
];

/// Error codes with their advice.
///
/// ```
/// use cpc_core::Fault;
/// use cpc_whatsapp::{Advice, FaultTable, SenderAdvice};
///
/// let mut table = FaultTable::default();
/// // A code that this version does not know yet: the account behind the number is restricted.
/// table.set(131_999..=131_999, Advice { sender: SenderAdvice::DisableGroup, ..Advice::of(Fault::Sender) });
/// assert_eq!(table.advice(131_999).fault, Fault::Sender);
/// assert_eq!(table.advice(131_998), Advice::AMBIGUOUS);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultTable {
    rows: Vec<(RangeInclusive<u32>, Advice)>,
}

/// The codes of the WhatsApp Cloud API, and of unofficial gateways where they have one of their own.
impl Default for FaultTable {
    fn default() -> FaultTable {
        let rows = DEFAULT_ROWS.iter().map(|(first, last, advice)| (*first..=*last, *advice));
        FaultTable { rows: rows.collect() }
    }
}

impl FaultTable {
    /// A table without rows: everything is ambiguous.
    #[must_use]
    pub const fn empty() -> FaultTable {
        FaultTable { rows: Vec::new() }
    }

    /// Sets the advice for some codes; what was set last counts.
    pub fn set(&mut self, codes: RangeInclusive<u32>, advice: Advice) {
        self.rows.push((codes, advice));
    }

    /// What to do about a code. Unknown codes are ambiguous: the message may have been delivered.
    #[must_use]
    pub fn advice(&self, code: u32) -> Advice {
        let row = self.rows.iter().rev().find(|(codes, _)| codes.contains(&code));
        row.map_or(Advice::AMBIGUOUS, |(_, advice)| *advice)
    }

    /// The rows, in the order in which they were set.
    pub fn rows(&self) -> impl Iterator<Item = (&RangeInclusive<u32>, &Advice)> {
        self.rows.iter().map(|(codes, advice)| (codes, advice))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RULES §7: every code of the field's table.
    #[test]
    fn each_known_code_has_its_fault() {
        let table = FaultTable::default();
        let rows: [(&[u32], Fault); 4] = [
            (
                &[130_429, 131_048, 131_057, 131_045, 133_010, 131_031, 368, 130_497, 131_042, 463],
                Fault::Sender,
            ),
            (
                &[131_056, 80_007, 4, 131_049, 131_050, 130_472, 131_047, 132_000, 132_001, 132_015, 132_999],
                Fault::Request,
            ),
            (&[131_026], Fault::Contact),
            (&[1, 2, 3, 0, 131_000, 131_999, 133_000, 999_999, u32::MAX], Fault::Ambiguous),
        ];
        for (codes, fault) in rows {
            for code in codes {
                assert_eq!(table.advice(*code).fault, fault, "{code}");
            }
        }
    }

    #[test]
    fn some_codes_ask_for_more_than_a_report() {
        let table = FaultTable::default();
        assert!(table.advice(131_050).opt_out);
        assert_eq!(table.rows().filter(|(_, advice)| advice.opt_out).count(), 1);
        for code in [131_031, 368, 130_497, 131_042] {
            assert_eq!(table.advice(code).sender, SenderAdvice::DisableGroup);
        }
        for code in [131_045, 133_010] {
            assert_eq!(table.advice(code).sender, SenderAdvice::Disable);
        }
        assert_eq!(table.advice(463).sender, SenderAdvice::ExistingOnly);
        assert_eq!(table.advice(131_056).retry, Retry::AfterMs(6_000));
        assert_eq!(table.advice(131_049).retry, Retry::AfterMs(86_400_000));
        assert_eq!(table.advice(130_472).retry, Retry::Never);
        assert_eq!(table.advice(131_047).retry, Retry::AsTemplate);
        for code in [4, 80_007, 130_429] {
            assert_eq!(table.advice(code).retry, Retry::BackOff, "{code}");
        }
        // Seconds, minutes, hours: a rate, maintenance, a number that is taken for spam.
        for (code, hold) in [(130_429, 10_000), (131_057, 120_000), (131_048, 21_600_000)] {
            assert_eq!(table.advice(code).sender, SenderAdvice::HoldMs(hold), "{code}");
        }
    }

    #[test]
    fn what_is_set_last_counts() {
        let mut table = FaultTable::default();
        table.set(132_000..=132_500, Advice::of(Fault::Contact));
        table.set(132_001..=132_001, Advice::AMBIGUOUS);
        let faults = [132_000, 132_001, 132_501].map(|code| table.advice(code).fault);
        assert_eq!(faults, [Fault::Contact, Fault::Ambiguous, Fault::Request]);
        assert_eq!(FaultTable::empty().advice(131_026), Advice::AMBIGUOUS);
    }
}
