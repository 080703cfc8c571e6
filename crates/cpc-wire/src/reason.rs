//! What the answers say to people, in Portuguese and in English.

use crate::time_text::format_instant;
use cpc_core::{CommandError, Outcome, PolicyError, SettingError, Status};

/// A language of texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Portuguese as written in Brazil.
    #[default]
    PtBr,
    /// English.
    En,
}

impl Language {
    /// By its tag: `pt-BR`, `pt`, `en`, `en-US`…, whatever the case.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Language> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match () {
            () if primary.eq_ignore_ascii_case("pt") => Some(Language::PtBr),
            () if primary.eq_ignore_ascii_case("en") => Some(Language::En),
            () => None,
        }
    }

    pub(crate) const fn choose(self, pt_br: &'static str, en: &'static str) -> &'static str {
        match self {
            Language::PtBr => pt_br,
            Language::En => en,
        }
    }
}

/// The texts of one status: what it says, in both languages, and whether it is a refusal.
struct StatusText {
    pt_br: &'static str,
    en: &'static str,
    refusal: bool,
}

const fn says(pt_br: &'static str, en: &'static str) -> StatusText {
    StatusText { pt_br, en, refusal: false }
}

const fn refuses(pt_br: &'static str, en: &'static str) -> StatusText {
    StatusText { pt_br, en, refusal: true }
}

/// What the text of a status of a newer core is, until it has one here; a test shows that none has none.
const UNTOLD: StatusText = refuses("", "");

const fn status_texts(status: Status) -> StatusText {
    match status {
        Status::Accepted => says("Mensagem aceita", "Message accepted"),
        Status::InvalidPhone => refuses("Número inválido", "Invalid phone number"),
        Status::InvalidField => {
            refuses("Campo obrigatório ausente ou inválido", "Required field missing or malformed")
        }
        Status::CloseTicketRequired => refuses("closeTicket deve ser true", "closeTicket must be true"),
        Status::EmptyTemplate => refuses("mainTemplate está vazio", "mainTemplate is blank"),
        Status::OptedOut => {
            refuses("Contato pediu para não receber mensagens", "The contact asked not to receive messages")
        }
        Status::Undeliverable => refuses("Número não recebe mensagens", "The number cannot receive messages"),
        Status::DuplicateInBatch => {
            refuses("Contato repetido no mesmo lote", "Same contact as an earlier message of the batch")
        }
        Status::AlreadyAccepted => {
            says("Mensagem já aceita anteriormente", "The same message was accepted before")
        }
        Status::ContactBlocked => refuses("Contato bloqueado", "Contact blocked"),
        Status::OutOfHours => refuses("Fora do horário de contato", "Outside contact hours"),
        Status::UnknownOperator => {
            refuses("Operador não pertence à carteira", "The operator is not one of the wallet's")
        }
        Status::NoSenderAvailable => {
            refuses("Nenhum número da carteira disponível", "No number of the wallet is available")
        }
        Status::ContactsFull => refuses("Limite de contatos atingido", "The limit of contacts is reached"),
        Status::NotAttempted => refuses(
            "Não processada: outra mensagem do lote foi recusada",
            "Not attempted: another message of the batch was refused",
        ),
        Status::Applied => says("Aplicado", "Applied"),
        Status::Unchanged => says("Nada a alterar", "Nothing to change"),
        Status::Replied => says("Resposta registrada", "Reply recorded"),
        Status::StaleReply => {
            refuses("Resposta anterior ao contato em aberto", "The reply is older than the open contact")
        }
        Status::Moved => says("Transferida para outro número", "Moved to another number"),
        Status::Released => says("Contato liberado", "Contact released"),
        Status::Kept => {
            says("Bloqueio mantido: pode ter sido entregue", "Block kept: it may have been delivered")
        }
        Status::StaleReport => refuses("Relatório de entrega desatualizado", "The report is out of date"),
        Status::UnknownDispatch => refuses("Disparo desconhecido", "No such dispatch"),
        Status::Allowed => says("Operador pode escrever", "The operator may write"),
        Status::ManualStartDenied => {
            refuses("Operador não pode iniciar a conversa", "Operators cannot start a conversation")
        }
        Status::Expired => says("Sem resposta até o fim do prazo", "Unanswered when its window ended"),
        _ => UNTOLD,
    }
}

