//! What must hold after every step, seen from outside.

use crate::commands::{CLIENT, PHONES, SENDERS, batch};
use crate::shadow::Shadow;
use cpc_core::{Batch, Command, Engine, GateState, Message, Outcome, Status, Target};

/// Later than everything that can be due.
const FAR: u64 = 90 * 24 * 60 * 60 * 1000;

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

/// RULES §3, §5.1: gates and usage are what follows from the answers.
pub(crate) fn views(engine: &Engine, shadow: &Shadow) -> Result<(), String> {
    let now = shadow.now as i64;
    for (place, phone) in PHONES.into_iter().enumerate() {
        let (_, view) = engine.contact(now, Target::Phone(phone)).unwrap();
        let is_shut = view.state == GateState::Blocked && view.until.is_some();
        let expected = shadow.phone_is_shut(place) && !shadow.is_suppressed(place);
        ensure(is_shut == expected, || format!("{phone} is {view:?}"))?;
        let is_suppressed = view.state == GateState::Suppressed;
        ensure(is_suppressed == shadow.is_suppressed(place), || format!("{phone} is {view:?}"))?;
    }
    let (_, wallet) = engine.wallet(now, "w").unwrap();
    for (place, id) in SENDERS.into_iter().enumerate() {
        let seen = wallet.senders.iter().find(|sender| sender.id == id).map(|sender| sender.usage);
        let expected = shadow.is_present(place).then(|| shadow.usage(place));
        ensure(seen == expected, || format!("{id} has used {seen:?}, not {expected:?}"))?;
    }
    Ok(())
}

/// RULES §6.6: the next deadline is when the next cycle ends or the next stage becomes due, and not a moment later.
pub(crate) fn deadlines(engine: &Engine, shadow: &Shadow) -> Result<(), String> {
    let (_, ends) = engine.deadlines(shadow.now as i64).unwrap();
    let expiry = ends.expiry.map(|at| at.as_millis());
    ensure(expiry == shadow.next_end(), || format!("{ends:?}, expected {:?}", shadow.next_end()))?;
    let next = engine.next_deadline();
    ensure(next == ends.earliest(), || format!("next {next:?} of {ends:?}"))?;
    // When the first stage is due, by looking.
    let first_due = |at: u64| {
        let (_, due) = engine.due_follow_ups(at as i64, 1).unwrap();
        due.first().map(|due| due.due.as_millis())
    };
    match ends.follow_up.map(|at| at.as_millis()) {
        None => ensure(first_due(shadow.now + FAR).is_none(), || "a stage comes due unannounced".to_owned()),
        Some(due) => {
            let late = due.max(shadow.now);
            ensure(first_due(late) == Some(due), || format!("{ends:?}, but nothing is due then"))?;
            let early = late > shadow.now && first_due(late - 1).is_some();
            ensure(!early, || format!("{ends:?}, but something is due before"))
        }
    }?;
    // And when the first cycle ends, by asking in two worlds that differ by a millisecond.
    let Some(end) = expiry else { return Ok(()) };
    let ended_at = |at: u64| {
        let (mut probe, mut outcomes) = (engine.clone(), Vec::new());
        probe.apply(at as i64, &Command::Expire { limit: 10 }, &mut outcomes).unwrap();
        outcomes.iter().any(|outcome| outcome.expired_at.is_some_and(|ended| ended.as_millis() > shadow.now))
    };
    ensure(!ended_at(end - 1) && ended_at(end), || format!("no cycle ends exactly at {end}"))
}

/// RULES §4.3, §5.6: what a refusal says, and that it changes nothing.
///
/// `before` and `engine` are the engine before and after the batch, `shadow` what was known before it.
pub(crate) fn refusals(
    before: &Engine,
    engine: &Engine,
    shadow: &Shadow,
    sent: &Batch<'static>,
    outcomes: &[Outcome],
) -> Result<(), String> {
    if outcomes.iter().all(|outcome| outcome.status != Status::Accepted) {
        let (_, later) = before.digest_at(shadow.now as i64).unwrap();
        ensure(engine.digest() == later, || "refused messages changed something".to_owned())?;
    }
    let last_accepted = outcomes.iter().rposition(|outcome| outcome.status == Status::Accepted);
    for (place, (message, outcome)) in sent.messages.iter().zip(outcomes).enumerate() {
        if let (Status::ContactBlocked, Some(retry)) = (outcome.status, outcome.retry_at) {
            let until = shadow.gates_shut_until(before, message);
            // In a batch an earlier message may have shut it.
            let holds = sent.messages.len() > 1 || until == Some(retry.as_millis());
            ensure(holds, || format!("{outcome:?}, but blocked until {until:?}"))?;
        }
        // What is known when a message is refused holds if nothing else happens. A later message of the batch is
        // something else; and what an atomic batch is refused for, a message by itself may not be.
        if !sent.atomic && last_accepted.is_none_or(|last| last <= place) {
            retry(engine, shadow.now, message, outcome)?;
        }
    }
    Ok(())
}

/// A millisecond before `retryAt` the answer is the same, and then it is another.
fn retry(engine: &Engine, now: u64, message: &Message<'static>, outcome: &Outcome) -> Result<(), String> {
    let Some(retry_at) = outcome.retry_at.map(|at| at.as_millis()) else {
        let never = !matches!(outcome.status, Status::DuplicateInBatch);
        return ensure(never, || format!("{outcome:?} ends, and does not say when"));
    };
    ensure(retry_at > now, || format!("{outcome:?} at {now}"))?;
    let reason = match outcome.status {
        // By itself it would be blocked by what took its gate.
        Status::DuplicateInBatch => Status::ContactBlocked,
        status => status,
    };
    let answer = |at: u64| {
        let messages = [*message];
        let alone = Batch { messages: &messages, ..batch(&[], false) };
        let (mut probe, mut outcomes) = (engine.clone(), Vec::new());
        probe.apply(at as i64, &Command::Dispatch(alone), &mut outcomes).unwrap();
        outcomes[0]
    };
    let (early, late) = (answer(retry_at - 1), answer(retry_at));
    // When its last follow-up ends unanswered the phone is blocked for another reason: for good.
    let for_good = engine.policy().final_block() && late.retry_at.is_none();
    ensure(early.status == reason && (late.status != reason || for_good), || {
        format!("{outcome:?}, but {early:?} before and {late:?} then")
    })
}

/// RULES §4.8: what may not be sent is not sendable, whatever number it has moved to.
pub(crate) fn sendable(engine: &Engine, shadow: &Shadow) -> Result<(), String> {
    let now = shadow.now as i64;
    for (place, phone) in PHONES.into_iter().enumerate() {
        let (_, view) = engine.contact(now, Target::Phone(phone)).unwrap();
        let Some(dispatch) = view.dispatch else { continue };
        let (_, sendable) = engine.sendable(now, dispatch.get(), "").unwrap();
        let may_be = shadow.phone_is_shut(place)
            && !shadow.is_suppressed(place)
            && !shadow.client_is_anothers(engine, place);
        ensure(may_be || !sendable.is_now(), || {
            format!("{phone} may not be written to, but {dispatch} may be sent")
        })?;
    }
    let opted_out = engine.contact(now, Target::Client(CLIENT)).unwrap().1.suppression.is_some();
    ensure(opted_out == shadow.client_opted_out(), || "the client's opt-out is another".to_owned())
}
