//! How much is measured.

/// Sizes and repetitions of a run.
#[derive(Clone, Debug)]
pub struct Scale {
    /// How often everything is measured; medians are shown.
    pub rounds: u64,
    /// Numbers of contacts at which all peers are measured.
    pub gate: Vec<u64>,
    /// More of them at which the gate alone is, for the curve.
    pub curve: Vec<u64>,
    /// Numbers of contacts of which memory is counted.
    pub memory: Vec<u64>,
    /// Numbers of contacts that are kept and restored.
    pub kept: Vec<u64>,
    /// Contacts that the engine knows where JSON is measured, and where senders are chosen.
    pub known: u64,
    /// Messages of one kind of body in a round, and lines that are replayed.
    pub messages: u64,
}

impl Scale {
    /// What is measured by default: some minutes.
    #[must_use]
    pub fn usual() -> Scale {
        Scale {
            rounds: 5,
            gate: vec![100_000, 1_000_000],
            curve: vec![10_000, 30_000, 300_000, 3_000_000],
            memory: vec![1_000_000, 1_300_000],
            kept: vec![1_000_000],
            known: 1_000_000,
            messages: 100_000,
        }
    }

    /// All that fits into 24 GiB.
    #[must_use]
    pub fn full() -> Scale {
        let usual = Scale::usual();
        Scale {
            gate: vec![100_000, 1_000_000, 10_000_000],
            curve: vec![10_000, 30_000, 300_000, 3_000_000, 13_000_000, 30_000_000, 50_000_000],
            memory: vec![1_000_000, 10_000_000, 13_000_000],
            kept: vec![1_000_000, 10_000_000],
            ..usual
        }
    }

    /// Just enough to check that everything runs.
    #[must_use]
    pub fn smoke() -> Scale {
        let (some, few) = (vec![1_000], vec![500]);
        Scale {
            rounds: 1,
            gate: some.clone(),
            curve: few,
            memory: vec![],
            kept: some,
            known: 1_000,
            messages: 1_000,
        }
    }

    /// How often a number of contacts is measured: small numbers are fast, so more often; the largest take minutes.
    #[must_use]
    pub fn rounds_of(&self, contacts: u64) -> u64 {
        match contacts {
            _ if self.rounds == 1 => 1,
            5_000_000.. => 3,
            _ => (3_000_000 / contacts).clamp(self.rounds, 51),
        }
    }
}
