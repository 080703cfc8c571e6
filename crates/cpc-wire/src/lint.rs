//! What is wrong with a massivocpc body, all of it, with lines: for people who write such bodies.
//!
//! Whether a message can be dispatched is asked of an engine made for the purpose, in which the body's wallet
//! exists and has a sender, so that no rule is written here a second time. An engine names the first fault of a
//! message; to see the next, the fault is mended in a copy and the engine is asked again.

use crate::arena::Arena;
use crate::fields::Kind;
use crate::parse_error::{Expected, ParseError};
use crate::read::{Context, FromJson, Object, Undeclared, read_text, utf8};
use crate::shape::shape;
use crate::text::{Language, reason, refusal_text};
use cpc_core::{
    Batch, Command, CommandError, Engine, IdMessage, Message, Outcome, Phone, Policy, SenderSetup, Status,
    Text, Timestamp, WalletSetup,
};
use serde::de::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// Something that is wrong with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Whether the message is refused for it.
    pub severity: Severity,
    /// The line on which the message (or the field of the batch) begins, from 1.
    pub line: usize,
    /// The column there, in characters from 1.
    pub column: usize,
    /// The field: `messages[3].phone`. Empty when it is the body as a whole.
    pub path: String,
    fault: BodyFault,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It is refused.
    Error,
    /// It is accepted, but hardly meant so.
    Warning,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum BodyFault {
    Unreadable(ParseError),
    Batch(CommandError),
    Item(Outcome),
    BlankTemplate,
    UnknownField,
}

impl Problem {
    /// The name of the fault: a status, the name of a refusal, that of a text that cannot be read, or `unknown_field`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match &self.fault {
            BodyFault::Unreadable(error) => error.name(),
            BodyFault::Batch(refusal) => refusal.name(),
            BodyFault::Item(outcome) => outcome.status.name(),
            BodyFault::BlankTemplate => Status::EmptyTemplate.name(),
            BodyFault::UnknownField => "unknown_field",
        }
    }

    /// What is wrong, for people. It repeats nothing of the body.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match &self.fault {
            BodyFault::Unreadable(error) => error.expectation(language),
            BodyFault::Batch(refusal) => refusal_text(refusal, language),
            BodyFault::Item(outcome) => reason(outcome, language).unwrap_or_default(),
            BodyFault::BlankTemplate => String::from(language.choose(
                "mainTemplate está vazio: a mensagem será enviada vazia",
                "mainTemplate is blank: the message will be sent blank",
            )),
            BodyFault::UnknownField => String::from(
                language.choose("campo desconhecido: será ignorado", "unknown field: it will be ignored"),
            ),
        }
    }
}

/// Finds what is wrong with a massivocpc body, in the order of its lines. Nothing is wrong if the list is empty;
/// whether contacts are blocked, hours closed or numbers exhausted is not a matter of the body, and not looked at.
///
/// Of `policy` only what concerns a body counts: countries, profile, gate, blank templates, size of a batch. Of fields
/// that the document does not have, which may be misspelt ones, each is named where it is first.
#[must_use]
pub fn check(body: &[u8], policy: &Policy) -> Vec<Problem> {
    let arena = Arena::new();
    let mut check = Check { arena: &arena, places: Places::new(body), problems: Vec::new() };
    match utf8(body).and_then(|text| Ok((text, read_text::<RawBody<'_>>(text, &arena)?))) {
        Ok((text, raw)) => {
            check.undeclared::<RawBody<'_>>(text, "", &mut BTreeSet::new());
            check.body(&raw, policy);
        }
        Err(error) => check.unreadable(0, "", error),
    }
    check.problems.sort_by_key(|problem| (problem.line, problem.column));
    check.problems
}

/// A value as it is written, to be read later, with its place.
#[derive(Clone, Copy)]
struct Raw<'a>(&'a str);

impl<'de> FromJson<'de> for Option<Raw<'de>> {
    const KIND: Kind = Kind::Any;

    fn from_json<D: Deserializer<'de>>(deserializer: D, _: &Context<'de>) -> Result<Self, D::Error> {
        <&'de RawValue>::deserialize(deserializer).map(|raw| Some(Raw(raw.get())))
    }
}

