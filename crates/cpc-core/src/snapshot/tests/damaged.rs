//! What cannot be restored: each section, at and beyond its bounds.

use super::*;
use core::time::Duration;

#[test]
fn bytes_that_are_no_snapshot_are_told_from_damaged_ones() {
    let bytes = snapshot(&engine());
    let changed = |place: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[place] = byte;
        Engine::restore(&bytes).err()
    };
    assert_eq!(changed(0, b'c'), Some(RestoreError::NotASnapshot));
    assert_eq!(changed(8, 2), Some(RestoreError::Version { found: 2, expected: 1 }));
    assert_eq!(changed(12, 12), Some(RestoreError::NotASnapshot));
    assert_eq!(changed(16, 2), Some(RestoreError::Invalid { section: 2 }), "another section first");
    assert_eq!(changed(28, !bytes[28]), Some(RestoreError::Checksum { section: 1 }));
    assert_eq!(changed(36, !bytes[36]), Some(RestoreError::Checksum { section: 1 }));
    assert_eq!(changed(27, 0xff), Some(RestoreError::Truncated));
    for length in [0, 7, 11, 15, 16, 35, 36, bytes.len() - 1] {
        let cut = &bytes[..length];
        assert_eq!(Engine::restore(cut).err(), Some(RestoreError::Truncated), "{length} bytes");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(Engine::restore(&longer).err(), Some(RestoreError::TrailingBytes));
}

#[test]
fn a_section_is_read_to_its_end_and_no_further() {
    for (number, Bytes(payload)) in (1..).zip(sections()) {
        let expected = Some(RestoreError::Invalid { section: number as u32 });
        for length in 0..payload.len() {
            assert_eq!(with(number, &Bytes(payload[..length].to_vec())).err(), expected, "{length} bytes");
        }
        assert_eq!(with(number, &Bytes(payload).u8(0)).err(), expected);
    }
}

/// RULES §10.3
#[test]
fn the_digest_is_that_of_all_but_the_history() {
    let digest = engine().digest();
    assert_eq!(with(13, &history(COMMANDS + 1, &[])).unwrap().digest(), digest);
    let others = [
        with(2, &counters(Some(NOW), DISPATCHES + 1, 1)),
        with(3, &groups(&[("g", Some(8)), ("h", None)])),
        with(12, &forgotten(&[])),
    ];
    assert!(others.into_iter().all(|other| other.unwrap().digest() != digest));
    let (at, later) = engine().digest_at(NOW as i64 + 1).unwrap();
    assert_eq!(at.as_millis(), NOW + 1);
    assert_eq!(with(2, &counters(Some(NOW + 1), DISPATCHES, 1)).unwrap().digest(), later);
}

#[test]
fn counters_are_believed_as_far_as_they_can_go() {
    let most = (1 << 46) - 1;
    accepted(
        2,
        &[
            ("the first instant", counters(Some(MIN), DISPATCHES, 1)),
            ("the last instant", counters(Some(MAX), DISPATCHES, 1)),
            ("the most dispatches", counters(Some(NOW), most, 1)),
            ("the most imports", counters(Some(NOW), DISPATCHES, most)),
        ],
    );
    refused(
        2,
        &[
            ("before the first instant", counters(Some(MIN - 1), DISPATCHES, 1)),
            ("after the last instant", counters(Some(MAX + 1), DISPATCHES, 1)),
            ("a dispatch too many", counters(Some(NOW), most + 1, 1)),
            ("an import too many", counters(Some(NOW), DISPATCHES, most + 1)),
            ("a clock that is neither there nor not", Bytes::default().u8(2).u64(NOW).u64(6).u64(1)),
        ],
    );
}

#[test]
fn groups_have_names_in_order() {
    let (longest, too_long) = (long(128), long(129));
    accepted(
        3,
        &[
            ("a long name", groups(&[("g", Some(9)), (&longest, None)])),
            ("the highest limit", groups(&[("g", Some(u64::from(u32::MAX))), ("h", None)])),
        ],
    );
    refused(
        3,
        &[
            ("no name", groups(&[("", None), ("h", None)])),
            ("a blank name", groups(&[(" ", None), ("h", None)])),
            ("too long a name", groups(&[("g", None), (&too_long, None)])),
            ("a name twice", groups(&[("g", None), ("g", None)])),
            ("out of order", groups(&[("h", None), ("g", None)])),
            ("too high a limit", groups(&[("g", Some(1 << 32)), ("h", None)])),
        ],
    );
}

