//! `cpc check`: what is wrong with the body of a massivocpc request, by line and member.

use super::error::{ToolError, Verdict, open};
use super::terminal::{Screen, Tone, paint};
use cpc_core::{Policy, Profile};
use cpc_wire::{DEFAULT_LINE_LIMIT, Language, ParseError, Problem, Severity, check};
use std::io::{self, Read};

/// Checks a file and says what is wrong.
pub(crate) fn run(
    file: &str,
    profile: Profile,
    screen: &mut Screen,
    language: Language,
) -> Result<Verdict, ToolError> {
    let wrong = |error| ToolError::Input { file: file.to_owned(), error };
    let mut body = Vec::new();
    open(file)?.take(DEFAULT_LINE_LIMIT as u64 + 1).read_to_end(&mut body).map_err(wrong)?;
    if body.len() > DEFAULT_LINE_LIMIT {
        let error = ParseError::LineTooLong { limit: DEFAULT_LINE_LIMIT };
        return Err(wrong(io::Error::new(io::ErrorKind::FileTooLarge, error.message(language))));
    }
    // Only windows and limits could be out of bounds, and none is set.
    let policy = Policy::builder().profile(profile).build().unwrap_or_default();
    let problems = check(&body, &policy);
    report(file, &problems, screen, language).map_err(ToolError::Output)?;
    let refused = problems.iter().any(|problem| problem.severity == Severity::Error);
    Ok(if refused { Verdict::Problems } else { Verdict::Fine })
}

/// Writes `file:line:column: kind: member: what is wrong`, which editors know how to jump to, and how much it was.
fn report(file: &str, problems: &[Problem], screen: &mut Screen, language: Language) -> io::Result<()> {
    let [error, warning] = match language {
        Language::PtBr => ["erro", "aviso"],
        Language::En => ["error", "warning"],
    };
    for problem in problems {
        let (tone, kind) = match problem.severity {
            Severity::Error => (Tone::Bad, error),
            Severity::Warning => (Tone::Warning, warning),
        };
        let Problem { line, column, path, .. } = problem;
        let colon = if path.is_empty() { "" } else { ": " };
        let (kind, text) = (paint(tone.style(), kind), problem.message(language));
        screen.line(format_args!("{file}:{line}:{column}: {kind}: {path}{colon}{text}"))?;
    }
    let warnings = problems.iter().filter(|problem| problem.severity == Severity::Warning).count();
    let errors = problems.len() - warnings;
    let tone = if errors > 0 { Tone::Bad } else { Tone::Good };
    let (errors, warnings) = match language {
        Language::PtBr => (count(errors, "erro", "erros"), count(warnings, "aviso", "avisos")),
        Language::En => (count(errors, "error", "errors"), count(warnings, "warning", "warnings")),
    };
    screen.line(format_args!("{} {file}: {errors}, {warnings}", tone.painted()))
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
