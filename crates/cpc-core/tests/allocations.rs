//! Once its buffers have grown, deciding takes no memory: counted, not believed.
//!
//! The counter looks at its own thread alone, so that tests may run side by side.
// Tests may panic; that is how they fail. (Clippy's own exemption stops at functions marked as tests.)
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use cpc_core::*;

const START: i64 = 1_795_467_590_000;
const DAY: i64 = 24 * 60 * 60 * 1000;
/// Contacts of one batch.
const SIZE: u64 = 500;
/// Batches that let the buffers grow.
const WARMING: u64 = 60;
/// And some more on the day that is looked at.
const WARMED: u64 = WARMING + 9;

/// What the messages of a batch have besides their phones.
#[derive(Clone, Copy, Debug, PartialEq)]
enum With {
    Nothing,
    ClientIds,
    Templates,
    Numbers,
}

impl With {
    /// What the same message gets once its contact has answered.
    fn again(self) -> Status {
        if self == With::Numbers { Status::AlreadyAccepted } else { Status::Accepted }
    }
}

/// One contact's texts, written down before anything is counted.
struct Posted {
    number: u64,
    phone: String,
    client: String,
}

/// The contacts of the n-th batch.
fn contacts(batch: u64) -> Vec<Posted> {
    let numbers = batch * SIZE..(batch + 1) * SIZE;
    let posted = |number| Posted {
        number,
        phone: format!("5511{}", 960_000_000 + number),
        client: format!("client {number}"),
    };
    numbers.map(posted).collect()
}

fn messages(contacts: &[Posted], with: With) -> Vec<Message<'_>> {
    let plain = |phone| Message {
        phone,
        close_ticket: Some(true),
        specialist_code: "ana",
        main_template: "text".into(),
        ..Message::default()
    };
    contacts
        .iter()
        .map(|posted| match with {
            With::Nothing => plain(&posted.phone),
            With::ClientIds => Message { client_id: &posted.client, ..plain(&posted.phone) },
            With::Templates => Message {
                retry_template: "again".into(),
                last_template: "last".into(),
                ..plain(&posted.phone)
            },
            With::Numbers => Message { id_message: IdMessage::Number(posted.number), ..plain(&posted.phone) },
        })
        .collect()
}

/// An engine with a wallet of twenty senders, and the outcomes of its last command.
struct Host {
    engine: Engine,
    outcomes: Vec<Outcome>,
}

impl Host {
    /// A host that has sent to many contacts, each twice on one day, and then forgot them.
    fn warmed(with: With) -> Host {
        let ids: Vec<String> = (0..20).map(|number| format!("s{number}")).collect();
        let sender = |id| SenderSetup {
            id,
            daily_limit: Some(100_000),
            pace: Some(Pace { per_second: 1_000_000, burst: 1_000_000 }),
            group: Some("g"),
            ..SenderSetup::default()
        };
        let senders: Vec<SenderSetup<'_>> = ids.iter().map(|id| sender(id.as_str())).collect();
        let wallet = WalletSetup { tag: "w", operators: &["ana", "bia"], senders: &senders, window: None };
        let mut host = Host { engine: Engine::new(Policy::default()), outcomes: Vec::new() };
        host.engine.apply(START, &Command::Wallet(wallet), &mut host.outcomes).unwrap();
        for batch in 0..WARMING {
            let contacts = contacts(batch);
            host.send(START, &messages(&contacts, with), Status::Accepted);
            host.reply(START, &contacts);
            host.send(START, &messages(&contacts, with), with.again());
        }
        for contact in (0..WARMING).flat_map(contacts) {
            for target in [Target::Phone(&contact.phone), Target::Client(&contact.client)] {
                host.engine.apply(START, &Command::Forget(target), &mut host.outcomes).unwrap();
            }
        }
        // Two days later the senders' day is empty; let it grow to its usual size again.
        for batch in WARMING..WARMED {
            let contacts = contacts(batch);
            host.send(START + 2 * DAY, &messages(&contacts, with), Status::Accepted);
            host.reply(START + 2 * DAY, &contacts);
            host.send(START + 2 * DAY, &messages(&contacts, with), with.again());
        }
        host
    }

    /// Sends a batch, sees that every message has this answer, and counts what that allocated.
    fn send(&mut self, at: i64, messages: &[Message<'_>], status: Status) -> u64 {
        let batch = Batch { campaign: "c", id_account: "a", tag: "w", messages, atomic: false };
        let counted = allocation_counter::measure(|| {
            self.engine.dispatch(at, &batch, &mut self.outcomes).unwrap();
        });
        assert_eq!(self.outcomes.len(), messages.len());
        for outcome in &self.outcomes {
            assert_eq!(outcome.status, status);
        }
        counted.count_total
    }

    /// Every contact of a batch writes; counts what that allocated.
    fn reply(&mut self, at: i64, contacts: &[Posted]) -> u64 {
        let counted = allocation_counter::measure(|| {
            for contact in contacts {
                let reply = Reply { phone: &contact.phone, received_at: None, opt_out: false };
                self.engine.apply(at, &Command::Reply(reply), &mut self.outcomes).unwrap();
            }
        });
        counted.count_total
    }
}

/// First contact, the same at once, answered, and contacted again.
#[test]
fn a_warmed_engine_decides_without_allocating() {
    for with in [With::Nothing, With::ClientIds, With::Templates, With::Numbers] {
        let mut host = Host::warmed(with);
        for batch in WARMED..WARMED + 3 {
            let at = START + 2 * DAY + batch as i64;
            let contacts = contacts(batch);
            let messages = messages(&contacts, with);
            let at_once =
                if with == With::Numbers { Status::AlreadyAccepted } else { Status::ContactBlocked };
            assert_eq!(host.send(at, &messages, Status::Accepted), 0, "first contact, {with:?}");
            assert_eq!(host.send(at, &messages, at_once), 0, "{at_once:?}, {with:?}");
            assert_eq!(host.reply(at, &contacts), 0, "replies, {with:?}");
            assert_eq!(host.send(at, &messages, with.again()), 0, "answered, {with:?}");
        }
    }
}