#[test]
fn senders_are_as_they_can_be_set() {
    let (longest, too_long) = (long(128), long(129));
    let row = |what, row: SenderRow<'_>| (what, senders(&[row, B, C, D]));
    let last = |what, row: SenderRow<'_>| (what, senders(&[A, B, C, row]));
    accepted(
        4,
        &[
            row("a long id", SenderRow { id: &longest, ..A }),
            row("the greatest weight", SenderRow { weight: 1_000_000, ..A }),
            row("the highest limit", SenderRow { limit: Some(u64::from(u32::MAX)), ..A }),
            row("the quickest pace", SenderRow { pace: Some(1_000_000 << 32 | 1_000_000), ..A }),
            row("a long name", SenderRow { operators: &[&longest], ..A }),
            row("the last instant", SenderRow { state: 4, until: Some(LATEST), ..A }),
            row("without an end", SenderRow { state: 3, until: None, ..A }),
            row("the last arrival", SenderRow { arrival: LATEST * 1_000, ..A }),
            row("the first and the last dispatch", SenderRow { usage_window: &[(MIN, 1), (LATEST, 1)], ..A }),
            row("the most at once", SenderRow { usage_window: &[(NOW, 1 << 26)], ..A }),
            last("of no wallet, and ready again", SenderRow { state: 1, until: Some(NOW), ..D }),
        ],
    );
    refused(
        4,
        &[
            row("no id", SenderRow { id: "", ..A }),
            row("a blank id", SenderRow { id: " ", ..A }),
            row("too long an id", SenderRow { id: &too_long, ..A }),
            row("an id twice", SenderRow { id: "b", ..A }),
            row("no weight", SenderRow { weight: 0, ..A }),
            row("too great a weight", SenderRow { weight: 1_000_001, ..A }),
            row("too high a limit", SenderRow { limit: Some(1 << 32), ..A }),
            row("no pace at all", SenderRow { pace: Some(4), ..A }),
            row("too quick a pace", SenderRow { pace: Some(1_000_001 << 32 | 4), ..A }),
            row("no burst", SenderRow { pace: Some(3 << 32), ..A }),
            row("too many at once", SenderRow { pace: Some(3 << 32 | 1_000_001), ..A }),
            row("an operator without a name", SenderRow { operators: &[""], ..A }),
            row("too long a name", SenderRow { operators: &[&too_long], ..A }),
            row("an operator twice", SenderRow { operators: &["ana", "ana"], ..A }),
            row("operators out of order", SenderRow { operators: &["bia", "ana"], ..A }),
            row("no such group", SenderRow { group: 3, ..A }),
            row("no such state", SenderRow { state: 5, ..A }),
            row("ready until", SenderRow { until: Some(NOW + 1), ..A }),
            row("too late", SenderRow { state: 1, until: Some(LATEST + 1), ..A }),
            row("too late an arrival", SenderRow { arrival: LATEST * 1_000 + 1, ..A }),
            row("a dispatch twice", SenderRow { usage_window: &[(NOW, 1), (NOW, 1)], ..A }),
            row("dispatches out of order", SenderRow { usage_window: &[(NOW, 1), (NOW - 1, 1)], ..A }),
            row("too early a dispatch", SenderRow { usage_window: &[(MIN - 1, 1)], ..A }),
            row("too late a dispatch", SenderRow { usage_window: &[(LATEST + 1, 1)], ..A }),
            row("a dispatch too many", SenderRow { usage_window: &[(NOW, (1 << 26) + 1)], ..A }),
        ],
    );
}

/// RULES §5: a sender that was removed is ready when it comes back, and has no settings.
#[test]
fn only_senders_of_wallets_are_set_up() {
    let expected = Some(RestoreError::Invalid { section: 9 });
    for row in [SenderRow { weight: 2, ..D }, SenderRow { state: 1, ..D }, SenderRow { group: 1, ..D }] {
        assert_eq!(with(4, &senders(&[A, B, C, row])).err(), expected);
    }
    assert_eq!(with(5, &wallets(&[V, ("w", None, &[], &[2])])).err(), expected);
}

