//! Command lines: one JSON object, its `op` saying which fields it has.
//!
//! The operation is looked for first, wherever it stands, and then the line is read as that operation's shape.
//! Fields that the operation does not have are refused: a misspelt `dailyLimit` or `optOut` would be a limit or an
//! opt-out that is lost. Only messages have whatever else their author writes into a request's body. When several
//! things are wrong, the first in the text is reported; only then what is missing, or does not go together.

use crate::arena::Arena;
use crate::fields::Operation;
use crate::known::Known;
use crate::op::{Op, Posted, Request};
use crate::parse_error::{Expected, ParseError};
use crate::policy_json::PolicyFields;
use crate::read::{Left, Object, read_object, read_text, utf8};
use crate::shape::{Explicit, Flag, Ignored, Instant, choices, shape};
use core::time::Duration;
use cpc_core::{
    Batch, Command, Delivery, DeliveryStatus, ExplainRequest, Fault, IdMessage, ImportedContact, Message,
    Pace, Query, Reply, Report, SenderChange, SenderSetup, SenderState, Target, TimedSenderState, Timestamp,
    WalletSetup,
};

/// How many items `followUps`, `expire` and `dueFollowUps` take unless the line says so.
pub const DEFAULT_LIMIT: u32 = 100;

/// Reads a command line. What cannot be borrowed from it is kept in `arena`.
///
/// # Errors
/// [`ParseError`] says what is wrong, and where, without repeating any value of the line.
pub fn parse_line<'a>(line: &'a [u8], arena: &'a Arena) -> Result<Request<'a>, ParseError> {
    let (at, posted) = parse(Line::of(utf8(line)?, arena))?;
    let at = at.0.ok_or(ParseError::field("at", Expected::Present))?;
    Ok(Request { at, op: posted.op })
}

/// Reads a line without `at`: the host that takes it supplies the time.
///
/// # Errors
/// As [`parse_line`]; a line that has a time is refused.
pub fn parse_untimed_line<'a>(line: &'a [u8], arena: &'a Arena) -> Result<Op<'a>, ParseError> {
    parse_untimed(Line::of(utf8(line)?, arena)).map(|posted| posted.op)
}

/// Reads a line whose time is the host's.
pub(crate) fn parse_untimed<'a>(line: Line<'_, 'a>) -> Result<Posted<'a>, ParseError> {
    match parse(line)? {
        (Instant(None), posted) => Ok(posted),
        (Instant(Some(_)), _) => Err(ParseError::field("at", Expected::Known)),
    }
}

/// Reads a time as fields such as `at` have it, from a JSON value: a number of milliseconds or an RFC 3339 text; `None` if
/// the value is `null` or an empty text.
///
/// ```
/// let time = cpc_wire::parse_time(br#""2026-11-23T12:00:00Z""#)?;
/// assert_eq!(time, cpc_wire::parse_time(b"1795435200000")?);
/// assert!(cpc_wire::parse_time(br#""noon""#).is_err());
/// # Ok::<(), cpc_wire::ParseError>(())
/// ```
///
/// # Errors
/// [`ParseError`], with an empty path: it is no JSON, or no time.
pub fn parse_time(json: &[u8]) -> Result<Option<Timestamp>, ParseError> {
    let arena = Arena::new();
    let time: Instant = read_text(utf8(json)?, &arena)?;
    Ok(time.0)
}

/// Every operation, by its name and its fields.
pub const OPERATIONS: &[Operation] = &[
    Operation::new("policy", PolicyLine::FIELDS),
    Operation::new("wallet", WalletLine::FIELDS),
    Operation::new("sender", SenderLine::FIELDS),
    Operation::new("group", GroupLine::FIELDS),
    Operation::new("dispatch", BatchLine::FIELDS),
    Operation::new("preview", BatchLine::FIELDS),
    Operation::new("reply", ReplyLine::FIELDS),
    Operation::new("report", ReportLine::FIELDS),
    Operation::new("operatorMessage", OperatorLine::FIELDS),
    Operation::new("followUps", LimitLine::FIELDS),
    Operation::new("expire", LimitLine::FIELDS),
    Operation::new("clock", BareLine::FIELDS),
    Operation::new("optOut", ReasonLine::FIELDS),
    Operation::new("optIn", ReasonLine::FIELDS),
    Operation::new("forget", ReasonLine::FIELDS),
    Operation::new("forceUnblock", ReasonLine::FIELDS),
    Operation::new("import", ImportLine::FIELDS),
    Operation::new("contact", TargetLine::FIELDS),
    Operation::new("explain", ExplainLine::FIELDS),
    Operation::new("dueFollowUps", LimitLine::FIELDS),
    Operation::new("sendable", SendableLine::FIELDS),
    Operation::new("deadline", BareLine::FIELDS),
    Operation::new("digest", BareLine::FIELDS),
    Operation::new("stats", BareLine::FIELDS),
];

