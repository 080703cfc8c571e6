//! What a status says to people: alone, with the facts of one case, and what would lift it.

use super::{Language, format_instant};
use cpc_core::{Outcome, Status};

/// What a status says, without the facts of one case.
#[must_use]
pub const fn status_text(status: Status, language: Language) -> &'static str {
    language.choose(status.text_pt_br(), status.text_en())
}

/// Room for a status and an instant, in bytes.
const LONGEST_USUAL_REASON: usize = 128;

/// Why an item was refused, with what can be said of this case: until when, which field, which earlier message.
/// `None` when it was not refused.
#[must_use]
pub fn reason(outcome: &Outcome, language: Language) -> Option<String> {
    if !outcome.status.is_refusal() {
        return None;
    }
    let mut text = String::with_capacity(LONGEST_USUAL_REASON);
    text.push_str(status_text(outcome.status, language));
    if let Some(field) = outcome.field {
        text.push_str(": ");
        text.push_str(field);
    }
    if let Some(index) = outcome.first_index {
        text.push_str(&format!(" (messages[{index}])"));
    }
    if let Some(instant) = outcome.retry_at {
        text.push_str(language.choose(until(outcome.status).0, until(outcome.status).1));
        text.push_str(&format_instant(instant, language));
    }
    Some(text)
}

/// What stands between a refusal and the instant at which it ends.
const fn until(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::ContactBlocked => (" até ", " until "),
        Status::DuplicateInBatch => ("; bloqueado até ", "; blocked until "),
        Status::OutOfHours => ("; reabre em ", "; opens at "),
        _ => ("; tente a partir de ", "; try again from "),
    }
}

/// What would lift a refusal; `None` where nothing is to be lifted.
#[must_use]
pub const fn remedy(status: Status, language: Language) -> Option<&'static str> {
    let (pt_br, en) = match status {
        Status::InvalidPhone => (
            "Corrija o número: DDI, DDD e número, de um país permitido",
            "Correct the number: country, area code and number, of an allowed country",
        ),
        Status::InvalidField | Status::CloseTicketRequired | Status::EmptyTemplate => {
            ("Corrija a mensagem", "Correct the message")
        }
        Status::OptedOut => ("optIn, a pedido do contato", "optIn, if the contact asks for it"),
        Status::Undeliverable => {
            ("Uma mensagem recebida do contato, ou optIn", "A message from the contact, or optIn")
        }
        Status::DuplicateInBatch | Status::ContactBlocked => (
            "Uma resposta do contato, o fim do prazo (retryAt) ou forceUnblock",
            "A reply of the contact, the end of the window (retryAt), or forceUnblock",
        ),
        Status::OutOfHours => ("A próxima abertura (retryAt)", "The next opening (retryAt)"),
        Status::UnknownOperator => ("Incluir o operador na carteira", "Adding the operator to the wallet"),
        Status::NoSenderAvailable => (
            "Esperar até retryAt, incluir números ou rever limites e estados",
            "Waiting until retryAt, adding numbers, or changing limits and states",
        ),
        Status::ContactsFull => {
            ("Aumentar maxContacts, ou esperar a retenção", "Raising maxContacts, or waiting for retention")
        }
        Status::ManualStartDenied => (
            "Uma mensagem do contato; até lá, só pelo disparo",
            "A message from the contact; until then, by dispatch only",
        ),
        _ => return None,
    };
    Some(language.choose(pt_br, en))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpc_core::Timestamp;

    #[test]
    fn every_status_has_its_own_text_in_both_languages() {
        for language in [Language::PtBr, Language::En] {
            let mut texts: Vec<_> = Status::ALL.iter().map(|status| status_text(*status, language)).collect();
            assert!(texts.iter().all(|text| !text.is_empty()));
            texts.sort_unstable();
            texts.dedup();
            assert_eq!(texts.len(), Status::ALL.len());
        }
    }

    #[test]
    fn every_refusal_of_a_dispatch_has_a_reason_and_no_success_has_one() {
        for status in Status::ALL {
            let refused = reason(&Outcome::new(status), Language::En).is_some();
            if status.code() <= Status::NotAttempted.code() {
                assert_eq!(refused, !status.is_success(), "{status:?}");
            }
        }
        for status in [Status::Applied, Status::Replied, Status::Allowed, Status::Expired, Status::Kept] {
            assert!(!status.is_refusal());
        }
    }

    #[test]
    fn reasons_say_when_and_what() {
        let retry_at = Timestamp::new(1_795_539_785_000);
        let mut blocked = Outcome::new(Status::ContactBlocked);
        blocked.retry_at = retry_at;
        assert_eq!(
            reason(&blocked, Language::PtBr).unwrap(),
            "Contato bloqueado até 24/11/2026 14:03:05 (horário de Brasília)"
        );
        assert_eq!(
            reason(&blocked, Language::En).unwrap(),
            "Contact blocked until 2026-11-24 14:03:05 (Brasília time)"
        );
        let mut field = Outcome::new(Status::InvalidField);
        field.field = Some("idMessage");
        assert_eq!(
            reason(&field, Language::PtBr).unwrap(),
            "Campo obrigatório ausente ou inválido: idMessage"
        );
        let mut duplicate = Outcome::new(Status::DuplicateInBatch);
        duplicate.first_index = Some(3);
        duplicate.retry_at = retry_at;
        assert_eq!(
            reason(&duplicate, Language::PtBr).unwrap(),
            "Contato repetido no mesmo lote (messages[3]); bloqueado até 24/11/2026 14:03:05 (horário de Brasília)"
        );
        let phone = Outcome::new(Status::InvalidPhone);
        assert_eq!(reason(&phone, Language::PtBr).unwrap(), "Número inválido");
    }

    #[test]
    fn what_lifts_a_refusal_is_named_where_something_does() {
        let cases = [
            (Status::InvalidPhone, Some("Correct the number")),
            (Status::InvalidField, Some("Correct the message")),
            (Status::CloseTicketRequired, Some("Correct the message")),
            (Status::EmptyTemplate, Some("Correct the message")),
            (Status::OptedOut, Some("optIn")),
            (Status::Undeliverable, Some("A message from the contact, or optIn")),
            (Status::DuplicateInBatch, Some("A reply")),
            (Status::ContactBlocked, Some("A reply")),
            (Status::OutOfHours, Some("The next opening")),
            (Status::UnknownOperator, Some("Adding the operator")),
            (Status::NoSenderAvailable, Some("Waiting until retryAt")),
            (Status::ContactsFull, Some("Raising maxContacts")),
            (Status::ManualStartDenied, Some("A message from the contact; until")),
            (Status::Accepted, None),
            (Status::AlreadyAccepted, None),
            (Status::NotAttempted, None),
        ];
        for (status, begins) in cases {
            let [pt_br, en] = [Language::PtBr, Language::En].map(|language| remedy(status, language));
            assert_eq!(en.is_some_and(|text| text.starts_with(begins.unwrap_or("-"))), begins.is_some());
            assert_eq!((pt_br.is_some(), pt_br == en), (begins.is_some(), begins.is_none()), "{status:?}");
        }
    }

    #[test]
    fn when_the_hours_begin_is_said_as_such() {
        let retry_at = Timestamp::new(1_795_539_785_000);
        let mut closed = Outcome::new(Status::OutOfHours);
        closed.retry_at = retry_at;
        assert!(reason(&closed, Language::En).unwrap().contains("; opens at 2026-11-24 14:03:05"));
        assert!(reason(&closed, Language::PtBr).unwrap().contains("; reabre em 24/11/2026 14:03:05"));
    }
}
