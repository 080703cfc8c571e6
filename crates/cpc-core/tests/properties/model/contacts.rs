//! What contacts do, and what is done about them: replies, reports, opt-outs, imports. RULES §3, §7, §8.

use super::answer::{Answer, Fact};
use super::dispatch::{has_room, read_phone, takes_client};
use super::event::{Cycle, Effect, Event};
use super::history::{Course, History, OptOut};
use super::number;
use super::pool::{Demand, Market};
use cpc_core::{Delivery, Fault, ImportedContact, Reply, Report, SenderState, Status};

/// The checked target of a command.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    Phone(u64),
    Client(String),
}

/// RULES §3.3, §3.4, §3.5
pub(crate) fn reply(history: &mut History, now: u64, reply: &Reply<'_>) -> Answer {
    let Some(digits) = read_phone(history.policy(), reply.phone) else {
        return Answer::new(Status::InvalidPhone);
    };
    let key = number::value(&number::key(&digits));
    let received = reply.received_at.map_or(now, |at| at.as_millis().min(now));
    let contact = history.contact(key, now);
    let skew = history.policy().reply_skew().as_millis() as u64;
    let effect = match &contact.last {
        _ if reply.opt_out => Effect::LeavesCycle,
        None => Effect::WroteByItself,
        Some(last) => match last.course {
            Course::Released => Effect::WroteByItself,
            Course::Replied => Effect::StaysAnswered,
            Course::Open if received + skew > last.cycle.t0 => Effect::Answers { cycle: last.cycle.number },
            Course::Open => Effect::LeavesCycle,
        },
    };
    history.push(now, Event::Inbound { key, received, digits: number::value(&digits), effect });
    if reply.opt_out {
        opt_out(history, now, &Subject::Phone(key));
        if let Some(id) = contact.last.and_then(|last| last.cycle.client) {
            opt_out(history, now, &Subject::Client(id));
        }
        return Answer::new(Status::OptedOut);
    }
    Answer::new(if effect == Effect::LeavesCycle { Status::StaleReply } else { Status::Replied })
}

/// RULES §4.5; the operator's code was checked before.
pub(crate) fn operator_message(history: &History, now: u64, phone: &str) -> Answer {
    let Some(digits) = read_phone(history.policy(), phone) else {
        return Answer::new(Status::InvalidPhone);
    };
    let contact = history.contact(number::value(&number::key(&digits)), now);
    let replied = contact.last.as_ref().is_none_or(|last| last.course == Course::Replied);
    let in_service = contact
        .last_reply
        .is_some_and(|reply| now < reply + history.policy().service_window().as_millis() as u64);
    Answer::new(if contact.opted_out != OptOut::No {
        Status::OptedOut
    } else if replied && in_service && !contact.undeliverable {
        Status::Allowed
    } else {
        Status::ManualStartDenied
    })
}

/// RULES §7
pub(crate) fn report(history: &mut History, now: u64, report: &Report<'_>) -> Answer {
    let Some(opened) = history.cycles().find(|cycle| cycle.dispatch == Some(report.dispatch)).cloned() else {
        return Answer::new(Status::UnknownDispatch);
    };
    let stale = Answer::new(Status::StaleReport);
    let contact = history.contact(opened.key, now);
    let may_go = history.may_still_go(&contact, now);
    let Some(last) = contact.last.filter(|last| last.cycle.number == opened.number) else {
        return stale;
    };
    let other_sender = report.sender.is_some_and(|sender| last.cycle.sender.as_deref() != Some(sender));
    if now >= last.cycle.t0 + history.policy().report_ttl().as_millis() as u64 || other_sender {
        return stale;
    }
    let fault = match report.status {
        Delivery::Sent => return Answer::new(Status::Applied),
        Delivery::Delivered | Delivery::Read => {
            history.push(now, Event::Delivered { cycle: opened.number });
            return Answer::new(Status::Applied);
        }
        Delivery::Failed(fault) => fault,
    };
    if last.course != Course::Open || last.delivered {
        return stale;
    }
    match fault {
        Fault::Ambiguous => return Answer::new(Status::Kept),
        Fault::Contact | Fault::Request => {}
        Fault::Sender => {
            let failing = last.cycle.sender.clone().expect("a dispatch has a sender");
            quarantine(history, now, &failing);
            if may_go
                && let Some(answer) = fail_over(history, now, &last.cycle, &last.failed, contact.address)
            {
                return answer;
            }
        }
    }
    history.push(now, Event::Released { cycle: opened.number });
    if fault == Fault::Contact {
        history.push(now, Event::Undeliverable { key: opened.key });
    }
    Answer::new(Status::Released)
}

