//! Answers as JSON: what a command led to, what a query found, and why a line was refused.

use crate::massivocpc::RequestFailure;
use crate::op::Op;
use crate::parse_error::ParseError;
use crate::text::{Language, reason, refusal_text, remedy};
use crate::write::{ObjectWriter, array, object, text};
use crate::write_fields::{write_field, write_fields};
use cpc_core::value::{FieldValue, Fields};
use cpc_core::{
    CommandError, ContactView, Engine, Explanation, Obstacle, Outcome, Query, Receipt, SenderVerdict, Target,
    Timestamp, View,
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
        View::Wallet(view) => write_object(view, line.field("wallet")),
        View::Explain(explanation) => {
            write_explanation(engine, explanation, client_id, language, line.field("explanation"));
        }
        View::DueFollowUps(due) => array(line.field("followUps"), due, |out, due| write_object(due, out)),
        View::Sendable(sendable) => write_fields(sendable, None, line),
        View::Deadline(deadlines) => write_fields(deadlines, None, line),
        View::Digest(digest) => line.text("digest", &format!("{digest:032x}")),
        View::Stats(stats) => write_object(stats, line.field("stats")),
        // A view of a newer core; a test shows that there is none.
        _ => {}
    }
}

fn write_object(of: &dyn Fields, out: &mut Vec<u8>) {
    object(out, |object| write_fields(of, None, object));
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
        outcome.each_field(&mut |field, value| match value {
            // A code stands beside every name of a status.
            FieldValue::Text(name) if field.name == "status" => {
                item.text(field.name, name);
                item.number("code", outcome.status.code());
                if let Some(posted) = posted.filter(|posted| !posted.is_empty()) {
                    item.text("phone", posted);
                }
            }
            FieldValue::Digits(_) if field.name == "phone" && posted.is_some() => {}
            // A warning is named as its field is.
            FieldValue::Boolean(true) => array(item.field(field.name), [field.rust], text),
            value => write_field(field, value, Some(engine), item),
        });
        item.text_if("reason", reason(outcome, language).as_deref());
    });
}

/// Writes what is known of a contact; a client's key is its id.
fn write_contact(engine: &Engine, view: &ContactView, client_id: &str, out: &mut Vec<u8>) {
    object(out, |contact| {
        view.each_field(&mut |field, value| match value {
            FieldValue::Absent if field.name == "key" => contact.text(field.name, client_id),
            value => write_field(field, value, Some(engine), contact),
        });
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
        if outcome.status.is_refusal() {
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
