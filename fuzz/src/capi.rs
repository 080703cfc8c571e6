//! The C ABI, called as arbitrary programs would: right, wrong, with NULL, with any numbers. Pointers that are not NULL
//! point to valid memory, because that is a C program's own duty.

use crate::input::Input;
use cpc::*;
use std::mem::size_of;
use std::ptr;

/// 2026-11-23T12:00:00Z
const START: i64 = 1_795_435_200_000;
/// The most calls of one input.
const CALLS: usize = 200;

/// Makes the calls that the bytes stand for. Whatever they are: no crash, no panic, and the same digest from the same
/// snapshot. Says how many of the calls succeeded.
pub fn drive(bytes: &[u8]) -> usize {
    let mut input = Input::new(bytes);
    let mut host = Host::new();
    let mut done = 0;
    for _ in 0..CALLS {
        if input.is_empty() {
            break;
        }
        let result = host.call(&mut input);
        assert_ne!(result, cpc_result::CPC_ERR_PANIC, "a panic in the library");
        assert_ne!(result, cpc_result::CPC_ERR_POISONED);
        done += usize::from(result == cpc_result::CPC_OK);
    }
    host.finish();
    done
}

struct Host {
    engine: *mut cpc_engine,
    buffer: cpc_buffer,
    at: i64,
}

/// Room for answers. Its sizes are as they should be, nearly always.
struct Room {
    outcomes: Vec<cpc_outcome>,
    applied: cpc_applied,
    capacity: usize,
}

impl Room {
    fn new(input: &mut Input<'_>) -> Room {
        let size = match input.below(32) {
            0 => u32::from(input.byte()),
            _ => size_of::<cpc_outcome>() as u32,
        };
        let outcome = cpc_outcome { struct_size: size, ..cpc_outcome::default() };
        let capacity = usize::from(input.below(8));
        let applied = cpc_applied { struct_size: size_of::<cpc_applied>() as u32, ..cpc_applied::default() };
        Room { outcomes: vec![outcome; capacity], applied, capacity }
    }

    fn outcomes(&mut self) -> *mut cpc_outcome {
        if self.capacity == 0 { ptr::null_mut() } else { self.outcomes.as_mut_ptr() }
    }
}

const PHONES: [&str; 4] = ["5511988876204", "551188876204", "+55 (21) 98888-0001", "5511912345678"];

fn text(input: &mut Input<'_>) -> cpc_text {
    const NAMES: [&str; 4] = ["emp1", "admin", "5514990000001", "ana"];
    match input.below(64) {
        0 => cpc_text { data: ptr::null(), length: usize::from(input.byte()) },
        1..20 => cpc_text::EMPTY,
        20..30 => cpc_text::of(PHONES[usize::from(input.below(4))]),
        30..60 => cpc_text::of(NAMES[usize::from(input.below(4))]),
        // A pointer that is not NULL points to that many bytes, of any content.
        _ => {
            let bytes = input.bytes();
            cpc_text { data: bytes.as_ptr().cast(), length: bytes.len() }
        }
    }
}

/// A phone or a name where one belongs, anything now and then.
fn likely(input: &mut Input<'_>, usual: &'static str) -> cpc_text {
    if input.below(32) == 0 { text(input) } else { cpc_text::of(usual) }
}

fn phone(input: &mut Input<'_>) -> cpc_text {
    let usual = PHONES[usize::from(input.below(4))];
    likely(input, usual)
}

fn message(input: &mut Input<'_>) -> cpc_message {
    let named = cpc_message {
        struct_size: size::<cpc_message>(input),
        flags: small(input) & if input.below(64) == 0 { u32::MAX } else { 3 },
        id_message: u64::from(input.below(4)),
        phone: phone(input),
        client_id: text(input),
        contract: text(input),
        specialist_code: likely(input, "admin"),
        ..cpc_message::default()
    };
    let [main_template, retry_template, last_template] = [text(input), text(input), text(input)];
    cpc_message { main_template, retry_template, last_template, ..named }
}

/// The size of a struct, nearly always.
fn size<T>(input: &mut Input<'_>) -> u32 {
    if input.below(128) == 0 { u32::from(input.byte()) } else { size_of::<T>() as u32 }
}

/// Flags or a choice: small, nearly always.
fn small(input: &mut Input<'_>) -> u32 {
    if input.below(32) == 0 { input.u64() as u32 } else { u32::from(input.below(8)) }
}

