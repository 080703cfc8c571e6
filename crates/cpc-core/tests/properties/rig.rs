//! Engine and model side by side, compared after every step.

use crate::model::Model;
use crate::model::answer::{Answer, Ends, Fact, SenderFacts, Verdict, View, WalletFacts};
use crate::order::{Order, OwnedBatch};
use cpc_core::value::{FieldValue, Fields};
use cpc_core::*;
use std::fmt::Debug;

/// Every phone and client that a test may name.
pub(crate) const PHONES: [&str; 7] =
    ["5511988876204", "551188876204", "5555999887766", "551132345678", "5511912345678", "14155550100", "123"];
pub(crate) const CLIENTS: [&str; 3] = ["k", "m", " k "];
pub(crate) const TAGS: [&str; 3] = ["w1", "w2", "w3"];

/// What differs, in words.
pub(crate) type Difference = String;

/// An engine and a model that were given the same commands.
#[derive(Clone)]
pub(crate) struct Rig {
    pub(crate) engine: Engine,
    pub(crate) model: Model,
    outcomes: Vec<Outcome>,
}

impl Rig {
    pub(crate) fn new(policy: &Policy) -> Rig {
        let (engine, model) = (Engine::new(policy.clone()), Model::new(policy.clone()));
        Rig { engine, model, outcomes: Vec::new() }
    }

    /// Gives both a command, and compares their answers and all that they know afterwards.
    pub(crate) fn step(&mut self, at: i64, order: &Order) -> Result<(), Difference> {
        self.apply(at, order)?;
        let clock = self.engine.clock().map_or(at, |clock| clock.as_millis() as i64);
        self.compare(clock)
    }

    /// Gives both a command, and compares their answers.
    pub(crate) fn apply(&mut self, at: i64, order: &Order) -> Result<(), Difference> {
        if let Order::Dispatch(batch) = order {
            self.compare_preview(at, batch)?;
        }
        let command = order.command();
        let before = self.engine.digest();
        // RULES §7.6
        let believed = match &command {
            Command::Report(report) => self.engine.accepts_report(at, report).ok(),
            _ => None,
        };
        let applied = self.engine.apply(at, &command, &mut self.outcomes);
        if let (Some(believed), Ok(_)) = (believed, &applied) {
            let doubted = [Status::StaleReport, Status::UnknownDispatch];
            same("belief", &believed, &!doubted.contains(&self.outcomes[0].status))?;
        }
        let done = self.model.apply(at, &command);
        match (applied, done) {
            (Ok(applied), Ok(done)) => {
                same("effective time", &applied.effective_at.as_millis(), &done.effective_at)?;
                same("seq", &applied.seq, &done.seq)?;
                let answers = answers(&self.engine, &self.outcomes);
                answers.iter().try_for_each(|answer| as_its_row_says(command.name(), answer))?;
                same("outcomes", &answers, &done.answers)
            }
            (Err(refusal), Err(expected)) => {
                same("refusal", &(refusal.name(), refusal.field()), &(expected.name(), expected.field()))?;
                same("digest after a refused command", &self.engine.digest(), &before)
            }
            (Ok(_), Err(expected)) => {
                Err(format!("applied: {:?}; should be refused: {expected:?}", self.outcomes))
            }
            (Err(refusal), Ok(done)) => Err(format!("refused: {refusal:?}; should be {:?}", done.answers)),
        }
    }

    /// RULES §4.7: `preview` answers what `dispatch` will, `explain` agrees, and neither changes anything.
    fn compare_preview(&mut self, at: i64, batch: &OwnedBatch) -> Result<(), Difference> {
        let (before, seq) = (self.engine.digest(), self.engine.seq());
        let engine = &self.engine;
        let seen = engine.preview(at, &batch.batch(), &mut self.outcomes);
        let seen = seen.map(|now| (now.as_millis(), answers(engine, &self.outcomes)));
        let expected = self.model.preview(at, &batch.batch());
        same(
            "preview",
            &seen.map_err(|refusal| refusal.name()),
            &expected.map_err(|refusal| refusal.name()),
        )?;
        for message in &batch.messages {
            self.compare_explanation(at, batch.tag, message)?;
        }
        same("digest after queries", &(self.engine.digest(), self.engine.seq()), &(before, seq))
    }

