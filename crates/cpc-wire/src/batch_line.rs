//! A batch as the command line `dispatch`: what came as the body of a request can go on as a line.

use crate::massivocpc::write_id;
use crate::request::{BatchText, MessageText};
use crate::shape::IdText;
use crate::write::{ObjectWriter, array, object};

/// Appends `{"op":"dispatch","at":…}` with all that the engine and whoever sends the messages look at. Members that
/// are absent or empty are left out: they are the same thing.
pub fn write_batch_line(at: u64, batch: &BatchText<'_>, out: &mut Vec<u8>) {
    object(out, |line| {
        line.text("op", "dispatch");
        line.number("at", at);
        write_texts(
            line,
            [("campaign", &batch.campaign), ("idAccount", &batch.id_account), ("tag", &batch.tag)],
        );
        array(line.member("messages"), &batch.messages, |out, message| {
            object(out, |object| write_message(object, message));
        });
        if batch.atomic {
            line.flag("atomic", true);
        }
    });
}

/// Appends an object with every member that the document has for a message, those of its batch included, and then
/// those that `more` writes: what a transport is handed.
pub fn write_message_fields(
    batch: &BatchText<'_>,
    message: &MessageText<'_>,
    out: &mut Vec<u8>,
    more: impl FnOnce(&mut Vec<u8>),
) {
    object(out, |object| {
        write_texts(
            object,
            [("campaign", &batch.campaign), ("idAccount", &batch.id_account), ("tag", &batch.tag)],
        );
        write_message(object, message);
        more(object.more());
    });
}

fn write_message(object: &mut ObjectWriter<'_>, message: &MessageText<'_>) {
    write_texts(object, [("phone", &message.phone)]);
    if message.id_message != IdText::None {
        write_id(object, &message.id_message);
    }
    write_texts(object, [("clientId", &message.client_id), ("contract", &message.contract)]);
    if let Some(close_ticket) = message.close_ticket {
        object.flag("closeTicket", close_ticket);
    }
    write_texts(
        object,
        [
            ("specialistCode", &message.specialist_code),
            ("mainTemplate", &message.main_template),
            ("retryTemplate", &message.retry_template),
            ("lastTemplate", &message.last_template),
        ],
    );
}

fn write_texts<const N: usize>(
    object: &mut ObjectWriter<'_>,
    texts: [(&str, &std::borrow::Cow<'_, str>); N],
) {
    for (name, text) in texts {
        object.text_if(name, Some(&**text).filter(|text| !text.is_empty()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CommandText, Op, parse_body, parse_line};

    const BODY: &[u8] = br#"{"op":"reply","at":"never","atomic":true,"campaign":"c \"1\"","idAccount":"7","tag":"emp1","messages":[
        {"phone":"+55 (11) 98887-6204","idMessage":18446744073709551615,"clientId":" c1 ","contract":"k","closeTicket":true,"specialistCode":"admin","mainTemplate":"Ol\u00e1\n","retryTemplate":"r","lastTemplate":"l"},
        {"phone":"x","idMessage":"007","closeTicket":false},
        {"idMessage":-1.50,"mainTemplate":null}]}"#;

    #[test]
    fn a_batch_comes_back_from_its_line_as_it_was_and_nothing_else_does() {
        let batch = parse_body(BODY).unwrap();
        let mut line = Vec::new();
        write_batch_line(1_795_435_200_000, &batch, &mut line);
        let request = parse_line(&line).unwrap();
        assert_eq!(request.at, 1_795_435_200_000);
        let Op::Command(CommandText::Dispatch(again)) = request.op else { panic!("another operation") };
        assert!(!again.atomic, "a body cannot ask for that");
        let mut second = Vec::new();
        write_batch_line(1_795_435_200_000, &again, &mut second);
        assert_eq!(str::from_utf8(&second).unwrap(), str::from_utf8(&line).unwrap());
        batch.with_core(|one| again.with_core(|other| assert_eq!(format!("{one:?}"), format!("{other:?}"))));
    }

    #[test]
    fn a_message_is_written_with_what_its_batch_says() {
        let batch = parse_body(BODY).unwrap();
        let mut out = Vec::new();
        write_message_fields(&batch, &batch.messages[1], &mut out, |out| out.extend_from_slice(b"\"x\":1"));
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"{"campaign":"c \"1\"","idAccount":"7","tag":"emp1","phone":"x","idMessage":"007","closeTicket":false,"x":1}"#
        );
    }
}
