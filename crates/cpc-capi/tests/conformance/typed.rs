//! Command lines as typed calls.

use crate::handle::Handle;
use crate::render;
use cpc::*;
use cpc_core::{Batch, Command, Delivery, Fault, IdMessage, Message, Query, Target, Text, WalletSetup};
use cpc_wire::{Arena, Op, Request, parse_line};
use serde_json::{Value, json};
use std::ptr;

/// Makes the call that a line asks for; `None` where there is none, or where a struct could not say the same.
pub(crate) fn call(engine: &mut Handle, line: &str) -> Option<Value> {
    let arena = Arena::new();
    let request = parse_line(line.as_bytes(), &arena).ok()?;
    match &request.op {
        Op::Command(Command::Dispatch(batch)) => dispatch(engine, &request, batch),
        Op::Query(Query::Preview(batch)) => preview(engine, &request, batch),
        Op::Command(Command::FollowUps { limit }) => Some(listing(engine, &request, *limit, true)),
        Op::Command(Command::Expire { limit }) => Some(listing(engine, &request, *limit, false)),
        Op::Command(command) => single(engine, &request, command),
        Op::Query(query) => ask(engine, &request, query),
    }
}

fn outcome() -> cpc_outcome {
    cpc_outcome { struct_size: size_of::<cpc_outcome>() as u32, ..cpc_outcome::default() }
}

fn applied() -> cpc_applied {
    cpc_applied { struct_size: size_of::<cpc_applied>() as u32, ..cpc_applied::default() }
}

/// The JSON that a command's answer would be.
fn answer(
    engine: &Handle,
    request: &Request<'_>,
    result: cpc_result,
    applied: &cpc_applied,
    outcomes: &[cpc_outcome],
) -> Value {
    if result != cpc_result::CPC_OK {
        return refusal(engine, result);
    }
    json!({"seq": applied.seq, "at": applied.effective_at, "outcomes": rendered(engine, request, outcomes)})
}

fn rendered(engine: &Handle, request: &Request<'_>, outcomes: &[cpc_outcome]) -> Vec<Value> {
    let posted = |index| request.op.posted_phone(index);
    outcomes.iter().enumerate().map(|(index, one)| render::outcome(engine, one, posted(index))).collect()
}

fn refusal(engine: &Handle, result: cpc_result) -> Value {
    let name = render::name(cpc_result_name(result as i32));
    json!({"error": name, "field": engine.error_field()})
}

/// Lines have whole texts.
fn content(text: Text<'_>) -> &str {
    match text {
        Text::Is(text) => text,
        Text::OfLength(length) => panic!("a line has the text of its {length} bytes"),
    }
}

fn message(message: &Message<'_>) -> Option<cpc_message> {
    let id = match message.id_message {
        IdMessage::None | IdMessage::Text("") => None,
        IdMessage::Number(number) => Some(number),
        // A number of another kind, and a text that is none, are for lines alone.
        IdMessage::OtherNumber(_) => return None,
        IdMessage::Text(text) => {
            Some(text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))?)
        }
    };
    let ticket = if message.close_ticket == Some(true) { CPC_MESSAGE_CLOSE_TICKET } else { 0 };
    Some(cpc_message {
        struct_size: size_of::<cpc_message>() as u32,
        flags: ticket | if id.is_some() { CPC_MESSAGE_HAS_ID } else { 0 },
        id_message: id.unwrap_or(0),
        // generated: texts of messages
        phone: cpc_text::of(message.phone),
        client_id: cpc_text::of(message.client_id),
        contract: cpc_text::of(content(message.contract)),
        specialist_code: cpc_text::of(message.specialist_code),
        main_template: cpc_text::of(content(message.main_template)),
        retry_template: cpc_text::of(content(message.retry_template)),
        last_template: cpc_text::of(content(message.last_template)),
        // end
    })
}

fn with_batch<R>(batch: &Batch<'_>, act: impl FnOnce(&cpc_batch) -> R) -> Option<R> {
    let messages: Vec<cpc_message> = batch.messages.iter().map(message).collect::<Option<_>>()?;
    Some(act(&cpc_batch {
        struct_size: size_of::<cpc_batch>() as u32,
        flags: if batch.atomic { CPC_BATCH_ATOMIC } else { 0 },
        campaign: cpc_text::of(batch.campaign),
        id_account: cpc_text::of(batch.id_account),
        tag: cpc_text::of(batch.tag),
        messages: messages.as_ptr(),
        count: messages.len(),
    }))
}