#[test]
fn wallets_are_as_they_can_be_set() {
    let (longest, too_long) = (long(128), long(129));
    accepted(
        5,
        &[
            ("a long tag", wallets(&[V, (&longest, None, &[], &[1, 2])])),
            ("the longest window for the retention", wallets(&[V, ("w", Some(15 * DAY), &[], &[1, 2])])),
            ("nobody's", wallets(&[("u", None, &[], &[]), V, W])),
        ],
    );
    refused(
        5,
        &[
            ("no tag", wallets(&[("", None, &[], &[3]), W])),
            ("a blank tag", wallets(&[(" ", None, &[], &[3]), W])),
            ("too long a tag", wallets(&[V, (&too_long, None, &[], &[1, 2])])),
            ("a tag twice", wallets(&[("w", None, &[], &[3]), W])),
            ("out of order", wallets(&[W, V])),
            ("no window", wallets(&[V, ("w", Some(0), &[], &[1, 2])])),
            ("too long a window", wallets(&[V, ("w", Some(15 * DAY + 1), &[], &[1, 2])])),
            ("an operator twice", wallets(&[V, ("w", None, &["ana", "ana"], &[1, 2])])),
            ("no sender", wallets(&[V, ("w", None, &[], &[0, 1, 2])])),
            ("no such sender", wallets(&[V, ("w", None, &[], &[1, 2, 5])])),
            ("a sender twice", wallets(&[V, ("w", None, &[], &[1, 2, 1])])),
            ("another's sender", wallets(&[V, ("w", None, &[], &[1, 2, 3])])),
        ],
    );
    // Where contacts are remembered for years, a window is still bounded.
    let mut sections = sections();
    sections[0] = written(&Policy::builder().retention(Duration::from_millis(3_660 * DAY)).build().unwrap());
    for (window, expected) in [(30 * DAY, None), (30 * DAY + 1, Some(RestoreError::Invalid { section: 5 }))] {
        sections[4] = wallets(&[V, ("w", Some(window), &[], &[1, 2])]);
        assert_eq!(Engine::restore(&joined(&sections)).err(), expected);
    }
}

#[test]
fn windows_are_in_order() {
    accepted(6, &[("the shortest and the longest", numbers(&[1, 30 * DAY]))]);
    refused(
        6,
        &[
            ("no window", numbers(&[0, DAY])),
            ("too long a window", numbers(&[DAY, 30 * DAY + 1])),
            ("a window twice", numbers(&[DAY, DAY])),
            ("out of order", numbers(&[DAY, HOUR])),
        ],
    );
}

#[test]
fn origins_are_in_order() {
    let (longest, too_long) = (long(128), long(129));
    let (longest_name, too_long_name) = (long(256), long(257));
    let last = |what, origin: [&str; 4]| (what, origins(&[ORIGINS[0], origin]));
    accepted(
        7,
        &[
            last("long texts", [&longest, &longest_name, &longest, &longest]),
            last("another operator", ["", "camp", "w", "caio"]),
        ],
    );
    refused(
        7,
        &[
            last("too long an account", [&too_long, "camp", "w", "ana"]),
            last("a blank campaign", ["acc", " ", "w", "ana"]),
            last("too long a campaign", ["acc", &too_long_name, "w", "ana"]),
            last("a blank tag", ["acc", "camp", "", "ana"]),
            last("too long a tag", ["acc", "camp", &too_long, "ana"]),
            last("a blank operator", ["acc", "camp", "w", " "]),
            last("too long an operator", ["acc", "camp", "w", &too_long]),
            last("an origin twice", ORIGINS[0]),
            last("out of order", ["", "camp", "w", "ana"]),
        ],
    );
}

