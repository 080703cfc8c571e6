//! Answers as JSON: what a command led to, what a query found, and why a line was refused.

use crate::massivocpc::RequestFailure;
use crate::op::Op;
use crate::parse_error::ParseError;
use crate::text::{Language, is_refusal, reason, refusal_text, remedy};
use crate::write::{ObjectWriter, array, number, object, text};
use cpc_core::{
    CommandError, ContactView, DueFollowUp, Engine, Explanation, GroupView, Obstacle, Outcome, Query,
    Receipt, Sendable, SenderVerdict, SenderView, Stats, Suppression, Target, Timestamp, View, WalletView,
};

/// What the engine said of a line.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A command was applied; its outcomes are beside this.
    Applied(Receipt),
    /// A query was answered, for this time.
    View(Timestamp, View),
}

/// Writes the answer to a line that was carried out. `outcomes` are those of the command; `engine` knows the senders'
/// ids.
pub fn write_answer(
    engine: &Engine,
    op: &Op<'_>,
    answer: &Answer,
    outcomes: &[Outcome],
    language: Language,
    out: &mut Vec<u8>,
) {
    object(out, |line| match answer {
        Answer::Applied(applied) => {
            line.number("seq", applied.seq);
            at(line, applied.effective_at);
            write_outcomes(engine, op, outcomes, language, line.field("outcomes"));
        }
        Answer::View(now, view) => {
            at(line, *now);
            write_view(engine, op, view, language, line);
        }
    });
}

fn write_view(engine: &Engine, op: &Op<'_>, view: &View, language: Language, line: &mut ObjectWriter<'_>) {
    // A client's key is its id, which only the query says.
    let client_id = match op {
        Op::Query(Query::Contact(Target::Client(client_id))) => client_id.trim(),
        Op::Query(Query::Explain(question) | Query::ContactExplained(question)) => question.client_id.trim(),
        _ => "",
    };
    match view {
        View::Preview(outcomes) => write_outcomes(engine, op, outcomes, language, line.field("outcomes")),
        View::Contact(view) => write_contact(engine, view, client_id, line.field("contact")),
        View::ContactExplained(explanation) => {
            if let Some(phone) = &explanation.phone {
                write_contact(engine, phone, "", line.field("contact"));
            }
            write_explanation(engine, explanation, client_id, language, line.field("explanation"));
        }
        View::Wallet(view) => write_wallet(view, line.field("wallet")),
        View::Explain(explanation) => {
            write_explanation(engine, explanation, client_id, language, line.field("explanation"));
        }
        View::DueFollowUps(due) => array(line.field("followUps"), due, write_due_follow_up),
        View::Sendable(sendable) => {
            line.flag("sendable", sendable.is_now());
            if let Sendable::From(opening) = sendable {
                instant(line, "retryAt", Some(*opening));
            }
        }
        View::Deadline(deadlines) => {
            instant(line, "followUp", deadlines.follow_up);
            instant(line, "expiry", deadlines.expiry);
        }
        View::Digest(digest) => line.text("digest", &format!("{digest:032x}")),
        View::Stats(stats) => write_stats(stats, line.field("stats")),
        // A view of a newer core; a test shows that there is none.
        _ => {}
    }
}

/// Writes `{"error":…,"message":…,"field":…}` for a line that could not be read.
pub fn write_line_error(error: &ParseError, language: Language, out: &mut Vec<u8>) {
    write_error(error.name(), &error.message(language), error.path(), out);
}

/// Writes `{"error":…,"message":…,"field":…}` for a command that was refused.
pub fn write_refusal(refusal: &CommandError, language: Language, out: &mut Vec<u8>) {
    let path = refusal.path();
    let path = Some(&*path).filter(|path| !path.is_empty());
    write_error(refusal.name(), &refusal_text(refusal, language), path, out);
}

/// Writes `{"error":…,"message":…}` for a request that failed before its line came to the engine, or beside it, and
/// returns its HTTP status.
pub fn write_request_error(failure: RequestFailure, language: Language, out: &mut Vec<u8>) -> u16 {
    write_error(failure.name(), &failure.text(language), None, out);
    failure.http_status()
}

fn write_error(name: &str, message: &str, field: Option<&str>, out: &mut Vec<u8>) {
    object(out, |line| {
        line.text("error", name);
        line.text("message", message);
        line.text_if("field", field);
    });
}

fn at(line: &mut ObjectWriter<'_>, now: Timestamp) {
    line.number("at", now.as_millis());
}

fn instant(object: &mut ObjectWriter<'_>, name: &str, value: Option<Timestamp>) {
    object.number_if(name, value.map(Timestamp::as_millis));
}

fn write_outcomes(engine: &Engine, op: &Op<'_>, outcomes: &[Outcome], language: Language, out: &mut Vec<u8>) {
    array(out, outcomes.iter().enumerate(), |out, (index, outcome)| {
        write_outcome(engine, outcome, op.posted_phone(index), language, out);
    });
}