fn dispatch(engine: &mut Handle, request: &Request<'_>, batch: &Batch<'_>) -> Option<Value> {
    let mut outcomes = vec![outcome(); batch.messages.len()];
    let mut applied = applied();
    let (places, capacity) = (outcomes.as_mut_ptr(), outcomes.len());
    let result = with_batch(batch, |batch| unsafe {
        cpc_engine_dispatch(
            engine.0,
            request.at.as_millis() as i64,
            batch,
            places,
            capacity,
            &raw mut applied,
        )
    })?;
    Some(answer(engine, request, result, &applied, &outcomes))
}

fn preview(engine: &mut Handle, request: &Request<'_>, batch: &Batch<'_>) -> Option<Value> {
    let mut outcomes = vec![outcome(); batch.messages.len()];
    let (places, capacity) = (outcomes.as_mut_ptr(), outcomes.len());
    let result = with_batch(batch, |batch| unsafe {
        cpc_engine_preview(engine.0, request.at.as_millis() as i64, batch, places, capacity)
    })?;
    if result != cpc_result::CPC_OK {
        return Some(refusal(engine, result));
    }
    // A preview has no `cpc_applied`: when it counts is the line's time or the clock.
    let mut deadlines =
        cpc_deadlines { struct_size: size_of::<cpc_deadlines>() as u32, ..Default::default() };
    unsafe { cpc_engine_deadlines(engine.0, request.at.as_millis() as i64, &raw mut deadlines) };
    Some(json!({"at": deadlines.at, "outcomes": rendered(engine, request, &outcomes)}))
}

fn listing(engine: &mut Handle, request: &Request<'_>, limit: u32, follow_ups: bool) -> Value {
    let mut outcomes = vec![outcome(); limit as usize];
    let (mut count, mut applied) = (0, applied());
    let list = if follow_ups { cpc_engine_follow_ups } else { cpc_engine_expire };
    let places = outcomes.as_mut_ptr();
    let result = unsafe {
        list(
            engine.0,
            request.at.as_millis() as i64,
            places,
            limit as usize,
            &raw mut count,
            &raw mut applied,
        )
    };
    answer(engine, request, result, &applied, &outcomes[..count])
}

fn target(target: &Target<'_>) -> cpc_target {
    let (kind, id) = match target {
        Target::Phone(phone) => (CPC_TARGET_PHONE, phone),
        Target::Client(client) => (CPC_TARGET_CLIENT, client),
    };
    cpc_target { struct_size: size_of::<cpc_target>() as u32, kind, id: cpc_text::of(id) }
}

fn delivery(status: Delivery) -> (i32, i32) {
    match status {
        Delivery::Sent => (1, 0),
        Delivery::Delivered => (2, 0),
        Delivery::Read => (3, 0),
        Delivery::Failed(Fault::Contact) => (4, 1),
        Delivery::Failed(Fault::Sender) => (4, 2),
        Delivery::Failed(Fault::Request) => (4, 3),
        Delivery::Failed(Fault::Ambiguous) => (4, 4),
    }
}

/// Commands that have one outcome.
fn single(engine: &mut Handle, request: &Request<'_>, command: &Command<'_>) -> Option<Value> {
    let (mut outcomes, mut applied) = ([outcome()], applied());
    let (handle, at, one, when) =
        (engine.0, request.at.as_millis() as i64, outcomes.as_mut_ptr(), &raw mut applied);
    let result = unsafe {
        match command {
            Command::Reply(reply) => {
                let received = if reply.received_at.is_some() { CPC_REPLY_HAS_RECEIVED_AT } else { 0 };
                let opt_out = if reply.opt_out { CPC_REPLY_OPT_OUT } else { 0 };
                let reply = cpc_reply {
                    struct_size: size_of::<cpc_reply>() as u32,
                    flags: received | opt_out,
                    phone: cpc_text::of(reply.phone),
                    received_at: reply.received_at.map_or(0, |at| at.as_millis() as i64),
                };
                cpc_engine_reply(handle, at, &reply, one, when)
            }
            Command::Report(report) => {
                let (delivery, fault) = delivery(report.status);
                let report = cpc_report {
                    struct_size: size_of::<cpc_report>() as u32,
                    delivery,
                    fault,
                    reserved: 0,
                    dispatch: report.dispatch,
                    sender: cpc_text::of(report.sender.unwrap_or_default()),
                };
                cpc_engine_report(handle, at, &report, one, when)
            }
            Command::OperatorMessage { phone, specialist_code } => {
                let operator = cpc_text::of(specialist_code);
                cpc_engine_operator_message(handle, at, cpc_text::of(phone), operator, one, when)
            }
            Command::OptOut(contact) => cpc_engine_opt_out(handle, at, &target(contact), one, when),
            Command::OptIn(contact) => cpc_engine_opt_in(handle, at, &target(contact), one, when),
            Command::Forget(contact) => cpc_engine_forget(handle, at, &target(contact), one, when),
            Command::ForceUnblock { target: contact, reason } => {
                cpc_engine_force_unblock(handle, at, &target(contact), cpc_text::of(reason), one, when)
            }
            Command::RemoveWallet { tag } => {
                cpc_engine_remove_wallet(handle, at, cpc_text::of(tag), one, when)
            }
            Command::Wallet(wallet) => {
                with_wallet(wallet, |wallet| cpc_engine_set_wallet(handle, at, wallet, one, when))
            }
            Command::Clock => {
                let result = cpc_engine_clock(handle, at, when);
                // It has no outcome of its own: it always does what it says.
                (*one).status = cpc_status::CPC_STATUS_APPLIED as i32;
                result
            }
            Command::Sender { tag, id, change }
                if change.state.is_some()
                    && change.weight.is_none()
                    && change.daily_limit.is_none()
                    && change.pace.is_none()
                    && change.operators.is_none()
                    && change.group.is_none() =>
            {
                let standing = change.state?;
                let until = standing.until.map(|until| until.as_millis() as i64);
                let until = until.as_ref().map_or(ptr::null(), ptr::from_ref);
                let (tag, id) = (cpc_text::of(tag), cpc_text::of(id));
                cpc_engine_set_sender_state(handle, at, tag, id, standing.state as i32, until, one, when)
            }
            _ => return None,
        }
    };
    Some(answer(engine, request, result, &applied, &outcomes))
}

