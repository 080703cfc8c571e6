//! The scaling curve as a picture: ns a decision over the number of contacts, both axes by powers of ten.
//!
//! Drawn by hand, because its colours have to follow the reader's: it is looked at on light pages and on dark ones.

use crate::gates::{ACCEPTED, CPC, GROUP, HASHBROWN, REFUSED};
use crate::report::{Key, Report};
use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
/// Where the axes are, and where what they enclose ends.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 520.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 350.0;

/// The lines: what is shown, and its class in the style sheet.
const LINES: [(&str, &str, &str); 4] = [
    (CPC, ACCEPTED, "ours"),
    (CPC, REFUSED, "ours dashed"),
    (HASHBROWN, ACCEPTED, "peer"),
    (HASHBROWN, REFUSED, "peer dashed"),
];

const STYLE: &str = "text{font:13px sans-serif;fill:#333}.grid{stroke:#8884}.line{fill:none;stroke-width:2}\
.ours{stroke:#0969da}.peer{stroke:#bc4c00}.dashed{stroke-dasharray:6 4}circle.ours{fill:#0969da}circle.peer{fill:#bc4c00}\
@media(prefers-color-scheme:dark){text{fill:#ddd}.ours{stroke:#58a6ff}.peer{stroke:#f0883e}\
circle.ours{fill:#58a6ff}circle.peer{fill:#f0883e}}";

/// The picture; `None` if nothing was measured at two sizes.
#[must_use]
pub fn draw(report: &Report) -> Option<String> {
    let key = |what, phase, size| Key { group: GROUP, what, phase, size };
    let lines = LINES.map(|(what, phase, class)| {
        let sizes = report.sizes(key(what, phase, 0));
        let point = |size| Some((size as f64, report.get(key(what, phase, size))?.median));
        let points: Vec<(f64, f64)> = sizes.into_iter().filter_map(point).collect();
        (format!("{what}, {phase}"), class, points)
    });
    let all = || lines.iter().flat_map(|(_, _, points)| points);
    let horizontal = Axis::over(all().map(|point| point.0), LEFT, RIGHT)?;
    let vertical = Axis::over(all().map(|point| point.1), BOTTOM, TOP)?;
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = open(&mut text)
        .and_then(|()| axes(&horizontal, &vertical, &mut text))
        .and_then(|()| lines.iter().try_for_each(|line| draw_line(line, &horizontal, &vertical, &mut text)))
        .and_then(|()| legend(&mut text));
    text.push_str("</svg>\n");
    Some(text)
}

/// An axis by powers of ten.
struct Axis {
    low: i32,
    high: i32,
    from: f64,
    to: f64,
}

impl Axis {
    fn over(values: impl Iterator<Item = f64> + Clone, from: f64, to: f64) -> Option<Axis> {
        let powers = values.map(f64::log10);
        let low = powers.clone().reduce(f64::min)?.floor() as i32;
        let high = powers.reduce(f64::max)?.ceil() as i32;
        (low < high).then_some(Axis { low, high, from, to })
    }

    fn place(&self, value: f64) -> f64 {
        let part = (value.log10() - f64::from(self.low)) / f64::from(self.high - self.low);
        self.from + part * (self.to - self.from)
    }

    fn powers(&self) -> impl Iterator<Item = (i32, f64)> {
        (self.low..=self.high).map(|power| (power, self.place(10_f64.powi(power))))
    }
}

fn open(text: &mut String) -> std::fmt::Result {
    writeln!(
        text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"Nanoseconds \
         a decision over the number of contacts\">\n<style>{STYLE}</style>"
    )?;
    writeln!(
        text,
        "<text x=\"{LEFT}\" y=\"22\">ns a decision, batches of 1000, over the number of contacts</text>"
    )
}

fn axes(horizontal: &Axis, vertical: &Axis, text: &mut String) -> std::fmt::Result {
    for (power, x) in horizontal.powers() {
        writeln!(text, "<path class=\"grid\" d=\"M{x:.1} {TOP}V{BOTTOM}\"/>")?;
        writeln!(
            text,
            "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">10{}</text>",
            BOTTOM + 22.0,
            raised(power)
        )?;
    }
    for (power, y) in vertical.powers() {
        writeln!(text, "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/>")?;
        let shown = 10_f64.powi(power);
        writeln!(text, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{shown}</text>", LEFT - 8.0, y + 4.0)?;
    }
    Ok(())
}

/// A power of ten's exponent, as small digits.
fn raised(power: i32) -> String {
    let digits = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let shown = power.to_string();
    shown.chars().filter_map(|digit| digits.get(digit.to_digit(10)? as usize)).collect()
}

fn draw_line(
    (_, class, points): &(String, &str, Vec<(f64, f64)>),
    horizontal: &Axis,
    vertical: &Axis,
    text: &mut String,
) -> std::fmt::Result {
    let places: Vec<String> = points
        .iter()
        .map(|(x, y)| format!("{:.1} {:.1}", horizontal.place(*x), vertical.place(*y)))
        .collect();
    writeln!(text, "<path class=\"line {class}\" d=\"M{}\"/>", places.join("L"))?;
    for (x, y) in points {
        let (x, y) = (horizontal.place(*x), vertical.place(*y));
        writeln!(text, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\"/>")?;
    }
    Ok(())
}

fn legend(text: &mut String) -> std::fmt::Result {
    let mut y = TOP + 10.0;
    for (what, phase, class) in LINES {
        let (from, to) = (RIGHT + 16.0, RIGHT + 46.0);
        writeln!(text, "<path class=\"line {class}\" d=\"M{from} {y}H{to}\"/>")?;
        let name = what.split(' ').next().unwrap_or(what);
        writeln!(text, "<text x=\"{}\" y=\"{}\">{name}, {phase}</text>", to + 8.0, y + 4.0)?;
        y += 22.0;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_sizes_make_a_curve() {
        let mut report = Report::default();
        assert!(draw(&report).is_none());
        for (what, phase, _) in LINES {
            for (size, time) in [(10_000, 20.0), (1_000_000, 150.0)] {
                report.add(Key { group: GROUP, what, phase, size }, time);
            }
        }
        let picture = draw(&report).unwrap();
        assert_eq!(picture.matches("<circle").count(), 8);
        assert!(picture.contains(">10⁴<") && picture.contains(">1000<"));
    }
}
