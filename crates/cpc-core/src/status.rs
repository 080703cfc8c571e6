//! Every answer that an item of a command can get, with its number, in order of precedence.
//!
//! Names and numbers are a contract: they are never reused and never change their meaning.

/// Declares the statuses: name in Rust, number, name in JSON, and what it says of its item: `success` if a message was
/// processed, `refusal` if something was not done and why, `result` for the rest. `says` has that in Portuguese and in
/// English. `of` names the operations whose items can get it, besides those whose rows say nothing of outcomes, and `with` the fields that an outcome has with it, beside
/// those that every outcome of the operation has; a field whose name ends in `?` can be absent.
macro_rules! statuses {
    (
        $(#[doc = $about:literal])+
        pub enum Status {
            $(
                $(#[doc = $doc:literal])+
                $Variant:ident = $code:literal $json:literal, $class:ident,
                says $pt_br:literal, $en:literal,
                of [$($operation:literal),+] $(with [$($field:literal),+])?;
            )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Status {
            $($(#[doc = $doc])+ $Variant = $code,)+
        }

        impl Status {
            /// Every status, by number.
            pub const ALL: [Status; [$($code),+].len()] = [$(Status::$Variant),+];

            /// The statuses, as constants: what the bindings are generated from.
            pub const SCHEMA: Choices = Choices::new(
                "Status",
                concat!($($about, "\n"),+),
                &[$(Value::new($json, $code, class!($class refusal), concat!($($doc, "\n"),+))),+],
            );

            /// The name, as it is written in JSON.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Status::$Variant => $json,)+
                }
            }

            /// The status of that name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Status> {
                match name {
                    $($json => Some(Status::$Variant),)+
                    _ => None,
                }
            }

            /// What it says in Portuguese, to people.
            #[must_use]
            pub const fn text_pt_br(self) -> &'static str {
                match self {
                    $(Status::$Variant => $pt_br,)+
                }
            }

            /// What it says in English, to people.
            #[must_use]
            pub const fn text_en(self) -> &'static str {
                match self {
                    $(Status::$Variant => $en,)+
                }
            }

            /// The operations whose rows say what outcomes they have, and whose items can get it.
            const fn operations(self) -> &'static [&'static str] {
                match self {
                    $(Status::$Variant => &[$($operation),+],)+
                }
            }

            /// The fields that an outcome has with it, by their names in JSON, beside those that every outcome of the
            /// operation has; one whose name ends in `?` can be absent.
            #[must_use]
            pub const fn fields(self) -> &'static [&'static str] {
                match self {
                    $(Status::$Variant => &[$($($field),+)?],)+
                }
            }

            /// Whether a message with this answer was processed: accepted now, or the same message before.
            #[must_use]
            pub const fn is_success(self) -> bool {
                match self {
                    $(Status::$Variant => class!($class success),)+
                }
            }

            /// Whether it says that something was not done; then answers carry a reason.
            #[must_use]
            pub const fn is_refusal(self) -> bool {
                match self {
                    $(Status::$Variant => class!($class refusal),)+
                }
            }
        }
    };
}

/// Whether the class of a status is the one that is asked for.
macro_rules! class {
    (success success) => {
        true
    };
    (refusal refusal) => {
        true
    };
    ($class:ident $asked:ident) => {
        false
    };
}

use crate::schema::{Choices, Kind, Operation, Value};
use crate::value::{Described, FieldValue};

