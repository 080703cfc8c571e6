//! Snapshots: taken after any command, a restored engine goes on like the original; damaged ones are refused.
//! RULES §10.

use crate::against_model::commands;
use crate::order::Order;
use crate::rig::{CLIENTS, PHONES, TAGS, answers, same, view_of};
use crate::runner::{check, trace};
use crate::worlds::world;
use cpc_core::*;
use proptest::prelude::*;

fn snapshot(engine: &Engine) -> Vec<u8> {
    let mut bytes = Vec::new();
    engine.snapshot(&mut bytes);
    bytes
}

/// All that a host can see after a command, senders by their ids.
fn everything(engine: &Engine, applied: &Result<Receipt, CommandError>, outcomes: &[Outcome]) -> String {
    let clock = engine.clock().map_or(0, |clock| clock.as_millis() as i64);
    let phones = PHONES.iter().map(|phone| Target::Phone(phone));
    let targets = phones.chain(CLIENTS.iter().map(|id| Target::Client(id)));
    let view = |target| engine.contact(clock, target).map(|(_, view)| view_of(engine, &view));
    let views: Vec<_> = targets.map(view).collect();
    let wallets = TAGS.map(|tag| engine.wallet(clock, tag));
    let ends = (engine.deadlines(clock), engine.next_deadline(), engine.stats(clock));
    let answers = applied.map(|applied| (applied, answers(engine, outcomes)));
    format!("{answers:?}\n{views:?}\n{wallets:?}\n{ends:?}\n{:032x}", engine.digest())
}

/// Applies the commands; after each of them, what can be seen.
fn run(engine: &mut Engine, commands: &[(i64, Order)]) -> Vec<String> {
    let mut outcomes = Vec::new();
    let mut apply = |(at, order): &(i64, Order)| {
        let applied = engine.apply(*at, &order.command(), &mut outcomes);
        everything(engine, &applied, &outcomes)
    };
    commands.iter().map(&mut apply).collect()
}

/// RULES §10.2: restored after any prefix, an engine answers every later command as the original does.
#[test]
fn an_engine_restored_at_any_point_goes_on_like_the_original() {
    let name = "an_engine_restored_at_any_point_goes_on_like_the_original";
    check(name, 100, &world(30), |(policy, steps)| {
        let commands = commands(&policy, &steps);
        let failed = |difference: String| trace(&policy, &commands, &difference);
        let mut original = Engine::new(policy.clone());
        let expected = run(&mut original, &commands);
        let end = snapshot(&original);
        let mut engine = Engine::new(policy.clone());
        for prefix in 0..commands.len() {
            let bytes = snapshot(&engine);
            let mut restored =
                Engine::restore(&bytes).map_err(|error| failed(format!("{prefix}: {error}")))?;
            same("snapshot of what was restored", &(snapshot(&restored) == bytes), &true).map_err(failed)?;
            same("digest of what was restored", &restored.digest(), &engine.digest()).map_err(failed)?;
            let seen = run(&mut restored, &commands[prefix..]);
            for (index, (seen, expected)) in seen.iter().zip(&expected[prefix..]).enumerate() {
                let what =
                    format!("command {} of an engine restored before command {prefix}", prefix + index);
                same(&what, seen, expected).map_err(failed)?;
            }
            same("snapshot at the end", &(snapshot(&restored) == end), &true).map_err(failed)?;
            let _ = engine.apply(commands[prefix].0, &commands[prefix].1.command(), &mut Vec::new());
        }
        Ok(())
    });
}

/// A snapshot cut short, or with any one byte other than it was, is refused with an error, and never a panic.
#[test]
fn damaged_snapshots_are_refused() {
    check("damaged_snapshots_are_refused", 12, &world(25), |(policy, steps)| {
        let mut engine = Engine::new(policy.clone());
        run(&mut engine, &commands(&policy, &steps));
        let bytes = snapshot(&engine);
        for length in 0..bytes.len() {
            if Engine::restore(&bytes[..length]).is_ok() {
                return Err(format!("restored from the first {length} of {} bytes", bytes.len()));
            }
        }
        let mut damaged = bytes.clone();
        for place in 0..bytes.len() {
            for flip in [0x01, 0x80, 0xff] {
                damaged[place] ^= flip;
                if Engine::restore(&damaged).is_ok() {
                    return Err(format!(
                        "restored with byte {place} of {} flipped by {flip:#x}",
                        bytes.len()
                    ));
                }
                damaged[place] ^= flip;
            }
        }
        damaged.push(0);
        if Engine::restore(&damaged).is_ok() {
            Err("restored with a byte too many".to_owned())
        } else {
            Ok(())
        }
    });
}

