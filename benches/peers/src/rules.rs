//! General rule engines on the rule alone: "suppressed: no; answered, or a day ago: yes; else no", with the state of the
//! contact passed in. They neither store nor look up contacts.

use crate::report::{Key, Report};
use crate::scale::Scale;
use cpc_core::Message;
use cpu_time::ThreadTime;
use futures_executor::block_on;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;
use regorus::{Rc, Value};
use serde_json::json;
use std::hint::black_box;
use workload::{DAY, Posted, START, Tenant};
use zen_engine::DecisionEngine;
use zen_engine::model::DecisionContent;

const POLICY: &str = "package cpc
default may := false
may if { not input.suppressed; input.replied }
may if { not input.suppressed; input.now - input.t0 >= 86400000 }";

const ENTRY: &str = "data.cpc.may";

/// The group of these figures.
pub const GROUP: &str = "rules";

/// The state of a contact: suppressed, replied, and when it was written to; and whether it may be written to.
const STATES: [(bool, bool, i64, bool); 4] =
    [(false, false, 0, false), (false, false, DAY, true), (false, true, 0, true), (true, true, DAY, false)];

/// Something that evaluates the rule for the input of that number.
type Rule = Box<dyn FnMut(usize) -> bool>;

/// Measures all, in turns.
pub fn measure(scale: &Scale, report: &mut Report) {
    let mut rules: [(&'static str, Rule); 3] = [
        ("regorus, virtual machine", regorus_machine()),
        ("regorus, interpreter", regorus_interpreter()),
        ("zen-engine, decision table", zen()),
    ];
    for (name, rule) in &mut rules {
        for (place, (.., may)) in STATES.into_iter().enumerate() {
            assert_eq!(rule(place), may, "{name}, state {place}");
        }
    }
    let key = |what| Key { group: GROUP, what, phase: "decision", size: scale.messages };
    for round in 0..scale.rounds {
        eprintln!("rules: round {}", round + 1);
        let each = |start: ThreadTime| start.elapsed().as_nanos() as f64 / scale.messages as f64;
        report.add(key("cpc, all of a decision, in batches of 1000"), ours(scale.messages));
        for (name, rule) in &mut rules {
            let start = ThreadTime::now();
            for message in 0..scale.messages as usize {
                black_box(rule(message % STATES.len()));
            }
            report.add(key(name), each(start));
        }
    }
}

/// A refusal by the engine, a complete decision among a thousand known contacts.
fn ours(messages: u64) -> f64 {
    let mut tenant = Tenant::new(50, 1_000);
    tenant.write_to(0..1_000, false, false);
    let mut posted: Vec<Posted> = (0..1_000).map(|contact| Posted::to(contact, false)).collect();
    posted.iter_mut().for_each(|posted| posted.number += 1 << 40);
    let batch: Vec<Message<'_>> = posted.iter().map(Posted::message).collect();
    let batches = messages.div_ceil(1_000);
    let start = ThreadTime::now();
    for _ in 0..batches {
        tenant.dispatch(START + 1_000, black_box(&batch)).unwrap();
    }
    start.elapsed().as_nanos() as f64 / (batches * 1_000) as f64
}

fn inputs() -> [serde_json::Value; 4] {
    STATES.map(|(suppressed, replied, ago, _)| {
        json!({ "suppressed": suppressed, "replied": replied, "now": START, "t0": START - ago })
    })
}

fn rego() -> (regorus::Engine, [Value; 4]) {
    let mut engine = regorus::Engine::new();
    engine.add_policy("cpc.rego".to_owned(), POLICY.to_owned()).unwrap();
    (engine, inputs().map(|input| Value::from_json_str(&input.to_string()).unwrap()))
}

fn regorus_machine() -> Rule {
    let (mut engine, inputs) = rego();
    let entry: Rc<str> = ENTRY.into();
    let compiled = engine.compile_with_entrypoint(&entry).unwrap();
    let program = Compiler::compile_from_policy(&compiled, &[ENTRY]).unwrap();
    let mut machine = RegoVM::new();
    machine.load_program(program);
    Box::new(move |place| {
        machine.set_input(inputs.get(place).unwrap().clone());
        machine.execute().unwrap() == Value::Bool(true)
    })
}

fn regorus_interpreter() -> Rule {
    let (mut engine, inputs) = rego();
    Box::new(move |place| {
        engine.set_input(inputs.get(place).unwrap().clone());
        engine.eval_rule(ENTRY.to_owned()).unwrap() == Value::Bool(true)
    })
}

fn zen() -> Rule {
    let table = json!({
        "hitPolicy": "first",
        "inputs": [
            { "id": "suppressed", "name": "", "field": "suppressed" },
            { "id": "replied", "name": "", "field": "replied" },
            { "id": "age", "name": "", "field": "now - t0" },
        ],
        "outputs": [{ "id": "may", "name": "", "field": "may" }],
        "rules": [
            { "_id": "1", "suppressed": "true", "replied": "", "age": "", "may": "false" },
            { "_id": "2", "suppressed": "", "replied": "true", "age": "", "may": "true" },
            { "_id": "3", "suppressed": "", "replied": "", "age": ">= 86400000", "may": "true" },
            { "_id": "4", "suppressed": "", "replied": "", "age": "", "may": "false" },
        ],
    });
    let graph = json!({
        "nodes": [
            { "id": "in", "name": "in", "type": "inputNode", "content": {} },
            { "id": "table", "name": "table", "type": "decisionTableNode", "content": table },
            { "id": "out", "name": "out", "type": "outputNode", "content": {} },
        ],
        "edges": [
            { "id": "1", "sourceId": "in", "targetId": "table", "sourceHandle": null },
            { "id": "2", "sourceId": "table", "targetId": "out", "sourceHandle": null },
        ],
    });
    let content: DecisionContent = serde_json::from_value(graph).unwrap();
    let mut decision = DecisionEngine::default().create_decision(content.into()).unwrap();
    decision.compile();
    let inputs = inputs();
    Box::new(move |place| {
        let response = block_on(decision.evaluate(inputs.get(place).unwrap().into())).unwrap();
        let result: serde_json::Value = response.result.into();
        result.get("may") == Some(&json!(true))
    })
}