impl<'de> FromJson<'de> for Raw<'de> {
    const KIND: Kind = Kind::Any;

    fn from_json<D: Deserializer<'de>>(deserializer: D, _: &Context<'de>) -> Result<Self, D::Error> {
        <&'de RawValue>::deserialize(deserializer).map(|raw| Raw(raw.get()))
    }
}

shape! {
    lenient struct RawBody<'a> {
        campaign "campaign": Option<Raw<'a>>,
        id_account "idAccount": Option<Raw<'a>>,
        tag "tag": Option<Raw<'a>>,
        messages "messages": Option<Raw<'a>>,
    }
}

/// Where things are in a body.
struct Places<'a> {
    body: &'a [u8],
    /// Where each line begins.
    lines: Vec<usize>,
}

impl<'a> Places<'a> {
    fn new(body: &'a [u8]) -> Places<'a> {
        let ends = body.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        Places { body, lines: core::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect() }
    }

    /// How far into the body a part of it begins.
    fn offset(&self, part: &str) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.body.as_ptr() as usize)
    }

    /// How far into the body a place is that was counted from where a part of it begins: lines, then bytes, from 1.
    fn within(&self, part: usize, line: usize, column: usize) -> usize {
        let next = self.lines.partition_point(|start| *start <= part);
        let start = line.checked_sub(2).and_then(|further| self.lines.get(next + further));
        start.unwrap_or(&part) + column.saturating_sub(1)
    }

    fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let before = self.body.get(start..offset).unwrap_or_default();
        // Bytes that go on with a character begin none.
        let column = 1 + before.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        (line, column)
    }
}

/// What stands in for what is wrong, so that the rest can be looked at.
const STAND_IN: &str = "check";

struct Check<'a> {
    arena: &'a Arena,
    places: Places<'a>,
    problems: Vec<Problem>,
}

impl<'a> Check<'a> {
    fn note(&mut self, severity: Severity, offset: usize, path: String, fault: BodyFault) {
        let (line, column) = self.places.line_and_column(offset);
        self.problems.push(Problem { severity, line, column, path, fault });
    }

    /// A part of the body, `outer` by path, that cannot be read.
    fn unreadable(&mut self, offset: usize, outer: &str, error: ParseError) {
        let inner = error.path().unwrap_or_default();
        let dot = if outer.is_empty() || inner.is_empty() { "" } else { "." };
        let path = format!("{outer}{dot}{inner}");
        let place = match error {
            ParseError::InvalidJson { line, column, .. } => self.places.within(offset, line, column),
            _ => offset,
        };
        self.note(Severity::Error, place, path, BodyFault::Unreadable(error));
    }

    fn body(&mut self, raw: &RawBody<'a>, policy: &Policy) {
        let campaign = self.text(raw.campaign.as_ref(), "campaign");
        let id_account = self.text(raw.id_account.as_ref(), "idAccount");
        let tag = self.text(raw.tag.as_ref(), "tag");
        let parts = self.parts(raw.messages.as_ref());
        let readable = self.messages(&parts);
        let phone = stand_in_phone(policy);
        let mut messages: Vec<Item<'_>> = readable
            .iter()
            .map(|(index, message)| Item { index: *index, message: *message, known: true })
            .collect();
        let mut envelope = Envelope { campaign, id_account, tag };
        let engine = self.settle(&mut envelope, &mut messages, raw, policy);
        if let Some(engine) = engine {
            self.items(&engine, &envelope, &mut messages, &parts, phone.as_deref());
        }
    }