impl Host {
    fn new() -> Host {
        let mut engine = ptr::null_mut();
        // SAFETY: a valid place.
        let made = unsafe { cpc_engine_new(2, &raw mut engine) };
        assert_eq!(made, cpc_result::CPC_OK);
        let mut host = Host { engine, buffer: cpc_buffer::default(), at: START };
        let wallet = r#"{"op":"wallet","at":1795435200000,"tag":"emp1","senders":[{"id":"5514990000001"},{"id":"b"}]}"#;
        assert_eq!(host.execute(cpc_text::of(wallet)), cpc_result::CPC_OK);
        host
    }

    /// The next time: usually a little later, sometimes any at all.
    fn tick(&mut self, input: &mut Input<'_>) -> i64 {
        match input.below(16) {
            0 => return input.u64() as i64,
            1 => self.at += 86_400_000,
            2 => self.at -= 3_600_000,
            _ => self.at += i64::from(input.byte()) * 60_000,
        }
        self.at
    }

    /// The engine, or no engine.
    fn handle(&self, input: &mut Input<'_>) -> *mut cpc_engine {
        if input.below(64) == 0 { ptr::null_mut() } else { self.engine }
    }

    fn call(&mut self, input: &mut Input<'_>) -> cpc_result {
        match input.below(16) {
            0..4 => self.dispatch(input),
            4 => self.columns(input),
            5 | 6 => self.reply_or_report(input),
            7 | 8 => self.about_a_contact(input),
            9 => self.lists(input),
            10 => self.wallet(input),
            11 | 12 => self.questions(input),
            13 => {
                let line = text(input);
                self.execute(line)
            }
            14 => self.massivocpc(input),
            _ => self.restore(input),
        }
    }

    fn execute(&mut self, line: cpc_text) -> cpc_result {
        // SAFETY: a handle, and bytes that are there.
        unsafe { cpc_engine_execute(self.engine, line, &raw mut self.buffer) }
    }

    fn massivocpc(&mut self, input: &mut Input<'_>) -> cpc_result {
        let (at, mut status) = (self.tick(input), 0);
        let (body, profile) = (text(input), small(input) as i32);
        // SAFETY: a handle or NULL, and places that are there.
        unsafe {
            cpc_engine_massivocpc(
                self.handle(input),
                body,
                at,
                profile,
                &raw mut self.buffer,
                &raw mut status,
            )
        }
    }

    fn dispatch(&mut self, input: &mut Input<'_>) -> cpc_result {
        let at = self.tick(input);
        let messages: Vec<cpc_message> = (0..input.below(6)).map(|_| message(input)).collect();
        let mut room = Room::new(input);
        let batch = cpc_batch {
            struct_size: size::<cpc_batch>(input),
            flags: small(input) & if input.below(8) == 0 { u32::MAX } else { 1 },
            campaign: likely(input, "campaign"),
            id_account: text(input),
            tag: likely(input, "emp1"),
            messages: if messages.is_empty() { ptr::null() } else { messages.as_ptr() },
            count: messages.len(),
        };
        let (places, capacity) = (room.outcomes(), room.capacity);
        // SAFETY: a handle or NULL, and arrays of so many members.
        unsafe {
            if input.below(4) == 0 {
                return cpc_engine_preview(self.handle(input), at, &raw const batch, places, capacity);
            }
            let handle = self.handle(input);
            cpc_engine_dispatch(handle, at, &raw const batch, places, capacity, &raw mut room.applied)
        }
    }