fn quarantine(history: &mut History, now: u64, sender: &str) {
    let until = now + history.policy().sender_hold().as_millis() as u64;
    let pool = Market::of(history).pool;
    let state = pool.sender(sender).map(|(_, sender)| sender.standing.at(now).state);
    if matches!(state, Some(SenderState::Ready | SenderState::Quarantined)) {
        history.push(now, Event::Quarantined { sender: sender.to_owned(), until });
    }
}

/// The same dispatch, by another sender of the wallet that has not failed it. RULES §7.
fn fail_over(
    history: &mut History,
    now: u64,
    cycle: &Cycle,
    failed_before: &[String],
    address: Option<u64>,
) -> Option<Answer> {
    if failed_before.len() as u64 >= history.policy().max_failover() {
        return None;
    }
    let excluded: Vec<String> = failed_before.iter().cloned().chain(cycle.sender.clone()).collect();
    let demand =
        Demand { wallet: &cycle.wallet, key: cycle.key, operator: &cycle.operator, excluded: &excluded };
    // The failed one's usage is given back first.
    let mut without_it = history.clone();
    without_it.push(now, Event::Released { cycle: cycle.number });
    let choice = Market::of(&without_it).choose(&demand, now)?;
    let answer = Answer::new(Status::Moved)
        .with("sender", Fact::Text(choice.sender.clone()))
        .with("to", Fact::Number(address.unwrap_or(cycle.posted)))
        .with("sendAt", Fact::Number(choice.send_at))
        .with("blockedUntil", Fact::Number(choice.send_at + cycle.window));
    let (cycle, t0, paced) = (cycle.number, choice.send_at, choice.paced);
    history.push(now, Event::Moved { cycle, sender: choice.sender, t0, paced });
    Some(answer)
}

/// RULES §8: `true` if it was not so already. A hash that is left of an opt-out stays a hash.
pub(crate) fn opt_out(history: &mut History, now: u64, subject: &Subject) -> bool {
    let (known, event) = match subject {
        Subject::Phone(key) => (history.contact(*key, now).opted_out, Event::PhoneOptedOut { key: *key }),
        Subject::Client(id) => (history.client(id, now).opted_out, Event::ClientOptedOut { id: id.clone() }),
    };
    if known == OptOut::No {
        history.push(now, event);
    }
    known == OptOut::No
}

/// RULES §8: of a phone it also lifts `undeliverable`.
pub(crate) fn opt_in(history: &mut History, now: u64, subject: &Subject) -> bool {
    let (suppressed, event) = match subject {
        Subject::Phone(key) => {
            let contact = history.contact(*key, now);
            let suppressed = contact.opted_out != OptOut::No || contact.undeliverable;
            (suppressed, Event::PhoneOptedIn { key: *key })
        }
        Subject::Client(id) => {
            (history.client(id, now).opted_out != OptOut::No, Event::ClientOptedIn { id: id.clone() })
        }
    };
    history.push(now, event);
    suppressed
}

/// RULES §8
pub(crate) fn forget(history: &mut History, now: u64, subject: &Subject) -> bool {
    let (known, event) = match subject {
        Subject::Phone(key) => {
            let contact = history.contact(*key, now);
            let known = contact.counts() || contact.undeliverable || contact.opted_out == OptOut::Plain;
            (known, Event::PhoneForgotten { key: *key })
        }
        Subject::Client(id) => {
            let client = history.client(id, now);
            let linked = history.phones().iter().any(|key| history.contact(*key, now).is_for_client(id));
            let known = client.counts() || linked || client.opted_out == OptOut::Plain;
            (known, Event::ClientForgotten { id: id.clone() })
        }
    };
    history.push(now, event);
    known
}

/// RULES §3.6
pub(crate) fn force_unblock(history: &mut History, now: u64, subject: &Subject) -> bool {
    let (last, is_pending) = match subject {
        Subject::Phone(key) => {
            let contact = history.contact(*key, now);
            (contact.last, contact.pending != [false, false])
        }
        Subject::Client(id) => (history.client(id, now).last, false),
    };
    let Some(open) = last.filter(|last| last.course == Course::Open || is_pending) else {
        return false;
    };
    let cycle = open.cycle.number;
    history.push(
        now,
        match subject {
            Subject::Phone(key) => Event::PhoneUnblocked { key: *key, cycle },
            Subject::Client(id) => Event::ClientUnblocked { id: id.clone() },
        },
    );
    true
}

