//! Command lines: one JSON object, its `op` saying which members it has.
//!
//! The operation is looked for first, wherever it stands, and then the line is read as that operation's shape.
//! Members that the operation does not have are refused: a misspelt `dailyLimit` or `optOut` would be a limit or an
//! opt-out that is lost. Only messages have whatever else their author writes into a request's body. When several
//! things are wrong, the first in the text is reported; only then what is missing, or does not go together.

use crate::line_error::{Expected, LineError};
use crate::policy_text::PolicyText;
use crate::read::{read_text, utf8};
use crate::request::{
    BatchText, CommandText, ImportedText, MessageText, Op, Query, Request, SenderSetupText, SenderText,
    TargetText, WalletText,
};
use crate::shape::{Given, Millis, Skipped, choices, shape};
use cpc_core::{Delivery, Fault, Pace, SenderState, TimedSenderState};
use std::borrow::Cow;

/// How many items `followUps` and `expire` take unless the line says so.
pub const DEFAULT_LIMIT: u32 = 100;

/// Reads a command line.
///
/// # Errors
/// [`LineError`] says what is wrong, and where, without repeating any value of the line.
pub fn parse_line(line: &[u8]) -> Result<Request<'_>, LineError> {
    let (at, op) = parse(line)?;
    let at = at.ok_or(LineError::field("at", Expected::Present))?.0;
    Ok(Request { at, op })
}

/// Reads a line without `at`: one whose time is not for whoever wrote it to say, but for the host that takes it.
///
/// # Errors
/// As [`parse_line`]; a line that has a time is refused.
pub fn parse_untimed_line(line: &[u8]) -> Result<Op<'_>, LineError> {
    match parse(line)? {
        (None, op) => Ok(op),
        (Some(_), _) => Err(LineError::field("at", Expected::Known)),
    }
}

fn parse(line: &[u8]) -> Result<Parts<'_>, LineError> {
    let text = utf8(line)?;
    let op = crate::op_name::find_op(text)?.ok_or(LineError::field("op", Expected::Present))?;
    Ok(match &*op {
        "policy" => read_text::<PolicyLine>(text)?.request()?,
        "wallet" => read_text::<WalletLine<'_>>(text)?.request()?,
        "sender" => read_text::<SenderLine<'_>>(text)?.request()?,
        "group" => read_text::<GroupLine<'_>>(text)?.request(),
        "dispatch" => read_text::<BatchLine<'_>>(text)?.request(CommandText::Dispatch)?,
        "preview" => read_text::<BatchLine<'_>>(text)?.request(Query::Preview)?,
        "reply" => read_text::<ReplyLine<'_>>(text)?.request(),
        "report" => read_text::<ReportLine<'_>>(text)?.request()?,
        "operatorMessage" => read_text::<OperatorLine<'_>>(text)?.request(),
        "followUps" => read_text::<LimitLine>(text)?.request(|limit| CommandText::FollowUps { limit }),
        "expire" => read_text::<LimitLine>(text)?.request(|limit| CommandText::Expire { limit }),
        "clock" => read_text::<BareLine>(text)?.request(CommandText::Clock),
        "optOut" => read_text::<ReasonLine<'_>>(text)?.request(CommandText::OptOut)?,
        "optIn" => read_text::<ReasonLine<'_>>(text)?.request(CommandText::OptIn)?,
        "forget" => read_text::<ReasonLine<'_>>(text)?.request(CommandText::Forget)?,
        "contact" => read_text::<TargetLine<'_>>(text)?.request()?,
        "forceUnblock" => read_text::<ReasonLine<'_>>(text)?.unblock()?,
        "import" => read_text::<ImportLine<'_>>(text)?.request()?,
        "explain" => read_text::<ExplainLine<'_>>(text)?.request(),
        "dueFollowUps" => read_text::<LimitLine>(text)?.request(|limit| Query::DueFollowUps { limit }),
        "sendable" => read_text::<SendableLine<'_>>(text)?.request()?,
        "deadline" => read_text::<BareLine>(text)?.request(Query::Deadline),
        "digest" => read_text::<BareLine>(text)?.request(Query::Digest),
        "stats" => read_text::<BareLine>(text)?.request(Query::Stats),
        _ => {
            read_text::<BareLine>(text).or_else(|error| match error {
                // Its members are not known either; only whether it is JSON matters.
                LineError::InvalidJson { .. } => Err(error),
                _ => Ok(BareLine::default()),
            })?;
            return Err(LineError::UnknownOp);
        }
    })
}

/// When, and what; the time may turn out to be missing.
type Parts<'a> = (Option<Millis>, Op<'a>);