    /// What `explain` says of a message's contact, beside a dispatch of that message alone.
    fn compare_explanation(&mut self, at: i64, tag: &str, message: &Message<'_>) -> Result<(), Difference> {
        if self.model.policy().profile() == Profile::Strict {
            return Ok(());
        }
        let Message { phone, client_id, specialist_code, .. } = *message;
        let plain = Message {
            phone,
            client_id,
            specialist_code,
            close_ticket: Some(true),
            main_template: "text".into(),
            ..Message::default()
        };
        let batch = Batch { campaign: "any", id_account: "", tag, messages: &[plain], atomic: false };
        let question = ExplainRequest { phone, client_id, tag, specialist_code };
        // A question with a malformed member is refused as a whole.
        let blank = specialist_code.trim().is_empty();
        if blank || specialist_code.len() > 128 || client_id.len() > 128 {
            let refused = self.engine.explain(at, &question).is_err();
            return same("malformed question refused", &refused, &true);
        }
        let explanation = match (self.engine.explain(at, &question), self.model.preview(at, &batch)) {
            (Ok((now, explanation)), Ok((expected_now, expected))) => {
                let outcome = answers(&self.engine, &[explanation.outcome]);
                let summary = |answer: &Answer| {
                    (answer.status, answer.number("retryAt"), answer.text("field").map(str::to_owned))
                };
                let summaries = |list: &[Answer]| list.iter().map(summary).collect::<Vec<_>>();
                same("explain", &now.as_millis(), &expected_now)?;
                same("explain", &summaries(&outcome), &summaries(&expected))?;
                explanation
            }
            (Err(refusal), Err(expected)) => {
                return same("refused explanation", &refusal.name(), &expected.name());
            }
            (Err(refusal), Ok(_)) => return Err(format!("no explanation: {refusal:?}")),
            (Ok(_), Err(refusal)) => {
                return Err(format!("explained, but a dispatch is refused: {refusal:?}"));
            }
        };
        let view = self.model.contact(at, &Target::Phone(phone)).ok().map(|(_, view)| view);
        let seen = explanation.phone.map(|phone| view_of(&self.engine, &phone));
        same("explained phone", &seen, &view)?;
        if view.is_none() {
            return Ok(());
        }
        let verdicts: Vec<Verdict> =
            explanation.senders.iter().map(|v| verdict_of(&self.engine, v)).collect();
        same("verdicts", &verdicts, &self.model.verdicts(at, phone, tag, specialist_code))
    }

    /// Compares all that both know at `at`.
    pub(crate) fn compare(&self, at: i64) -> Result<(), Difference> {
        let phones = PHONES.iter().map(|phone| Target::Phone(phone));
        let clients = CLIENTS.iter().map(|id| Target::Client(id));
        for target in phones.chain(clients) {
            let seen = self.engine.contact(at, target).map(|(now, view)| (now, view_of(&self.engine, &view)));
            let seen = seen.map(|(now, view)| (now.as_millis(), view)).map_err(|refusal| refusal.name());
            let expected = self.model.contact(at, &target).map_err(|refusal| refusal.name());
            same(&format!("{target:?} at {at}"), &seen, &expected)?;
        }
        for tag in TAGS {
            let seen = self.engine.wallet(at, tag).map(|(_, view)| wallet_of(&view));
            let expected = self.model.wallet(at, tag);
            same(tag, &seen.map_err(|refusal| refusal.name()), &expected.map_err(|refusal| refusal.name()))?;
        }
        let deadlines = self.engine.deadlines(at).map(|(_, deadlines)| Ends::from(deadlines));
        same(&format!("deadlines at {at}"), &deadlines, &Ok(self.model.deadlines(at)))?;
        let due = self.engine.due_follow_ups(at, u32::MAX).map(|(_, due)| {
            due.iter()
                .map(|due| (due.due.as_millis(), due.phone.key().as_u64(), due.stage))
                .collect::<Vec<_>>()
        });
        same(&format!("due follow-ups at {at}"), &due, &Ok(self.model.due_follow_ups(at)))?;
        for dispatch in 0..=self.model.dispatches() + 1 {
            for client_id in ["", CLIENTS[dispatch as usize % CLIENTS.len()]] {
                let sendable = self.engine.sendable(at, dispatch, client_id).map(|(_, sendable)| sendable);
                let expected = Ok(self.model.sendable(at, dispatch, client_id));
                same(&format!("dispatch {dispatch} sendable at {at}"), &sendable, &expected)?;
            }
        }
        let stats = self.engine.stats(at).map(|(_, stats)| stats);
        same(&format!("stats at {at}"), &stats, &Ok(self.model.stats(at)))?;
        let Some(clock) = self.model.clock() else { return Ok(()) };
        let next = self.model.deadlines(clock as i64);
        let next = next.follow_up.into_iter().chain(next.expiry).min();
        same("next deadline", &self.engine.next_deadline().map(|next| next.as_millis()), &next)
    }
}