/// When, if the line says so, and what.
type Parts<'a> = (Instant, Posted<'a>);

fn parts<'a>(at: Instant, op: impl Into<Op<'a>>) -> Parts<'a> {
    (at, Posted::from(op))
}

/// A line, what its host knows of it already, and what is left to that.
#[derive(Clone, Copy)]
pub(crate) struct Line<'l, 'a> {
    pub(crate) text: &'a str,
    pub(crate) known: &'l Known<'l>,
    pub(crate) left: &'l [Left<'a>],
    pub(crate) arena: &'a Arena,
}

impl<'a> Line<'_, 'a> {
    /// A line that says everything itself.
    pub(crate) const fn of(text: &'a str, arena: &'a Arena) -> Self {
        Line { text, known: &Known::NOTHING, left: &[], arena }
    }

    fn read<O: Object<'a>>(self) -> Result<O, ParseError> {
        read_object(self.text, self.known, self.left, self.arena)
    }
}

fn parse<'a>(line: Line<'_, 'a>) -> Result<Parts<'a>, ParseError> {
    let Line { text, known, arena, .. } = line;
    let op = match known.op {
        Some(op) => op,
        None => crate::op_name::find_op(text, arena)?.ok_or(ParseError::field("op", Expected::Present))?,
    };
    Ok(match op {
        "policy" => line.read::<PolicyLine<'_>>()?.request(known.hash_key)?,
        "wallet" => line.read::<WalletLine<'_>>()?.request(arena)?,
        "sender" => line.read::<SenderLine<'_>>()?.request()?,
        "group" => line.read::<GroupLine<'_>>()?.request(),
        "dispatch" => line.read::<BatchLine<'_>>()?.request(Command::Dispatch)?,
        "preview" => line.read::<BatchLine<'_>>()?.request(Query::Preview)?,
        "reply" => line.read::<ReplyLine<'_>>()?.request(),
        "report" => line.read::<ReportLine<'_>>()?.request()?,
        "operatorMessage" => line.read::<OperatorLine<'_>>()?.request(),
        "followUps" => line.read::<LimitLine>()?.request(|limit| Command::FollowUps { limit }),
        "expire" => line.read::<LimitLine>()?.request(|limit| Command::Expire { limit }),
        "clock" => line.read::<BareLine>()?.request(Command::Clock),
        "optOut" => line.read::<ReasonLine<'_>>()?.request(Command::OptOut)?,
        "optIn" => line.read::<ReasonLine<'_>>()?.request(Command::OptIn)?,
        "forget" => line.read::<ReasonLine<'_>>()?.request(Command::Forget)?,
        "forceUnblock" => line.read::<ReasonLine<'_>>()?.unblock()?,
        "contact" => line.read::<TargetLine<'_>>()?.request()?,
        "import" => line.read::<ImportLine<'_>>()?.request()?,
        "explain" => line.read::<ExplainLine<'_>>()?.request(),
        "dueFollowUps" => line.read::<LimitLine>()?.request(|limit| Query::DueFollowUps { limit }),
        "sendable" => line.read::<SendableLine<'_>>()?.request()?,
        "deadline" => line.read::<BareLine>()?.request(Query::Deadline),
        "digest" => line.read::<BareLine>()?.request(Query::Digest),
        "stats" => line.read::<BareLine>()?.request(Query::Stats),
        _ => {
            line.read::<BareLine>().or_else(|error| match error {
                // Its fields are not known either; only whether it is JSON matters.
                ParseError::InvalidJson { .. } => Err(error),
                _ => Ok(BareLine::default()),
            })?;
            return Err(ParseError::UnknownOp);
        }
    })
}

fn present<T>(value: Option<T>, path: &'static str) -> Result<T, ParseError> {
    value.ok_or(ParseError::field(path, Expected::Present))
}

