//! `cpc demo`: a contact's life, played on the real engine. What is shown as `→` are command lines that
//! `cpc replay` takes, and what is shown as `←` are the engine's answers to them.

use super::error::{ToolError, Verdict};
use super::instant::short;
use super::replay::is_refused;
use super::scenario::{CONTACT, SCENES, Scene};
use super::terminal::{STRONG, Screen, Tone, paint};
use super::timeline::Timeline;
use cpc_core::{Status, Timestamp};
use cpc_wire::{Arena, Language, Session, parse_line, status_text};
use serde_json::Value;
use std::io;

/// Room for the longest name of a status.
const NAME_WIDTH: usize = 21;

/// Plays it.
pub(crate) fn run(screen: &mut Screen, language: Language) -> Result<Verdict, ToolError> {
    play(screen, language).map_err(ToolError::Output)?;
    Ok(Verdict::Fine)
}

fn play(screen: &mut Screen, language: Language) -> io::Result<()> {
    introduce(screen, language)?;
    let mut session = Session::default().language(language);
    let mut timeline: Option<Timeline> = None;
    for scene in &SCENES {
        let (at, op) = facts_of(scene);
        let timeline = timeline.get_or_insert_with(|| Timeline::new(CONTACT, at));
        timeline.pass(session.engine(), at);
        let mut answer = Vec::new();
        session.execute(scene.line.as_bytes(), &mut answer);
        timeline.happened(session.engine(), at);
        show(screen, scene, at, op, &answer, language)?;
    }
    if let Some(timeline) = timeline {
        timeline.draw(screen, language)?;
    }
    let again = "cpc demo | sed -n 's/^  → //p' | cpc replay -";
    let tip = if language == Language::PtBr {
        "As mesmas respostas, linha por linha"
    } else {
        "The same answers, line by line"
    };
    screen.line(format_args!("\n{tip}: {}", paint(STRONG, again)))
}

fn introduce(screen: &mut Screen, language: Language) -> io::Result<()> {
    let [title, rule, legend] = match language {
        Language::PtBr => [
            "CPC: contato por cliente",
            "Um contato só recebe um novo disparo depois de responder, ou 24 h depois do último.\n\
             O motor é o real, o relógio é inventado. → é um comando, ← a resposta do motor.",
            "feito|recusado|registrado|atenção",
        ],
        Language::En => [
            "CPC: contato por cliente, one contact per client",
            "A contact is written to again only after it answers, or 24 h after the last message.\n\
             The engine is real, the clock is made up. → is a command, ← the engine's answer.",
            "done|refused|noted|look",
        ],
    };
    screen.line(format_args!("{}", paint(STRONG, title)))?;
    screen.line(format_args!("{rule}"))?;
    let tones = [Tone::Good, Tone::Bad, Tone::Note, Tone::Warning];
    let legend: Vec<String> = tones
        .iter()
        .zip(legend.split('|'))
        .map(|(tone, text)| format!("{} {text}", tone.painted()))
        .collect();
    screen.line(format_args!("{}\n", legend.join("   ")))
}

/// When a scene happens, and which operation it is.
fn facts_of(scene: &Scene) -> (Timestamp, &'static str) {
    // That every line of the story can be read is tested.
    parse_line(scene.line.as_bytes(), &Arena::new())
        .map_or((Timestamp::MIN, ""), |request| (request.at, request.op.name()))
}

/// A scene: its title, the command, the answer, and what the answer says, item by item.
fn show(
    screen: &mut Screen,
    scene: &Scene,
    at: Timestamp,
    op: &str,
    answer: &[u8],
    language: Language,
) -> io::Result<()> {
    let title = if language == Language::PtBr { scene.pt_br } else { scene.en };
    screen.line(format_args!("{}", paint(STRONG, format_args!("{}  {title}", short(at, language)))))?;
    screen.data("  → ", scene.line)?;
    screen.data("  ← ", &String::from_utf8_lossy(answer))?;
    let refused = is_refused(answer);
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    if refused {
        say(screen, Tone::Bad, text(&answer, "error"), text(&answer, "field"))?;
    }
    for outcome in answer.get("outcomes").and_then(Value::as_array).into_iter().flatten() {
        // A reply that opts out asks for that status.
        let (tone, description) = describe(outcome, language);
        let tone = if op == "reply" && tone == Tone::Bad { Tone::Note } else { tone };
        say(screen, tone, text(outcome, "status"), &description)?;
    }
    for line in describe_query(&answer, language) {
        screen.folded(&format!("  {} ", Tone::Note.painted()), 4, &line)?;
    }
    screen.line(format_args!(""))
}