/// RULES §8.5: what another system knew of a contact.
pub(crate) fn import(history: &mut History, now: u64, item: &ImportedContact<'_>) -> Answer {
    let Some(digits) = read_phone(history.policy(), item.phone) else {
        return Answer::new(Status::InvalidPhone);
    };
    let client_id = item.client_id.trim();
    let (t0, replied_at) = (item.t0.map(|at| at.as_millis()), item.replied_at.map(|at| at.as_millis()));
    let faults = [
        ("clientId", client_id.len() > 128),
        ("sender", item.sender.len() > 128 || !item.sender.is_empty() && item.sender.trim().is_empty()),
        ("t0", t0.is_some_and(|at| at > now)),
        ("repliedAt", replied_at.is_some_and(|at| at > now)),
    ];
    if let Some((field, _)) = faults.into_iter().find(|(_, fault)| *fault) {
        return Answer::invalid(field);
    }
    let key = number::value(&number::key(&digits));
    let client_id = (!client_id.is_empty()).then_some(client_id);
    let taken_over = take_over(history, now, item, key, number::value(&digits), client_id);
    // An opt-out is taken over in any case.
    let mut opted_out = false;
    if item.opted_out {
        opted_out = opt_out(history, now, &Subject::Phone(key));
        if let Some(id) = client_id {
            opted_out |= opt_out(history, now, &Subject::Client(id.to_owned()));
        }
    }
    match taken_over {
        Ok(changed) => Answer::changed(changed || opted_out),
        Err(status) => Answer::new(status),
    }
}

/// Takes over the cycle and the reply of a phone that is not known; whether there was anything to take over.
fn take_over(
    history: &mut History,
    now: u64,
    item: &ImportedContact<'_>,
    key: u64,
    posted: u64,
    client_id: Option<&str>,
) -> Result<bool, Status> {
    // So old that retention would have dropped the contact: as if absent.
    let retention = history.policy().retention().as_millis() as u64;
    let (t0, replied_at) = (item.t0.map(|at| at.as_millis()), item.replied_at.map(|at| at.as_millis()));
    let remembered = t0.max(replied_at).is_some_and(|at| now < at + retention);
    if !remembered || history.contact(key, now).counts() {
        return Ok(false);
    }
    let takes_client = t0.is_some_and(|t0| takes_gate(history, now, client_id, t0));
    let new_client = takes_client && client_id.is_some_and(|id| !history.client(id, now).counts());
    if !has_room(history, now, 1 + u64::from(new_client)) {
        return Err(Status::ContactsFull);
    }
    let cycle = t0.map(|t0| Cycle {
        number: history.cycles().count(),
        dispatch: None,
        key,
        client: client_id.map(str::to_owned),
        takes_client,
        wallet: String::new(),
        operator: String::new(),
        sender: (!item.sender.is_empty()).then(|| item.sender.to_owned()),
        paced: None,
        t0,
        window: history.policy().window().as_millis() as u64,
        posted,
        stage: 0,
        origin: None,
        idempotency: None,
        opened_by: None,
    });
    let skew = history.policy().reply_skew().as_millis() as u64;
    let answered = replied_at.is_some_and(|at| t0.is_some_and(|t0| at + skew > t0));
    history.push(now, Event::ImportedContact { key, cycle, replied_at, answered });
    Ok(true)
}

/// Whether an imported cycle takes the gate of its client: no later one of that client is known.
fn takes_gate(history: &History, now: u64, client_id: Option<&str>, t0: u64) -> bool {
    let known = client_id.and_then(|id| history.client(id, now).last);
    takes_client(history.policy(), client_id) && known.is_none_or(|last| last.cycle.t0 <= t0)
}

/// Cycles that ended unanswered, by end and contact key, each once. RULES §6.6.
pub(crate) fn expire(history: &mut History, now: u64, limit: u32) -> Vec<Answer> {
    let lasts = history.phones().into_iter().filter_map(|key| history.contact(key, now).last);
    let mut ended: Vec<Cycle> =
        lasts.filter(|last| last.is_expired(now) && !last.listed).map(|last| last.cycle).collect();
    ended.sort_by_key(|cycle| (cycle.end(), cycle.key));
    ended.truncate(limit as usize);
    for cycle in &ended {
        history.push(now, Event::Listed { cycle: cycle.number });
    }
    let answer = |cycle: Cycle| {
        Answer::new(Status::Expired)
            .with("phone", Fact::Number(cycle.key))
            .with("dispatch", cycle.dispatch.map(Fact::Number))
            .with("expiredAt", Fact::Number(cycle.end()))
    };
    ended.into_iter().map(answer).collect()
}