fn with_wallet<R>(wallet: &WalletSetup<'_>, act: impl FnOnce(&cpc_wallet) -> R) -> R {
    let texts = |texts: &[&str]| texts.iter().map(|text| cpc_text::of(text)).collect();
    let operators: Vec<cpc_text> = texts(wallet.operators);
    let lists: Vec<Vec<cpc_text>> = wallet.senders.iter().map(|sender| texts(sender.operators)).collect();
    let senders: Vec<cpc_sender> = wallet
        .senders
        .iter()
        .zip(&lists)
        .map(|(sender, operators)| cpc_sender {
            struct_size: size_of::<cpc_sender>() as u32,
            flags: if sender.daily_limit.is_some() { CPC_SENDER_HAS_DAILY_LIMIT } else { 0 }
                | if sender.pace.is_some() { CPC_SENDER_HAS_PACE } else { 0 },
            id: cpc_text::of(sender.id),
            weight: sender.weight,
            daily_limit: sender.daily_limit.unwrap_or(0),
            per_second: sender.pace.map_or(0, |pace| pace.per_second),
            burst: sender.pace.map_or(0, |pace| pace.burst),
            group: cpc_text::of(sender.group.unwrap_or_default()),
            operators: operators.as_ptr(),
            operator_count: operators.len(),
        })
        .collect();
    act(&cpc_wallet {
        struct_size: size_of::<cpc_wallet>() as u32,
        flags: if wallet.window.is_some() { CPC_WALLET_HAS_WINDOW } else { 0 },
        tag: cpc_text::of(wallet.tag),
        window_ms: wallet.window.map_or(0, |window| window.as_millis() as u64),
        operators: operators.as_ptr(),
        operator_count: operators.len(),
        senders: senders.as_ptr(),
        sender_count: senders.len(),
    })
}

fn ask(engine: &mut Handle, request: &Request<'_>, query: &Query<'_>) -> Option<Value> {
    let (handle, at) = (engine.0, request.at.as_millis() as i64);
    let (result, found) = match query {
        Query::Contact(contact_target) => {
            let mut contact =
                cpc_contact { struct_size: size_of::<cpc_contact>() as u32, ..Default::default() };
            let result = unsafe { cpc_engine_contact(handle, at, &target(contact_target), &raw mut contact) };
            let client = match contact_target {
                Target::Client(client) => Some(*client),
                Target::Phone(_) => None,
            };
            (result, render::contact(engine, &contact, client))
        }
        Query::Deadline => {
            let mut deadlines =
                cpc_deadlines { struct_size: size_of::<cpc_deadlines>() as u32, ..Default::default() };
            let result = unsafe { cpc_engine_deadlines(handle, at, &raw mut deadlines) };
            (result, render::deadlines(&deadlines))
        }
        Query::Stats => {
            let mut stats = cpc_stats { struct_size: size_of::<cpc_stats>() as u32, ..Default::default() };
            let result = unsafe { cpc_engine_stats(handle, at, &raw mut stats) };
            (result, render::stats(&stats))
        }
        _ => return None,
    };
    Some(if result == cpc_result::CPC_OK { found } else { refusal(engine, result) })
}
