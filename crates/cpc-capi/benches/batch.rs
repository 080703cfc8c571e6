//! A typed batch of 1000 through C beside the same batch in Rust: two engines with a million contacts each, in one
//! process, taking turns; and that with several pairs of them. `cargo xtask bench capi` runs it.
//!
//! The messages are those of the massivocpc document, every member filled in, to contacts that are new. Their texts
//! stand together, as in the body of a request: texts that lie apart, each on a page of its own, make a benchmark of
//! page tables. C calls the shared library, through the pointers that the loader gives. It fails when C costs more than
//! the limit.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::float_arithmetic,
    reason = "a program that measures"
)]

use cpc::{
    CPC_MESSAGE_CLOSE_TICKET, CPC_MESSAGE_HAS_ID, cpc_applied, cpc_batch, cpc_engine, cpc_message,
    cpc_outcome, cpc_result, cpc_text,
};
use cpc_core::{
    Batch, Command, Engine, IdMessage, Message, Outcome, Policy, SenderSetup, Status, WalletSetup,
};
use std::hint::black_box;
use std::time::Instant;
use std::{env, ptr};

const AT: i64 = 1_795_435_200_000;
const SIZE: usize = 1_000;
const KNOWN_BATCHES: u64 = 1_000;
const ROUNDS: u64 = 220;
/// How many pairs of engines.
const PAIRS: usize = 12;
/// The most that C may cost, as a part of what Rust does.
const LIMIT: f64 = 1.05;

type Restore = unsafe extern "C" fn(cpc_text, i32, *mut *mut cpc_engine) -> cpc_result;
type Free = unsafe extern "C" fn(*mut cpc_engine);
type Dispatch = unsafe extern "C" fn(
    *mut cpc_engine,
    i64,
    *const cpc_batch,
    *mut cpc_outcome,
    usize,
    *mut cpc_applied,
) -> cpc_result;

const MAIN: &str = "Olá, seu contrato BV está disponível para negociação. Inicie seu atendimento";
const RETRY: &str = "Ainda dá tempo de negociar o seu contrato. Responda esta mensagem";
const LAST: &str = "Última oportunidade de negociar o seu contrato com desconto";

/// The messages of one batch, their texts one after the other, as the body of a request has them.
struct Posted {
    body: String,
    /// Where each text ends.
    ends: Vec<usize>,
    /// The number of the first message.
    first: u64,
}

impl Posted {
    /// The n-th batch: no two have a contact in common.
    fn new(batch: u64) -> Posted {
        let first = batch * SIZE as u64;
        let (mut body, mut ends) = (String::new(), Vec::new());
        for number in first..first + SIZE as u64 {
            // An odd factor visits every number of the range once, in no order.
            let phone = format!("55119{}", 60_000_000 + number * 7_919_771 % 39_999_999);
            let (client, contract) = (format!("{number:08}"), format!("{:07}", 1_000_000 + number));
            for text in [phone.as_str(), &client, &contract, "admin", MAIN, RETRY, LAST] {
                body.push_str(text);
                ends.push(body.len());
            }
        }
        Posted { body, ends, first }
    }

    /// Each message's number and texts.
    fn messages(&self) -> impl Iterator<Item = (u64, [&str; 7])> {
        let mut rest = self.body.as_str();
        let (messages, _) = self.ends.as_chunks::<7>();
        let mut start = 0;
        (self.first..).zip(messages).map(move |(number, ends)| {
            let texts = ends.map(|end| {
                let (text, after) = rest.split_at(end - start);
                (rest, start) = (after, end);
                text
            });
            (number, texts)
        })
    }
}

fn rust_message((number, texts): (u64, [&str; 7])) -> Message<'_> {
    let [phone, client_id, contract, specialist_code, main_template, retry_template, last_template] = texts;
    Message {
        id_message: IdMessage::Number(number),
        client_id,
        contract: contract.into(),
        main_template: main_template.into(),
        retry_template: retry_template.into(),
        last_template: last_template.into(),
        ..Message::new(phone, specialist_code)
    }
}

fn c_message((number, texts): (u64, [&str; 7])) -> cpc_message {
    let [phone, client_id, contract, specialist_code, main_template, retry_template, last_template] =
        texts.map(cpc_text::of);
    let named = cpc_message {
        struct_size: size_of::<cpc_message>() as u32,
        flags: CPC_MESSAGE_CLOSE_TICKET | CPC_MESSAGE_HAS_ID,
        id_message: number,
        phone,
        client_id,
        contract,
        specialist_code,
        ..cpc_message::default()
    };
    cpc_message { main_template, retry_template, last_template, ..named }
}

/// The engine in Rust.
struct Direct {
    engine: Engine,
    outcomes: Vec<Outcome>,
}

impl Direct {
    /// An engine that has written to many already.
    fn known() -> Direct {
        let ids: Vec<String> = (0..50).map(|number| format!("55149900{number:05}")).collect();
        let setup = |id| SenderSetup { id, ..SenderSetup::default() };
        let senders: Vec<SenderSetup<'_>> = ids.iter().map(|id| setup(id.as_str())).collect();
        let wallet = WalletSetup { tag: "emp1", senders: &senders, ..WalletSetup::default() };
        let mut direct = Direct { engine: Engine::new(Policy::default()), outcomes: Vec::new() };
        direct.engine.apply(AT, &Command::Wallet(wallet), &mut direct.outcomes).unwrap();
        for batch in 0..KNOWN_BATCHES {
            direct.dispatch(&Posted::new(batch).messages().map(rust_message).collect::<Vec<_>>());
        }
        direct
    }

