//! The model against cases worked out by hand, so that it is not only as wrong as the engine.

use crate::model::Model;
use crate::model::answer::Answer;
use cpc_core::*;
use std::time::Duration;

const T: i64 = 1_795_000_000_000;
const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;
const ANA: &str = "5511988876204";

fn message(phone: &'static str) -> Message<'static> {
    let (main_template, specialist_code) = ("hello".into(), "op");
    Message { phone, close_ticket: Some(true), main_template, specialist_code, ..Message::default() }
}

/// A model with a wallet "w" of these senders.
fn model(policy: Policy, senders: &[SenderSetup<'_>]) -> Model {
    let mut model = Model::new(policy);
    model.apply(T, &Command::Wallet(WalletSetup { tag: "w", senders, ..WalletSetup::default() })).unwrap();
    model
}

fn sender(id: &'static str) -> SenderSetup<'static> {
    SenderSetup { id, ..SenderSetup::default() }
}

fn run(model: &mut Model, at: i64, command: &Command<'_>) -> Vec<Answer> {
    model.apply(at, command).unwrap().answers
}

fn send(model: &mut Model, at: i64, messages: &[Message<'_>]) -> Vec<Answer> {
    let batch = Batch { campaign: "c", id_account: "", tag: "w", messages, atomic: false };
    run(model, at, &Command::Dispatch(batch))
}

fn reply(model: &mut Model, at: i64, phone: &str, received_at: i64) -> Status {
    let reply = Reply { phone, received_at: Some(received_at.into()), opt_out: false };
    run(model, at, &Command::Reply(reply))[0].status
}

fn state(model: &Model, at: i64, phone: &str) -> GateState {
    model.contact(at, &Target::Phone(phone)).unwrap().1.state
}

fn statuses(answers: &[Answer]) -> Vec<Status> {
    answers.iter().map(|answer| answer.status).collect()
}

/// RULES §1.5, §3, §4
#[test]
fn a_contact_is_blocked_until_it_answers_or_the_window_is_over() {
    let mut model = model(Policy::default(), &[sender("a")]);
    let first = &send(&mut model, T, &[message(ANA)])[0];
    assert_eq!(
        (first.status, first.number("dispatch"), first.number("sendAt")),
        (Status::Accepted, Some(1), Some(T as u64))
    );
    assert_eq!(first.number("blockedUntil"), Some((T + DAY) as u64));
    let again = &send(&mut model, T + DAY - 1, &[message("551188876204")])[0];
    assert_eq!((again.status, again.number("retryAt")), (Status::ContactBlocked, Some((T + DAY) as u64)));
    assert_eq!(state(&model, T + DAY, ANA), GateState::Expired);
    assert_eq!(reply(&mut model, T + DAY - 1, ANA, T - SECOND), Status::StaleReply);
    assert_eq!(reply(&mut model, T + DAY - 1, "551188876204", T - SECOND + 1), Status::Replied);
    let second = &send(&mut model, T + DAY - 1, &[message(ANA)])[0];
    assert_eq!((second.status, second.number("to")), (Status::Accepted, Some(551188876204)));
}

/// RULES §4, rows 30 and 31, §4.2
#[test]
fn the_same_message_twice_is_a_duplicate_in_a_batch_and_a_success_later() {
    let mut model = model(Policy::default(), &[sender("a")]);
    let numbered = Message { id_message: IdMessage::Number(7), ..message(ANA) };
    let batch = send(&mut model, T, &[numbered, numbered]);
    assert_eq!(statuses(&batch), [Status::Accepted, Status::DuplicateInBatch]);
    assert_eq!(
        (batch[1].number("firstIndex"), batch[1].number("retryAt")),
        (Some(0), Some((T + DAY) as u64))
    );
    let text = Message { id_message: IdMessage::Text("007"), ..message(ANA) };
    let later = &send(&mut model, T + 5, &[text])[0];
    assert_eq!((later.status, later.number("dispatch")), (Status::AlreadyAccepted, Some(1)));
    assert_eq!(statuses(&send(&mut model, T + DAY, &[text])), [Status::Accepted]);
}

/// RULES §5.1: exactly 24 h after a dispatch its place is free again.
#[test]
fn a_daily_limit_holds_for_any_24_hours() {
    let limited = SenderSetup { daily_limit: Some(1), ..sender("a") };
    let mut model = model(Policy::default(), &[limited]);
    let batch = send(&mut model, T, &[message(ANA), message("551132345678")]);
    assert_eq!(statuses(&batch), [Status::Accepted, Status::NoSenderAvailable]);
    assert_eq!(batch[1].number("retryAt"), Some((T + DAY) as u64));
    assert_eq!(
        statuses(&send(&mut model, T + DAY - 1, &[message("551132345678")])),
        [Status::NoSenderAvailable]
    );
    assert_eq!(statuses(&send(&mut model, T + DAY, &[message("551132345678")])), [Status::Accepted]);
}

/// RULES §5.2: three a second is one every 333 334 µs.
#[test]
fn pace_puts_messages_off_and_then_refuses() {
    let paced = SenderSetup { pace: Some(Pace { per_second: 3, burst: 2 }), ..sender("a") };
    let policy = Policy::builder().max_delay(Duration::from_millis(400)).build().unwrap();
    let mut model = model(policy, &[paced]);
    let phones = [ANA, "551132345678", "5511912345678", "555599887766", "5521988876204"];
    let batch = send(&mut model, T, &phones.map(message));
    let delays: Vec<_> =
        batch.iter().filter_map(|answer| answer.number("sendAt")).map(|at| at - T as u64).collect();
    // The second starts at TAT - T = 0, the third at 333 334 µs, the fourth would at 666 668 µs.
    assert_eq!(delays, [0, 0, 334]);
    assert_eq!(batch[3].status, Status::NoSenderAvailable);
    assert_eq!(batch[3].number("retryAt"), Some(T as u64 + 667 - 400));
}

/// RULES §5.4
#[test]
fn weights_sticky_and_operators_decide_who_sends() {
    let heavy = SenderSetup { weight: 2, ..sender("heavy") };
    let own = SenderSetup { operators: &["op"], ..sender("own") };
    let mut model = model(Policy::default(), &[sender("light"), heavy]);
    let phones = [ANA, "551132345678", "5511912345678", "555599887766", "5521988876204", "5531988876204"];
    let batch = send(&mut model, T, &phones.map(message));
    let chosen: Vec<_> = batch.iter().filter_map(|answer| answer.text("sender")).collect();
    assert_eq!(chosen, ["light", "heavy", "heavy", "light", "heavy", "heavy"]);
    let senders = [sender("light"), heavy, own];
    run(
        &mut model,
        T,
        &Command::Wallet(WalletSetup { tag: "w", senders: &senders, ..WalletSetup::default() }),
    );
    let next = send(&mut model, T + DAY, &[message(ANA), message("5541988876204")]);
    let chosen: Vec<_> = next.iter().filter_map(|answer| answer.text("sender")).collect();
    assert_eq!(chosen, ["light", "own"]);
}

/// RULES §6
#[test]
fn follow_ups_go_out_when_the_cycle_before_expires() {
    let policy = Policy::builder().final_block(true).build().unwrap();
    let mut model = model(policy, &[sender("a")]);
    let both = Message { retry_template: "again".into(), last_template: "last".into(), ..message(ANA) };
    send(&mut model, T, &[both]);
    let follow = |model: &mut Model, at| run(model, at, &Command::FollowUps { limit: 10 });
    assert_eq!(follow(&mut model, T + DAY - 1), []);
    let first = &follow(&mut model, T + DAY)[0];
    assert_eq!(
        (first.status, first.number("stage"), first.number("origin"), first.number("dispatch")),
        (Status::Accepted, Some(1), Some(1), Some(2))
    );
    assert_eq!(first.number("phone"), Some(5511988876204));
    let second = &follow(&mut model, T + 2 * DAY)[0];
    assert_eq!(
        (second.number("stage"), second.number("origin"), second.number("dispatch")),
        (Some(2), Some(1), Some(3))
    );
    let view = model.contact(T + 3 * DAY, &Target::Phone(ANA)).unwrap().1;
    assert_eq!((view.state, view.until), (GateState::Blocked, None));
    assert_eq!(reply(&mut model, T + 4 * DAY, ANA, T + 4 * DAY), Status::Replied);
    assert_eq!(state(&model, T + 4 * DAY, ANA), GateState::Replied);
}

/// RULES §7
#[test]
fn a_failed_sender_rests_and_its_dispatch_moves() {
    let mut model = model(Policy::default(), &[sender("a"), sender("b")]);
    send(&mut model, T, &[message(ANA)]);
    let failed =
        |fault| Command::Report(Report { dispatch: 1, status: Delivery::Failed(fault), sender: None });
    let moved = &run(&mut model, T + SECOND, &failed(Fault::Sender))[0];
    assert_eq!((moved.status, moved.text("sender")), (Status::Moved, Some("b")));
    assert_eq!(moved.number("blockedUntil"), Some((T + SECOND + DAY) as u64));
    let wallet = model.wallet(T + SECOND, "w").unwrap();
    assert_eq!(wallet.senders[0].state, SenderState::Quarantined);
    assert_eq!([wallet.senders[0].usage, wallet.senders[1].usage], [0, 1]);
    assert_eq!(statuses(&run(&mut model, T + SECOND, &failed(Fault::Sender))), [Status::Released]);
    assert_eq!(state(&model, T + SECOND, ANA), GateState::Free);
    assert_eq!(statuses(&run(&mut model, T + SECOND, &failed(Fault::Contact))), [Status::StaleReport]);
}

/// RULES §3.7: retention is exact, suppression never lapses, and what lapsed stays so.
#[test]
fn a_silent_contact_is_forgotten_at_its_retention() {
    let mut model = model(Policy::default(), &[sender("a")]);
    send(&mut model, T, &[message(ANA)]);
    let seen = |model: &Model, at| model.contact(at, &Target::Phone(ANA)).unwrap().1.sender;
    assert_eq!(seen(&model, T + 30 * DAY - 1).as_deref(), Some("a"));
    assert_eq!(seen(&model, T + 30 * DAY), None);
    run(&mut model, T + 30 * DAY, &Command::OptOut(Target::Phone(ANA)));
    let longer = Policy::builder().retention(Duration::from_millis(60 * DAY as u64)).build().unwrap();
    run(&mut model, T + 30 * DAY, &Command::Policy(longer));
    assert_eq!(seen(&model, T + 31 * DAY), None);
    assert_eq!(state(&model, T + 90 * DAY, ANA), GateState::Suppressed);
}

/// RULES §2.6, §3.3: a client's gate follows the last cycle that took it.
#[test]
fn a_client_on_two_phones_is_one_client() {
    let mut model = model(Policy::default(), &[sender("a")]);
    let with_client = |phone| Message { client_id: " k ", ..message(phone) };
    let batch = send(&mut model, T, &[with_client(ANA), with_client("551132345678")]);
    assert_eq!(statuses(&batch), [Status::Accepted, Status::DuplicateInBatch]);
    let client = |model: &Model| model.contact(T, &Target::Client("k")).unwrap().1.state;
    assert_eq!(client(&model), GateState::Blocked);
    let by_opt_out = Reply { phone: ANA, received_at: None, opt_out: true };
    assert_eq!(statuses(&run(&mut model, T, &Command::Reply(by_opt_out))), [Status::OptedOut]);
    assert_eq!(client(&model), GateState::Suppressed);
    assert_eq!(statuses(&send(&mut model, T + DAY, &[with_client("551132345678")])), [Status::OptedOut]);
    assert_eq!(statuses(&run(&mut model, T + DAY, &Command::Forget(Target::Client("k")))), [Status::Applied]);
    assert_eq!(
        statuses(&run(&mut model, T + DAY, &Command::Forget(Target::Client("k")))),
        [Status::Unchanged]
    );
    assert_eq!(client(&model), GateState::Suppressed);
}

/// RULES §4: all or none, and the refused one says why.
#[test]
fn an_atomic_batch_is_accepted_whole_or_not_at_all() {
    let mut model = model(Policy::default(), &[sender("a")]);
    let messages = [message(ANA), message("123")];
    let batch = Batch { campaign: "c", id_account: "", tag: "w", messages: &messages, atomic: true };
    let answers = run(&mut model, T, &Command::Dispatch(batch));
    assert_eq!(statuses(&answers), [Status::NotAttempted, Status::InvalidPhone]);
    assert_eq!((state(&model, T, ANA), model.seq(), model.dispatches()), (GateState::Free, 2, 0));
}

/// RULES §1.2, §1.3
#[test]
fn the_clock_never_runs_backwards_and_jumps_only_on_purpose() {
    let mut model = model(Policy::default(), &[sender("a")]);
    let done = model.apply(T - DAY, &Command::Expire { limit: 1 }).unwrap();
    assert_eq!(done.effective_at, T as u64);
    let jump = model.apply(T + 30 * DAY + 1, &Command::Expire { limit: 1 });
    assert_eq!(jump.unwrap_err().name(), "clock_jump");
    assert_eq!(model.apply(T + 400 * DAY, &Command::Clock).unwrap().effective_at, (T + 400 * DAY) as u64);
    assert_eq!(model.apply(T / 1000, &Command::Clock).unwrap_err().name(), "timestamp_out_of_range");
}

/// RULES §8.5
#[test]
fn an_imported_cycle_blocks_like_any_other() {
    let mut model = model(Policy::default(), &[SenderSetup { daily_limit: Some(1), ..sender("a") }]);
    let contact = ImportedContact {
        phone: ANA,
        t0: Some((T - HOUR).into()),
        sender: "a",
        ..ImportedContact::default()
    };
    let answers = run(&mut model, T, &Command::Import(&[contact, contact]));
    assert_eq!(statuses(&answers), [Status::Applied, Status::Unchanged]);
    let refused = send(&mut model, T, &[message(ANA), message("551132345678")]);
    assert_eq!(statuses(&refused), [Status::ContactBlocked, Status::NoSenderAvailable]);
    let retries: Vec<_> = refused.iter().map(|answer| answer.number("retryAt")).collect();
    assert_eq!(retries, [Some((T - HOUR + DAY) as u64); 2]);
    let listed = run(&mut model, T + DAY, &Command::Expire { limit: 10 });
    assert_eq!((listed[0].number("phone"), listed[0].number("dispatch")), (Some(551188876204), None));
    assert_eq!(run(&mut model, T + DAY, &Command::Expire { limit: 10 }), []);
}
