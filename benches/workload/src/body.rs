//! What comes in as JSON: the massivocpc document's body, and command lines.

use crate::contacts::Posted;
use crate::texts::{ACCOUNT, CAMPAIGN, MAIN, RETRY, TAG};
use std::fmt::Write;

/// Which members the messages of a body have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Members {
    /// Those of the document's example: all that it calls mandatory.
    Mandatory,
    /// All that the document has, the follow-ups' texts included.
    All,
}

/// A massivocpc body, without spaces, as programs write it.
#[must_use]
pub fn body(contacts: impl Iterator<Item = u64>, members: Members) -> String {
    let mut text = format!(r#"{{"campaign":"{CAMPAIGN}","idAccount":"{ACCOUNT}","tag":"{TAG}","messages":["#);
    write_messages(contacts, members, &mut text);
    text.push_str("]}");
    text
}

/// A command line that dispatches, with its end.
#[must_use]
pub fn dispatch_line(at: i64, contacts: impl Iterator<Item = u64>) -> String {
    let mut text =
        format!(r#"{{"op":"dispatch","at":{at},"campaign":"{CAMPAIGN}","tag":"{TAG}","messages":["#);
    write_messages(contacts, Members::Mandatory, &mut text);
    text.push_str("]}\n");
    text
}

fn write_messages(contacts: impl Iterator<Item = u64>, members: Members, text: &mut String) {
    let (mut posted, mut comma) = (Posted::default(), "");
    for contact in contacts {
        posted.set(contact, true);
        let Posted { number, phone, client, .. } = &posted;
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            r#"{comma}{{"phone":"{phone}","idMessage":{number},"clientId":"{client}","contract":"1091757","closeTicket":true,"specialistCode":"admin","mainTemplate":"{MAIN}""#
        );
        if members == Members::All {
            let _ = write!(text, r#","retryTemplate":"{RETRY}","lastTemplate":"{RETRY}""#);
        }
        text.push('}');
        comma = ",";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{START, Tenant};
    use cpc_wire::{Language, ResponseProfile, respond};

    #[test]
    fn bodies_are_accepted() {
        for members in [Members::Mandatory, Members::All] {
            let mut tenant = Tenant::new(50, 10);
            let (body, mut answer) = (body(0..10, members), Vec::new());
            let (profile, language) = (ResponseProfile::Full, Language::PtBr);
            let status = respond(&mut tenant.engine, body.as_bytes(), START, profile, language, &mut answer);
            let answer = String::from_utf8(answer).unwrap();
            assert_eq!(status, 200, "{answer}");
            assert!(answer.contains(r#""processed":10"#), "{answer}");
        }
    }

    #[test]
    fn lines_are_applied() {
        let mut session = cpc_wire::Session::default();
        let mut answer = Vec::new();
        let wallet =
            format!(r#"{{"op":"wallet","at":{START},"tag":"{TAG}","senders":[{{"id":"5514990000001"}}]}}"#);
        session.execute(wallet.as_bytes(), &mut answer);
        answer.clear();
        session.execute(dispatch_line(START, 0..1).as_bytes(), &mut answer);
        assert!(String::from_utf8(answer).unwrap().contains(r#""status":"accepted""#));
    }
}
