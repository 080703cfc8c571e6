//! What refused commands, texts that cannot be read and failed requests say to people. No value is ever repeated.

use super::Language;
use crate::massivocpc::RequestFailure;
use crate::parse_error::{Expected, ParseError};
use cpc_core::{CommandError, PolicyError, SettingError};

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

fn policy_text(error: &PolicyError, language: Language) -> String {
    let PolicyError { field, value, min, max } = error;
    match language {
        Language::PtBr => format!("{field}: {value} não está entre {min} e {max}"),
        Language::En => format!("{field} must be between {min} and {max} (was {value})"),
    }
}

impl ParseError {
    /// What is wrong and where, for people.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let what = self.expectation(language);
        match (self, self.path()) {
            (ParseError::InvalidJson { line, column, .. }, _) => match language {
                Language::PtBr => format!("{what}, na linha {line}, coluna {column}"),
                Language::En => format!("{what} at line {line} column {column}"),
            },
            (ParseError::InvalidField { .. } | ParseError::InvalidPolicy { .. }, Some(path)) => {
                format!("{path}: {what}")
            }
            _ => what,
        }
    }

    /// What is wrong, without the place.
    pub(crate) fn expectation(&self, language: Language) -> String {
        match self {
            ParseError::InvalidJson { message, .. } => {
                format!("{}: {message}", language.choose("JSON inválido", "not JSON"))
            }
            ParseError::UnknownOp => {
                String::from(language.choose("operação desconhecida", "no such operation"))
            }
            ParseError::InvalidField { expected, .. } | ParseError::InvalidPolicy { expected, .. } => {
                expected.text(language)
            }
            ParseError::PolicyBounds(error) => policy_text(error, language),
            ParseError::LineTooLong { limit } => match language {
                Language::PtBr => format!("linha com mais de {limit} bytes"),
                Language::En => format!("the line has more than {limit} bytes"),
            },
        }
    }
}

impl Expected {
    /// The expectation in words.
    #[must_use]
    pub fn text(self, language: Language) -> String {
        let (pt_br, en) = match self {
            Expected::Object => ("esperado objeto", "expected object"),
            Expected::Array => ("esperada lista", "expected array"),
            Expected::Text => ("esperado texto", "expected string"),
            Expected::Boolean => ("esperado booleano", "expected boolean"),
            Expected::Number32 => {
                ("esperado número inteiro de 0 a 4294967295", "expected whole number from 0 to 4294967295")
            }
            Expected::Number64 => (
                "esperado número inteiro de 0 a 18446744073709551615",
                "expected whole number from 0 to 18446744073709551615",
            ),
            Expected::Integer => ("esperado número inteiro", "expected whole number"),
            Expected::NumberOrText => ("esperado número ou texto", "expected number or string"),
            Expected::Time => {
                ("esperado tempo em milissegundos ou RFC 3339", "expected time in milliseconds or RFC 3339")
            }
            Expected::OneOf(names) => return one_of(names, language),
            Expected::Present => ("campo ausente", "missing"),
            Expected::Once => ("campo repetido", "duplicate field"),
            Expected::Known => ("campo desconhecido", "unknown field"),
            Expected::With(other) => {
                return match language {
                    Language::PtBr => format!("só é aceito com {other}"),
                    Language::En => format!("only allowed with {other}"),
                };
            }
            Expected::OneTarget => {
                ("informe phone ou clientId, um dos dois", "give phone or clientId, one of the two")
            }
            Expected::Countries => {
                ("esperados prefixos de países, ou [\"*\"]", "expected country prefixes, or [\"*\"]")
            }
            Expected::HashKey => ("esperados 32 dígitos hexadecimais", "expected 32 hexadecimal digits"),
            Expected::Span => (
                "esperado [\"09:00\",\"18:00\"], a abertura antes do fechamento",
                "expected [\"09:00\",\"18:00\"], opening before closing",
            ),
            Expected::Offset => ("esperado de -840 a 840 minutos", "expected -840 to 840 minutes"),
            Expected::DddOffsets => (
                "esperados DDDs existentes, com -840 a 840 minutos",
                "expected area codes in use, with -840 to 840 minutes",
            ),
            Expected::Dates => (
                "esperadas até 4000 datas no formato AAAA-MM-DD",
                "expected up to 4000 dates written YYYY-MM-DD",
            ),
            Expected::Week => ("esperado preset ou week", "expected preset or week"),
        };
        String::from(language.choose(pt_br, en))
    }
}

fn one_of(names: &[&str], language: Language) -> String {
    format!("{} {}", language.choose("esperado um de", "expected one of"), names.join(", "))
}

impl RequestFailure {
    /// What happened, for people.
    #[must_use]
    pub fn text(self, language: Language) -> String {
        let (pt_br, en) = match self {
            RequestFailure::Unauthorized => ("Token ausente ou inválido", "Missing or invalid token"),
            RequestFailure::NotFound => ("Rota inexistente", "No such path"),
            RequestFailure::MethodNotAllowed => ("Método não permitido", "Method not allowed"),
            RequestFailure::UnsupportedMediaType => (
                "Content-Type deve ser application/json, em UTF-8 e sem compressão",
                "Content-Type must be application/json, in UTF-8 and not compressed",
            ),
            RequestFailure::BodyTooLarge { max } => {
                return match language {
                    Language::PtBr => format!("O corpo da requisição tem mais de {max} bytes"),
                    Language::En => format!("The request body has more than {max} bytes"),
                };
            }
            RequestFailure::BodyIncomplete => {
                ("O corpo da requisição não chegou inteiro", "The request body did not arrive whole")
            }
            RequestFailure::BodyTimeout => (
                "O corpo da requisição não chegou a tempo; nada foi processado",
                "The request body did not arrive in time; nothing was processed",
            ),
            RequestFailure::Timeout => (
                "Tempo esgotado; parte do lote pode ter sido aceita. Repita com os mesmos idMessage",
                "Timed out; some of the batch may have been accepted. Repeat it with the same idMessage",
            ),
            RequestFailure::Overloaded => {
                ("Requisições simultâneas demais; tente de novo", "Too many requests at once; try again")
            }
            RequestFailure::RateLimited => {
                ("Requisições demais em pouco tempo; espere", "Too many requests in a short time; wait")
            }
            RequestFailure::Unavailable => (
                "Serviço indisponível; parte do lote pode ter sido aceita. Repita com os mesmos idMessage",
                "Unavailable; some of the batch may have been accepted. Repeat it with the same idMessage",
            ),
            RequestFailure::Internal => (
                "Erro interno; parte do lote pode ter sido aceita. Repita com os mesmos idMessage",
                "Internal error; some of the batch may have been accepted. Repeat it with the same idMessage",
            ),
        };
        String::from(language.choose(pt_br, en))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