#[test]
fn clients_have_ids_in_order_and_cycles_that_can_be() {
    let (longest, too_long) = (long(128), long(129));
    let row = |what, row: ClientRow<'_>| (what, clients(&[row, K2, K3]));
    let last = |what, row: ClientRow<'_>| (what, clients(&[K1, K2, row]));
    accepted(
        8,
        &[
            last("a long id", ClientRow { id: &longest, ..K3 }),
            row("the last stage", ClientRow { stage: 2, ..K1 }),
            row("the first instant", ClientRow { t0: MIN, ..K1 }),
            row("the last instant", ClientRow { t0: LATEST, ..K1 }),
            row("the last dispatch", ClientRow { cycle: DISPATCHES, ..K1 }),
            row("the first reply", ClientRow { phase: 2, reply: Some(MIN), ..K1 }),
            row("the last reply", ClientRow { phase: 2, reply: Some(MAX), ..K1 }),
            row("no sender", ClientRow { sender: 0, ..K1 }),
        ],
    );
    refused(
        8,
        &[
            row("no id", ClientRow { id: "", ..K1 }),
            last("too long an id", ClientRow { id: &too_long, ..K3 }),
            row("an id twice", ClientRow { id: "k2", ..K1 }),
            last("out of order", ClientRow { id: "k", ..K3 }),
            row("neither opted out nor not", ClientRow { opted_out: 2, ..K1 }),
            row("no such phase", ClientRow { phase: 4, ..K1 }),
            last("a stage without a cycle", ClientRow { stage: 1, ..K3 }),
            last("a beginning without a cycle", ClientRow { t0: T, ..K3 }),
            last("a window without a cycle", ClientRow { window: 1, ..K3 }),
            last("the number of no cycle", ClientRow { cycle: 1, ..K3 }),
            row("no such stage", ClientRow { stage: 3, ..K1 }),
            row("too early", ClientRow { t0: MIN - 1, ..K1 }),
            row("too late", ClientRow { t0: LATEST + 1, ..K1 }),
            row("no such window", ClientRow { window: 2, ..K1 }),
            row("no dispatch", ClientRow { cycle: 0, ..K1 }),
            row("no such dispatch", ClientRow { cycle: DISPATCHES + 1, ..K1 }),
            row("no import", ClientRow { cycle: IMPORT, ..K1 }),
            row("no such import", ClientRow { cycle: IMPORT | 2, ..K1 }),
            row("more than the number of a dispatch", ClientRow { cycle: 1 << 48 | 3, ..K1 }),
            row("more than the number of an import", ClientRow { cycle: 1 << 48 | IMPORT | 1, ..K1 }),
            row("too early a reply", ClientRow { reply: Some(MIN - 1), ..K1 }),
            row("too late a reply", ClientRow { reply: Some(MAX + 1), ..K1 }),
            row("no such sender", ClientRow { sender: 5, ..K1 }),
        ],
    );
}

#[test]
fn phones_have_keys_in_order_and_cycles_that_can_be() {
    let [moved, wrote, followed, silenced, imported, ..] = PHONES;
    let all = |rows: [PhoneRow; 3]| phones(&[&rows[..], &PHONES[3..]].concat());
    let cycle = |what, row: PhoneRow| (what, all([moved, wrote, row]));
    let bare = |what, row: PhoneRow| (what, all([moved, row, followed]));
    accepted(
        9,
        &[
            cycle("the least number of a message", PhoneRow { id_message: 0, ..followed }),
            cycle("the greatest number of a message", PhoneRow { id_message: u64::MAX, ..followed }),
            cycle("the last stage", PhoneRow { stage: 2, ..followed }),
            cycle("the first instant", PhoneRow { t0: MIN, ..followed }),
            cycle("the last instant", PhoneRow { t0: LATEST, ..followed }),
            cycle("no sender, client or origin", PhoneRow { sender: 0, client: 0, origin: 0, ..followed }),
            cycle("both stages", PhoneRow { flags: followed.flags | FIRST, ..followed }),
            cycle("a last stage after a release", PhoneRow { phase: 3, ..followed }),
            bare("the first reply", PhoneRow { reply: MIN, ..wrote }),
            bare("the last reply", PhoneRow { reply: MAX, ..wrote }),
            bare("the first dropped cycle", PhoneRow { t0: MIN, ..wrote }),
            bare("the last dropped cycle", PhoneRow { t0: LATEST, ..wrote }),
        ],
    );
    let not_a_key = 5_511_988_876_204;
    refused(
        9,
        &[
            ("no phone", all([PhoneRow { key: 0, ..moved }, wrote, followed])),
            ("not a phone", all([PhoneRow { key: 5_511, ..moved }, wrote, followed])),
            ("a phone twice", all([moved, wrote, PhoneRow { key: WROTE, ..followed }])),
            ("out of order", all([wrote, moved, followed])),
            ("not the key of a phone", phones(&[PhoneRow { key: not_a_key, ..silenced }])),
            bare("a stage without a cycle", PhoneRow { stage: 1, ..wrote }),
            bare("a window without a cycle", PhoneRow { window: 1, ..wrote }),
            bare("the number of no cycle", PhoneRow { cycle: 1, ..wrote }),
            bare("a dropped cycle too early", PhoneRow { t0: MIN - 1, ..wrote }),
            bare("a dropped cycle too late", PhoneRow { t0: LATEST + 1, ..wrote }),
            bare("no such form", PhoneRow { inbound: 3, ..wrote }),
            bare("no reply", PhoneRow { reply: 0, ..wrote }),
            bare("too early a reply", PhoneRow { reply: MIN - 1, ..wrote }),
            bare("too late a reply", PhoneRow { reply: MAX + 1, ..wrote }),
            bare("a reply that is none", PhoneRow { flags: 0, ..wrote }),
            bare("an origin without a cycle", PhoneRow { origin: 1, ..wrote }),
            bare("a client without a cycle", PhoneRow { client: 1, ..wrote }),
            bare("a message without a cycle", PhoneRow { flags: REPLY | ID_MESSAGE, ..wrote }),
            bare("a first stage without a cycle", PhoneRow { flags: REPLY | FIRST, ..wrote }),
            bare("a last stage without a cycle", PhoneRow { flags: REPLY | LAST, ..wrote }),
            cycle("no such stage", PhoneRow { stage: 3, ..followed }),
            cycle("too early", PhoneRow { t0: MIN - 1, ..followed }),
            cycle("too late", PhoneRow { t0: LATEST + 1, ..followed }),
            cycle("no such window", PhoneRow { window: 2, ..followed }),
            cycle("no such dispatch", PhoneRow { cycle: DISPATCHES + 1, ..followed }),
            cycle("the number of no message", PhoneRow { flags: LAST, ..followed }),
            cycle(
                "a first stage after an answer",
                PhoneRow { phase: 2, flags: FIRST, id_message: 0, ..followed },
            ),
            cycle("a last stage after an answer", PhoneRow { phase: 2, ..followed }),
            cycle("no such sender", PhoneRow { sender: 5, ..followed }),
            cycle("no such origin", PhoneRow { origin: 3, ..followed }),
            cycle("no such client", PhoneRow { client: 4, ..followed }),
            ("no such import", phones(&[PhoneRow { cycle: IMPORT | 2, ..imported }])),
        ],
    );
}