    /// A text of the batch; what stands in for it if it is none.
    fn text(&mut self, raw: Option<&Raw<'a>>, path: &str) -> &'a str {
        let Some(raw) = raw else { return "" };
        read_text(raw.0, self.arena).unwrap_or_else(|error| {
            self.unreadable(self.places.offset(raw.0), path, error);
            STAND_IN
        })
    }

    /// The messages as they are written.
    fn parts(&mut self, raw: Option<&Raw<'a>>) -> Vec<&'a str> {
        let place = raw.map_or(0, |raw| self.places.offset(raw.0));
        let list = raw.map_or(Ok(None), |raw| read_text::<Option<&'a [Raw<'a>]>>(raw.0, self.arena));
        match list {
            Ok(Some(list)) => return list.iter().map(|raw| raw.0).collect(),
            Ok(None) => self.unreadable(place, "", ParseError::field("messages", Expected::Present)),
            Err(error) => self.unreadable(place, "messages", error),
        }
        Vec::new()
    }

    /// The messages that can be read, with their places in the batch.
    fn messages(&mut self, parts: &[&'a str]) -> Vec<(usize, Message<'a>)> {
        let mut texts = Vec::with_capacity(parts.len());
        let mut named = BTreeSet::new();
        for (index, part) in parts.iter().enumerate() {
            let path = format!("messages[{index}]");
            match read_text::<Message<'a>>(part, self.arena) {
                Ok(text) => texts.push((index, text)),
                Err(error) => self.unreadable(self.places.offset(part), &path, error),
            }
            self.undeclared::<Message<'a>>(part, &format!("{path}."), &mut named);
        }
        texts
    }

    /// Fields of an object that its shape does not have, but for those that were named before.
    fn undeclared<O: Object<'a>>(&mut self, part: &'a str, outer: &str, named: &mut BTreeSet<String>) {
        let names = read_text::<Undeclared<O>>(part, self.arena).map(|undeclared| undeclared.names);
        for name in names.unwrap_or_default() {
            let path = format!("{outer}{name}");
            if named.insert(name) {
                let offset = self.places.offset(part);
                self.note(Severity::Warning, offset, path, BodyFault::UnknownField);
            }
        }
    }

    /// Finds what is wrong with the batch as a whole, and mends it; an engine that takes the batch then, unless
    /// there is nothing left to take.
    fn settle(
        &mut self,
        envelope: &mut Envelope<'_>,
        items: &mut Vec<Item<'_>>,
        raw: &RawBody<'a>,
        policy: &Policy,
    ) -> Option<Engine> {
        let unread = self.problems.iter().any(|problem| problem.path.starts_with("messages"));
        if items.is_empty() && unread {
            return None;
        }
        let place = |raw: &Option<Raw<'a>>| raw.as_ref().map(|raw| raw.0);
        // Each turn mends one field, and there are few.
        for _ in 0..8 {
            let engine = scratch(envelope.tag, policy);
            let asked = engine.and_then(|engine| {
                preview(&engine, envelope, items, &mut Vec::new())?;
                Ok(engine)
            });
            let refusal = match asked {
                Ok(engine) => return Some(engine),
                Err(refusal) => refusal,
            };
            let path = refusal.field().unwrap_or_default();
            let (part, mended) = match path {
                "campaign" => (place(&raw.campaign), replace(&mut envelope.campaign)),
                "idAccount" => (place(&raw.id_account), replace(&mut envelope.id_account)),
                "tag" => (place(&raw.tag), replace(&mut envelope.tag)),
                _ => (place(&raw.messages), shorten(items, &refusal)),
            };
            let offset = part.map_or(0, |part| self.places.offset(part));
            self.note(Severity::Error, offset, String::from(path), BodyFault::Batch(refusal));
            if !mended {
                return None;
            }
        }
        None
    }