/// What a status says, without the facts of one case.
#[must_use]
pub const fn status_text(status: Status, language: Language) -> &'static str {
    let texts = status_texts(status);
    language.choose(texts.pt_br, texts.en)
}

/// Whether a status says that something was not done; then answers carry a `reason`.
#[must_use]
pub const fn is_refusal(status: Status) -> bool {
    status_texts(status).refusal
}

/// Why an item was refused, with what can be said of this case: until when, which member, which earlier message.
/// `None` when it was not refused.
#[must_use]
pub fn reason(outcome: &Outcome, language: Language) -> Option<String> {
    if !is_refusal(outcome.status) {
        return None;
    }
    let mut text = String::from(status_text(outcome.status, language));
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

/// The reasons of one outcome after the other. Those of a batch are often the same, and it takes longer to write a date
/// than to decide about a message.
pub(crate) struct Reasons {
    language: Language,
    /// Whose text it is: all that the text depends on.
    last: Outcome,
    text: Option<String>,
}

impl Reasons {
    pub(crate) const fn new(language: Language) -> Reasons {
        // An accepted message has no reason.
        Reasons { language, last: Outcome::new(Status::Accepted), text: None }
    }

    /// Why an item was refused, as [`reason`] says it.
    pub(crate) fn of(&mut self, outcome: &Outcome) -> Option<&str> {
        let second = |outcome: &Outcome| outcome.retry_at.map(|at| at.as_millis().div_ceil(1_000));
        let told = |outcome: &Outcome| (outcome.status, outcome.field, outcome.first_index, second(outcome));
        if told(outcome) != told(&self.last) {
            self.last = *outcome;
            self.text = reason(outcome, self.language);
        }
        self.text.as_deref()
    }
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

/// What a refused command says.
#[must_use]
pub fn refusal_text(refusal: &CommandError, language: Language) -> String {
    if language == Language::En {
        return match refusal {
            CommandError::InvalidPolicy(error) => policy_text(error, language),
            refusal => refusal.to_string(),
        };
    }
    match refusal {
        CommandError::TimestampOutOfRange { field } => {
            format!("{field} não é um instante entre 2000-01-01 e 2100-01-01 em milissegundos")
        }
        CommandError::ClockJump { max_ms } => format!(
            "at está mais de {max_ms} ms à frente do relógio; o comando `clock` o adianta de propósito"
        ),
        CommandError::UnknownWallet => String::from("carteira (tag) desconhecida"),
        CommandError::UnknownSender => String::from("a carteira não tem esse número"),
        CommandError::SenderTaken { .. } => {
            format!("{}: o número pertence a outra carteira; remova-o de lá primeiro", refusal.path())
        }
        CommandError::EmptyBatch => String::from("o lote não tem mensagens"),
        CommandError::BatchTooLarge { field: "contacts", max } => {
            format!("o lote tem mais de {max} contatos")
        }
        CommandError::BatchTooLarge { max, .. } => format!("o lote tem mais de {max} mensagens"),
        CommandError::InvalidField { field } => format!("{field}: ausente ou inválido"),
        CommandError::InvalidSetting { error, .. } => {
            let path = refusal.path();
            match error {
                SettingError::OutOfBounds { min, max } => format!("{path}: não está entre {min} e {max}"),
                SettingError::Repeated => format!("{path}: repetido na lista"),
                _ => format!("{path}: ausente ou inválido"),
            }
        }
        CommandError::InvalidPhone => String::from("número inválido"),
        CommandError::InvalidPolicy(error) => policy_text(error, language),
        CommandError::HashKeyInUse => {
            String::from("hashKey não pode mudar enquanto houver recusas esquecidas (forget)")
        }
        CommandError::TooMany { what, max } => format!("mais de {max} {what}"),
        refusal => refusal.to_string(),
    }
}

pub(crate) fn policy_text(error: &PolicyError, language: Language) -> String {
    let PolicyError { field, value, min, max } = error;
    match language {
        Language::PtBr => format!("{field}: {value} não está entre {min} e {max}"),
        Language::En => format!("{field}: {value} is not between {min} and {max}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpc_core::Timestamp;

    /// Statuses are added to the core, not here: this is what finds the one that was forgotten.
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
            assert!(!is_refusal(status));
        }
    }

    #[test]
    fn reasons_say_when_and_what() {
        let retry_at = Timestamp::new(1_795_539_785_000);
        let blocked = Outcome { retry_at, ..Outcome::new(Status::ContactBlocked) };
        assert_eq!(
            reason(&blocked, Language::PtBr).unwrap(),
            "Contato bloqueado até 24/11/2026 14:03:05 (horário de Brasília)"
        );
        assert_eq!(
            reason(&blocked, Language::En).unwrap(),
            "Contact blocked until 2026-11-24 14:03:05 (Brasília time)"
        );
        let field = Outcome { field: Some("idMessage"), ..Outcome::new(Status::InvalidField) };
        assert_eq!(
            reason(&field, Language::PtBr).unwrap(),
            "Campo obrigatório ausente ou inválido: idMessage"
        );
        let duplicate = Outcome { first_index: Some(3), retry_at, ..Outcome::new(Status::DuplicateInBatch) };
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
        let closed = Outcome { retry_at, ..Outcome::new(Status::OutOfHours) };
        assert!(reason(&closed, Language::En).unwrap().contains("; opens at 2026-11-24 14:03:05"));
        assert!(reason(&closed, Language::PtBr).unwrap().contains("; reabre em 24/11/2026 14:03:05"));
    }

    #[test]
    fn every_refused_command_has_a_text_in_both_languages() {
        let policy = cpc_core::Policy::builder().max_batch(0).build().unwrap_err();
        let refusals = [
            CommandError::TimestampOutOfRange { field: "at" },
            CommandError::ClockJump { max_ms: 1 },
            CommandError::UnknownWallet,
            CommandError::UnknownSender,
            CommandError::SenderTaken { sender: Some(3) },
            CommandError::EmptyBatch,
            CommandError::BatchTooLarge { field: "messages", max: 1 },
            CommandError::InvalidField { field: "tag" },
            CommandError::InvalidSetting { sender: None, field: "tag", error: SettingError::Malformed },
            CommandError::InvalidSetting { sender: Some(3), field: "id", error: SettingError::Repeated },
            CommandError::InvalidSetting {
                sender: Some(12),
                field: "weight",
                error: SettingError::OutOfBounds { min: 1, max: 9 },
            },
            CommandError::InvalidPhone,
            CommandError::InvalidPolicy(policy),
            CommandError::HashKeyInUse,
            CommandError::TooMany { what: "wallets", max: 1 },
        ];
        for refusal in refusals {
            let texts = [Language::PtBr, Language::En].map(|language| refusal_text(&refusal, language));
            assert!(texts.iter().all(|text| !text.is_empty()));
            assert_ne!(texts[0], texts[1], "{}", refusal.name());
        }
        let texts = |refusal| [Language::PtBr, Language::En].map(|language| refusal_text(&refusal, language));
        assert_eq!(texts(CommandError::InvalidPhone), ["número inválido", "not a valid phone number"]);
        let (field, error) = ("weight", SettingError::OutOfBounds { min: 1, max: 9 });
        assert_eq!(
            texts(CommandError::InvalidSetting { sender: Some(12), field, error }),
            ["senders[12].weight: não está entre 1 e 9", "senders[12].weight: not between 1 and 9"]
        );
    }

    #[test]
    fn languages_by_tag() {
        assert_eq!(Language::from_tag("pt-BR"), Some(Language::PtBr));
        assert_eq!(Language::from_tag("EN_us"), Some(Language::En));
        assert_eq!(Language::from_tag("es"), None);
    }
}