statuses! {
    /// The answer to one message, reply, report or other item. The refusals of a dispatch (10 to 90) are in order of
    /// precedence: the first that applies is the answer ([RULES §4](crate::rules#4-dispatch)).
    pub enum Status {
        /// The message goes out; its contact is blocked from then on.
        Accepted = 0 "accepted", success,
            says "Mensagem aceita", "Message accepted",
            of ["dispatch", "followUps"] with ["dispatch", "sender", "to", "sendAt", "blockedUntil", "stage", "warnings?"];
        /// Not a phone, or of a country that is not allowed.
        InvalidPhone = 10 "invalid_phone", refusal,
            says "Número inválido", "Invalid phone number",
            of ["dispatch", "reply", "operatorMessage", "import"];
        /// A required member is missing, or one is malformed.
        InvalidField = 11 "invalid_field", refusal,
            says "Campo obrigatório ausente ou inválido", "Required field missing or malformed",
            of ["dispatch", "import"] with ["field"];
        /// `closeTicket` is missing or not true.
        CloseTicketRequired = 12 "close_ticket_required", refusal,
            says "closeTicket deve ser true", "closeTicket must be true",
            of ["dispatch"];
        /// `mainTemplate` is blank, and the policy refuses that.
        EmptyTemplate = 13 "empty_template", refusal,
            says "mainTemplate está vazio", "mainTemplate is blank",
            of ["dispatch"];
        /// The phone, or the client, has opted out.
        OptedOut = 20 "opted_out", refusal,
            says "Contato pediu para não receber mensagens", "The contact asked not to receive messages",
            of ["dispatch", "followUps", "reply", "operatorMessage"];
        /// The phone was found not to be reachable at all.
        Undeliverable = 21 "undeliverable", refusal,
            says "Número não recebe mensagens", "The number cannot receive messages",
            of ["dispatch", "followUps"];
        /// An earlier message of the same batch took one of the gates.
        DuplicateInBatch = 30 "duplicate_in_batch", refusal,
            says "Contato repetido no mesmo lote", "Same contact as an earlier message of the batch",
            of ["dispatch"] with ["firstIndex", "retryAt"];
        /// The same message was accepted before; a success, nothing is sent again.
        AlreadyAccepted = 31 "already_accepted", success,
            says "Mensagem já aceita anteriormente", "The same message was accepted before",
            of ["dispatch"] with ["dispatch", "sender", "to", "sendAt", "blockedUntil", "stage"];
        /// A gate is blocked: the contact has not answered, and its window is not over.
        ContactBlocked = 40 "contact_blocked", refusal,
            says "Contato bloqueado", "Contact blocked",
            of ["dispatch", "followUps"] with ["retryAt?"];
        /// It is outside the contact hours, or would be when the message goes out.
        OutOfHours = 50 "out_of_hours", refusal,
            says "Fora do horário de contato", "Outside contact hours",
            of ["dispatch", "followUps"] with ["retryAt?"];
        /// The wallet lists operators, and this is none of them.
        UnknownOperator = 60 "unknown_operator", refusal,
            says "Operador não pertence à carteira", "The operator is not one of the wallet's",
            of ["dispatch", "followUps"];
        /// No sender of the wallet can serve this contact now.
        NoSenderAvailable = 70 "no_sender_available", refusal,
            says "Nenhum número da carteira disponível", "No number of the wallet is available",
            of ["dispatch", "followUps"] with ["retryAt?"];
        /// A new contact would exceed `maxContacts`.
        ContactsFull = 80 "contacts_full", refusal,
            says "Limite de contatos atingido", "The limit of contacts is reached",
            of ["dispatch", "import"];
        /// Another message of an atomic batch was refused.
        NotAttempted = 90 "not_attempted", refusal,
            says "Não processada: outra mensagem do lote foi recusada", "Not attempted: another message of the batch was refused",
            of ["dispatch"];
        /// The command did what it says.
        Applied = 100 "applied", result,
            says "Aplicado", "Applied",
            of ["import", "report"];
        /// It was so already.
        Unchanged = 101 "unchanged", result,
            says "Nada a alterar", "Nothing to change",
            of ["import"];
        /// The contact answered, or wrote by itself.
        Replied = 110 "replied", result,
            says "Resposta registrada", "Reply recorded",
            of ["reply"];
        /// The reply is older than the open cycle; it frees nothing.
        StaleReply = 111 "stale_reply", refusal,
            says "Resposta anterior ao contato em aberto", "The reply is older than the open contact",
            of ["reply"];
        /// The dispatch goes out from another sender.
        Moved = 120 "moved", result,
            says "Transferida para outro número", "Moved to another number",
            of ["report"] with ["sender", "to", "sendAt", "blockedUntil"];
        /// The cycle was released: its gates are free again.
        Released = 121 "released", result,
            says "Contato liberado", "Contact released",
            of ["report"];
        /// It may have been delivered: the gates stay as they are.
        Kept = 122 "kept", result,
            says "Bloqueio mantido: pode ter sido entregue", "Block kept: it may have been delivered",
            of ["report"];
        /// The report is too late, or contradicts what is known; nothing changes.
        StaleReport = 123 "stale_report", refusal,
            says "Relatório de entrega desatualizado", "The report is out of date",
            of ["report"];
        /// No such dispatch was ever made.
        UnknownDispatch = 124 "unknown_dispatch", refusal,
            says "Disparo desconhecido", "No such dispatch",
            of ["report"];
        /// The operator may write.
        Allowed = 130 "allowed", result,
            says "Operador pode escrever", "The operator may write",
            of ["operatorMessage"];
        /// Operators do not open conversations.
        ManualStartDenied = 131 "manual_start_denied", refusal,
            says "Operador não pode iniciar a conversa", "Operators cannot start a conversation",
            of ["operatorMessage"];
        /// A cycle ended unanswered.
        Expired = 140 "expired", result,
            says "Sem resposta até o fim do prazo", "Unanswered when its window ended",
            of ["expire"] with ["phone", "dispatch?", "expiredAt"];
    }
}