    /// Finds what is wrong with each message, then which of them are for the same contact.
    fn items<'m>(
        &mut self,
        engine: &Engine,
        envelope: &Envelope<'_>,
        items: &mut [Item<'m>],
        parts: &[&'a str],
        phone: Option<&'m str>,
    ) {
        let mut outcomes = Vec::new();
        if preview(engine, envelope, items, &mut outcomes).is_err() {
            return;
        }
        let offset =
            |places: &Places<'_>, index: usize| parts.get(index).map_or(0, |part| places.offset(part));
        for (item, outcome) in items.iter_mut().zip(&outcomes) {
            let at = offset(&self.places, item.index);
            for (severity, field, fault) in item.faults(engine, envelope, *outcome, phone) {
                let path = format!("messages[{}].{field}", item.index);
                self.note(severity, at, path, fault);
            }
        }
        let known: Vec<Item<'_>> = items.iter().filter(|item| item.known).copied().collect();
        if preview(engine, envelope, &known, &mut outcomes).is_err() {
            return;
        }
        for (item, outcome) in known.iter().zip(&outcomes) {
            if outcome.status != Status::DuplicateInBatch {
                continue;
            }
            let first = outcome.first_index.and_then(|index| known.get(usize::try_from(index).ok()?));
            let first_index = first.and_then(|first| u32::try_from(first.index).ok());
            let at = offset(&self.places, item.index);
            let mut fault = Outcome::new(Status::DuplicateInBatch);
            fault.first_index = first_index;
            let path = format!("messages[{}]", item.index);
            self.note(Severity::Error, at, path, BodyFault::Item(fault));
        }
    }
}

/// The fields of a batch beside its messages.
struct Envelope<'a> {
    campaign: &'a str,
    id_account: &'a str,
    tag: &'a str,
}

/// A message, its place in the body, and whether its contact is known.
#[derive(Clone, Copy)]
struct Item<'a> {
    index: usize,
    message: Message<'a>,
    known: bool,
}

