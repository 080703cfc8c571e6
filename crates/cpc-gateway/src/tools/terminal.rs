//! Output for people. Colours only repeat what signs already say, and are off where output is not a terminal.
//!
//! The colours are the nearest to the Okabe–Ito palette among a terminal's 256: distinguishable with every kind of
//! colour vision, on dark and light backgrounds.

use anstream::AutoStream;
use anstyle::{Ansi256Color, Style};
use clap::ColorChoice;
use std::fmt::{Arguments, Display};
use std::io::{self, IsTerminal, Write};

/// Bluish green: it may be done, or was.
pub(crate) const GOOD: Style = Ansi256Color(36).on_default().bold();
/// Vermillion: it was refused.
pub(crate) const BAD: Style = Ansi256Color(166).on_default().bold();
/// Sky blue: it was noted.
pub(crate) const NOTE: Style = Ansi256Color(74).on_default().bold();
/// Orange: it deserves a look.
pub(crate) const WARNING: Style = Ansi256Color(172).on_default().bold();
/// A heading.
pub(crate) const STRONG: Style = Style::new().bold();
/// What may be passed over.
pub(crate) const FAINT: Style = Style::new().dimmed();

/// How many lines of data are shown on a terminal.
const DATA_LINES: usize = 3;

/// How an answer is meant: a colour and a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// It may be done, or was.
    Good,
    /// It was refused.
    Bad,
    /// It was noted.
    Note,
    /// It deserves a look.
    Warning,
}

impl Tone {
    /// The sign, which says the same as the colour.
    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Tone::Good => "✓",
            Tone::Bad => "✗",
            Tone::Note => "•",
            Tone::Warning => "!",
        }
    }

    /// The sign in its colour.
    pub(crate) fn painted(self) -> String {
        paint(self.style(), self.sign())
    }

    /// The colour.
    pub(crate) const fn style(self) -> Style {
        match self {
            Tone::Good => GOOD,
            Tone::Bad => BAD,
            Tone::Note => NOTE,
            Tone::Warning => WARNING,
        }
    }
}

/// A text in a style.
pub(crate) fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// The standard output, for people.
pub(crate) struct Screen {
    out: AutoStream<io::Stdout>,
    width: Option<usize>,
}

impl Screen {
    /// With colours as asked for; `Auto` is none in a pipe, with `NO_COLOR`, or on a terminal without.
    pub(crate) fn new(color: ColorChoice) -> Screen {
        let out = io::stdout();
        let width = terminal_size::terminal_size().filter(|_| out.is_terminal());
        let choice = match color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::AlwaysAnsi,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        Screen { out: AutoStream::new(out, choice), width: width.map(|(width, _)| usize::from(width.0)) }
    }

    /// Writes a line.
    pub(crate) fn line(&mut self, text: Arguments<'_>) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// Writes a text behind a margin, which is `indent` wide and may have colours; folded where the terminal ends.
    pub(crate) fn folded(&mut self, margin: &str, indent: usize, text: &str) -> io::Result<()> {
        self.parts(margin, indent, text, usize::MAX, Style::new())
    }

    /// Writes data in a faint style behind a mark: on a terminal only its beginning, else all of it in one line, so that
    /// it can be copied.
    pub(crate) fn data(&mut self, mark: &str, text: &str) -> io::Result<()> {
        self.parts(&paint(FAINT, mark), mark.chars().count(), text, DATA_LINES, FAINT)
    }

    fn parts(
        &mut self,
        margin: &str,
        indent: usize,
        text: &str,
        most: usize,
        style: Style,
    ) -> io::Result<()> {
        let room = self.width.map_or(usize::MAX, |width| width.saturating_sub(indent + 1).max(20));
        let parts = fold(text, room);
        let more = if parts.len() > most { "…" } else { "" };
        let last = parts.len().min(most) - 1;
        for (index, part) in parts.into_iter().take(most).enumerate() {
            let margin = if index == 0 { margin.to_owned() } else { " ".repeat(indent) };
            let more = if index == last { more } else { "" };
            self.line(format_args!("{margin}{style}{part}{more}{style:#}"))?;
        }
        Ok(())
    }
}

/// Parts of at most `room` characters, cut after a comma or a blank where there is one in the second half.
fn fold(text: &str, room: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((end, _)) = rest.char_indices().nth(room) {
        let (head, _) = rest.split_at(end);
        let cut = head.rfind([',', ' ']).map(|at| at + 1).filter(|at| *at > end / 2).unwrap_or(end);
        let (part, after) = rest.split_at(cut);
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_loses_nothing_and_keeps_to_the_width() {
        let text = r#"{"phone":"5511988876204","mainTemplate":"Olá, ação"}"#;
        for room in 4..60 {
            let parts = fold(text, room);
            assert_eq!(parts.concat(), text);
            assert!(parts.iter().all(|part| part.chars().count() <= room));
        }
        assert_eq!(fold(text, usize::MAX), [text]);
    }

    #[test]
    fn no_two_tones_share_a_sign() {
        let mut signs = [Tone::Good, Tone::Bad, Tone::Note, Tone::Warning].map(Tone::sign);
        signs.sort_unstable();
        assert!(signs.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
