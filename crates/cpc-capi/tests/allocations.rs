//! Once buffers have grown, a batch through C allocates no more than the engine itself, and nothing at all for contacts
//! that are known.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::undocumented_unsafe_blocks,
    reason = "a test that cannot go on has failed; all pointers are those of living values"
)]

use cpc::*;
use cpc_core::{Batch, Command, Engine, Message, Outcome, Policy, SenderSetup, WalletSetup};
use std::ptr;

const START: i64 = 1_795_435_200_000;
const DAY: i64 = 24 * 60 * 60 * 1000;
const SIZE: usize = 500;

struct Host {
    engine: *mut cpc_engine,
    phones: Vec<String>,
    outcomes: Vec<cpc_outcome>,
    /// An engine in Rust that is given the same.
    twin: Engine,
    twin_outcomes: Vec<Outcome>,
}

impl Host {
    fn new() -> Host {
        let (mut engine, mut answer) = (ptr::null_mut(), cpc_buffer::default());
        let wallet = r#"{"op":"wallet","at":1795435200000,"tag":"emp1","senders":[{"id":"a"},{"id":"b"}]}"#;
        unsafe {
            assert_eq!(cpc_engine_new(2, &raw mut engine), cpc_result::CPC_OK);
            cpc_engine_execute(engine, cpc_text::of(wallet), &raw mut answer);
            cpc_buffer_free(&raw mut answer);
        }
        let phones = (0..SIZE).map(|number| format!("55119{}", 60_000_000 + number)).collect();
        let outcome = cpc_outcome { struct_size: size_of::<cpc_outcome>() as u32, ..cpc_outcome::default() };
        let mut twin = Engine::new(Policy::default());
        let mut twin_outcomes = Vec::new();
        let senders = ["a", "b"].map(|id| SenderSetup { id, ..SenderSetup::default() });
        let wallet = WalletSetup { tag: "emp1", senders: &senders, ..WalletSetup::default() };
        twin.apply(START, &Command::Wallet(wallet), &mut twin_outcomes).unwrap();
        Host { engine, phones, outcomes: vec![outcome; SIZE], twin, twin_outcomes }
    }

    /// What the engine itself allocates for the same.
    fn twin(&mut self, at: i64) -> u64 {
        let message = |phone| Message {
            phone,
            close_ticket: Some(true),
            specialist_code: "admin",
            main_template: "Olá".into(),
            ..Message::default()
        };
        let messages: Vec<Message<'_>> = self.phones.iter().map(|phone| message(phone.as_str())).collect();
        let batch = Batch { campaign: "c", id_account: "", tag: "emp1", messages: &messages, atomic: false };
        let (engine, outcomes) = (&mut self.twin, &mut self.twin_outcomes);
        let counted = allocation_counter::measure(|| {
            engine.dispatch(at, &batch, outcomes).unwrap();
        });
        counted.count_total
    }

    /// Sends to everybody, sees that all have this answer, and counts what that allocated.
    fn rows(&mut self, at: i64, status: cpc_status) -> u64 {
        let message = |phone: &String| cpc_message {
            struct_size: size_of::<cpc_message>() as u32,
            flags: CPC_MESSAGE_CLOSE_TICKET,
            phone: cpc_text::of(phone),
            specialist_code: cpc_text::of("admin"),
            main_template: cpc_text::of("Olá"),
            ..cpc_message::default()
        };
        let messages: Vec<cpc_message> = self.phones.iter().map(message).collect();
        let batch = cpc_batch {
            struct_size: size_of::<cpc_batch>() as u32,
            flags: 0,
            campaign: cpc_text::of("c"),
            id_account: cpc_text::EMPTY,
            tag: cpc_text::of("emp1"),
            messages: messages.as_ptr(),
            count: SIZE,
        };
        let (engine, places) = (self.engine, self.outcomes.as_mut_ptr());
        let counted = allocation_counter::measure(|| {
            let batch = &raw const batch;
            let result = unsafe { cpc_engine_dispatch(engine, at, batch, places, SIZE, ptr::null_mut()) };
            assert_eq!(result, cpc_result::CPC_OK);
        });
        self.check(status);
        counted.count_total
    }

    /// The same by columns.
    fn columns(&mut self, at: i64, status: cpc_status) -> u64 {
        let phones: Vec<u64> = self.phones.iter().map(|phone| phone.parse().unwrap()).collect();
        let absent = cpc_text_column { data: ptr::null(), width: 0, stride: 0 };
        let columns = cpc_columns {
            struct_size: size_of::<cpc_columns>() as u32,
            flags: CPC_COLUMNS_CLOSE_TICKET,
            campaign: cpc_text::of("c"),
            id_account: cpc_text::EMPTY,
            tag: cpc_text::of("emp1"),
            specialist_code: cpc_text::of("admin"),
            main_template: cpc_text::of("Olá"),
            retry_template: cpc_text::EMPTY,
            last_template: cpc_text::EMPTY,
            count: SIZE,
            phones: cpc_number_column { data: phones.as_ptr(), stride: size_of::<u64>() },
            id_messages: cpc_number_column { data: ptr::null(), stride: 0 },
            client_ids: absent,
            contracts: absent,
        };
        let (engine, places) = (self.engine, self.outcomes.as_mut_ptr());
        let counted = allocation_counter::measure(|| {
            let columns = &raw const columns;
            let result =
                unsafe { cpc_engine_dispatch_columns(engine, at, columns, places, SIZE, ptr::null_mut()) };
            assert_eq!(result, cpc_result::CPC_OK);
        });
        self.check(status);
        counted.count_total
    }

    fn check(&self, status: cpc_status) {
        assert!(self.outcomes.iter().all(|outcome| outcome.status == status as i32));
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        unsafe { cpc_engine_free(self.engine) };
    }
}

#[test]
fn nothing_is_allocated_but_what_the_engine_itself_takes() {
    use cpc_status::{CPC_STATUS_ACCEPTED, CPC_STATUS_CONTACT_BLOCKED};
    let mut host = Host::new();
    for day in 0..10 {
        host.rows(START + 2 * day * DAY, CPC_STATUS_ACCEPTED);
        host.twin(START + 2 * day * DAY);
        host.columns(START + 2 * day * DAY, CPC_STATUS_CONTACT_BLOCKED);
        host.twin(START + 2 * day * DAY);
    }
    let later = START + 20 * DAY;
    assert_eq!(host.rows(later, CPC_STATUS_ACCEPTED), host.twin(later), "rows, accepted");
    assert_eq!(host.rows(later, CPC_STATUS_CONTACT_BLOCKED), 0, "rows, blocked");
    assert_eq!(host.columns(later, CPC_STATUS_CONTACT_BLOCKED), 0, "columns, blocked");
    let latest = later + 2 * DAY;
    assert_eq!(host.columns(latest, CPC_STATUS_ACCEPTED), host.twin(latest), "columns, accepted");
}