impl<'a> Item<'a> {
    /// What is wrong with this message by itself: each fault is mended before the next is looked for.
    fn faults(
        &mut self,
        engine: &Engine,
        envelope: &Envelope<'_>,
        first: Outcome,
        phone: Option<&'a str>,
    ) -> Vec<(Severity, &'static str, BodyFault)> {
        let mut found: Vec<(Severity, &'static str, BodyFault)> = Vec::new();
        let mut outcome = first;
        loop {
            let field = match outcome.status {
                Status::InvalidPhone => "phone",
                Status::InvalidField => outcome.field.unwrap_or_default(),
                Status::CloseTicketRequired => "closeTicket",
                Status::EmptyTemplate => "mainTemplate",
                _ => break,
            };
            // What could not be mended is found again.
            if found.iter().any(|(_, known, _)| *known == field) {
                break;
            }
            found.push((Severity::Error, field, BodyFault::Item(outcome)));
            self.mend(field, phone);
            let mut outcomes = Vec::new();
            if preview(engine, envelope, &[*self], &mut outcomes).is_err() {
                break;
            }
            let Some(next) = outcomes.first() else { break };
            outcome = *next;
        }
        if outcome.empty_template {
            found.push((Severity::Warning, "mainTemplate", BodyFault::BlankTemplate));
        }
        found
    }

    /// Puts something right in the place of a field, if that can be done.
    fn mend(&mut self, field: &str, phone: Option<&'a str>) {
        let message = &mut self.message;
        match (field, phone) {
            ("phone", Some(phone)) => {
                message.phone = phone;
                self.known = false;
            }
            ("clientId", _) => {
                message.client_id = STAND_IN;
                self.known = false;
            }
            ("idMessage", _) => message.id_message = IdMessage::Number(0),
            ("contract", _) => message.contract = Text::OfLength(1),
            ("specialistCode", _) => message.specialist_code = STAND_IN,
            ("closeTicket", _) => message.close_ticket = Some(true),
            ("mainTemplate", _) => message.main_template = Text::OfLength(1),
            _ => self.known = false,
        }
    }
}

fn replace(text: &mut &str) -> bool {
    *text = STAND_IN;
    true
}

/// Leaves as many messages as a batch may have; whether that helps.
fn shorten(items: &mut Vec<Item<'_>>, refusal: &CommandError) -> bool {
    let CommandError::BatchTooLarge { max, .. } = refusal else { return false };
    items.truncate(usize::try_from(*max).unwrap_or(usize::MAX));
    true
}

/// When the question is asked: any time will do.
fn some_time() -> i64 {
    i64::try_from(Timestamp::MIN.as_millis()).unwrap_or_default()
}

fn preview(
    engine: &Engine,
    envelope: &Envelope<'_>,
    items: &[Item<'_>],
    outcomes: &mut Vec<Outcome>,
) -> Result<(), CommandError> {
    let messages: Vec<Message<'_>> = items.iter().map(|item| item.message).collect();
    let Envelope { campaign, id_account, tag } = *envelope;
    let batch = Batch { campaign, id_account, tag, messages: &messages, atomic: false };
    engine.preview(some_time(), &batch, outcomes).map(|_| ())
}

/// An engine without contacts, with one wallet and one sender without limits.
fn scratch(tag: &str, policy: &Policy) -> Result<Engine, CommandError> {
    let relevant = Policy::builder()
        .countries(policy.countries().clone())
        .gate(policy.gate())
        .profile(policy.profile())
        .empty_template(policy.empty_template())
        .max_batch(policy.max_batch());
    let mut engine = Engine::new(relevant.build().unwrap_or_default());
    let senders = [SenderSetup { id: STAND_IN, ..SenderSetup::default() }];
    let wallet = Command::Wallet(WalletSetup { tag, senders: &senders, ..WalletSetup::default() });
    engine.apply(some_time(), &wallet, &mut Vec::new())?;
    Ok(engine)
}

/// A phone that the policy allows.
fn stand_in_phone(policy: &Policy) -> Option<String> {
    let mut candidates = policy.countries().iter().flat_map(|prefix| {
        let prefix = prefix.trim_matches('*');
        // A Brazilian mobile, or a prefix filled up with ones.
        let rest = "5511987654321".get(prefix.len()..).unwrap_or_default();
        [format!("{prefix}{rest}"), format!("{prefix:1<12}")]
    });
    candidates.find(|phone| Phone::parse(phone, policy.countries()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(body: &str, policy: &Policy) -> Vec<(usize, usize, String, &'static str)> {
        check(body.as_bytes(), policy)
            .into_iter()
            .map(|problem| (problem.line, problem.column, problem.path.clone(), problem.code()))
            .collect()
    }

    fn rows(expected: &[(usize, usize, &str, &'static str)]) -> Vec<(usize, usize, String, &'static str)> {
        expected
            .iter()
            .map(|(line, column, path, code)| (*line, *column, String::from(*path), *code))
            .collect()
    }

    #[test]
    fn a_body_with_nothing_wrong() {
        let body = r#"{"campaign":"c","tag":"emp1","messages":[
            {"phone":"5511988876204","closeTicket":true,"specialistCode":"op","mainTemplate":"Oi"}]}"#;
        assert_eq!(found(body, &Policy::default()), []);
    }

    #[test]
    fn fields_that_the_document_does_not_have_are_named_once() {
        let message = r#""closeTicket":true,"specialistCode":"op","mainTemplate":"Oi""#;
        let body = format!(
            r#"{{"campaign":"c","tag":"emp1","atomic":true,"messages":[
{{"phone":"5511988876204",{message},"retrytemplate":"Oi"}},
{{"phone":"5514998830081",{message},"retrytemplate":"Oi","more":[{{"phone":1}}],"more":2}},
{{"phone":1,"messages":3}}]}}"#
        );
        let expected = rows(&[
            (1, 1, "atomic", "unknown_field"),
            (2, 1, "messages[0].retrytemplate", "unknown_field"),
            (3, 1, "messages[1].more", "unknown_field"),
            (4, 1, "messages[2].phone", "invalid_field"),
            (4, 1, "messages[2].messages", "unknown_field"),
        ]);
        assert_eq!(found(&body, &Policy::default()), expected);
        let problems = check(body.as_bytes(), &Policy::default());
        assert_eq!(problems[0].severity, Severity::Warning);
        assert_eq!(problems[0].message(Language::PtBr), "campo desconhecido: será ignorado");
        assert_eq!(problems[0].message(Language::En), "unknown field: it will be ignored");
    }

    #[test]
    fn every_problem_is_found_at_its_line() {
        let body = r#"{"campaign": "ação", "idAccount": 5, "messages": [
  {"phone": "5511988876204", "closeTicket": true, "specialistCode": "op", "mainTemplate": "Oi"},
  {"phone": "11988876204", "idMessage": 1.5, "closeTicket": false, "specialistCode": " ", "mainTemplate": "Oi"},
  {"phone": 5511988876204},
  {"phone": "551188876204", "closeTicket": "", "specialistCode": "op", "mainTemplate": "Oi"}, {"phone": "5514998830081", "closeTicket": true, "specialistCode": "op"},
  null
]}"#;
        let expected = rows(&[
            (1, 1, "tag", "invalid_field"),
            (1, 35, "idAccount", "invalid_field"),
            (3, 3, "messages[1].phone", "invalid_phone"),
            (3, 3, "messages[1].idMessage", "invalid_field"),
            (3, 3, "messages[1].specialistCode", "invalid_field"),
            (3, 3, "messages[1].closeTicket", "close_ticket_required"),
            (4, 3, "messages[2].phone", "invalid_field"),
            (5, 3, "messages[3].closeTicket", "close_ticket_required"),
            (5, 3, "messages[3]", "duplicate_in_batch"),
            (5, 95, "messages[4].mainTemplate", "empty_template"),
            (6, 3, "messages[5]", "invalid_field"),
        ]);
        assert_eq!(found(body, &Policy::default()), expected);
        let problems = check(body.as_bytes(), &Policy::default());
        assert_eq!(
            problems[8].message(Language::En),
            "Same contact as an earlier message of the batch (messages[0])"
        );
        assert_eq!(problems[6].message(Language::En), "expected string");
        assert_eq!(problems[9].severity, Severity::Warning);
        assert_eq!(problems.iter().filter(|problem| problem.severity == Severity::Error).count(), 10);
    }

    #[test]
    fn a_body_that_cannot_be_read_at_all_has_one_problem() {
        for (body, line, column, path, code) in [
            ("{\n  \"campaign\": \"c\",\n  \"tag\" }", 3, 9, "", "invalid_json"),
            ("[]", 1, 1, "", "invalid_field"),
            ("", 1, 1, "", "invalid_json"),
            (r#"{"tag":"a","tag":"b"}"#, 1, 1, "tag", "invalid_field"),
            (r#"{"campaign":"c","tag":"emp1"}"#, 1, 1, "messages", "invalid_field"),
            (r#"{"campaign":"c","tag":"emp1","messages":7}"#, 1, 41, "messages", "invalid_field"),
            (r#"{"campaign":"c","tag":"emp1","messages":[]}"#, 1, 41, "messages", "empty_batch"),
        ] {
            assert_eq!(found(body, &Policy::default()), rows(&[(line, column, path, code)]), "{body}");
        }
    }

    /// Columns are counted in characters, here as everywhere.
    #[test]
    fn broken_text_has_a_place_of_its_own() {
        let rows = [
            ("{\n \"campaign\":\"c\", \"tag\" }", 2, 24),
            ("{\"campaign\":\"ção\", \"tag\" }", 1, 26),
            ("{\"messages\":[\n {\"phone\":\"\\ud800\"}]}", 2, 18),
            ("{\"messages\":[\n {\"contract\":\"ção\",\"phone\":\"\\ud800\"}]}", 2, 35),
            ("{\"messages\":[\n {\n  \"contract\":\"ção\",\"phone\":\"\\ud800\"}]}", 3, 35),
            ("{\"messages\":[\n {\n\n  \"contract\":\"ção\",\"phone\":\"\\ud800\"}]}", 4, 35),
        ];
        for (body, line, column) in rows {
            let problems = check(body.as_bytes(), &Policy::default());
            let broken = problems.iter().find(|problem| problem.code() == "invalid_json").unwrap();
            assert_eq!((broken.line, broken.column), (line, column), "{body}");
        }
    }

    #[test]
    fn what_is_wrong_with_the_batch_hides_nothing_of_its_messages() {
        let account = "a".repeat(129);
        let message = r#"{"phone":"1","specialistCode":"op","mainTemplate":"Oi"}"#;
        let body = format!(
            "{{\"campaign\":\" \",\n\"idAccount\":\"{account}\",\n\"tag\":\" \",\n\"messages\":[\n{message}]}}"
        );
        let expected = rows(&[
            (1, 13, "campaign", "invalid_field"),
            (2, 13, "idAccount", "invalid_field"),
            (3, 7, "tag", "invalid_field"),
            (5, 1, "messages[0].phone", "invalid_phone"),
            (5, 1, "messages[0].closeTicket", "close_ticket_required"),
        ]);
        assert_eq!(found(&body, &Policy::default()), expected);
        // Of too many messages those are looked at that a batch may have.
        let body = format!("{{\"campaign\":\"c\",\"tag\":\"t\",\n\"messages\":[\n{message},\n{message}]}}");
        let expected = rows(&[
            (2, 12, "messages", "batch_too_large"),
            (3, 1, "messages[0].phone", "invalid_phone"),
            (3, 1, "messages[0].closeTicket", "close_ticket_required"),
        ]);
        assert_eq!(found(&body, &Policy::builder().max_batch(1).build().unwrap()), expected);
    }

    #[test]
    fn one_fault_of_a_message_does_not_hide_another() {
        let strict = Policy::builder().profile(cpc_core::Profile::Strict);
        let reject = Policy::builder().empty_template(cpc_core::EmptyTemplate::Reject);
        let only = |prefix| Policy::builder().countries(cpc_core::Countries::new(&[prefix]).unwrap());
        let good = r#"{"phone":"551132345678","closeTicket":true,"specialistCode":"op","mainTemplate":"Oi"}"#;
        let blank = good.replace("Oi", " ");
        let bare = r#"{"phone":"1","specialistCode":"op","mainTemplate":"Oi"}"#;
        let cases: [(_, _, &[(&str, &str)]); 5] = [
            (
                strict,
                String::from(bare),
                &[
                    ("messages[0].phone", "invalid_phone"),
                    ("messages[0].idMessage", "invalid_field"),
                    ("messages[0].clientId", "invalid_field"),
                    ("messages[0].contract", "invalid_field"),
                    ("messages[0].closeTicket", "close_ticket_required"),
                ],
            ),
            // Its contact is known, whatever its text.
            (
                reject,
                format!("{blank},{good}"),
                &[("messages[0].mainTemplate", "empty_template"), ("messages[1]", "duplicate_in_batch")],
            ),
            // The contacts of these are not known: they may be different ones.
            (
                only("55113"),
                format!("{bare},{bare}"),
                &[
                    ("messages[0].phone", "invalid_phone"),
                    ("messages[0].closeTicket", "close_ticket_required"),
                    ("messages[1].phone", "invalid_phone"),
                    ("messages[1].closeTicket", "close_ticket_required"),
                ],
            ),
            // No phone is right where no area code begins so: what comes after it is not looked at.
            (
                only("5500"),
                format!("{bare},{bare}"),
                &[("messages[0].phone", "invalid_phone"), ("messages[1].phone", "invalid_phone")],
            ),
            (only("5500"), good.replace("true", "false"), &[("messages[0].phone", "invalid_phone")]),
        ];
        for (policy, messages, expected) in cases {
            let body = format!(r#"{{"campaign":"c","idAccount":"a","tag":"t","messages":[{messages}]}}"#);
            let problems = check(body.as_bytes(), &policy.build().unwrap());
            assert!(problems.iter().all(|problem| problem.severity == Severity::Error));
            let found: Vec<_> =
                problems.iter().map(|problem| (problem.path.as_str(), problem.code())).collect();
            assert_eq!(found, expected, "{messages}");
        }
    }

    #[test]
    fn the_policy_says_what_is_wrong() {
        let body = r#"{"campaign":"c","tag":"t","messages":[{"phone":"4930123456","closeTicket":true,"specialistCode":"op","mainTemplate":"Oi"}]}"#;
        let countries = cpc_core::Countries::new(&["49"]).unwrap();
        let policy = Policy::builder().countries(countries).build().unwrap();
        assert_eq!(found(body, &policy), []);
        assert_eq!(found(body, &Policy::default()), rows(&[(1, 39, "messages[0].phone", "invalid_phone")]));
        assert!(stand_in_phone(&policy).is_some());
    }
}
