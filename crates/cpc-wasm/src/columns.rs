//! Batches as columns: one array a member, one place a row. No JSON is read or written, and nothing is allocated
//! for a row.
//!
//! A row without a value has NaN in a column of numbers. Columns that are not wanted are empty. Texts of many rows come joined by NUL, which none of them may hold.

use crate::exception::Exception;
use crate::handles;
use crate::outcome_columns::OutcomeColumns;
use cpc_core::{
    Batch, Command, Engine, IdMessage, Message, Outcome, Pace, Receipt, Reply, SenderRef, SenderSetup, Text,
    Timestamp, WalletSetup,
};
use std::time::Duration;

/// Bits of the column of templates: which of a message's templates are not blank.
const MAIN: u8 = 1;
const RETRY: u8 = 2;
const LAST: u8 = 4;

/// The joiner of texts.
const NUL: char = '\0';

/// The messages of a batch. Columns of one value, and texts of one line, hold for every row.
pub(crate) struct Rows<'a> {
    /// Digits as a number.
    pub(crate) phones: &'a [f64],
    /// Their own numbers: exact as integers, or, up to 2^53, as floats. At most one of the two.
    pub(crate) id_integers: &'a [u64],
    pub(crate) id_numbers: &'a [f64],
    /// [`MAIN`], [`RETRY`], [`LAST`]; the main one alone if empty.
    pub(crate) templates: &'a [u8],
    /// TextColumn, joined.
    pub(crate) operators: &'a str,
    pub(crate) client_ids: &'a str,
    pub(crate) contracts: &'a str,
    pub(crate) close_ticket: bool,
}

/// The answer to a command: its `seq`, its effective time, its number of items, and how many of them are successes.
pub(crate) type ReceiptNumbers = [f64; 4];

/// A time as the engine takes it. What is no whole number is far from any valid time.
pub(crate) fn millis(at: f64) -> i64 {
    if at.trunc() == at { at as i64 } else { i64::MIN }
}

/// Dispatches a batch. `head` is the campaign, the account and the wallet's tag.
pub(crate) fn dispatch(
    handle: u32,
    at: f64,
    head: &str,
    rows: &Rows<'_>,
    atomic: bool,
    out: OutcomeColumns<'_>,
) -> Result<ReceiptNumbers, Exception> {
    let count = rows.phones.len();
    let mut head = head.split(NUL);
    let mut next = || head.next().unwrap_or_default();
    let (campaign, id_account, tag) = (next(), next(), next());
    let mut digits = vec![Digits::new(); count];
    let operators = TextColumn::read(rows.operators, "specialistCode", count)?;
    let clients = TextColumn::read(rows.client_ids, "clientIds", count)?;
    let contracts = TextColumn::read(rows.contracts, "contracts", count)?;
    let templates = TemplateColumn::read(rows.templates, count)?;
    let ids = IdColumn::read(rows, count)?;
    let close_ticket = Some(rows.close_ticket);
    let mut messages = Vec::with_capacity(count);
    for (index, (phone, digits)) in rows.phones.iter().zip(&mut digits).enumerate() {
        let present = templates.at(index);
        messages.push(Message {
            id_message: ids.at(index),
            client_id: clients.at(index),
            contract: contracts.at(index).into(),
            close_ticket,
            main_template: template(present & MAIN != 0),
            retry_template: template(present & RETRY != 0),
            last_template: template(present & LAST != 0),
            ..Message::new(write(*phone, digits), operators.at(index))
        });
    }
    let batch = Batch { campaign, id_account, tag, messages: &messages, atomic };
    let mut outcomes = Vec::with_capacity(count);
    let applied = handles::change(handle, |engine| engine.dispatch(millis(at), &batch, &mut outcomes))??;
    Ok(out.write(&applied, &outcomes))
}

