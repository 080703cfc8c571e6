//! Commands as command lines: what an engine is handed can go on as text, and be read again as the same command.

use crate::policy_json::write_policy;
use crate::write::{ObjectWriter, array, object, text};
use cpc_core::{
    Batch, Command, Delivery, Fault, IdMessage, ImportedContact, Message, Pace, SenderChange, SenderSetup,
    Target, Timestamp, WalletSetup,
};

/// Appends a command as a command line, without a line end: `{"op":…,"at":…}` and the command's fields, without `at` if
/// that is `None`. Fields that are absent, empty or at their default are left out; those of a policy are all there, its
/// `hashKey` included, which is a secret. A text of which only the length is known ([`Text::OfLength`](cpc_core::Text))
/// cannot be written, and is left out.
///
/// [`parse_line`](crate::parse_line) makes the same command of it, with these exceptions: a text or list that may be
/// absent, and is empty, is absent then; and a number that no floating-point number can hold, as `idMessage` of a
/// message, is a text with its digits.
pub fn write_command(command: &Command<'_>, at: Option<Timestamp>, out: &mut Vec<u8>) {
    object(out, |line| {
        line.text("op", command.name());
        line.number_if("at", at.map(Timestamp::as_millis));
        match command {
            Command::Policy(policy) => object(line.field("policy"), |object| write_policy(policy, object)),
            Command::Wallet(wallet) => write_wallet(wallet, line),
            Command::RemoveWallet { tag } => {
                line.text_unless_empty("tag", tag);
                line.flag("remove", true);
            }
            Command::Sender { tag, id, change } => {
                line.text_unless_empty("tag", tag);
                line.text_unless_empty("id", id);
                write_change(change, line);
            }
            Command::RemoveSender { tag, id } => {
                line.text_unless_empty("tag", tag);
                line.text_unless_empty("id", id);
                line.flag("remove", true);
            }
            Command::Group { name, daily_limit } => {
                line.text_unless_empty("name", name);
                line.number_if("dailyLimit", *daily_limit);
            }
            Command::Dispatch(batch) => write_batch(batch, line),
            Command::Reply(reply) => {
                line.text_unless_empty("phone", reply.phone);
                line.number_if("receivedAt", reply.received_at.map(Timestamp::as_millis));
                flag_if(line, "optOut", reply.opt_out);
            }
            Command::Report(report) => {
                line.number("dispatch", report.dispatch);
                write_delivery(report.status, line);
                line.text_unless_empty("sender", report.sender.unwrap_or_default());
            }
            Command::OperatorMessage { phone, specialist_code } => {
                line.text_unless_empty("phone", phone);
                line.text_unless_empty("specialistCode", specialist_code);
            }
            Command::FollowUps { limit } | Command::Expire { limit } => line.number("limit", *limit),
            Command::Clock => {}
            Command::OptOut(target) | Command::OptIn(target) | Command::Forget(target) => {
                write_target(target, line);
            }
            Command::ForceUnblock { target, reason } => {
                write_target(target, line);
                line.text_unless_empty("reason", reason);
            }
            Command::Import(contacts) => {
                array(line.field("contacts"), *contacts, |out, contact| {
                    object(out, |object| write_imported(contact, object));
                });
            }
            // A command of a newer core; a test shows that there is none.
            _ => {}
        }
    });
}

/// Appends an object with every field that the document has for a message, those of its batch included, and then
/// those that `more` writes: what a transport is handed.
pub fn write_message_fields(
    batch: &Batch<'_>,
    message: &Message<'_>,
    out: &mut Vec<u8>,
    more: impl FnOnce(&mut Vec<u8>),
) {
    object(out, |object| {
        write_envelope(batch, object);
        write_message(message, object);
        more(object.more());
    });
}

fn write_envelope(batch: &Batch<'_>, object: &mut ObjectWriter<'_>) {
    object.text_unless_empty("campaign", batch.campaign);
    object.text_unless_empty("idAccount", batch.id_account);
    object.text_unless_empty("tag", batch.tag);
}

fn write_batch(batch: &Batch<'_>, line: &mut ObjectWriter<'_>) {
    write_envelope(batch, line);
    array(line.field("messages"), batch.messages, |out, message| {
        object(out, |object| write_message(message, object));
    });
    flag_if(line, "atomic", batch.atomic);
}

fn write_message(message: &Message<'_>, object: &mut ObjectWriter<'_>) {
    object.text_unless_empty("phone", message.phone);
    write_id(object, &message.id_message);
    object.text_unless_empty("clientId", message.client_id);
    object.text_unless_empty("contract", message.contract.as_str().unwrap_or_default());
    if let Some(close_ticket) = message.close_ticket {
        object.flag("closeTicket", close_ticket);
    }
    object.text_unless_empty("specialistCode", message.specialist_code);
    object.text_unless_empty("mainTemplate", message.main_template.as_str().unwrap_or_default());
    object.text_unless_empty("retryTemplate", message.retry_template.as_str().unwrap_or_default());
    object.text_unless_empty("lastTemplate", message.last_template.as_str().unwrap_or_default());
}

