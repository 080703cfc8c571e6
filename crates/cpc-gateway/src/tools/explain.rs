//! `cpc explain`: why a contact may or may not be written to now, what would free it, and why not each sender.

use super::cli::ExplainArguments;
use super::error::{ToolError, Verdict};
use super::instant::short;
use super::replay::{Replay, is_refused};
use super::terminal::{STRONG, Screen, Tone, paint};
use cpc_core::{
    ContactView, Engine, ExplainRequest, Explanation, GateState, Obstacle, Outcome, SenderState,
    SenderVerdict, Suppression, Timestamp,
};
use cpc_wire::{
    Expected, Language, ParseError, format_instant, parse_time, reason, refusal_text, remedy, status_text,
};
use serde_json::Value;
use std::collections::HashMap;
use std::io;

/// Replays the file, and explains the contact.
pub(crate) fn run(
    arguments: &ExplainArguments,
    screen: &mut Screen,
    language: Language,
) -> Result<Verdict, ToolError> {
    let mut replay = Replay::open(&arguments.file, language)?;
    let (mut answer, mut refused) = (Vec::new(), 0_u64);
    while replay.step(&mut answer)? {
        refused += u64::from(is_refused(&answer));
        answer.clear();
    }
    let session = replay.into_session();
    let mut printer = Printer { engine: session.engine(), language, screen };
    printer.refused_lines(refused).and_then(|()| printer.answer(arguments)).map_err(ToolError::Output)
}

/// Prints an explanation for people.
struct Printer<'a> {
    engine: &'a Engine,
    language: Language,
    screen: &'a mut Screen,
}

