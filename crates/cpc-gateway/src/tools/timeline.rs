//! A contact's days as a picture: a character for its gate's state every two hours, and a mark for each event. Both are
//! read from the engine while the demo runs.

use super::explain::state_text;
use super::instant::{at_brasilia, weekday};
use super::terminal::{BAD, FAINT, GOOD, NOTE, STRONG, Screen, WARNING, paint};
use anstyle::Style;
use chrono::{Datelike, Timelike};
use cpc_core::time::HOUR;
use cpc_core::{ContactView, Engine, GateState, Target, Timestamp};
use cpc_wire::Language;
use std::io;
use std::time::Duration;

/// What one character stands for.
const COLUMN: u64 = 2 * HOUR;

/// What is known of one contact, column by column.
pub(crate) struct Timeline {
    phone: &'static str,
    start: Timestamp,
    states: Vec<GateState>,
    marks: Vec<char>,
    last: Option<ContactView>,
}

impl Timeline {
    /// Of a contact, from the hour of an instant on.
    pub(crate) fn new(phone: &'static str, first: Timestamp) -> Timeline {
        let hour = i64::try_from(first.as_millis() - first.as_millis() % HOUR).ok().and_then(Timestamp::new);
        let start = hour.unwrap_or(first);
        Timeline { phone, start, states: Vec::new(), marks: Vec::new(), last: None }
    }

    /// Looks at every column that ends before `until`, at its middle: the engine knows what was last done to it.
    pub(crate) fn pass(&mut self, engine: &Engine, until: Timestamp) {
        while let Some(middle) = Some(self.middle(self.states.len())).filter(|middle| *middle < until) {
            let state = self.view(engine, middle).map_or(GateState::Free, |view| view.state);
            self.states.push(state);
        }
    }

    /// Looks at what changed at `now`.
    pub(crate) fn happened(&mut self, engine: &Engine, now: Timestamp) {
        let Some(view) = self.view(engine, now) else { return };
        let last = self.last.replace(view);
        if view.last_reply != last.and_then(|last| last.last_reply) {
            self.mark(now, 'R');
        }
        if view.dispatch != last.and_then(|last| last.dispatch) {
            self.mark(
                now,
                match view.stage {
                    Some(1) => '1',
                    Some(2) => '2',
                    _ => 'D',
                },
            );
        }
    }

    /// Draws it.
    pub(crate) fn draw(&self, screen: &mut Screen, language: Language) -> io::Result<()> {
        let say = |pt_br: &'static str, en: &'static str| if language == Language::PtBr { pt_br } else { en };
        let title = say("cada caractere são 2 horas", "each character is 2 hours");
        screen.line(format_args!(
            "{} {}",
            paint(STRONG, self.phone),
            paint(FAINT, format_args!("({title})"))
        ))?;
        screen.line(format_args!("  {}", paint(FAINT, self.days(language))))?;
        let marks: String = self.marks.iter().collect();
        screen.line(format_args!("  {}", paint(STRONG, marks)))?;
        let states: String =
            self.states.iter().map(|state| paint(style_of(*state), sign_of(*state))).collect();
        screen.line(format_args!("  {states}"))?;
        screen.folded("  ", 2, &self.legend(language))
    }

    /// What the marks and the states that occur mean.
    fn legend(&self, language: Language) -> String {
        let marks = match language {
            Language::PtBr => ["D disparo", "1, 2 repescagem", "R resposta"],
            Language::En => ["D dispatch", "1, 2 follow-up", "R reply"],
        };
        let states = GateState::ALL.into_iter().filter(|state| self.states.contains(state));
        let states = states.map(|state| format!("{} {}", sign_of(state), state_text(state, language)));
        let legend: Vec<String> = marks.into_iter().map(str::to_owned).chain(states).collect();
        legend.join("   ")
    }

    /// The days, each where its first column is.
    fn days(&self, language: Language) -> String {
        let mut days = String::new();
        for column in 0..self.states.len() {
            let Some(local) = at_brasilia(self.middle(column)) else { continue };
            if days.chars().count() <= column && (column == 0 || local.hour() < 2) {
                days.push_str(&format!("{} {:02}", weekday(&local, language), local.day()));
            } else if days.chars().count() <= column {
                days.push(' ');
            }
        }
        days
    }

    fn view(&self, engine: &Engine, at: Timestamp) -> Option<ContactView> {
        let at = i64::try_from(at.as_millis()).ok()?;
        engine.contact(at, Target::Phone(self.phone)).ok().map(|(_, view)| view)
    }

    fn middle(&self, column: usize) -> Timestamp {
        self.start.plus(Duration::from_millis(column as u64 * COLUMN + COLUMN / 2))
    }

    fn mark(&mut self, now: Timestamp, mark: char) {
        let passed = now.as_millis().saturating_sub(self.start.as_millis()) / COLUMN;
        let column = usize::try_from(passed).unwrap_or(usize::MAX);
        while self.marks.len() < column {
            self.marks.push(' ');
        }
        self.marks.push(mark);
    }
}

/// What a state looks like, with and without colour.
const fn sign_of(state: GateState) -> &'static str {
    match state {
        GateState::Free => "·",
        GateState::Blocked => "█",
        GateState::Expired => "░",
        GateState::Replied => "○",
        GateState::Suppressed => "×",
    }
}

const fn style_of(state: GateState) -> Style {
    match state {
        GateState::Free => FAINT,
        GateState::Blocked => BAD,
        GateState::Expired => WARNING,
        GateState::Replied => GOOD,
        GateState::Suppressed => NOTE,
    }
}