/// Whatever bytes come in, `restore` answers.
#[test]
fn noise_is_not_a_snapshot() {
    let header = snapshot(&Engine::new(Policy::default()));
    let strategy = (prop::collection::vec(any::<u8>(), 0..400), 0..header.len());
    check("noise_is_not_a_snapshot", 2_000, &strategy, |(noise, kept)| {
        let bytes = [&header[..kept], &noise[..]].concat();
        if bytes != header && Engine::restore(&bytes).is_ok() { Err(format!("{bytes:?}")) } else { Ok(()) }
    });
}

const T: i64 = 1_795_435_200_000;

/// An engine with a wallet of two senders in a group, after a dispatch of these messages.
fn engine_that_sent(phones: &[&str]) -> Engine {
    let mut engine = Engine::new(Policy::default());
    let sender = |id| SenderSetup { id, group: Some("g"), ..SenderSetup::default() };
    let senders = ["a", "b"].map(sender);
    let wallet = WalletSetup { tag: "w", senders: &senders, ..WalletSetup::default() };
    engine.apply(T, &Command::Wallet(wallet), &mut Vec::new()).unwrap();
    phones.iter().for_each(|phone| send(&mut engine, T, phone));
    engine
}

fn send(engine: &mut Engine, at: i64, phone: &str) {
    let messages = [Message {
        phone,
        close_ticket: Some(true),
        specialist_code: "ana",
        main_template: "text".into(),
        ..Message::default()
    }];
    let batch = Batch { campaign: "c", id_account: "", tag: "w", messages: &messages, atomic: false };
    let mut outcomes = Vec::new();
    engine.dispatch(at, &batch, &mut outcomes).unwrap();
    assert_eq!(outcomes[0].status, Status::Accepted);
}

/// RULES §7.2, §7.5: a dispatch from before the restore that moves is believed for as long as any other.
#[test]
fn a_restored_engine_remembers_a_dispatch_that_moves() {
    const HOUR: i64 = 3_600_000;
    let original = engine_that_sent(&["5511988876204"]);
    let restored = Engine::restore(&snapshot(&original)).unwrap();
    for mut engine in [original, restored] {
        send(&mut engine, T + HOUR, "551132345678");
        let failed = Report { dispatch: 1, status: Delivery::Failed(Fault::Sender), sender: None };
        let mut outcomes = Vec::new();
        engine.apply(T + 47 * HOUR, &Command::Report(failed), &mut outcomes).unwrap();
        assert_eq!(outcomes[0].status, Status::Moved);
        engine.apply(T + 49 * HOUR, &Command::Clock, &mut outcomes).unwrap();
        assert_eq!(engine.sendable(T + 49 * HOUR, 1, "").map(|(_, sendable)| sendable), Ok(Sendable::Now));
    }
}

/// The bytes with the payload of one section changed, and its length and checksum put right.
fn with_section(bytes: &[u8], section: u32, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let (mut place, mut change) = (16, Some(change));
    let mut changed = bytes[..place].to_vec();
    while place < bytes.len() {
        let number = u32::from_le_bytes(bytes[place..place + 4].try_into().unwrap());
        let length = u64::from_le_bytes(bytes[place + 4..place + 12].try_into().unwrap()) as usize;
        let mut payload = bytes[place + 20..place + 20 + length].to_vec();
        if number == section {
            change.take().unwrap()(&mut payload);
        }
        changed.extend(number.to_le_bytes());
        changed.extend((payload.len() as u64).to_le_bytes());
        changed.extend(xxhash_rust::xxh3::xxh3_64(&payload).to_le_bytes());
        changed.extend(payload);
        place += 20 + length;
    }
    changed
}

/// RULES §10.2: what no engine holds is not restored, though its checksums are right.
#[test]
fn what_no_engine_holds_is_refused() {
    let bytes = snapshot(&engine_that_sent(&["5511988876204"]));
    let unchanged = with_section(&bytes, 5, |_| {});
    assert!(unchanged == bytes && Engine::restore(&unchanged).is_ok());
    let no_wallets = with_section(&bytes, 5, |wallets| *wallets = 0_u64.to_le_bytes().to_vec());
    assert!(Engine::restore(&no_wallets).is_err(), "senders of no wallet have settings");
    let countless = with_section(&bytes, 13, |history| history[..8].copy_from_slice(&[0xff; 8]));
    assert!(Engine::restore(&countless).is_err(), "the next command cannot be counted");
}