impl Printer<'_> {
    fn say<'t>(&self, pt_br: &'t str, en: &'t str) -> &'t str {
        match self.language {
            Language::PtBr => pt_br,
            Language::En => en,
        }
    }

    fn when(&self, instant: Timestamp) -> String {
        short(instant, self.language)
    }

    fn refused_lines(&mut self, count: u64) -> io::Result<()> {
        if count == 0 {
            return Ok(());
        }
        let text = self.say(
            "linhas recusadas no arquivo (cpc replay as mostra)",
            "lines of the file were refused (cpc replay shows them)",
        );
        self.screen.line(format_args!("{} {count} {text}\n", Tone::Warning.painted()))
    }

    fn answer(&mut self, arguments: &ExplainArguments) -> io::Result<Verdict> {
        let at = match self.instant(arguments) {
            Ok(at) => at,
            Err(error) => return self.refused(&error.message(self.language)),
        };
        let ExplainArguments { phone, client_id, tag, operator, .. } = arguments;
        let request = ExplainRequest { phone, client_id, tag, specialist_code: operator };
        match self.engine.explain(at, &request) {
            Ok((now, explanation)) => self.explanation(arguments, now, &explanation),
            Err(refusal) => self.refused(&refusal_text(&refusal, self.language)),
        }
    }

    /// The instant to explain: milliseconds or an RFC 3339 time; the engine's clock if none was named.
    fn instant(&self, arguments: &ExplainArguments) -> Result<Timestamp, ParseError> {
        let invalid = |expected| ParseError::InvalidField { path: "at".to_owned(), expected };
        let Some(text) = &arguments.at else { return Ok(self.engine.clock().unwrap_or(Timestamp::MIN)) };
        if let Ok(millis) = text.parse::<i64>() {
            return Ok(Timestamp::from(millis));
        }
        let at = parse_time(Value::from(&**text).to_string().as_bytes());
        at.map_err(|_| invalid(Expected::Time))?.ok_or_else(|| invalid(Expected::Present))
    }

    fn refused(&mut self, text: &str) -> io::Result<Verdict> {
        self.screen.line(format_args!("{} {text}", Tone::Bad.painted()))?;
        Ok(Verdict::Problems)
    }

    fn explanation(
        &mut self,
        arguments: &ExplainArguments,
        now: Timestamp,
        explanation: &Explanation,
    ) -> io::Result<Verdict> {
        let (to, from, by) = (
            self.say("para", "to"),
            self.say("pela carteira", "from wallet"),
            self.say("operador", "by operator"),
        );
        let ExplainArguments { phone, tag, operator, .. } = arguments;
        let when = format_instant(now, self.language);
        let title = format!("{when}: {to} {phone}, {from} {tag}, {by} {operator}");
        self.screen.line(format_args!("{}\n", paint(STRONG, title)))?;
        self.rule(&explanation.outcome)?;
        if let Some(view) = &explanation.phone {
            let key = view.key.map(|key| key.as_u64().to_string()).unwrap_or_default();
            self.contact(self.say("Telefone", "Phone"), &key, view)?;
        }
        if let Some(view) = &explanation.client {
            self.contact(self.say("Cliente", "Client"), &arguments.client_id, view)?;
        }
        self.senders(now, &arguments.tag, &explanation.senders)?;
        Ok(Verdict::Fine)
    }

    /// Which rule holds, and what would lift it.
    fn rule(&mut self, outcome: &Outcome) -> io::Result<()> {
        let status = outcome.status;
        let tone = if status.is_success() { Tone::Good } else { Tone::Bad };
        let text =
            reason(outcome, self.language).unwrap_or_else(|| status_text(status, self.language).to_owned());
        let name = paint(tone.style(), format_args!("{} {}", tone.sign(), status.name()));
        self.screen.line(format_args!("{name} ({}): {text}", status.code()))?;
        if let Some(remedy) = remedy(status, self.language).filter(|_| !status.is_success()) {
            self.screen
                .line(format_args!("  {}: {remedy}", self.say("o que libera", "what would lift it")))?;
        }
        Ok(())
    }

    /// The facts of a phone or a client.
    fn contact(&mut self, kind: &str, key: &str, view: &ContactView) -> io::Result<()> {
        self.screen.line(format_args!("\n{}", paint(STRONG, format_args!("{kind} {key}"))))?;
        let state = match view.suppression {
            Some(Suppression::OptedOut) => {
                self.say("pediu para não receber mensagens", "asked not to receive messages")
            }
            Some(Suppression::Undeliverable) => self.say("não recebe mensagens", "cannot receive messages"),
            None => state_text(view.state, self.language),
        };
        let name = view.state.name();
        let shown = if state == name { name.to_owned() } else { format!("{name} ({state})") };
        self.fact("estado", "state", &shown)?;
        if let Some(until) = view.until {
            self.fact("bloqueado até", "blocked until", &self.when(until))?;
        }
        if let Some(since) = view.since {
            let cycle = [
                view.dispatch.map(|number| format!("{} {number}", self.say("disparo", "dispatch"))),
                view.stage
                    .filter(|stage| *stage > 0)
                    .map(|stage| format!("{} {stage}", self.say("repescagem", "follow-up"))),
                view.sender.map(|sender| {
                    format!("{} {}", self.say("pelo número", "from"), self.engine.sender_id(sender))
                }),
            ];
            let cycle: Vec<String> = [Some(self.when(since))].into_iter().chain(cycle).flatten().collect();
            self.fact("último contato", "last contact", &cycle.join(", "))?;
        }
        if let Some(reply) = view.last_reply {
            self.fact("última resposta", "last reply", &self.when(reply))?;
        }
        let pending: Vec<&str> = ["1", "2"]
            .into_iter()
            .zip(view.pending_stages)
            .filter(|(_, pending)| *pending)
            .map(|(stage, _)| stage)
            .collect();
        if !pending.is_empty() {
            self.fact("repescagens pendentes", "follow-ups pending", &pending.join(", "))?;
        }
        Ok(())
    }

    fn fact(&mut self, pt_br: &str, en: &str, value: &str) -> io::Result<()> {
        self.screen.line(format_args!("  {:<22} {value}", self.say(pt_br, en)))
    }

    /// Whether each sender of the wallet could serve, and why not.
    fn senders(&mut self, now: Timestamp, tag: &str, verdicts: &[SenderVerdict]) -> io::Result<()> {
        self.screen.line(format_args!(
            "\n{}",
            paint(STRONG, self.say("Números da carteira", "Numbers of the wallet"))
        ))?;
        if verdicts.is_empty() {
            self.screen.line(format_args!("  {}", self.say("nenhum", "none")))?;
        }
        let wallet = self.engine.wallet(now, tag).map(|(_, wallet)| wallet.senders).unwrap_or_default();
        let states: HashMap<&str, SenderState> =
            wallet.iter().map(|sender| (&*sender.id, sender.state)).collect();
        for verdict in verdicts {
            let id = self.engine.sender_id(verdict.sender);
            let (tone, text) = if verdict.obstacles.is_empty() {
                let at = verdict.send_at.map(|at| format!(" ({})", self.when(at))).unwrap_or_default();
                (Tone::Good, format!("{}{at}", self.say("pode enviar", "can send")))
            } else {
                (Tone::Bad, self.obstacles(verdict, states.get(id).copied().unwrap_or_default()))
            };
            self.screen.line(format_args!("  {} {id}  {text}", tone.painted()))?;
        }
        Ok(())
    }

    /// Why a sender in this state cannot serve, and when it could.
    fn obstacles(&self, verdict: &SenderVerdict, state: SenderState) -> String {
        let texts: Vec<&str> =
            verdict.obstacles.iter().map(|obstacle| obstacle_text(*obstacle, state, self.language)).collect();
        let free = match verdict.eligible_at {
            Some(at) => format!("; {} {}", self.say("livre em", "free at"), self.when(at)),
            None => String::new(),
        };
        texts.join(", ") + &free
    }
}