fn parts<'a>(at: Option<Millis>, op: impl Into<Op<'a>>) -> Parts<'a> {
    (at, op.into())
}

fn present<T>(value: Option<T>, path: &'static str) -> Result<T, LineError> {
    value.ok_or(LineError::field(path, Expected::Present))
}

shape! {
    struct BareLine {
        op "op": Skipped,
        at "at": Option<Millis>,
    }
}

impl BareLine {
    fn request(self, op: impl Into<Op<'static>>) -> Parts<'static> {
        parts(self.at, op)
    }
}

shape! {
    struct PolicyLine {
        op "op": Skipped,
        at "at": Option<Millis>,
        policy "policy": Given<PolicyText>,
    }
}

impl PolicyLine {
    fn request(self) -> Result<Parts<'static>, LineError> {
        let policy = present(self.policy.0, "policy")?.build()?;
        Ok(parts(self.at, CommandText::Policy(Box::new(policy))))
    }
}

shape! {
    struct WalletLine<'a> {
        op "op": Skipped,
        at "at": Option<Millis>,
        tag "tag": Cow<'a, str>,
        window_ms "windowMs": Option<u64>,
        operators "operators": Option<Vec<Cow<'a, str>>>,
        senders "senders": Option<Vec<SenderMembers<'a>>>,
        remove "remove": Option<bool>,
    }
}

impl<'a> WalletLine<'a> {
    /// With none of its settings the line asks what they are.
    fn request(self) -> Result<Parts<'a>, LineError> {
        let WalletLine { at, tag, window_ms, operators, senders, remove, .. } = self;
        let op = match (senders, remove) {
            (_, Some(true)) => Op::Command(CommandText::RemoveWallet { tag }),
            (Some(senders), _) => {
                let senders = senders.into_iter().enumerate();
                let senders = senders.map(|(index, sender)| sender.setup(index)).collect::<Result<_, _>>()?;
                let operators = operators.unwrap_or_default();
                Op::Command(CommandText::Wallet(WalletText { tag, window_ms, operators, senders }))
            }
            (None, None) if window_ms.is_none() && operators.is_none() => Op::Query(Query::Wallet { tag }),
            (None, _) => return Err(LineError::field("senders", Expected::Present)),
        };
        Ok((at, op))
    }
}

shape! {
    struct SenderMembers<'a> {
        id "id": Cow<'a, str>,
        weight "weight": Option<u32>,
        daily_limit "dailyLimit": Option<u32>,
        per_second "perSecond": Option<u32>,
        burst "burst": Option<u32>,
        operators "operators": Option<Vec<Cow<'a, str>>>,
        group "group": Cow<'a, str>,
    }
}

impl<'a> SenderMembers<'a> {
    fn setup(self, index: usize) -> Result<SenderSetupText<'a>, LineError> {
        let pace = match (self.per_second, self.burst) {
            (Some(per_second), burst) => Some(Pace { per_second, burst: burst.unwrap_or(1) }),
            (None, None) => None,
            (None, Some(_)) => {
                let path = format!("senders[{index}].burst");
                return Err(LineError::field(path, Expected::With("perSecond")));
            }
        };
        Ok(SenderSetupText {
            id: self.id,
            weight: self.weight.unwrap_or(1),
            daily_limit: self.daily_limit,
            pace,
            operators: self.operators.unwrap_or_default(),
            group: self.group,
        })
    }
}

choices!(SenderState {
    "ready" => SenderState::Ready,
    "paused" => SenderState::Paused,
    "existingOnly" => SenderState::ExistingOnly,
    "quarantined" => SenderState::Quarantined,
    "disabled" => SenderState::Disabled,
});

shape! {
    struct SenderLine<'a> {
        op "op": Skipped,
        at "at": Option<Millis>,
        tag "tag": Cow<'a, str>,
        id "id": Cow<'a, str>,
        remove "remove": Option<bool>,
        state "state": Given<Option<SenderState>>,
        until "until": Option<Millis>,
        weight "weight": Given<Option<u32>>,
        daily_limit "dailyLimit": Given<Option<u32>>,
        per_second "perSecond": Given<Option<u32>>,
        burst "burst": Option<u32>,
        operators "operators": Given<Option<Vec<Cow<'a, str>>>>,
        group "group": Given<Cow<'a, str>>,
    }
}