/// A text that is there.
fn non_empty(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

shape! {
    struct BareLine {
        op "op" required: Ignored,
        at "at" required: Instant,
    }
}

impl BareLine {
    fn request(self, op: impl Into<Op<'static>>) -> Parts<'static> {
        parts(self.at, op)
    }
}

shape! {
    struct PolicyLine<'a> {
        op "op" required: Ignored,
        at "at" required: Instant,
        policy "policy" required: Explicit<PolicyFields<'a>>,
    }
}

impl<'a> PolicyLine<'a> {
    fn request(self, own_hash_key: Option<&str>) -> Result<Parts<'a>, ParseError> {
        let policy = present(self.policy.0, "policy")?.build(own_hash_key)?;
        Ok(parts(self.at, Command::Policy(policy)))
    }
}

shape! {
    struct WalletLine<'a> {
        op "op" required: Ignored,
        at "at" required: Instant,
        tag "tag" required known: &'a str,
        window_ms "windowMs": Option<u64>,
        operators "operators": Option<&'a [&'a str]>,
        senders "senders": Option<&'a [SenderFields<'a>]>,
        remove "remove": Flag,
    }
}

impl<'a> WalletLine<'a> {
    /// With none of its settings the line asks what they are.
    fn request(self, arena: &'a Arena) -> Result<Parts<'a>, ParseError> {
        let WalletLine { at, tag, window_ms, operators, senders, remove, .. } = self;
        if remove.0 {
            return Ok(parts(at, Command::RemoveWallet { tag }));
        }
        let Some(fields) = senders else {
            return match (window_ms, operators) {
                (None, None) => Ok(parts(at, Query::Wallet { tag })),
                _ => Err(ParseError::field("senders", Expected::Present)),
            };
        };
        // Whether the fields of a sender go together is only looked at once the whole line was read.
        let mut senders = arena.list(fields.len());
        for (index, sender) in fields.iter().enumerate() {
            senders.push(sender.setup(index)?);
        }
        let (operators, senders) = (operators.unwrap_or_default(), senders.finish());
        let window = window_ms.map(Duration::from_millis);
        Ok(parts(at, Command::Wallet(WalletSetup { tag, window, operators, senders })))
    }
}

shape! {
    #[derive(Clone, Copy)]
    struct SenderFields<'a> {
        id "id" required: &'a str,
        weight "weight": Option<u32>,
        daily_limit "dailyLimit": Option<u32>,
        per_second "perSecond": Option<u32>,
        burst "burst": Option<u32>,
        operators "operators": Option<&'a [&'a str]>,
        group "group": &'a str,
    }
}

impl<'a> SenderFields<'a> {
    fn setup(&self, index: usize) -> Result<SenderSetup<'a>, ParseError> {
        let pace = match (self.per_second, self.burst) {
            (Some(per_second), burst) => Some(Pace { per_second, burst: burst.unwrap_or(1) }),
            (None, None) => None,
            (None, Some(_)) => {
                let path = format!("senders[{index}].burst");
                return Err(ParseError::field(path, Expected::With("perSecond")));
            }
        };
        Ok(SenderSetup {
            id: self.id,
            weight: self.weight.unwrap_or(1),
            daily_limit: self.daily_limit,
            pace,
            operators: self.operators.unwrap_or_default(),
            group: non_empty(self.group),
        })
    }
}

choices!(SenderState);

shape! {
    struct SenderLine<'a> {
        op "op" required: Ignored,
        at "at" required: Instant,
        tag "tag" required known: &'a str,
        id "id" required known: &'a str,
        remove "remove": Flag,
        state "state": Explicit<Option<SenderState>>,
        until "until": Instant,
        weight "weight": Explicit<Option<u32>>,
        daily_limit "dailyLimit": Explicit<Option<u32>>,
        per_second "perSecond": Explicit<Option<u32>>,
        burst "burst": Option<u32>,
        operators "operators": Explicit<Option<&'a [&'a str]>>,
        group "group": Explicit<&'a str>,
    }
}