fn say(screen: &mut Screen, tone: Tone, name: &str, text: &str) -> io::Result<()> {
    let name = paint(tone.style(), format_args!("{} {name:<NAME_WIDTH$}", tone.sign()));
    screen.folded(&format!("  {name} "), NAME_WIDTH + 5, text)
}

/// An outcome in words, and its tone.
fn describe(outcome: &Value, language: Language) -> (Tone, String) {
    let status = Status::ALL.into_iter().find(|status| status.name() == text(outcome, "status"));
    let tone = match status {
        Some(Status::Accepted | Status::Replied | Status::Allowed) if outcome.get("warnings").is_none() => {
            Tone::Good
        }
        Some(Status::Accepted) => Tone::Warning,
        _ if outcome.get("reason").is_some() => Tone::Bad,
        _ => Tone::Note,
    };
    let what = match outcome.get("reason").and_then(Value::as_str) {
        Some(reason) => reason.to_owned(),
        None => status.map_or("", |status| status_text(status, language)).to_owned(),
    };
    let facts = [
        outcome.get("phone").and_then(Value::as_str).map(str::to_owned),
        Some(what),
        outcome.get("warnings").map(|_| status_text(Status::EmptyTemplate, language).to_owned()),
        route(outcome, language),
        moment(outcome, "blockedUntil", language).map(|until| match language {
            Language::PtBr => format!("bloqueado até {until}"),
            Language::En => format!("blocked until {until}"),
        }),
    ];
    (tone, facts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// Which dispatch goes from where to where.
fn route(outcome: &Value, language: Language) -> Option<String> {
    let (dispatch, sender) = (outcome.get("dispatch")?, outcome.get("sender")?.as_str()?);
    let stage = outcome.get("stage").and_then(Value::as_u64).filter(|stage| *stage > 0);
    Some(match (language, stage) {
        (Language::PtBr, None) => format!("disparo {dispatch} por {sender}"),
        (Language::PtBr, Some(stage)) => format!("repescagem {stage}, disparo {dispatch} por {sender}"),
        (Language::En, None) => format!("dispatch {dispatch} from {sender}"),
        (Language::En, Some(stage)) => format!("follow-up {stage}, dispatch {dispatch} from {sender}"),
    })
}

/// The answer to a query in words.
fn describe_query(answer: &Value, language: Language) -> Vec<String> {
    let senders = answer.pointer("/wallet/senders").and_then(Value::as_array).into_iter().flatten();
    let usage = senders.map(|sender| {
        let (id, used) = (text(sender, "id"), sender.get("usage").and_then(Value::as_u64).unwrap_or(0));
        let limit = sender.get("dailyLimit").and_then(Value::as_u64).unwrap_or(used);
        let bar: String = (0..limit).map(|place| if place < used { '■' } else { '□' }).collect();
        format!("{id}  {bar} {used}/{limit}")
    });
    let explanation = answer.get("explanation");
    let rule = explanation.map(|explanation| {
        [text(explanation, "status"), text(explanation, "reason"), text(explanation, "message")].join(". ")
    });
    let verdicts = explanation.and_then(|explanation| explanation.get("senders")?.as_array());
    let obstacles = verdicts.into_iter().flatten().map(|sender| {
        let names = sender.get("obstacles").and_then(Value::as_array).into_iter().flatten();
        let names: Vec<&str> = names.filter_map(Value::as_str).collect();
        let free = moment(sender, "eligibleAt", language).unwrap_or_default();
        format!("{}: {} → {free}", text(sender, "id"), names.join(", "))
    });
    let digest = answer.get("digest").and_then(Value::as_str).map(str::to_owned);
    usage.chain(rule).chain(obstacles).chain(digest).collect()
}

fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or("")
}

fn moment(object: &Value, name: &str, language: Language) -> Option<String> {
    let millis = object.get(name)?.as_i64()?;
    Some(short(Timestamp::new(millis)?, language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scene_can_be_read_and_none_is_earlier_than_the_one_before() {
        for scene in &SCENES {
            assert!(parse_line(scene.line.as_bytes(), &Arena::new()).is_ok(), "{}", scene.en);
        }
        assert!(SCENES.is_sorted_by_key(|scene| facts_of(scene).0));
    }
}