    /// Nanoseconds.
    fn dispatch(&mut self, messages: &[Message<'_>]) -> f64 {
        let batch =
            Batch { campaign: "Campanha teste", id_account: "1234", tag: "emp1", messages, atomic: false };
        let start = Instant::now();
        self.engine.dispatch(AT, black_box(&batch), &mut self.outcomes).unwrap();
        let time = start.elapsed().as_nanos() as f64;
        assert_eq!(black_box(&self.outcomes).last().unwrap().status, Status::Accepted);
        time
    }
}

/// The engine through C.
struct Foreign {
    engine: *mut cpc_engine,
    dispatch: Dispatch,
    outcomes: Vec<cpc_outcome>,
}

impl Foreign {
    fn dispatch(&mut self, messages: &[cpc_message]) -> f64 {
        let batch = cpc_batch {
            struct_size: size_of::<cpc_batch>() as u32,
            flags: 0,
            campaign: cpc_text::of("Campanha teste"),
            id_account: cpc_text::of("1234"),
            tag: cpc_text::of("emp1"),
            messages: messages.as_ptr(),
            count: messages.len(),
        };
        let (places, room) = (self.outcomes.as_mut_ptr(), self.outcomes.len());
        let start = Instant::now();
        // SAFETY: the engine's own library; all that is pointed to lives.
        let result =
            unsafe { (self.dispatch)(self.engine, AT, &raw const batch, places, room, ptr::null_mut()) };
        let time = start.elapsed().as_nanos() as f64;
        assert_eq!(result, cpc_result::CPC_OK);
        assert_eq!(black_box(&self.outcomes).last().unwrap().status, 0);
        time
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// An engine in Rust and one through C that know the same. Restored, so that both have grown the same way, in either
/// order: whose memory was taken first makes a difference of its own.
struct Pair {
    direct: Direct,
    foreign: Foreign,
}

impl Pair {
    fn restored(snapshot: &[u8], restore: Restore, dispatch: Dispatch, rust_first: bool) -> Pair {
        let in_rust = || Direct { engine: Engine::restore(snapshot).unwrap(), outcomes: Vec::new() };
        let bytes = cpc_text { data: snapshot.as_ptr().cast(), length: snapshot.len() };
        let first = rust_first.then(in_rust);
        let mut engine = ptr::null_mut();
        // SAFETY: bytes and a place that live.
        assert_eq!(unsafe { restore(bytes, 1, &raw mut engine) }, cpc_result::CPC_OK);
        let outcome = cpc_outcome { struct_size: size_of::<cpc_outcome>() as u32, ..cpc_outcome::default() };
        let foreign = Foreign { engine, dispatch, outcomes: vec![outcome; SIZE] };
        Pair { direct: first.unwrap_or_else(in_rust), foreign }
    }

    /// Nanoseconds that a batch takes in Rust, and through C.
    fn measure(&mut self, round: u64) -> [f64; 2] {
        let posted = Posted::new(KNOWN_BATCHES + round);
        let messages: Vec<Message<'_>> = posted.messages().map(rust_message).collect();
        let c_messages: Vec<cpc_message> = posted.messages().map(c_message).collect();
        // Who comes second finds texts in the cache: they take turns.
        if round.is_multiple_of(2) {
            let one = self.direct.dispatch(&messages);
            [one, self.foreign.dispatch(&c_messages)]
        } else {
            let other = self.foreign.dispatch(&c_messages);
            [self.direct.dispatch(&messages), other]
        }
    }
}

fn main() {
    let file = env::var_os("CPC_LIBRARY").expect("CPC_LIBRARY names libcpc.so");
    // SAFETY: libcpc does nothing when it is loaded.
    let library = unsafe { libloading::Library::new(file) }.unwrap();
    // SAFETY: the header says so.
    let restore = *unsafe { library.get::<Restore>(b"cpc_engine_restore") }.unwrap();
    // SAFETY: the header says so.
    let dispatch = *unsafe { library.get::<Dispatch>(b"cpc_engine_dispatch") }.unwrap();
    // SAFETY: the header says so.
    let free = *unsafe { library.get::<Free>(b"cpc_engine_free") }.unwrap();

    let mut snapshot = Vec::new();
    Direct::known().engine.snapshot(&mut snapshot);
    let (mut rust, mut c, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for turn in 0..PAIRS {
        let mut pair = Pair::restored(&snapshot, restore, dispatch, turn % 2 == 0);
        // The first rounds let buffers grow.
        let times: Vec<[f64; 2]> = (0..ROUNDS).map(|round| pair.measure(round)).skip(20).collect();
        rust.extend(times.iter().map(|[one, _]| one));
        c.extend(times.iter().map(|[_, other]| other));
        // Of two rounds together, in one of which each came first.
        for two in times.chunks(2) {
            let one: f64 = two.iter().map(|[one, _]| one).sum();
            let other: f64 = two.iter().map(|[_, other]| other).sum();
            ratios.push(other / one);
        }
        // SAFETY: the engine's own library, and no call on it follows.
        unsafe { free(pair.foreign.engine) };
    }
    let ratio = median(&mut ratios);
    let each = |times: &mut [f64]| median(times) / SIZE as f64;
    println!("a batch of {SIZE}, first contacts, {} known: ns a message", KNOWN_BATCHES * SIZE as u64);
    println!(
        "    in Rust {:.0}, through C {:.0}; ratio {ratio:.3}, at most {LIMIT}",
        each(&mut rust),
        each(&mut c)
    );
    assert!(ratio <= LIMIT, "a batch through C costs {:.1} % more than in Rust", (ratio - 1.0) * 100.0);
}