impl<'a> SenderLine<'a> {
    /// A field that is not there stays as it is, one that is `null` goes back to its default. A pace is one
    /// setting of two fields: `perSecond` alone sets a burst of 1, and `burst` needs `perSecond` beside it.
    fn request(self) -> Result<Parts<'a>, ParseError> {
        let SenderLine { at, tag, id, until: Instant(until), .. } = self;
        if self.remove.0 {
            return Ok(parts(at, Command::RemoveSender { tag, id }));
        }
        if until.is_some() && self.state.0.is_none() {
            return Err(ParseError::field("until", Expected::With("state")));
        }
        if self.burst.is_some() && !matches!(self.per_second.0, Some(Some(_))) {
            return Err(ParseError::field("burst", Expected::With("perSecond")));
        }
        let burst = self.burst.unwrap_or(1);
        let change = SenderChange {
            state: self.state.0.map(|state| TimedSenderState { state: state.unwrap_or_default(), until }),
            weight: self.weight.0.map(|weight| weight.unwrap_or(1)),
            daily_limit: self.daily_limit.0,
            pace: self.per_second.0.map(|rate| rate.map(|per_second| Pace { per_second, burst })),
            operators: self.operators.0.map(Option::unwrap_or_default),
            group: self.group.0.map(non_empty),
        };
        Ok(parts(at, Command::Sender { tag, id, change }))
    }
}

shape! {
    struct GroupLine<'a> {
        op "op" required: Ignored,
        at "at" required: Instant,
        name "name" required known: &'a str,
        daily_limit "dailyLimit": Option<u32>,
    }
}

impl<'a> GroupLine<'a> {
    fn request(self) -> Parts<'a> {
        parts(self.at, Command::Group { name: self.name, daily_limit: self.daily_limit })
    }
}

shape! {
    lenient for Message<'a> {
        phone "phone" required: &'a str,
        id_message "idMessage": IdMessage<'a>,
        client_id "clientId": &'a str,
        contract "contract": &'a str,
        close_ticket "closeTicket" required: Option<bool>,
        specialist_code "specialistCode" required: &'a str,
        main_template "mainTemplate" required: &'a str,
        retry_template "retryTemplate": &'a str,
        last_template "lastTemplate": &'a str,
    }
}

shape! {
    struct BatchLine<'a> {
        op "op" required: Ignored,
        at "at" required: Instant,
        campaign "campaign" required: &'a str,
        id_account "idAccount": &'a str,
        tag "tag" required: &'a str,
        messages "messages" required: Option<&'a [Message<'a>]>,
        atomic "atomic": Flag,
    }
}

impl<'a> BatchLine<'a> {
    fn request<O: Into<Op<'a>>>(self, op: fn(Batch<'a>) -> O) -> Result<Parts<'a>, ParseError> {
        let BatchLine { at, campaign, id_account, tag, messages, atomic: Flag(atomic), .. } = self;
        let messages = present(messages, "messages")?;
        Ok(parts(at, op(Batch { campaign, id_account, tag, messages, atomic })))
    }
}

shape! {
    struct ReplyLine<'a> {
        op "op" required: Ignored,
        at "at" required: Instant,
        phone "phone" required: &'a str,
        received_at "receivedAt": Instant,
        opt_out "optOut": Flag,
    }
}

impl<'a> ReplyLine<'a> {
    fn request(self) -> Parts<'a> {
        let ReplyLine { at, phone, received_at: Instant(received_at), opt_out: Flag(opt_out), .. } = self;
        parts(at, Command::Reply(Reply { phone, received_at, opt_out }))
    }
}

choices!(DeliveryStatus, Fault);

shape! {
    struct ReportLine<'a> {
        op "op" required: Ignored,
        at "at" required: Instant,
        dispatch "dispatch" required: Option<u64>,
        status "status" required: Option<DeliveryStatus>,
        fault "fault": Option<Fault>,
        sender "sender": &'a str,
    }
}

impl<'a> ReportLine<'a> {
    /// A failure without a fault is ambiguous; the fault of anything else is not looked at.
    fn request(self) -> Result<Parts<'a>, ParseError> {
        let status = match present(self.status, "status")? {
            DeliveryStatus::Sent => Delivery::Sent,
            DeliveryStatus::Delivered => Delivery::Delivered,
            DeliveryStatus::Read => Delivery::Read,
            DeliveryStatus::Failed => Delivery::Failed(self.fault.unwrap_or(Fault::Ambiguous)),
        };
        let dispatch = present(self.dispatch, "dispatch")?;
        let sender = non_empty(self.sender);
        let report = Posted::from(Command::Report(Report { dispatch, status, sender }));
        Ok((self.at, Posted { has_fault: self.fault.is_some(), ..report }))
    }
}

