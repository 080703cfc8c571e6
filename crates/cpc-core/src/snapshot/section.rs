//! The parts of a snapshot, in the order in which they stand.

/// The parts of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Section {
    Policy = 1,
    Counters = 2,
    Groups = 3,
    Senders = 4,
    Wallets = 5,
    Windows = 6,
    Campaigns = 7,
    Clients = 8,
    Phones = 9,
    FollowUpOverrides = 10,
    Failures = 11,
    Forgotten = 12,
    /// How many commands have been applied, and what `expire` has listed: nothing decides by it.
    History = 13,
}

impl Section {
    pub(super) const ALL: [Section; 13] = [
        Section::Policy,
        Section::Counters,
        Section::Groups,
        Section::Senders,
        Section::Wallets,
        Section::Windows,
        Section::Campaigns,
        Section::Clients,
        Section::Phones,
        Section::FollowUpOverrides,
        Section::Failures,
        Section::Forgotten,
        Section::History,
    ];

    pub(super) const fn number(self) -> u32 {
        self as u32
    }
}