/// A state of a gate, for people.
pub(crate) const fn state_text(state: GateState, language: Language) -> &'static str {
    match (state, language) {
        (GateState::Free, Language::PtBr) => "livre",
        (GateState::Free, Language::En) => "free",
        (GateState::Blocked, Language::PtBr) => "bloqueado",
        (GateState::Blocked, Language::En) => "blocked",
        (GateState::Expired, Language::PtBr) => "expirado, sem resposta",
        (GateState::Expired, Language::En) => "expired, unanswered",
        (GateState::Replied, Language::PtBr) => "respondido",
        (GateState::Replied, Language::En) => "replied",
        (GateState::Suppressed, Language::PtBr) => "suprimido",
        (GateState::Suppressed, Language::En) => "suppressed",
    }
}

const fn obstacle_text(obstacle: Obstacle, state: SenderState, language: Language) -> &'static str {
    match (obstacle, language) {
        (Obstacle::State, language) => sender_state_text(state, language),
        (Obstacle::DailyLimit, Language::PtBr) => "limite diário atingido",
        (Obstacle::DailyLimit, Language::En) => "daily limit reached",
        (Obstacle::GroupLimit, Language::PtBr) => "limite diário do grupo atingido",
        (Obstacle::GroupLimit, Language::En) => "daily limit of the group reached",
        (Obstacle::Pace, Language::PtBr) => "fila do ritmo de envio longa demais",
        (Obstacle::Pace, Language::En) => "its pace would put the message off too long",
        (Obstacle::NotLastSender, Language::PtBr) => "o contato só fala com o último número que o atendeu",
        (Obstacle::NotLastSender, Language::En) => "the contact keeps to its last number",
        (Obstacle::Operator, Language::PtBr) => "não atende este operador",
        (Obstacle::Operator, Language::En) => "does not serve this operator",
    }
}

const fn sender_state_text(state: SenderState, language: Language) -> &'static str {
    match (state, language) {
        (SenderState::Ready, Language::PtBr) => "pronto",
        (SenderState::Ready, Language::En) => "ready",
        (SenderState::Paused, Language::PtBr) => "pausado",
        (SenderState::Paused, Language::En) => "paused",
        (SenderState::ExistingOnly, Language::PtBr) => "só atende contatos que já são dele",
        (SenderState::ExistingOnly, Language::En) => "serves only contacts it has served",
        (SenderState::Quarantined, Language::PtBr) => "em quarentena",
        (SenderState::Quarantined, Language::En) => "quarantined",
        (SenderState::Disabled, Language::PtBr) => "desativado",
        (SenderState::Disabled, Language::En) => "disabled",
    }
}
