//! What was measured: every sample, by what it is of.

use serde::Serialize;
use std::fmt;

/// What a figure is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Key {
    /// The table it belongs to.
    pub group: &'static str,
    /// Whose figure it is: the engine, or a peer.
    pub what: &'static str,
    /// Doing what.
    pub phase: &'static str,
    /// With how many contacts, messages or senders.
    pub size: u64,
}

/// The samples of one figure, one a round: nanoseconds an operation, or bytes.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// Of what.
    #[serde(flatten)]
    pub key: Key,
    /// In the order of the rounds.
    pub samples: Vec<f64>,
}

/// All figures of a run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// What it ran on.
    pub machine: String,
    /// In the order in which they were first measured.
    pub figures: Vec<Figure>,
}

/// A median, and how far samples are from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// Half the samples are within this, in parts of the median.
    pub deviation: f64,
}

impl Report {
    /// Adds a sample.
    pub fn add(&mut self, key: Key, sample: f64) {
        match self.figures.iter_mut().find(|figure| figure.key == key) {
            Some(figure) => figure.samples.push(sample),
            None => self.figures.push(Figure { key, samples: vec![sample] }),
        }
    }

    /// A figure.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<Spread> {
        Some(Spread::of(self.samples(key)?.to_vec()))
    }

    /// One figure as a multiple of another, round by round.
    #[must_use]
    pub fn ratio(&self, one: Key, other: Key) -> Option<Spread> {
        let pairs = self.samples(one)?.iter().zip(self.samples(other)?);
        Some(Spread::of(pairs.map(|(one, other)| one / other).collect()))
    }

    /// The sizes at which something was measured, in order.
    #[must_use]
    pub fn sizes(&self, key: Key) -> Vec<u64> {
        let same = |other: &&Figure| Key { size: other.key.size, ..key } == other.key;
        let mut sizes: Vec<u64> = self.figures.iter().filter(same).map(|figure| figure.key.size).collect();
        sizes.sort_unstable();
        sizes
    }

    fn samples(&self, key: Key) -> Option<&[f64]> {
        self.figures.iter().find(|figure| figure.key == key).map(|figure| &*figure.samples)
    }
}

impl Spread {
    fn of(samples: Vec<f64>) -> Spread {
        let median = median(samples.clone());
        let deviation = median_of(samples.iter().map(|sample| (sample - median).abs()));
        Spread { median, deviation: if median == 0.0 { 0.0 } else { deviation / median } }
    }
}

/// `231 ±4 %`; small numbers with decimals.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = if self.median < 10.0 { 2 } else { 0 };
        write!(f, "{:.decimals$} ±{:.0} %", self.median, self.deviation * 100.0)
    }
}

fn median_of(samples: impl Iterator<Item = f64>) -> f64 {
    median(samples.collect())
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key { group: "g", what: "w", phase: "p", size: 1 };

    #[test]
    fn ratios_are_taken_round_by_round() {
        let (mut report, other) = (Report::default(), Key { what: "v", ..KEY });
        for (one, two) in [(10.0, 5.0), (100.0, 50.0), (30.0, 10.0)] {
            report.add(KEY, one);
            report.add(other, two);
        }
        assert_eq!(report.ratio(KEY, other).map(|ratio| ratio.median), Some(2.0));
        assert_eq!(report.get(KEY).unwrap().to_string(), "30 ±67 %");
        assert_eq!(report.ratio(KEY, Key { size: 2, ..KEY }), None);
    }
}
