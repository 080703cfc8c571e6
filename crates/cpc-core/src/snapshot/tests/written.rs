//! What is written of an engine, and what is not.

use super::*;
use crate::text::Text;

/// RULES §10.1, §10.2
#[test]
fn a_snapshot_is_what_its_layout_says_and_comes_back() {
    let (engine, expected) = (engine(), sections());
    let bytes = snapshot(&engine);
    let mut place = 16;
    for (number, Bytes(payload)) in (1_u32..).zip(&expected) {
        let header = Bytes::default().u32(number).u64(payload.len() as u64).u64(xxh3_64(payload)).0;
        assert_eq!(bytes.get(place + 20..place + 20 + payload.len()), Some(&**payload), "section {number}");
        assert_eq!(bytes[place..place + 20], header, "header of section {number}");
        place += 20 + payload.len();
    }
    assert!(bytes == joined(&expected));
    let restored = Engine::restore(&bytes).unwrap();
    assert!(snapshot(&restored) == bytes);
    assert_eq!(restored.digest(), engine.digest());
}

/// RULES §3.7: opt-outs and `undeliverable` never lapse, all else does.
#[test]
fn of_who_has_lapsed_only_what_suppresses_is_written() {
    let mut engine = engine();
    engine.apply((T + 40 * DAY) as i64, &Command::Clock, &mut Vec::new()).unwrap();
    let mut expected = sections();
    expected[1] = counters(Some(T + 40 * DAY), DISPATCHES, 1);
    let bare = |row| SenderRow { arrival: 0, usage_window: &[], ..row };
    expected[3] = senders(&[bare(A), bare(B), SenderRow { state: 0, until: None, ..C }]);
    expected[5] = numbers(&[]);
    expected[6] = origins(&[]);
    expected[7] = clients(&[K3]);
    let silenced = PhoneRow { key: SILENCED, flags: OPTED_OUT, ..UNKNOWN };
    let unreachable = PhoneRow { key: UNREACHABLE, flags: UNDELIVERABLE, ..UNKNOWN };
    expected[8] = phones(&[silenced, unreachable]);
    expected[9] = overrides(&[]);
    expected[10] = failures(&[]);
    expected[12] = history(COMMANDS + 1, &[]);
    assert!(snapshot(&engine) == joined(&expected));
}

const MESSAGE: Message<'_> =
    Message { client_id: "k", main_template: Text::Is("Oi"), ..Message::new("5511988876204", "ana") };
const BATCH: Command<'_> = Command::Dispatch(Batch {
    campaign: "camp",
    id_account: "",
    tag: "w",
    messages: &[MESSAGE],
    atomic: false,
});
/// A message a millisecond.
const PACED: SenderSetup<'_> = SenderSetup {
    id: "a",
    weight: 1,
    daily_limit: None,
    pace: Some(Pace { per_second: 1_000, burst: 1 }),
    operators: &[],
    group: None,
};
const UNPACED: SenderSetup<'_> = SenderSetup { pace: None, ..PACED };

const fn wallet<'a>(senders: &'a [SenderSetup<'a>]) -> Command<'a> {
    Command::Wallet(WalletSetup { tag: "w", window: None, operators: &[], senders })
}

const fn failed(dispatch: u64, fault: Fault) -> Command<'static> {
    Command::Report(Report { dispatch, status: Delivery::Failed(fault), sender: None })
}