/// Takes a column of replies in, each a command of its own; all of them, or none if a time is refused.
pub(crate) fn reply(
    handle: u32,
    at: f64,
    phones: &[f64],
    received_at: &[f64],
    out: OutcomeColumns<'_>,
) -> Result<ReceiptNumbers, Exception> {
    if !received_at.is_empty() && received_at.len() != phones.len() {
        return Err(Exception::field("receivedAt", "one value a row, or none at all"));
    }
    if received_at.iter().any(|at| !at.is_nan() && Timestamp::new(millis(*at)).is_none()) {
        return Err(cpc_core::CommandError::TimestampOutOfRange { field: "receivedAt" }.into());
    }
    handles::change(handle, |engine| {
        let (mut applied, mut one, mut all) = (None, Vec::new(), Vec::with_capacity(phones.len()));
        let mut digits = Digits::new();
        for (index, phone) in phones.iter().enumerate() {
            let received_at = received_at.get(index).filter(|at| !at.is_nan()).map(|at| millis(*at));
            let reply = Reply {
                phone: write(*phone, &mut digits),
                received_at: received_at.map(Into::into),
                opt_out: false,
            };
            // Only the time can be refused, and of all of them alike: the first to go is the last.
            applied = Some(engine.apply(millis(at), &Command::Reply(reply), &mut one)?);
            all.append(&mut one);
        }
        let applied = applied.ok_or(Exception::field("phones", "no rows"))?;
        Ok(out.write(&applied, &all))
    })?
}

/// Sends due follow-ups, as many as the column of statuses has places.
pub(crate) fn follow_ups(handle: u32, at: f64, out: OutcomeColumns<'_>) -> Result<ReceiptNumbers, Exception> {
    let limit = u32::try_from(out.statuses.len()).unwrap_or(u32::MAX);
    let mut outcomes = Vec::new();
    let command = Command::FollowUps { limit };
    let applied = handles::change(handle, |engine| engine.apply(millis(at), &command, &mut outcomes))??;
    Ok(out.write(&applied, &outcomes))
}

/// Creates or replaces a wallet. `numbers` has four values a sender: weight, daily limit, pace, burst.
pub(crate) fn wallet(
    handle: u32,
    at: f64,
    tag: &str,
    window_ms: f64,
    ids: &str,
    numbers: &[f64],
) -> Result<ReceiptNumbers, Exception> {
    let ids = ids.split(NUL).filter(|id| !id.is_empty());
    let mut senders = Vec::new();
    for (index, id) in ids.enumerate() {
        let number = |place: usize, path| match numbers.get(index * 4 + place) {
            Some(number) if number.is_nan() => Ok(None),
            Some(number) => whole::<u32>(*number).map(Some).ok_or(Exception::field(path, "a whole number")),
            None => Ok(None),
        };
        let weight = number(0, "weight")?.unwrap_or(1);
        let daily_limit = number(1, "dailyLimit")?;
        let burst = number(3, "burst")?;
        let pace = number(2, "perSecond")?.map(|per_second| Pace { per_second, burst: burst.unwrap_or(1) });
        if pace.is_none() && burst.is_some() {
            return Err(Exception::field("burst", "needs perSecond"));
        }
        senders.push(SenderSetup { id, weight, daily_limit, pace, operators: &[], group: None });
    }
    let window = match window_ms.is_nan() {
        true => None,
        false => {
            let millis: u64 = whole(window_ms).ok_or(Exception::field("windowMs", "a whole number"))?;
            Some(Duration::from_millis(millis))
        }
    };
    let setup = WalletSetup { tag, window, operators: &[], senders: &senders };
    let mut outcomes = Vec::new();
    let applied =
        handles::change(handle, |engine| engine.apply(millis(at), &Command::Wallet(setup), &mut outcomes))??;
    Ok(OutcomeColumns::default().write(&applied, &outcomes))
}

/// A float that is a whole number of some type.
fn whole<T: TryFrom<u64>>(number: f64) -> Option<T> {
    let fits = number >= 0.0 && number < u64::MAX as f64 && number.trunc() == number;
    fits.then(|| T::try_from(number as u64).ok())?
}

/// A template that stays with the host; its length is not known, and does not count.
const fn template(present: bool) -> Text<'static> {
    Text::OfLength(if present { 1 } else { 0 })
}

