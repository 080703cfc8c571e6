use super::*;
use crate::outcome_columns::NO_SENDER;
use cpc_core::{Policy, Status};

const NOW: f64 = 1_795_435_200_000.0;
const DAY: f64 = 86_400_000.0;
const HEAD: &str = "campaign\0\0emp1";

fn engine() -> u32 {
    let handle = handles::insert(Engine::new(Policy::default()));
    let numbers = [f64::NAN, 1000.0, f64::NAN, f64::NAN, 2.0, f64::NAN, 20.0, 5.0];
    wallet(handle, NOW, "emp1", f64::NAN, "5514990000001\x005514990000002", &numbers).unwrap();
    handle
}

fn rows(phones: &[f64]) -> Rows<'_> {
    Rows {
        phones,
        id_integers: &[],
        id_numbers: &[],
        templates: &[],
        operators: "admin",
        client_ids: "",
        contracts: "",
        close_ticket: true,
    }
}

fn statuses(handle: u32, at: f64, rows: &Rows<'_>) -> Vec<u8> {
    let mut statuses = vec![0; rows.phones.len()];
    let out = OutcomeColumns { statuses: &mut statuses, ..OutcomeColumns::default() };
    dispatch(handle, at, HEAD, rows, false, out).unwrap();
    statuses
}

#[test]
fn a_batch_is_decided_row_by_row() {
    let handle = engine();
    let phones = [5511988876204.0, 551188876204.0, 5511988876205.5, f64::NAN, -1.0, 5521988876204.0];
    let (mut codes, mut senders, mut until) = ([0; 6], [0; 6], [0.0; 6]);
    let out = OutcomeColumns {
        statuses: &mut codes,
        senders: &mut senders,
        blocked_until: &mut until,
        ..OutcomeColumns::default()
    };
    let receipt = dispatch(handle, NOW, HEAD, &rows(&phones), false, out).unwrap();
    assert_eq!(receipt, [2.0, NOW, 6.0, 2.0]);
    assert_eq!(codes, [0, 30, 10, 10, 10, 0]);
    assert!(until[0] == NOW + DAY && until[1].is_nan());
    assert_eq!(senders[1], NO_SENDER);
    let sender = handles::ask(handle, |engine| sender_id(engine, senders[0])).unwrap();
    assert_eq!(sender, "5514990000001");
}

#[test]
fn columns_and_messages_are_decided_alike() {
    let handle = engine();
    let phones = [5511988876204.0, 5511988876205.0, 5511988876206.0];
    let rows = Rows {
        id_integers: &[u64::MAX, 2, 3],
        templates: &[MAIN | RETRY, 0, LAST],
        operators: "ana\0\0bia",
        client_ids: "c1\0\0c1",
        ..rows(&phones)
    };
    assert_eq!(statuses(handle, NOW, &rows), [0, 11, 30]);
    let view = |key| handles::ask(handle, |engine| engine.contact(NOW as i64, key).unwrap().1).unwrap();
    assert_eq!(view(cpc_core::Target::Phone("5511988876204")).pending_stages, [true, false]);
    assert_eq!(view(cpc_core::Target::Client("c1")).dispatch.map(u64::from), Some(1));
    // The same numbers again: the same message.
    let again = Rows { client_ids: "", operators: "ana", ..rows };
    assert_eq!(statuses(handle, NOW, &again)[0], Status::AlreadyAccepted.code());
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let handle = engine();
    let before = handles::ask(handle, Engine::digest).unwrap();
    let phones = [5511988876204.0, 5511988876205.0];
    let bad = [
        (Rows { operators: "a\0b\0c", ..rows(&phones) }, "specialistCode"),
        (Rows { client_ids: "a\0b\0c", ..rows(&phones) }, "clientIds"),
        (Rows { templates: &[1], ..rows(&phones) }, "templates"),
        (Rows { id_integers: &[1], ..rows(&phones) }, "idMessages"),
        (Rows { id_numbers: &[1.0, 9_007_199_254_740_992.0], ..rows(&phones) }, "idMessages"),
        (Rows { id_numbers: &[1.0, 0.5], ..rows(&phones) }, "idMessages"),
    ];
    for (rows, path) in bad {
        let refused = dispatch(handle, NOW, HEAD, &rows, false, OutcomeColumns::default()).unwrap_err();
        assert!(format!("{refused:?}").contains(path), "{refused:?}");
    }
    for at in [f64::NAN, 5.0, NOW + 0.5, f64::INFINITY] {
        let refused = dispatch(handle, at, HEAD, &rows(&phones), false, OutcomeColumns::default());
        assert_eq!(refused, Err(cpc_core::CommandError::TimestampOutOfRange { field: "at" }.into()), "{at}");
    }
    assert_eq!(handles::ask(handle, Engine::digest), Ok(before));
}

#[test]
fn replies_free_and_follow_ups_go_out() {
    let handle = engine();
    let phones = [5511988876204.0, 5511988876205.0];
    let retries = Rows { templates: &[MAIN | RETRY, MAIN | RETRY], ..rows(&phones) };
    assert_eq!(statuses(handle, NOW, &retries), [0, 0]);
    let mut codes = [0; 2];
    let out = OutcomeColumns { statuses: &mut codes, ..OutcomeColumns::default() };
    reply(handle, NOW + 1000.0, &[551188876204.0, 7.0], &[], out).unwrap();
    assert_eq!(codes, [Status::Replied.code(), Status::InvalidPhone.code()]);
    let (mut codes, mut phones, mut origins, mut stages) = ([99; 3], [0.0; 3], [0.0; 3], [0; 3]);
    let out = OutcomeColumns {
        statuses: &mut codes,
        phones: &mut phones,
        origins: &mut origins,
        stages: &mut stages,
        ..OutcomeColumns::default()
    };
    let receipt = follow_ups(handle, NOW + DAY, out).unwrap();
    assert_eq!((receipt[2], codes[0], phones[0], origins[0], stages[0]), (1.0, 0, 5511988876205.0, 2.0, 1));
}

#[test]
fn replies_are_taken_in_all_or_none() {
    let handle = engine();
    let phones = [5511988876204.0, 5511988876205.0];
    let before = handles::ask(handle, Engine::seq).unwrap();
    assert!(reply(handle, NOW, &phones, &[NOW, 5.0], OutcomeColumns::default()).is_err());
    assert!(reply(handle, NOW, &phones, &[NOW], OutcomeColumns::default()).is_err());
    assert!(reply(handle, 5.0, &phones, &[], OutcomeColumns::default()).is_err());
    assert!(reply(handle, NOW, &[], &[], OutcomeColumns::default()).is_err());
    assert_eq!(handles::ask(handle, Engine::seq), Ok(before));
    assert!(reply(handle, NOW, &phones, &[NOW, f64::NAN], OutcomeColumns::default()).is_ok());
}