fn after(commands: &[(u64, Command<'_>)]) -> Engine {
    let mut engine = Engine::new(Policy::default());
    for (at, command) in commands {
        engine.apply(*at as i64, command, &mut Vec::new()).unwrap();
    }
    engine
}

/// RULES §10.2: an engine is what later commands can tell of it, not how it came to be.
#[test]
fn what_no_later_command_can_tell_is_left_out() {
    let opted = |target| [(T, Command::OptOut(target)), (T, Command::OptIn(target))];
    let nothing = after(&[(T, Command::Clock)]).digest();
    assert_eq!(
        after(&opted(Target::Phone("5511988876204"))).digest(),
        nothing,
        "a phone that nothing suppresses"
    );
    assert_eq!(after(&opted(Target::Client("k"))).digest(), nothing, "a client that nothing suppresses");
    let removed = after(&[(T, wallet(&[UNPACED])), (T, Command::RemoveSender { tag: "w", id: "a" })]);
    assert_eq!(removed.digest(), after(&[(T, wallet(&[]))]).digest(), "a sender that was never used");

    let sent = |sender| after(&[(T, wallet(&[sender])), (T, BATCH), (T + 1, wallet(&[UNPACED]))]).digest();
    assert_eq!(sent(PACED), sent(UNPACED), "a message that is over");
    // Its message was given back and its contact forgotten: all that is left of the sender is its pace.
    let left = |sender, now| {
        let (senders, phone, client) = ([sender], Target::Phone("5511988876204"), Target::Client("k"));
        let commands = [
            (T, wallet(&senders)),
            (T, BATCH),
            (T, failed(1, Fault::Request)),
            (T, Command::Forget(phone)),
            (T, Command::Forget(client)),
            (now, Command::RemoveSender { tag: "w", id: "a" }),
        ];
        after(&commands).digest()
    };
    assert_ne!(left(PACED, T), left(UNPACED, T));
    assert_eq!(left(PACED, T + 1), left(UNPACED, T + 1));
}

/// RULES §5: a sender that comes back finds its usage again, also if no contact remembers it.
#[test]
fn what_a_sender_has_used_outlives_its_place_and_its_contacts() {
    let engine = after(&[
        (T, wallet(&[UNPACED])),
        (T, BATCH),
        (T, Command::Forget(Target::Phone("5511988876204"))),
        (T, Command::Forget(Target::Client("k"))),
        (T, Command::RemoveSender { tag: "w", id: "a" }),
    ]);
    let restored = Engine::restore(&snapshot(&engine)).unwrap();
    for mut engine in [engine, restored] {
        engine.apply(T as i64, &wallet(&[UNPACED]), &mut Vec::new()).unwrap();
        assert_eq!(engine.wallet(T as i64, "w").unwrap().1.senders[0].usage, 1);
    }
}

/// RULES §10.2
#[test]
fn what_is_no_more_is_not_written() {
    let two = [UNPACED, SenderSetup { id: "b", ..UNPACED }];
    let before = [(T, wallet(&two)), (T, BATCH)];
    let reply = Reply { phone: "5511988876204", received_at: None, opt_out: false };
    let histories: [&[(u64, Command<'_>)]; 3] = [
        // A shell of it is kept, for the phone whose cycle names it.
        &[(T, Command::Forget(Target::Client("k")))],
        // Its dispatch had failed, and has been answered since.
        &[(T, failed(1, Fault::Sender)), (T, Command::Reply(reply))],
        &[
            (T, failed(1, Fault::Sender)),
            (T, Command::ForceUnblock { target: Target::Phone("5511988876204"), reason: "" }),
        ],
    ];
    for history in histories {
        let engine = after(&[&before[..], history].concat());
        let bytes = snapshot(&engine);
        let restored = Engine::restore(&bytes).unwrap();
        assert!(snapshot(&restored) == bytes, "{history:?}");
    }
}

/// RULES §9.1: the next opening is the latest that an engine can tell, here from the last instant that can be named.
#[test]
fn what_is_put_off_at_the_end_of_time_comes_back() {
    let mut week = [const { Vec::new() }; 7];
    week[0].extend(Span::new(0, 1_440));
    // From Monday, 2100-01-04, on.
    let mondays = (0..4_000).map(|week| Date::from_days((MAX / DAY) as i32 + 3 + 7 * week));
    let hours = mondays.fold(ContactHours::new(week), |hours, monday| hours.closed_on(monday).unwrap());
    let policy = Policy::builder().hours(Some(hours)).build().unwrap();
    let mut engine = Engine::new(policy);
    let mut apply = |at: u64, command: &Command<'_>, expected: Status| {
        let mut outcomes = Vec::new();
        engine.apply(at as i64, command, &mut outcomes).unwrap();
        assert_eq!(outcomes[0].status, expected);
        outcomes[0].retry_at
    };
    let monday = MAX - 4 * DAY + 12 * HOUR;
    let messages = [Message { retry_template: Text::Is("Oi?"), ..MESSAGE }];
    apply(monday, &wallet(&[UNPACED]), Status::Applied);
    let batch = Batch { campaign: "camp", id_account: "", tag: "w", messages: &messages, atomic: false };
    apply(monday, &Command::Dispatch(batch), Status::Accepted);
    let retry_at = apply(MAX, &Command::FollowUps { limit: 1 }, Status::OutOfHours).unwrap();
    assert!(retry_at.as_millis() > MAX + 28_000 * DAY);
    let bytes = snapshot(&engine);
    assert!(snapshot(&Engine::restore(&bytes).unwrap()) == bytes);
}

/// More of them than a place holds are kept in several.
#[test]
fn dispatches_of_one_millisecond_are_written_as_one() {
    let many = SenderRow { usage_window: &[(NOW - 1, 1 << 26), (NOW, 5_000_000)], ..B };
    let mut expected = sections();
    expected[3] = senders(&[A, many, C, D]);
    assert!(snapshot(&Engine::restore(&joined(&expected)).unwrap()) == joined(&expected));
}