    fn columns(&mut self, input: &mut Input<'_>) -> cpc_result {
        let at = self.tick(input);
        let count = usize::from(input.below(6));
        let numbers: Vec<u64> =
            (0..count.max(1)).map(|_| 5_511_988_876_200 + u64::from(input.below(4))).collect();
        let clients = [*b"ana\0", *b"bia\0", [input.byte(); 4], *b"\0\0\0\0", *b"dudu", *b"e\0e\0"];
        let mut room = Room::new(input);
        let stride = if input.below(4) == 0 { 0 } else { size_of::<u64>() };
        let absent = |input: &mut Input<'_>| input.below(4) == 0;
        let numbers_column = |input: &mut Input<'_>| cpc_number_column {
            data: if absent(input) { ptr::null() } else { numbers.as_ptr() },
            stride,
        };
        let texts_column = |input: &mut Input<'_>| cpc_text_column {
            data: if absent(input) { ptr::null() } else { clients.as_ptr().cast() },
            width: 4,
            stride: 4,
        };
        let columns = cpc_columns {
            struct_size: size::<cpc_columns>(input),
            flags: small(input) & 3,
            campaign: likely(input, "campaign"),
            id_account: text(input),
            tag: likely(input, "emp1"),
            specialist_code: likely(input, "admin"),
            main_template: text(input),
            retry_template: text(input),
            last_template: text(input),
            count,
            phones: numbers_column(input),
            id_messages: numbers_column(input),
            client_ids: texts_column(input),
            contracts: texts_column(input),
        };
        let (places, capacity) = (room.outcomes(), room.capacity);
        // SAFETY: a handle or NULL, and columns of so many rows.
        unsafe {
            let handle = self.handle(input);
            cpc_engine_dispatch_columns(
                handle,
                at,
                &raw const columns,
                places,
                capacity,
                &raw mut room.applied,
            )
        }
    }

    fn reply_or_report(&mut self, input: &mut Input<'_>) -> cpc_result {
        let (at, mut room) = (self.tick(input), Room::new(input));
        let (one, applied) = (room.outcomes(), &raw mut room.applied);
        let handle = self.handle(input);
        if input.below(2) == 0 {
            let reply = cpc_reply {
                struct_size: size::<cpc_reply>(input),
                flags: small(input) & 3,
                phone: phone(input),
                received_at: self.tick(input),
            };
            // SAFETY: a handle or NULL, and structs that are there.
            return unsafe { cpc_engine_reply(handle, at, &raw const reply, one, applied) };
        }
        let report = cpc_report {
            struct_size: size::<cpc_report>(input),
            delivery: small(input) as i32,
            fault: small(input) as i32,
            reserved: 0,
            dispatch: u64::from(input.byte()),
            sender: text(input),
        };
        // SAFETY: a handle or NULL, and structs that are there.
        unsafe { cpc_engine_report(handle, at, &raw const report, one, applied) }
    }

    fn about_a_contact(&mut self, input: &mut Input<'_>) -> cpc_result {
        let (at, mut room) = (self.tick(input), Room::new(input));
        let (one, applied) = (room.outcomes(), &raw mut room.applied);
        let target = cpc_target {
            struct_size: size::<cpc_target>(input),
            kind: small(input) as i32 & 3,
            id: phone(input),
        };
        let (target, handle) = (&raw const target, self.handle(input));
        // SAFETY: a handle or NULL, and structs that are there.
        unsafe {
            match input.below(6) {
                0 => cpc_engine_opt_out(handle, at, target, one, applied),
                1 => cpc_engine_opt_in(handle, at, target, one, applied),
                2 => cpc_engine_forget(handle, at, target, one, applied),
                3 => cpc_engine_force_unblock(handle, at, target, text(input), one, applied),
                4 => cpc_engine_operator_message(handle, at, phone(input), text(input), one, applied),
                _ => {
                    let mut contact =
                        cpc_contact { struct_size: size::<cpc_contact>(input), ..cpc_contact::default() };
                    cpc_engine_contact(handle, at, target, &raw mut contact)
                }
            }
        }
    }

    fn lists(&mut self, input: &mut Input<'_>) -> cpc_result {
        let (at, mut room, mut count) = (self.tick(input), Room::new(input), 0);
        let (places, capacity) = (room.outcomes(), room.capacity);
        let handle = self.handle(input);
        // SAFETY: a handle or NULL, and an array of so many members.
        let result = unsafe {
            match input.below(3) {
                0 => {
                    cpc_engine_follow_ups(handle, at, places, capacity, &raw mut count, &raw mut room.applied)
                }
                1 => cpc_engine_expire(handle, at, places, capacity, &raw mut count, &raw mut room.applied),
                _ => cpc_engine_clock(handle, at, &raw mut room.applied),
            }
        };
        assert!(count <= capacity, "more outcomes than there is room for");
        result
    }

    fn wallet(&mut self, input: &mut Input<'_>) -> cpc_result {
        let at = self.tick(input);
        let operators = [text(input), cpc_text::of("admin")];
        let count = usize::from(input.below(3));
        let sender = |input: &mut Input<'_>| cpc_sender {
            struct_size: size::<cpc_sender>(input),
            flags: small(input) & 3,
            id: text(input),
            weight: small(input),
            daily_limit: small(input),
            per_second: small(input),
            burst: small(input),
            group: text(input),
            operators: operators.as_ptr(),
            operator_count: count,
        };
        let senders: Vec<cpc_sender> = (0..input.below(4)).map(|_| sender(input)).collect();
        let wallet = cpc_wallet {
            struct_size: size::<cpc_wallet>(input),
            flags: small(input) & 1,
            tag: likely(input, "emp1"),
            window_ms: u64::from(input.byte()) << input.below(32),
            operators: operators.as_ptr(),
            operator_count: count,
            senders: senders.as_ptr(),
            sender_count: senders.len(),
        };
        let (mut room, handle) = (Room::new(input), self.handle(input));
        let (one, applied) = (room.outcomes(), &raw mut room.applied);
        // SAFETY: a handle or NULL, and arrays of so many members.
        unsafe {
            match input.below(4) {
                0 => cpc_engine_remove_wallet(handle, at, text(input), one, applied),
                1 => {
                    let until = self.at + 60_000;
                    let until = if input.below(2) == 0 { ptr::null() } else { &raw const until };
                    let (state, id) = (small(input) as i32, text(input));
                    cpc_engine_set_sender_state(handle, at, wallet.tag, id, state, until, one, applied)
                }
                _ => cpc_engine_set_wallet(handle, at, &raw const wallet, one, applied),
            }
        }
    }

    fn questions(&mut self, input: &mut Input<'_>) -> cpc_result {
        let (at, handle) = (self.tick(input), self.handle(input));
        let mut deadlines = cpc_deadlines { struct_size: size::<cpc_deadlines>(input), ..Default::default() };
        let mut stats = cpc_stats { struct_size: size::<cpc_stats>(input), ..Default::default() };
        let (mut exists, mut deadline) = (false, 0);
        let mut field = cpc_text::EMPTY;
        // SAFETY: a handle or NULL, and places that are there.
        unsafe {
            match input.below(5) {
                0 => cpc_engine_deadlines(handle, at, &raw mut deadlines),
                1 => cpc_engine_stats(handle, at, &raw mut stats),
                2 => cpc_engine_next_deadline(handle, &raw mut exists, &raw mut deadline),
                3 => cpc_engine_sender_id(handle, small(input), &raw mut self.buffer),
                _ => cpc_engine_error(handle, &raw mut field, &raw mut self.buffer),
            }
        }
    }

    /// Replaces the engine by one restored from its snapshot, or restores a damaged snapshot.
    fn restore(&mut self, input: &mut Input<'_>) -> cpc_result {
        let before = self.digest();
        // SAFETY: a handle, and a place that is there.
        assert_eq!(unsafe { cpc_engine_snapshot(self.engine, &raw mut self.buffer) }, cpc_result::CPC_OK);
        let mut engine = ptr::null_mut();
        let mut snapshot = cpc_text { data: self.buffer.data, length: self.buffer.length };
        let damaged = input.below(2) == 0;
        if damaged {
            snapshot.length = input.u64() as usize % self.buffer.length;
        }
        // SAFETY: so many bytes are there.
        let result = unsafe { cpc_engine_restore(snapshot, 1, &raw mut engine) };
        assert_eq!(result == cpc_result::CPC_OK, !damaged, "{result:?}");
        if !damaged {
            // SAFETY: a valid handle, not used elsewhere.
            unsafe { cpc_engine_free(self.engine) };
            self.engine = engine;
            assert_eq!(self.digest(), before, "a snapshot restores another engine");
        }
        result
    }

    fn digest(&self) -> cpc_digest {
        let mut digest = cpc_digest::default();
        // SAFETY: a handle, and a place that is there.
        assert_eq!(unsafe { cpc_engine_digest(self.engine, &raw mut digest) }, cpc_result::CPC_OK);
        digest
    }

    fn finish(mut self) {
        // SAFETY: a buffer of the library, and a valid handle that is not used elsewhere.
        unsafe {
            cpc_buffer_free(&raw mut self.buffer);
            assert_eq!(cpc_engine_free(self.engine), cpc_result::CPC_OK);
        }
    }
}