#[test]
fn detours_are_those_of_phones_with_something_pending() {
    let (_, due, origin) = OVERRIDE;
    // A queue may close every day for as long as it has dates to close.
    let latest = LATEST + 7 * 4_003 * DAY;
    accepted(
        10,
        &[
            ("the last instant", overrides(&[(FOLLOWED, latest, origin)])),
            ("the last dispatch", overrides(&[(FOLLOWED, due, DISPATCHES)])),
        ],
    );
    refused(
        10,
        &[
            ("too late", overrides(&[(FOLLOWED, latest + 1, origin)])),
            ("no dispatch", overrides(&[(FOLLOWED, due, 0)])),
            ("no such dispatch", overrides(&[(FOLLOWED, due, DISPATCHES + 1)])),
            ("nothing pending", overrides(&[(MOVED, due, origin)])),
            ("no such phone", overrides(&[(551_132_345_679, due, origin)])),
            ("not a phone", overrides(&[(0, due, origin)])),
            ("a phone twice", overrides(&[OVERRIDE, OVERRIDE])),
        ],
    );
}

#[test]
fn failures_are_those_of_open_cycles() {
    accepted(11, &[("of two senders", failures(&[(MOVED, &[1, 3]), (FOLLOWED, &[4])]))]);
    refused(
        11,
        &[
            ("of no sender", failures(&[(MOVED, &[])])),
            ("no sender", failures(&[(MOVED, &[0])])),
            ("no such sender", failures(&[(MOVED, &[5])])),
            ("no such phone", failures(&[(551_132_345_679, &[1])])),
            ("no cycle", failures(&[(WROTE, &[1])])),
            ("no open cycle", failures(&[(ANSWERED, &[1])])),
            ("a phone twice", failures(&[(MOVED, &[1]), (MOVED, &[1])])),
            ("out of order", failures(&[(FOLLOWED, &[1]), (MOVED, &[1])])),
        ],
    );
}

#[test]
fn forgotten_opt_outs_and_listed_phones_are_in_order() {
    accepted(12, &[("two", forgotten(&[0, u128::MAX]))]);
    refused(12, &[("one twice", forgotten(&[1, 1])), ("out of order", forgotten(&[1 << 64, 1]))]);
    let most = (1 << 62) - 1;
    accepted(13, &[("the most commands", history(most, &[MOVED, FOLLOWED]))]);
    refused(
        13,
        &[
            ("a command too many", history(most + 1, &[])),
            ("no such phone", history(COMMANDS, &[551_132_345_679])),
            ("a phone twice", history(COMMANDS, &[MOVED, MOVED])),
            ("out of order", history(COMMANDS, &[FOLLOWED, MOVED])),
        ],
    );
}
