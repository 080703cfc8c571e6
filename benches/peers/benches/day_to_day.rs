//! For every day: what a change did to a decision and to a request, by criterion; `cargo bench` in this folder.
//!
//! One size each: 100 000 contacts known, batches and bodies of 1000. Peers and other sizes are for `cargo xtask bench`.
#![allow(clippy::unwrap_used, missing_docs, reason = "a measurement that cannot go on has failed")]

use cpc_core::Message;
use cpc_wire::{Language, ResponseProfile, respond};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use workload::{Members, Posted, START, Tenant, body};

const KNOWN: u64 = 100_000;
const BATCH: u64 = 1_000;
/// After all that is known was dispatched.
const NOW: i64 = START + KNOWN as i64;

fn posted(first: u64) -> Vec<Posted> {
    (first..first + BATCH).map(|contact| Posted::to(contact * 97 % (KNOWN + BATCH), false)).collect()
}

fn decisions(criterion: &mut Criterion) {
    let mut tenant = Tenant::new(50, 2 * KNOWN);
    tenant.write_to(0..KNOWN, false, false);
    let mut group = criterion.benchmark_group("decision");
    group.throughput(Throughput::Elements(BATCH));

    let mut known: Vec<Posted> = posted(0).into_iter().filter(|posted| posted.number < KNOWN).collect();
    known.iter_mut().for_each(|posted| posted.number += 1 << 40);
    let messages: Vec<Message<'_>> = known.iter().map(Posted::message).collect();
    group.bench_function("refused", |bencher| {
        bencher.iter(|| tenant.dispatch(NOW, black_box(&messages)).unwrap());
    });

    let mut new: Vec<Posted> = (0..BATCH).map(|_| Posted::default()).collect();
    let mut next = KNOWN;
    let mut accepting = tenant.clone();
    group.bench_function("accepted", |bencher| {
        bencher.iter_custom(|times| {
            let mut time = std::time::Duration::ZERO;
            for _ in 0..times {
                // Every so often from the beginning, so that as many are known as at first.
                if next > 2 * KNOWN {
                    (accepting, next) = (tenant.clone(), KNOWN);
                }
                new.iter_mut().zip(next..).for_each(|(posted, contact)| posted.set(contact, false));
                next += BATCH;
                let messages: Vec<Message<'_>> = new.iter().map(Posted::message).collect();
                let start = std::time::Instant::now();
                accepting.dispatch(NOW, black_box(&messages)).unwrap();
                time += start.elapsed();
            }
            time
        });
    });

    group.bench_function("reply", |bencher| {
        bencher.iter_batched_ref(
            || tenant.clone(),
            |tenant| known.iter().for_each(|posted| tenant.reply(NOW, black_box(&posted.phone))),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn json(criterion: &mut Criterion) {
    let mut tenant = Tenant::new(50, 2 * KNOWN);
    tenant.write_to(0..KNOWN, true, false);
    let mut group = criterion.benchmark_group("json");
    group.throughput(Throughput::Elements(BATCH));
    let mut answer = Vec::new();
    let mut answer_to = |tenant: &mut Tenant, body: &str| {
        answer.clear();
        let (profile, language) = (ResponseProfile::Full, Language::PtBr);
        respond(&mut tenant.engine, black_box(body.as_bytes()), NOW, profile, language, &mut answer)
    };
    let known = body(0..BATCH, Members::Mandatory).replace("\"idMessage\":", "\"idMessage\":1");
    group.bench_function("refused", |bencher| {
        bencher.iter(|| assert_eq!(answer_to(&mut tenant, &known), 422));
    });
    let new = body(KNOWN..KNOWN + BATCH, Members::Mandatory);
    group.bench_function("accepted", |bencher| {
        bencher.iter_batched_ref(
            || tenant.clone(),
            |tenant| assert_eq!(answer_to(tenant, &new), 200),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, decisions, json);
criterion_main!(benches);