/// Where the digits of a phone are written.
type Digits = itoa::Buffer;

/// The digits of a phone. What is no whole number has none, and is no phone.
fn write(phone: f64, digits: &mut Digits) -> &str {
    whole::<u64>(phone).map_or("", |number| digits.format(number))
}

/// A text for every row, or for all.
enum TextColumn<'a> {
    All(&'a str),
    Each(Vec<&'a str>),
}

impl<'a> TextColumn<'a> {
    fn read(joined: &'a str, path: &'static str, count: usize) -> Result<TextColumn<'a>, Exception> {
        if !joined.contains(NUL) {
            return Ok(TextColumn::All(joined));
        }
        let texts: Vec<&str> = joined.split(NUL).collect();
        // Another count: too few or too many, or one of them has a NUL in it.
        if texts.len() != count {
            return Err(Exception::field(path, "one text a row, without NUL"));
        }
        Ok(TextColumn::Each(texts))
    }

    fn at(&self, index: usize) -> &'a str {
        match self {
            TextColumn::All(text) => text,
            TextColumn::Each(texts) => texts.get(index).copied().unwrap_or_default(),
        }
    }
}

/// Which templates every row has.
enum TemplateColumn<'a> {
    MainOnly,
    Each(&'a [u8]),
}

impl<'a> TemplateColumn<'a> {
    fn read(column: &'a [u8], count: usize) -> Result<TemplateColumn<'a>, Exception> {
        match column.len() {
            0 => Ok(TemplateColumn::MainOnly),
            length if length == count => Ok(TemplateColumn::Each(column)),
            _ => Err(Exception::field("templates", "one value a row, or none at all")),
        }
    }

    fn at(&self, index: usize) -> u8 {
        match self {
            TemplateColumn::MainOnly => MAIN,
            TemplateColumn::Each(column) => column.get(index).copied().unwrap_or(0),
        }
    }
}

/// The messages' own numbers.
enum IdColumn<'a> {
    None,
    Integers(&'a [u64]),
    Numbers(&'a [f64]),
}

impl<'a> IdColumn<'a> {
    /// The largest whole number up to which a float holds every one.
    const EXACT: f64 = 9_007_199_254_740_991.0;

    fn read(rows: &Rows<'a>, count: usize) -> Result<IdColumn<'a>, Exception> {
        let length = rows.id_integers.len() + rows.id_numbers.len();
        if length != 0 && length != count {
            return Err(Exception::field("idMessages", "one value a row, or none at all"));
        }
        let exact = |id: &f64| id.is_nan() || *id <= Self::EXACT && whole::<u64>(*id).is_some();
        if !rows.id_numbers.iter().all(exact) {
            return Err(Exception::field("idMessages", "whole numbers up to 2^53-1; take a BigUint64Array"));
        }
        Ok(match (rows.id_integers, rows.id_numbers) {
            ([], []) => IdColumn::None,
            ([], numbers) => IdColumn::Numbers(numbers),
            (integers, _) => IdColumn::Integers(integers),
        })
    }

    fn at(&self, index: usize) -> IdMessage<'static> {
        let id = match self {
            IdColumn::None => None,
            IdColumn::Integers(integers) => integers.get(index).copied(),
            IdColumn::Numbers(numbers) => numbers.get(index).and_then(|number| whole(*number)),
        };
        id.map_or(IdMessage::None, IdMessage::Number)
    }
}

impl OutcomeColumns<'_> {
    /// Writes the outcomes of a command.
    fn write(self, applied: &Receipt, outcomes: &[Outcome]) -> ReceiptNumbers {
        self.fill(outcomes);
        let successes = outcomes.iter().filter(|outcome| outcome.status.is_success()).count();
        let effective_at = applied.effective_at.as_millis();
        [applied.seq as f64, effective_at as f64, outcomes.len() as f64, successes as f64]
    }
}

/// The id of a sender that a column named.
pub(crate) fn sender_id(engine: &Engine, number: u32) -> String {
    String::from(engine.sender_id(SenderRef::from_number(number)))
}

#[cfg(test)]
mod tests;
