//! Commands as command lines: what an engine is handed can go on as text, and be read again as the same command.

use crate::op::{Op, Posted};
use crate::write::{ObjectWriter, object};
use crate::write_fields::{write_field, write_fields};
use cpc_core::value::{Described, FieldKey, FieldValue, Fields};
use cpc_core::{Batch, Command, IdMessage, Message, Timestamp};

/// Appends a command as a command line, without a line end: `{"op":…,"at":…}` and the command's fields, without `at` if
/// that is `None`. Fields that are absent, empty or `false` are left out; those of a policy are all there, its
/// `hashKey` included, which is a secret. A text of which only the length is known ([`Text::OfLength`](cpc_core::Text))
/// cannot be written, and is left out.
///
/// [`parse_line`](crate::parse_line) makes the same command of it, with these exceptions: a text or list that may be
/// absent, and is empty, is absent then; and a number that no floating-point number can hold, as `idMessage` of a
/// message, is a text with its digits.
pub fn write_command(command: &Command<'_>, at: Option<Timestamp>, out: &mut Vec<u8>) {
    write_line(command, at, "", out);
}

/// Appends what was posted as the line of a host's log: the command as [`write_command`] writes it, without a time, and
/// its reason. Of a query, which changes nothing, there is none: nothing is appended.
pub fn write_posted(posted: &Posted<'_>, out: &mut Vec<u8>) {
    if let Op::Command(command) = &posted.op {
        write_line(command, None, posted.reason, out);
    }
}

fn write_line(command: &Command<'_>, at: Option<Timestamp>, reason: &str, out: &mut Vec<u8>) {
    object(out, |line| {
        line.text("op", command.name());
        line.number_if("at", at.map(Timestamp::as_millis));
        write_fields(command, None, line);
        line.text_if("reason", Some(reason).filter(|reason| !reason.is_empty()));
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
        batch.each_field(&mut |field, value| {
            // The messages, and what the host decides about all of them, are not of one message.
            if let FieldValue::Text(_) = value {
                write_field(field, value, None, object);
            }
        });
        write_fields(message, None, object);
        more(object.more());
    });
}

/// Writes a message's own number as it was posted.
pub(crate) fn write_id(object: &mut ObjectWriter<'_>, id: &IdMessage<'_>) {
    write_field(FieldKey::new("idMessage", "id_message", false), id.value(), None, object);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Arena, parse_body, parse_line};

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