/// `Ok` if what was seen is what was expected.
pub(crate) fn same<T: PartialEq + Debug>(what: &str, seen: &T, expected: &T) -> Result<(), Difference> {
    if seen == expected {
        return Ok(());
    }
    Err(format!("{what}\n  engine: {seen:?}\n  model:  {expected:?}"))
}

/// `Ok` if an answer has the fields that the row of its status names for that operation, and no others.
fn as_its_row_says(name: &str, answer: &Answer) -> Result<(), Difference> {
    let row = Command::OPERATIONS.iter().find(|row| row.name == name).expect("every command has a row");
    let status = answer.status;
    let bare = |field: &&'static str| field.trim_end_matches('?');
    let may: Vec<_> = row.each.iter().chain(status.fields()).map(bare).collect();
    let mut must = status.fields().iter().filter(|field| !field.ends_with('?'));
    let has = |name: &str| answer.fields().any(|field| field == name);
    if status.is_of(row) && must.all(|name| has(name)) && answer.fields().all(|f| may.contains(&f)) {
        return Ok(());
    }
    Err(format!("{name}: the row of its status says otherwise: {answer:?}"))
}

/// An engine's outcomes with senders by their ids.
pub(crate) fn answers(engine: &Engine, outcomes: &[Outcome]) -> Vec<Answer> {
    let answer = |outcome: &Outcome| {
        let mut answer = Answer::new(outcome.status);
        outcome.each_field(&mut |field, value| {
            let fact = match value {
                FieldValue::Absent | FieldValue::Boolean(false) => None,
                FieldValue::Boolean(true) => Some(Fact::True),
                FieldValue::Number(number) | FieldValue::Digits(number) => Some(Fact::Number(number)),
                FieldValue::Text(name) => Some(Fact::Text(name.to_owned())),
                FieldValue::Sender(number) => {
                    Some(Fact::Text(engine.sender_id(SenderRef::from_number(number)).to_owned()))
                }
                _ => panic!("the model has no such value: {}", field.name),
            };
            if field.name != "status" {
                answer = answer.clone().with(field.name, fact);
            }
        });
        answer
    };
    outcomes.iter().map(answer).collect()
}

/// An engine's view of a contact with its sender by its id.
pub(crate) fn view_of(engine: &Engine, view: &ContactView) -> View {
    let millis = |at: Option<Timestamp>| at.map(Timestamp::as_millis);
    View {
        key: view.key.map(ContactKey::as_u64),
        state: view.state,
        since: millis(view.since),
        until: millis(view.until),
        dispatch: view.dispatch.map(|dispatch| dispatch.get()),
        sender: view.sender.map(|sender| engine.sender_id(sender).to_owned()),
        stage: view.stage,
        last_reply: millis(view.last_reply),
        pending_stages: view.pending_stages,
        suppression: view.suppression,
    }
}

fn verdict_of(engine: &Engine, verdict: &SenderVerdict) -> Verdict {
    Verdict {
        sender: engine.sender_id(verdict.sender).to_owned(),
        eligible: verdict.obstacles.is_empty(),
        eligible_at: verdict.eligible_at.map(Timestamp::as_millis),
        send_at: verdict.send_at.map(Timestamp::as_millis),
    }
}

fn wallet_of(view: &WalletView) -> WalletFacts {
    let sender = |sender: &SenderView| SenderFacts {
        id: sender.id.clone(),
        state: sender.state,
        until: sender.until.map(Timestamp::as_millis),
        weight: sender.weight,
        usage: sender.usage,
        daily_limit: sender.daily_limit,
        pace: sender.pace,
        operators: sender.operators.clone(),
        group: sender.group.as_ref().map(|group| (group.name.clone(), group.usage, group.daily_limit)),
    };
    WalletFacts {
        tag: view.tag.clone(),
        window_ms: view.window.map(|window| window.as_millis() as u64),
        operators: view.operators.clone(),
        senders: view.senders.iter().map(sender).collect(),
    }
}
