//! A massivocpc body to its answer, beside parsers that only parse it.
//!
//! The engine does all that a request needs: reading, deciding, writing the answer. Peers read the same bytes into structs that
//! borrow their texts, and stop there.

use crate::report::{Key, Report};
use crate::scale::Scale;
use cpc_wire::{Language, ResponseProfile, respond};
use cpu_time::ThreadTime;
use serde::Deserialize;
use std::borrow::Cow;
use std::hint::black_box;
use std::time::Duration;
use workload::{Members, START, Tenant, body};

/// The document's body, texts borrowed as they are: a text with an escape is an error.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the document says what they are")]
pub struct Plain<'a> {
    pub campaign: &'a str,
    pub id_account: Option<&'a str>,
    pub tag: &'a str,
    #[serde(borrow)]
    pub messages: Vec<PlainMessage<'a>>,
}

/// Its messages.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the document says what they are")]
pub struct PlainMessage<'a> {
    pub phone: &'a str,
    pub id_message: Option<u64>,
    pub client_id: Option<&'a str>,
    pub contract: Option<&'a str>,
    pub close_ticket: Option<bool>,
    pub specialist_code: Option<&'a str>,
    pub main_template: Option<&'a str>,
    pub retry_template: Option<&'a str>,
    pub last_template: Option<&'a str>,
}

/// The document's body, with texts that are borrowed where they have no escape.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "it is only parsed")]
struct Escaped<'a> {
    #[serde(borrow)]
    campaign: Cow<'a, str>,
    #[serde(borrow)]
    id_account: Option<Cow<'a, str>>,
    #[serde(borrow)]
    tag: Cow<'a, str>,
    #[serde(borrow)]
    messages: Vec<EscapedMessage<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "it is only parsed")]
struct EscapedMessage<'a> {
    #[serde(borrow)]
    phone: Cow<'a, str>,
    id_message: Option<u64>,
    #[serde(borrow)]
    client_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    contract: Option<Cow<'a, str>>,
    close_ticket: Option<bool>,
    #[serde(borrow)]
    specialist_code: Option<Cow<'a, str>>,
    #[serde(borrow)]
    main_template: Option<Cow<'a, str>>,
    #[serde(borrow)]
    retry_template: Option<Cow<'a, str>>,
    #[serde(borrow)]
    last_template: Option<Cow<'a, str>>,
}

/// The group of these figures.
pub const GROUP: &str = "json";
/// The engine, all accepted.
pub const CPC: &str = "cpc, body to answer, all accepted";
/// The engine, all refused: it writes an error for each.
pub const CPC_REFUSED: &str = "cpc, body to answer, all refused";
/// The baseline of the engine's figures.
pub const SERDE: &str = "serde_json into &str, parsing only";
const SERDE_COW: &str = "serde_json into Cow, parsing only";
const SONIC: &str = "sonic-rs into &str, parsing only";
/// In the order of the table.
pub const SYSTEMS: [&str; 5] = [SERDE, SERDE_COW, SONIC, CPC, CPC_REFUSED];

/// Bodies of the members of the document's example.
pub const MANDATORY: &str = "the example's members";
/// Bodies of all members.
pub const ALL: &str = "all members";
/// Messages of a body.
pub const SIZES: [u64; 3] = [1, 1_000, 100_000];

/// Measures all sizes and both kinds of members.
pub fn measure(scale: &Scale, report: &mut Report) {
    let rounds = scale.rounds;
    let posted = 6 * (rounds + 1) * scale.messages.max(100_000);
    let mut tenant = Tenant::new(50, scale.known + posted);
    tenant.write_to(0..scale.known, true, false);
    let mut next = scale.known;
    for round in 0..rounds {
        eprintln!("json: round {}", round + 1);
        for (phase, members) in [(MANDATORY, Members::Mandatory), (ALL, Members::All)] {
            for size in SIZES.into_iter().filter(|size| *size <= scale.messages) {
                let first = next;
                next += scale.messages;
                let bodies = Bodies::new(first..next, size as usize, members);
                bodies.measure(&mut tenant, START + next as i64, |what, each| {
                    report.add(Key { group: GROUP, what, phase, size }, each);
                });
            }
        }
    }
}

/// Bodies of one size, and the same again with other numbers of messages.
struct Bodies {
    first: Vec<String>,
    again: Vec<String>,
    messages: u64,
}

impl Bodies {
    fn new(contacts: std::ops::Range<u64>, size: usize, members: Members) -> Bodies {
        let messages = contacts.end - contacts.start;
        let firsts = contacts.step_by(size);
        let first: Vec<String> = firsts.map(|first| body(first..first + size as u64, members)).collect();
        let renumbered = |body: &String| body.replace("\"idMessage\":", "\"idMessage\":1");
        Bodies { again: first.iter().map(renumbered).collect(), first, messages }
    }

    /// Measures all systems on every body, in turns; hands out nanoseconds a message.
    fn measure(&self, tenant: &mut Tenant, at: i64, mut take: impl FnMut(&'static str, f64)) {
        let mut times = [Duration::ZERO; SYSTEMS.len()];
        // Small bodies are measured many at a time: the clock takes as long as they do.
        let group = if self.first.len() >= 1_000 { 1_000 } else { 1 };
        for (bodies, again) in self.first.chunks(group).zip(self.again.chunks(group)) {
            for (time, what) in times.iter_mut().zip(SYSTEMS) {
                let start = ThreadTime::now();
                match what {
                    CPC => answer(tenant, at, bodies, 200),
                    CPC_REFUSED => answer(tenant, at, again, 422),
                    SERDE_COW => parse(bodies, |body| serde_json::from_slice::<Escaped<'_>>(body).unwrap()),
                    SONIC => parse(bodies, |body| sonic_rs::from_slice::<Plain<'_>>(body).unwrap()),
                    _ => parse(bodies, |body| serde_json::from_slice::<Plain<'_>>(body).unwrap()),
                }
                *time += start.elapsed();
            }
        }
        for (time, what) in times.iter().zip(SYSTEMS) {
            take(what, time.as_nanos() as f64 / self.messages as f64);
        }
    }
}

fn parse<'a, T>(bodies: &'a [String], parse: impl Fn(&'a [u8]) -> T) {
    bodies.iter().for_each(|body| drop(black_box(parse(black_box(body.as_bytes())))));
}

fn answer(tenant: &mut Tenant, at: i64, bodies: &[String], expected: u16) {
    let mut answer = Vec::new();
    for body in bodies {
        answer.clear();
        let (profile, language) = (ResponseProfile::Full, Language::PtBr);
        let status =
            respond(&mut tenant.engine, black_box(body.as_bytes()), at, profile, language, &mut answer);
        assert_eq!(status, expected);
        black_box(&answer);
    }
}