impl<'a> SenderLine<'a> {
    /// A member that is not there stays as it is, one that is `null` goes back to its default. A pace is one
    /// setting of two members: `perSecond` alone sets a burst of 1, and `burst` needs `perSecond` beside it.
    fn request(self) -> Result<Parts<'a>, LineError> {
        let SenderLine { at, tag, id, .. } = self;
        if self.remove == Some(true) {
            return Ok(parts(at, CommandText::RemoveSender { tag, id }));
        }
        if self.until.is_some() && self.state.0.is_none() {
            return Err(LineError::field("until", Expected::With("state")));
        }
        if self.burst.is_some() && !matches!(self.per_second.0, Some(Some(_))) {
            return Err(LineError::field("burst", Expected::With("perSecond")));
        }
        let until = self.until.map(|until| until.0.into());
        let burst = self.burst.unwrap_or(1);
        let sender = SenderText {
            tag,
            id,
            state: self.state.0.map(|state| TimedSenderState { state: state.unwrap_or_default(), until }),
            weight: self.weight.0.map(|weight| weight.unwrap_or(1)),
            daily_limit: self.daily_limit.0,
            pace: self.per_second.0.map(|rate| rate.map(|per_second| Pace { per_second, burst })),
            operators: self.operators.0.map(Option::unwrap_or_default),
            group: self.group.0.map(|group| Some(group).filter(|group| !group.is_empty())),
        };
        Ok(parts(at, CommandText::Sender(sender)))
    }
}

shape! {
    struct GroupLine<'a> {
        op "op": Skipped,
        at "at": Option<Millis>,
        name "name": Cow<'a, str>,
        daily_limit "dailyLimit": Option<u32>,
    }
}

impl<'a> GroupLine<'a> {
    fn request(self) -> Parts<'a> {
        parts(self.at, CommandText::Group { name: self.name, daily_limit: self.daily_limit })
    }
}

shape! {
    struct BatchLine<'a> {
        op "op": Skipped,
        at "at": Option<Millis>,
        campaign "campaign": Cow<'a, str>,
        id_account "idAccount": Cow<'a, str>,
        tag "tag": Cow<'a, str>,
        messages "messages": Option<Vec<MessageText<'a>>>,
        atomic "atomic": Option<bool>,
    }
}

impl<'a> BatchLine<'a> {
    fn request<O: Into<Op<'a>>>(self, op: fn(BatchText<'a>) -> O) -> Result<Parts<'a>, LineError> {
        let batch = BatchText {
            campaign: self.campaign,
            id_account: self.id_account,
            tag: self.tag,
            messages: present(self.messages, "messages")?,
            atomic: self.atomic.unwrap_or(false),
        };
        Ok(parts(self.at, op(batch)))
    }
}

shape! {
    struct ReplyLine<'a> {
        op "op": Skipped,
        at "at": Option<Millis>,
        phone "phone": Cow<'a, str>,
        received_at "receivedAt": Option<Millis>,
        opt_out "optOut": Option<bool>,
    }
}

impl<'a> ReplyLine<'a> {
    fn request(self) -> Parts<'a> {
        let received_at = self.received_at.map(|instant| instant.0);
        parts(
            self.at,
            CommandText::Reply { phone: self.phone, received_at, opt_out: self.opt_out.unwrap_or(false) },
        )
    }
}

/// The names of deliveries; whose fault a failure is stands in a member of its own.
enum DeliveryName {
    Sent,
    Delivered,
    Read,
    Failed,
}

choices!(DeliveryName {
    "sent" => DeliveryName::Sent,
    "delivered" => DeliveryName::Delivered,
    "read" => DeliveryName::Read,
    "failed" => DeliveryName::Failed,
});

choices!(Fault {
    "contact" => Fault::Contact,
    "sender" => Fault::Sender,
    "request" => Fault::Request,
    "ambiguous" => Fault::Ambiguous,
});

shape! {
    struct ReportLine<'a> {
        op "op": Skipped,
        at "at": Option<Millis>,
        dispatch "dispatch": Option<u64>,
        status "status": Option<DeliveryName>,
        fault "fault": Option<Fault>,
        sender "sender": Cow<'a, str>,
    }
}

impl<'a> ReportLine<'a> {
    /// A failure without a fault is ambiguous; the fault of anything else is not looked at.
    fn request(self) -> Result<Parts<'a>, LineError> {
        let status = match present(self.status, "status")? {
            DeliveryName::Sent => Delivery::Sent,
            DeliveryName::Delivered => Delivery::Delivered,
            DeliveryName::Read => Delivery::Read,
            DeliveryName::Failed => Delivery::Failed(self.fault.unwrap_or(Fault::Ambiguous)),
        };
        let dispatch = present(self.dispatch, "dispatch")?;
        Ok(parts(self.at, CommandText::Report { dispatch, status, sender: self.sender }))
    }
}

