//! What an event leads to, asked of an engine.

use crate::advice::{Advice, FaultTable, SenderAdvice};
use crate::commands::{Commands, Owned};
use crate::event::{DeliveryStatus, Event, InboundMessage};
use crate::ignored::Ignored;
use crate::opt_out::OptOutWords;
use cpc_core::{Delivery, Engine, Phone, Report, SenderState, SenderView, Target, Timestamp};

/// What a host may decide about translation.
///
/// ```
/// use cpc_core::Fault;
/// use cpc_whatsapp::{Advice, FaultTable, OptOutWords, Options};
///
/// let mut faults = FaultTable::default();
/// faults.set(131_999..=131_999, Advice::of(Fault::Sender));
/// let options = Options { words: OptOutWords::new(["basta"]), faults };
/// assert!(options.words.matches("Basta!"));
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "unicode", derive(Default))]
pub struct Options {
    /// The messages that are opt-outs.
    pub words: OptOutWords,
    /// The error codes and what to do about them.
    pub faults: FaultTable,
}

/// The commands that an event leads to, as an engine stands at `at`, in ms.
///
/// Events are translated one after the other, each after the commands of the one before were applied: of two failures
/// of one message, the second is no news.
///
/// ```
/// use cpc_core::{Engine, Policy, SenderSetup, Status, WalletSetup, Batch, Command, Message};
/// use cpc_whatsapp::{Event, Ignored, Options, translate};
///
/// let (mut engine, mut outcomes) = (Engine::new(Policy::default()), Vec::new());
/// let now = 1_795_435_200_000;
/// let senders = [SenderSetup { id: "a", ..SenderSetup::default() }, SenderSetup { id: "b", ..SenderSetup::default() }];
/// engine.apply(now, &Command::Wallet(WalletSetup { tag: "w", senders: &senders, ..WalletSetup::default() }), &mut outcomes)?;
/// let messages = [Message {
///     phone: "5511988876204", close_ticket: Some(true), specialist_code: "admin", main_template: "Olá!".into(),
///     ..Message::default()
/// }];
/// let batch = Batch { campaign: "c", id_account: "", tag: "w", messages: &messages, atomic: false };
/// engine.dispatch(now, &batch, &mut outcomes)?;
///
/// // Sender `a` is taken for spam: the message moves to `b`, and `a` rests for six hours.
/// let failed = Event::from_json(br#"{"status":{"messageId":"1:a","status":"failed","code":131048}}"#)?;
/// let commands = translate(&failed, &engine, now, &Options::default())?;
/// assert_eq!(commands.len(), 2);
/// for command in commands.iter() {
///     engine.apply(now, &command, &mut outcomes)?;
/// }
/// assert_eq!(outcomes[0].status, Status::Applied);
/// assert_eq!(engine.wallet(now, "w")?.1.senders[0].until.map(|at| at.as_millis() as i64), Some(now + 6 * 3_600_000));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// It leads to nothing, and why.
pub fn translate(event: &Event, engine: &Engine, at: i64, options: &Options) -> Result<Commands, Ignored> {
    let commands = match event {
        Event::Message(message) => vec![reply(message, engine, &options.words)?],
        Event::OptOut(opt_out) => {
            let phone = accepted(engine, opt_out.phone.as_deref()).ok_or(Ignored::OptOut)?;
            vec![Owned::OptOut { phone: phone.to_owned() }]
        }
        Event::Status(status) => report(status, engine, at, &options.faults)?,
        Event::Ignored(ignored) => return Err(*ignored),
    };
    Ok(Commands::new(commands))
}

fn reply(message: &InboundMessage, engine: &Engine, words: &OptOutWords) -> Result<Owned, Ignored> {
    let phone = accepted(engine, message.phone.as_deref()).ok_or(Ignored::Message)?;
    let opt_out = message.opt_out || words.matches(&message.text);
    Ok(Owned::Reply { phone: phone.to_owned(), received_at: message.received_at, opt_out })
}

/// A phone, if that is how WhatsApp names the contact; it may name one otherwise, also with digits in it.
fn accepted<'t>(engine: &Engine, name: Option<&'t str>) -> Option<&'t str> {
    let digits = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
    name.filter(digits).filter(|text| Phone::parse(text, engine.policy().countries()).is_ok())
}

fn report(
    status: &DeliveryStatus,
    engine: &Engine,
    at: i64,
    faults: &FaultTable,
) -> Result<Vec<Owned>, Ignored> {
    let (dispatch, sender) = named(status).ok_or(Ignored::Status)?;
    let status_of = |delivery| {
        let sender = sender.map(str::to_owned);
        Ok(vec![Owned::Report { dispatch, status: delivery, sender }])
    };
    match &*status.status {
        "sent" => status_of(Delivery::Sent),
        "delivered" => status_of(Delivery::Delivered),
        "read" => status_of(Delivery::Read),
        "failed" => {
            let advice = status.code.map_or(Advice::AMBIGUOUS, |code| faults.advice(code));
            Ok(Failure { status, dispatch, sender, advice, engine, at }.commands())
        }
        // `deleted`, `warning` and what may yet come say nothing about delivery.
        _ => Err(Ignored::OtherStatus),
    }
}

/// The dispatch and the sender that a status names, by what the host added or by the message's id.
fn named(status: &DeliveryStatus) -> Option<(u64, Option<&str>)> {
    let added = status.sender.as_deref().filter(|sender| !sender.is_empty());
    if let Some(dispatch) = status.dispatch {
        return Some((dispatch, added));
    }
    let id = status.message_id.as_deref()?;
    let (dispatch, sender) =
        id.split_once(':').map_or((id, None), |(dispatch, sender)| (dispatch, Some(sender)));
    // A sign would be accepted by the parser.
    let is_number = dispatch.bytes().all(|byte| byte.is_ascii_digit());
    let dispatch = dispatch.parse().ok().filter(|_| is_number)?;
    Some((dispatch, added.or(sender.filter(|sender| !sender.is_empty()))))
}