/// Writes a message's own number as it was posted; as a text if it is `1e999` or the like: many readers of JSON would
/// refuse a whole answer for a number beyond their floats, with what it says of every other message.
pub(crate) fn write_id(object: &mut ObjectWriter<'_>, id: &IdMessage<'_>) {
    match id {
        IdMessage::None => {}
        IdMessage::Number(number) => object.number("idMessage", *number),
        IdMessage::OtherNumber(digits) if digits.parse().is_ok_and(f64::is_finite) => {
            object.field("idMessage").extend_from_slice(digits.as_bytes());
        }
        IdMessage::OtherNumber(digits) => text(object.field("idMessage"), digits),
        IdMessage::Text(id) => object.text_unless_empty("idMessage", id),
    }
}

fn write_wallet(wallet: &WalletSetup<'_>, line: &mut ObjectWriter<'_>) {
    line.text_unless_empty("tag", wallet.tag);
    line.number_if("windowMs", wallet.window_ms);
    if !wallet.operators.is_empty() {
        line.texts("operators", wallet.operators);
    }
    array(line.field("senders"), wallet.senders, |out, sender| {
        object(out, |object| write_sender(sender, object));
    });
}

fn write_sender(sender: &SenderSetup<'_>, object: &mut ObjectWriter<'_>) {
    object.text_unless_empty("id", sender.id);
    if sender.weight != SenderSetup::default().weight {
        object.number("weight", sender.weight);
    }
    object.number_if("dailyLimit", sender.daily_limit);
    write_pace(sender.pace, object);
    if !sender.operators.is_empty() {
        object.texts("operators", sender.operators);
    }
    object.text_unless_empty("group", sender.group.unwrap_or_default());
}

fn write_pace(pace: Option<Pace>, object: &mut ObjectWriter<'_>) {
    object.number_if("perSecond", pace.map(|pace| pace.per_second));
    object.number_if("burst", pace.map(|pace| pace.burst));
}

/// Here what is absent stays as it is, and `null` goes back to the default.
fn write_change(change: &SenderChange<'_>, line: &mut ObjectWriter<'_>) {
    if let Some(standing) = change.state {
        line.text("state", standing.state.name());
        line.number_if("until", standing.until.map(Timestamp::as_millis));
    }
    line.number_if("weight", change.weight);
    match change.daily_limit {
        Some(Some(limit)) => line.number("dailyLimit", limit),
        Some(None) => line.null("dailyLimit"),
        None => {}
    }
    match change.pace {
        Some(None) => line.null("perSecond"),
        pace => write_pace(pace.flatten(), line),
    }
    if let Some(operators) = change.operators {
        line.texts("operators", operators);
    }
    match change.group {
        Some(Some(group)) => line.text("group", group),
        Some(None) => line.null("group"),
        None => {}
    }
}

fn write_delivery(delivery: Delivery, line: &mut ObjectWriter<'_>) {
    line.text("status", delivery.status().name());
    line.text_if("fault", delivery.fault().map(Fault::name));
}

fn write_target(target: &Target<'_>, line: &mut ObjectWriter<'_>) {
    match target {
        Target::Phone(phone) => line.text("phone", phone),
        Target::Client(client_id) => line.text("clientId", client_id),
    }
}

fn write_imported(contact: &ImportedContact<'_>, object: &mut ObjectWriter<'_>) {
    object.text_unless_empty("phone", contact.phone);
    object.text_unless_empty("clientId", contact.client_id);
    object.number_if("t0", contact.t0.map(Timestamp::as_millis));
    object.number_if("repliedAt", contact.replied_at.map(Timestamp::as_millis));
    object.text_unless_empty("sender", contact.sender);
    flag_if(object, "optedOut", contact.opted_out);
}

fn flag_if(object: &mut ObjectWriter<'_>, name: &str, value: bool) {
    if value {
        object.flag(name, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Arena, Op, parse_body, parse_line};

    const BODY: &[u8] = br#"{"op":"reply","at":"never","atomic":true,"campaign":"c \"1\"","idAccount":"7","tag":"emp1","messages":[
        {"phone":"+55 (11) 98887-6204","idMessage":18446744073709551615,"clientId":" c1 ","contract":"k","closeTicket":true,"specialistCode":"admin","mainTemplate":"Ol\u00e1\n","retryTemplate":"r","lastTemplate":"l"},
        {"phone":"x","idMessage":"007","closeTicket":false},
        {"idMessage":-1.50,"mainTemplate":null}]}"#;

    #[test]
    fn a_body_comes_back_from_its_line_as_it_was_and_nothing_else_does() {
        let arena = Arena::new();
        let batch = parse_body(BODY, &arena).unwrap();
        let mut line = Vec::new();
        write_command(&Command::Dispatch(batch), Some(1_795_435_200_000.into()), &mut line);
        let request = parse_line(&line, &arena).unwrap();
        assert_eq!(request.at.as_millis(), 1_795_435_200_000);
        let Op::Command(Command::Dispatch(again)) = request.op else { panic!("another operation") };
        assert!(!again.atomic, "a body cannot ask for that");
        assert_eq!(format!("{again:?}"), format!("{batch:?}"));
        assert_eq!(again.messages[2].id_message, IdMessage::OtherNumber("-1.50"));
    }

    #[test]
    fn a_message_is_written_with_what_its_batch_says() {
        let arena = Arena::new();
        let batch = parse_body(BODY, &arena).unwrap();
        let mut out = Vec::new();
        write_message_fields(&batch, &batch.messages[1], &mut out, |out| out.extend_from_slice(b"\"x\":1"));
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"{"campaign":"c \"1\"","idAccount":"7","tag":"emp1","phone":"x","idMessage":"007","closeTicket":false,"x":1}"#
        );
    }
}