shape! {
    struct OperatorLine<'a> {
        op "op" required: Ignored,
        at "at" required: Instant,
        phone "phone" required: &'a str,
        specialist_code "specialistCode" required: &'a str,
    }
}

impl<'a> OperatorLine<'a> {
    fn request(self) -> Parts<'a> {
        let OperatorLine { at, phone, specialist_code, .. } = self;
        parts(at, Command::OperatorMessage { phone, specialist_code })
    }
}

shape! {
    struct SendableLine<'a> {
        op "op" required: Ignored,
        at "at" required: Instant,
        dispatch "dispatch" required: Option<u64>,
        client_id "clientId": &'a str,
    }
}

impl<'a> SendableLine<'a> {
    fn request(self) -> Result<Parts<'a>, ParseError> {
        let dispatch = present(self.dispatch, "dispatch")?;
        Ok(parts(self.at, Query::Sendable { dispatch, client_id: self.client_id }))
    }
}

shape! {
    struct LimitLine {
        op "op" required: Ignored,
        at "at" required: Instant,
        limit "limit": Option<u32>,
    }
}

impl LimitLine {
    fn request<T: Into<Op<'static>>>(self, op: fn(u32) -> T) -> Parts<'static> {
        parts(self.at, op(self.limit.unwrap_or(DEFAULT_LIMIT)))
    }
}

fn target<'a>(phone: &'a str, client_id: &'a str) -> Result<Target<'a>, ParseError> {
    match (phone.is_empty(), client_id.is_empty()) {
        (false, true) => Ok(Target::Phone(phone)),
        (true, false) => Ok(Target::Client(client_id)),
        _ => Err(ParseError::field("phone", Expected::OneTarget)),
    }
}

shape! {
    struct TargetLine<'a> {
        op "op" required: Ignored,
        at "at" required: Instant,
        phone "phone": &'a str,
        client_id "clientId": &'a str,
    }
}

impl<'a> TargetLine<'a> {
    fn request(self) -> Result<Parts<'a>, ParseError> {
        Ok(parts(self.at, Query::Contact(target(self.phone, self.client_id)?)))
    }
}

shape! {
    struct ReasonLine<'a> {
        op "op" required: Ignored,
        at "at" required: Instant,
        phone "phone": &'a str,
        client_id "clientId": &'a str,
        reason "reason": &'a str,
    }
}

impl<'a> ReasonLine<'a> {
    /// The reason is for those who read the lines.
    fn request(self, command: fn(Target<'a>) -> Command<'a>) -> Result<Parts<'a>, ParseError> {
        let posted = Posted::from(command(target(self.phone, self.client_id)?));
        Ok((self.at, Posted { reason: self.reason, ..posted }))
    }

    fn unblock(self) -> Result<Parts<'a>, ParseError> {
        let target = target(self.phone, self.client_id)?;
        Ok(parts(self.at, Command::ForceUnblock { target, reason: self.reason }))
    }
}

shape! {
    for ImportedContact<'a> {
        phone "phone" required: &'a str,
        client_id "clientId": &'a str,
        t0 "t0": Instant,
        replied_at "repliedAt": Instant,
        sender "sender": &'a str,
        opted_out "optedOut": Flag,
    }
}

shape! {
    struct ImportLine<'a> {
        op "op" required: Ignored,
        at "at" required: Instant,
        contacts "contacts" required: Option<&'a [ImportedContact<'a>]>,
    }
}

impl<'a> ImportLine<'a> {
    fn request(self) -> Result<Parts<'a>, ParseError> {
        Ok(parts(self.at, Command::Import(present(self.contacts, "contacts")?)))
    }
}

shape! {
    struct ExplainLine<'a> {
        op "op" required: Ignored,
        at "at" required: Instant,
        phone "phone" required: &'a str,
        client_id "clientId": &'a str,
        tag "tag" required: &'a str,
        specialist_code "specialistCode" required: &'a str,
    }
}

impl<'a> ExplainLine<'a> {
    fn request(self) -> Parts<'a> {
        let ExplainLine { at, phone, client_id, tag, specialist_code, .. } = self;
        parts(at, Query::Explain(ExplainRequest { phone, client_id, tag, specialist_code }))
    }
}