/// A delivery that failed.
struct Failure<'a> {
    status: &'a DeliveryStatus,
    dispatch: u64,
    /// The sender that failed, if that was said.
    sender: Option<&'a str>,
    advice: Advice,
    engine: &'a Engine,
    at: i64,
}

impl Failure<'_> {
    fn commands(&self) -> Vec<Owned> {
        let posted = self.status.phone.as_deref().filter(|phone| !phone.is_empty());
        let phone = posted.or_else(|| accepted(self.engine, self.status.recipient.as_deref()));
        let sender = self.sender.map(str::to_owned).or_else(|| self.last_sender(phone));
        let senders = sender.as_deref().map(|sender| self.sender_commands(sender)).unwrap_or_default();
        let status = Delivery::Failed(self.advice.fault);
        let report = Owned::Report { dispatch: self.dispatch, status, sender };
        // That a contact wants no more messages holds for a stale report as well, so it does not matter whether the
        // engine accepts this one.
        let opt_out =
            phone.filter(|_| self.advice.opt_out).map(|phone| Owned::OptOut { phone: phone.to_owned() });
        // A number that is put out of use must not be the one that the message moves to, so that comes first; a rest of
        // a certain length replaces the one that the report leads to, so that comes last.
        let is_disabled = matches!(self.advice.sender, SenderAdvice::Disable | SenderAdvice::DisableGroup);
        let (mut commands, after) = if is_disabled { (senders, Vec::new()) } else { (Vec::new(), senders) };
        commands.extend(opt_out);
        commands.push(report);
        commands.extend(after);
        commands
    }

    /// The sender of the dispatch, while it is the last one of the contact's.
    fn last_sender(&self, phone: Option<&str>) -> Option<String> {
        let (_, contact) = self.engine.contact(self.at, Target::Phone(phone?)).ok()?;
        let is_last = contact.dispatch.is_some_and(|last| last.get() == self.dispatch);
        contact.sender.filter(|_| is_last).map(|sender| self.engine.sender_id(sender).to_owned())
    }

    /// What is to be done with the sender. Nothing, if the engine does not accept the report: WhatsApp repeats itself,
    /// and a sender that was made ready again since stays ready.
    fn sender_commands(&self, sender: &str) -> Vec<Owned> {
        let status = Delivery::Failed(self.advice.fault);
        let report = Report { dispatch: self.dispatch, status, sender: Some(sender) };
        let has_advice = self.advice.sender != SenderAdvice::None;
        if !has_advice || !self.engine.accepts_report(self.at, &report).unwrap_or(false) {
            return Vec::new();
        }
        let Some((tag, view)) = place_of(self.engine, sender) else { return Vec::new() };
        // A person who took a number out of use meant it, and a later, lesser failure does not shorten a long rest.
        let may_rest = matches!(view.state, SenderState::Ready | SenderState::Quarantined);
        match self.advice.sender {
            SenderAdvice::HoldMs(hold) if may_rest => {
                let until = Some(self.rest_until(hold, view.until));
                vec![Owned::sender(&tag, sender, SenderState::Quarantined, until)]
            }
            SenderAdvice::ExistingOnly if may_rest => {
                let until = self.status.locked_until;
                vec![Owned::sender(&tag, sender, SenderState::ExistingOnly, until)]
            }
            SenderAdvice::None | SenderAdvice::HoldMs(_) | SenderAdvice::ExistingOnly => Vec::new(),
            SenderAdvice::Disable => vec![Owned::sender(&tag, sender, SenderState::Disabled, None)],
            SenderAdvice::DisableGroup => match view.group {
                Some(group) => disable_group(self.engine, &group.name),
                None => vec![Owned::sender(&tag, sender, SenderState::Disabled, None)],
            },
        }
    }

    /// The end of a rest of `hold` ms, which begins when the message failed and not when that was said.
    fn rest_until(&self, hold: u64, rests_until: Option<Timestamp>) -> i64 {
        let began = self.status.happened_at.map_or(self.at, |happened| happened.min(self.at));
        let until = began.saturating_add_unsigned(hold);
        until.max(rests_until.map_or(0, |until| until.as_millis().cast_signed()))
    }
}

/// A sender, and its wallet's tag.
fn place_of(engine: &Engine, sender: &str) -> Option<(String, SenderView)> {
    let clock = clock_of(engine);
    engine.wallet_tags().find_map(|tag| {
        let (_, wallet) = engine.wallet(clock, tag).ok()?;
        let view = wallet.senders.into_iter().find(|view| view.id == sender)?;
        Some((wallet.tag, view))
    })
}

/// All senders of a group, in whatever wallets they are.
fn disable_group(engine: &Engine, group: &str) -> Vec<Owned> {
    let clock = clock_of(engine);
    let mut commands = Vec::new();
    for tag in engine.wallet_tags() {
        let Ok((_, wallet)) = engine.wallet(clock, tag) else { continue };
        for view in &wallet.senders {
            if view.group.as_ref().is_some_and(|its| its.name == group) {
                commands.push(Owned::sender(tag, &view.id, SenderState::Disabled, None));
            }
        }
    }
    commands
}

/// Every engine that has a wallet has a clock.
fn clock_of(engine: &Engine) -> i64 {
    engine.clock().map_or(0, |clock| clock.as_millis().cast_signed())
}