/// Writes one outcome. `posted` is the phone as the item had it; where items have none, the one that the outcome
/// names is written as its digits.
pub fn write_outcome(
    engine: &Engine,
    outcome: &Outcome,
    posted: Option<&str>,
    language: Language,
    out: &mut Vec<u8>,
) {
    object(out, |item| {
        item.text("status", outcome.status.name());
        item.number("code", outcome.status.code());
        match (posted, outcome.phone) {
            (Some(""), _) | (None, None) => {}
            (Some(posted), _) => item.text("phone", posted),
            (None, Some(phone)) => item.digits("phone", phone.digits()),
        }
        item.text_if("field", outcome.field);
        if outcome.empty_template {
            array(item.field("warnings"), ["empty_template"], text);
        }
        item.number_if("firstIndex", outcome.first_index);
        item.number_if("dispatch", outcome.dispatch.map(u64::from));
        item.text_if("sender", outcome.sender.map(|sender| engine.sender_id(sender)));
        if let Some(to) = outcome.to {
            item.digits("to", to.digits());
        }
        instant(item, "sendAt", outcome.send_at);
        instant(item, "blockedUntil", outcome.blocked_until);
        item.number_if("stage", outcome.stage);
        item.number_if("origin", outcome.origin.map(u64::from));
        instant(item, "retryAt", outcome.retry_at);
        instant(item, "expiredAt", outcome.expired_at);
        item.text_if("reason", reason(outcome, language).as_deref());
    });
}

/// Writes what is known of a contact; a client's key is its id.
fn write_contact(engine: &Engine, view: &ContactView, client_id: &str, out: &mut Vec<u8>) {
    object(out, |contact| {
        match view.key {
            Some(key) => contact.digits("key", key.as_u64()),
            None => contact.text("key", client_id),
        }
        contact.text("state", view.state.name());
        instant(contact, "since", view.since);
        instant(contact, "until", view.until);
        contact.number_if("dispatch", view.dispatch.map(u64::from));
        contact.text_if("sender", view.sender.map(|sender| engine.sender_id(sender)));
        contact.number_if("stage", view.stage);
        instant(contact, "lastReply", view.last_reply);
        if view.pending_stages.contains(&true) {
            let pending = (1_u8..).zip(view.pending_stages).filter(|(_, pending)| *pending);
            array(contact.field("pendingStages"), pending, |out, (stage, _)| number(out, stage));
        }
        contact.text_if("suppression", view.suppression.map(Suppression::name));
    });
}

fn write_wallet(view: &WalletView, out: &mut Vec<u8>) {
    object(out, |wallet| {
        wallet.text("tag", &view.tag);
        wallet.number_if("windowMs", view.window_ms);
        if !view.operators.is_empty() {
            wallet.texts("operators", &view.operators);
        }
        array(wallet.field("senders"), &view.senders, write_sender);
    });
}

fn write_sender(out: &mut Vec<u8>, view: &SenderView) {
    object(out, |sender| {
        sender.text("id", &view.id);
        sender.text("state", view.state.name());
        instant(sender, "until", view.until);
        sender.number("weight", view.weight);
        sender.number("usage", view.usage);
        sender.number_if("dailyLimit", view.daily_limit);
        sender.number_if("perSecond", view.pace.map(|pace| pace.per_second));
        sender.number_if("burst", view.pace.map(|pace| pace.burst));
        if !view.operators.is_empty() {
            sender.texts("operators", &view.operators);
        }
        if let Some(group) = &view.group {
            write_group(sender.field("group"), group);
        }
    });
}

fn write_group(out: &mut Vec<u8>, view: &GroupView) {
    object(out, |group| {
        group.text("name", &view.name);
        group.number("usage", view.usage);
        group.number_if("dailyLimit", view.daily_limit);
    });
}

/// Writes which rule holds, its facts, what would lift it, and of every sender whether it could serve.
fn write_explanation(
    engine: &Engine,
    explanation: &Explanation,
    client_id: &str,
    language: Language,
    out: &mut Vec<u8>,
) {
    let outcome = &explanation.outcome;
    object(out, |object| {
        object.text("status", outcome.status.name());
        object.number("code", outcome.status.code());
        object.text_if("field", outcome.field);
        instant(object, "retryAt", outcome.retry_at);
        object.text_if("reason", reason(outcome, language).as_deref());
        if is_refusal(outcome.status) {
            object.text_if("message", remedy(outcome.status, language));
        }
        if let Some(phone) = &explanation.phone {
            write_contact(engine, phone, "", object.field("phone"));
        }
        if let Some(client) = &explanation.client {
            write_contact(engine, client, client_id, object.field("client"));
        }
        array(object.field("senders"), &explanation.senders, |out, verdict| {
            write_verdict(engine, verdict, out);
        });
    });
}

fn write_verdict(engine: &Engine, verdict: &SenderVerdict, out: &mut Vec<u8>) {
    let eligible = verdict.obstacles.is_empty();
    object(out, |sender| {
        sender.text("id", engine.sender_id(verdict.sender));
        sender.flag("eligible", eligible);
        if eligible {
            instant(sender, "sendAt", verdict.send_at);
        } else {
            let names = verdict.obstacles.iter().map(|obstacle: &Obstacle| obstacle.name());
            array(sender.field("obstacles"), names, text);
            instant(sender, "eligibleAt", verdict.eligible_at);
        }
    });
}

fn write_due_follow_up(out: &mut Vec<u8>, due: &DueFollowUp) {
    object(out, |object| {
        object.digits("phone", due.phone.digits());
        object.number("stage", due.stage);
        object.number_if("origin", due.origin.map(u64::from));
        object.number("due", due.due.as_millis());
    });
}

fn write_stats(stats: &Stats, out: &mut Vec<u8>) {
    let Stats {
        seq,
        dispatches,
        phones,
        clients,
        blocked,
        opted_out,
        pending_follow_ups,
        wallets,
        senders,
        ..
    } = *stats;
    object(out, |object| {
        object.number("seq", seq);
        object.number("dispatches", dispatches);
        object.number("phones", phones);
        object.number("clients", clients);
        object.number("blocked", blocked);
        object.number("optedOut", opted_out);
        object.number("pendingFollowUps", pending_follow_ups);
        object.number("wallets", wallets);
        object.number("senders", senders);
    });
}