crate::tables::serialized!(Status);

impl Described for Status {
    const KIND: Kind = Kind::Status;

    fn value(&self) -> FieldValue<'_> {
        FieldValue::Text(self.name())
    }
}

impl Status {
    /// The number.
    ///
    /// ```
    /// use cpc_core::Status;
    ///
    /// assert_eq!(Status::ContactBlocked.code(), 40);
    /// assert_eq!(Status::from_code(40), Some(Status::ContactBlocked));
    /// assert_eq!(Status::from_name("contact_blocked"), Some(Status::ContactBlocked));
    /// assert!(Status::ContactBlocked.is_refusal() && Status::AlreadyAccepted.is_success());
    /// ```
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The status of that number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Status> {
        Status::ALL
            .binary_search_by_key(&code, |status| status.code())
            .ok()
            .and_then(|at| Status::ALL.get(at).copied())
    }

    /// Whether an item of that operation can get it. An operation whose row says nothing of outcomes has one, which says
    /// whether something changed.
    ///
    /// ```
    /// use cpc_core::{Command, Status};
    ///
    /// let row = |name| Command::OPERATIONS.iter().find(|row| row.name == name).unwrap();
    /// assert!(Status::StaleReply.is_of(row("reply")) && Status::Unchanged.is_of(row("group")));
    /// assert!(!Status::Unchanged.is_of(row("reply")));
    /// ```
    #[must_use]
    pub fn is_of(self, operation: &Operation) -> bool {
        match self {
            Status::Applied | Status::Unchanged if operation.is_change => true,
            _ => self.operations().contains(&operation.name),
        }
    }

    /// The answer to what changed something, or not.
    pub(crate) const fn of_change(changed: bool) -> Status {
        if changed { Status::Applied } else { Status::Unchanged }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_listed_once_in_order_of_their_numbers() {
        assert!(Status::ALL.is_sorted_by(|a, b| a.code() < b.code()));
    }

    #[test]
    fn a_status_is_found_by_its_number_and_by_its_name() {
        for status in Status::ALL {
            assert_eq!(Status::from_code(status.code()), Some(status));
            assert_eq!(Status::from_name(status.name()), Some(status));
            assert!(!(status.is_success() && status.is_refusal()));
        }
        assert_eq!((Status::from_code(1), Status::from_name("Accepted")), (None, None));
    }
}
