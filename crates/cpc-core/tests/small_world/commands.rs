//! What can happen in the small world.

use crate::WINDOW;
use cpc_core::{
    Batch, Command, Delivery, Fault, IdMessage, ImportedContact, Message, Reply, Report, SenderChange,
    SenderSetup, SenderState, Target, Text, TimedSenderState, Timestamp, WalletSetup,
};

/// A Monday morning.
pub(crate) const START: u64 = 1_795_435_200_000;
/// A mobile and a fixed line.
pub(crate) const PHONES: [&str; 2] = ["5511988876204", "551132345678"];
pub(crate) const CLIENT: &str = "k";
pub(crate) const SENDERS: [&str; 2] = ["a", "b"];
/// What either may send in a day at first; and both, as a group.
pub(crate) const LIMITS: [u64; 2] = [1, 2];
pub(crate) const GROUP_LIMIT: u64 = 2;

/// One step: a command, or one that depends on what was before.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Fixed(Command<'static>),
    /// Of the latest dispatch, or of the one so many before it.
    Report {
        back: u64,
        status: Delivery,
    },
    /// The clock goes on.
    Later(u64),
}

impl Step {
    /// The command, and when it happens.
    pub(crate) fn command(&self, now: u64, dispatches: u64) -> (u64, Command<'static>) {
        match self {
            Step::Fixed(command) => (now, command.clone()),
            Step::Report { back, status } => {
                let report =
                    Report { dispatch: dispatches.saturating_sub(*back), status: *status, sender: None };
                (now, Command::Report(report))
            }
            Step::Later(by) => (now + by, Command::Clock),
        }
    }
}

const fn message(phone: &'static str, client_id: &'static str) -> Message<'static> {
    Message { client_id, main_template: Text::Is("text"), ..Message::new(phone, "ana") }
}

const TO_FIRST: [Message<'static>; 1] = [Message {
    retry_template: Text::Is("again"),
    last_template: Text::Is("last"),
    ..message(PHONES[0], "")
}];
const TO_FIRST_FOR_CLIENT: [Message<'static>; 1] = [message(PHONES[0], CLIENT)];
const TO_SECOND_FOR_CLIENT: [Message<'static>; 1] =
    [Message { last_template: Text::Is("last"), ..message(PHONES[1], CLIENT) }];
const TO_SECOND: [Message<'static>; 1] =
    [Message { id_message: IdMessage::Number(7), ..message(PHONES[1], "") }];
const TO_ALL: [Message<'static>; 3] =
    [message(PHONES[0], ""), message(PHONES[1], CLIENT), message(PHONES[0], CLIENT)];
const TO_BOTH: [Message<'static>; 2] = [message(PHONES[0], ""), message(PHONES[1], "")];

pub(crate) const fn batch(messages: &'static [Message<'static>], atomic: bool) -> Batch<'static> {
    Batch { campaign: "c", id_account: "", tag: "w", messages, atomic }
}

const TEAM: [SenderSetup<'static>; 2] = [member(0), member(1)];

const fn member(place: usize) -> SenderSetup<'static> {
    SenderSetup {
        id: SENDERS[place],
        weight: 1,
        daily_limit: Some(LIMITS[place] as u32),
        pace: None,
        operators: &[],
        group: Some("g"),
    }
}

/// The wallet as it is at first, and again after it was changed.
pub(crate) const WALLET: Command<'static> =
    Command::Wallet(WalletSetup { tag: "w", window: None, operators: &[], senders: &TEAM });

const IMPORTED: [ImportedContact<'static>; 1] = [ImportedContact {
    phone: PHONES[1],
    client_id: CLIENT,
    t0: Timestamp::new(START as i64),
    replied_at: None,
    sender: "",
    opted_out: false,
}];

/// The commands by which every sequence begins.
pub(crate) fn beginning() -> [Command<'static>; 2] {
    [WALLET, Command::Group { name: "g", daily_limit: Some(GROUP_LIMIT as u32) }]
}

/// Every step there is.
pub(crate) fn steps() -> Vec<Step> {
    let (first, second, client) = (PHONES[0], Target::Phone(PHONES[1]), Target::Client(CLIENT));
    let reply = |phone, received_at, opt_out| Command::Reply(Reply { phone, received_at, opt_out });
    let sender = |id, change| Command::Sender { tag: "w", id, change };
    let stand = |state, until| SenderChange {
        state: Some(TimedSenderState { state, until }),
        ..SenderChange::default()
    };
    let limit = SenderChange { daily_limit: Some(Some(1)), ..SenderChange::default() };
    let about = Target::Phone(first);
    let commands = [
        Command::Dispatch(batch(&TO_FIRST, false)),
        Command::Dispatch(batch(&TO_FIRST_FOR_CLIENT, false)),
        Command::Dispatch(batch(&TO_SECOND_FOR_CLIENT, false)),
        Command::Dispatch(batch(&TO_SECOND, false)),
        Command::Dispatch(batch(&TO_ALL, false)),
        Command::Dispatch(batch(&TO_BOTH, true)),
        Command::Dispatch(Batch { tag: "nobody's", ..batch(&TO_FIRST, false) }),
        reply(first, None, false),
        reply(first, Timestamp::new(START as i64 - 2_000), false),
        reply(first, None, true),
        reply(PHONES[1], None, false),
        Command::FollowUps { limit: 1 },
        Command::Expire { limit: 10 },
        Command::OptOut(about),
        Command::OptIn(about),
        Command::Forget(about),
        Command::ForceUnblock { target: about, reason: "" },
        Command::ForceUnblock { target: second, reason: "" },
        Command::OptOut(client),
        Command::OptIn(client),
        Command::Forget(client),
        Command::ForceUnblock { target: client, reason: "" },
        Command::OperatorMessage { phone: first, specialist_code: "ana" },
        Command::Import(&IMPORTED),
        sender("a", stand(SenderState::ExistingOnly, None)),
        sender("a", stand(SenderState::Ready, None)),
        sender("b", limit),
        Command::RemoveSender { tag: "w", id: "a" },
        Command::Group { name: "g", daily_limit: Some(1) },
        WALLET,
    ];
    let reports = [
        (0, Delivery::Failed(Fault::Contact)),
        (0, Delivery::Failed(Fault::Sender)),
        (0, Delivery::Failed(Fault::Request)),
        (0, Delivery::Failed(Fault::Ambiguous)),
        (0, Delivery::Delivered),
        (1, Delivery::Failed(Fault::Sender)),
    ];
    let reports = reports.map(|(back, status)| Step::Report { back, status });
    let times = [WINDOW - 1, WINDOW].map(Step::Later);
    commands.map(Step::Fixed).into_iter().chain(reports).chain(times).collect()
}