shape! {
    struct OperatorLine<'a> {
        op "op": Skipped,
        at "at": Option<Millis>,
        phone "phone": Cow<'a, str>,
        specialist_code "specialistCode": Cow<'a, str>,
    }
}

impl<'a> OperatorLine<'a> {
    fn request(self) -> Parts<'a> {
        parts(
            self.at,
            CommandText::OperatorMessage { phone: self.phone, specialist_code: self.specialist_code },
        )
    }
}

shape! {
    struct SendableLine<'a> {
        op "op": Skipped,
        at "at": Option<Millis>,
        dispatch "dispatch": Option<u64>,
        client_id "clientId": Cow<'a, str>,
    }
}

impl<'a> SendableLine<'a> {
    fn request(self) -> Result<Parts<'a>, LineError> {
        let dispatch = present(self.dispatch, "dispatch")?;
        Ok(parts(self.at, Query::Sendable { dispatch, client_id: self.client_id }))
    }
}

shape! {
    struct LimitLine {
        op "op": Skipped,
        at "at": Option<Millis>,
        limit "limit": Option<u32>,
    }
}

impl LimitLine {
    fn request<T: Into<Op<'static>>>(self, op: fn(u32) -> T) -> Parts<'static> {
        parts(self.at, op(self.limit.unwrap_or(DEFAULT_LIMIT)))
    }
}

fn target<'a>(phone: Cow<'a, str>, client_id: Cow<'a, str>) -> Result<TargetText<'a>, LineError> {
    match (phone.is_empty(), client_id.is_empty()) {
        (false, true) => Ok(TargetText::Phone(phone)),
        (true, false) => Ok(TargetText::Client(client_id)),
        _ => Err(LineError::field("phone", Expected::OneTarget)),
    }
}

shape! {
    struct TargetLine<'a> {
        op "op": Skipped,
        at "at": Option<Millis>,
        phone "phone": Cow<'a, str>,
        client_id "clientId": Cow<'a, str>,
    }
}

impl<'a> TargetLine<'a> {
    fn request(self) -> Result<Parts<'a>, LineError> {
        Ok(parts(self.at, Query::Contact(target(self.phone, self.client_id)?)))
    }
}

shape! {
    struct ReasonLine<'a> {
        op "op": Skipped,
        at "at": Option<Millis>,
        phone "phone": Cow<'a, str>,
        client_id "clientId": Cow<'a, str>,
        reason "reason": Cow<'a, str>,
    }
}

impl<'a> ReasonLine<'a> {
    /// The reason is for those who read the lines.
    fn request<O: Into<Op<'a>>>(self, op: fn(TargetText<'a>) -> O) -> Result<Parts<'a>, LineError> {
        Ok(parts(self.at, op(target(self.phone, self.client_id)?)))
    }

    fn unblock(self) -> Result<Parts<'a>, LineError> {
        let target = target(self.phone, self.client_id)?;
        Ok(parts(self.at, CommandText::ForceUnblock { target, reason: self.reason }))
    }
}

shape! {
    struct ImportedMembers<'a> {
        phone "phone": Cow<'a, str>,
        client_id "clientId": Cow<'a, str>,
        t0 "t0": Option<Millis>,
        replied_at "repliedAt": Option<Millis>,
        sender "sender": Cow<'a, str>,
        opted_out "optedOut": Option<bool>,
    }
}

shape! {
    struct ImportLine<'a> {
        op "op": Skipped,
        at "at": Option<Millis>,
        contacts "contacts": Option<Vec<ImportedMembers<'a>>>,
    }
}

impl<'a> ImportLine<'a> {
    fn request(self) -> Result<Parts<'a>, LineError> {
        let contacts = present(self.contacts, "contacts")?.into_iter().map(|contact| ImportedText {
            phone: contact.phone,
            client_id: contact.client_id,
            t0: contact.t0.map(|instant| instant.0),
            replied_at: contact.replied_at.map(|instant| instant.0),
            sender: contact.sender,
            opted_out: contact.opted_out.unwrap_or(false),
        });
        Ok(parts(self.at, CommandText::Import(contacts.collect())))
    }
}

shape! {
    struct ExplainLine<'a> {
        op "op": Skipped,
        at "at": Option<Millis>,
        phone "phone": Cow<'a, str>,
        client_id "clientId": Cow<'a, str>,
        tag "tag": Cow<'a, str>,
        specialist_code "specialistCode": Cow<'a, str>,
    }
}

impl<'a> ExplainLine<'a> {
    fn request(self) -> Parts<'a> {
        let ExplainLine { at, phone, client_id, tag, specialist_code, .. } = self;
        parts(at, Query::Explain { phone, client_id, tag, specialist_code })
    }
}
