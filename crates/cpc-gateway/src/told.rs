//! What ends a run, in the language of whoever runs it. Errors say it in English themselves, which is also what is
//! logged; here is the same in Portuguese.

use crate::config::token_file::TokenFileError;
use crate::engine::recovery::RecoveryError;
use crate::engine::snapshots::SnapshotError;
use crate::serve::StartError;
use crate::storage::data_folder::FolderError;
use crate::storage::log::LogError;
use crate::tools::log::LogToolError;
use cpc_http::TokenError;
use cpc_wire::Language;
use std::error::Error;

/// What went wrong, for people.
pub(crate) fn told(error: &(dyn Error + 'static), language: Language) -> String {
    match language {
        Language::PtBr => portuguese(error).unwrap_or_else(|| error.to_string()),
        Language::En => error.to_string(),
    }
}

/// Errors of other people, such as those of files, are in English alone.
fn portuguese(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref::<LogToolError>() {
        return tool(error);
    }
    None.or_else(|| error.downcast_ref().map(folder))
        .or_else(|| error.downcast_ref().and_then(log))
        .or_else(|| error.downcast_ref().and_then(recovery))
        .or_else(|| error.downcast_ref().and_then(snapshot))
        .or_else(|| error.downcast_ref().map(start))
        .or_else(|| error.downcast_ref().and_then(token_file))
}

fn tool(error: &LogToolError) -> Option<String> {
    match error {
        LogToolError::Log(error) => log(error),
        LogToolError::Recovery(error) => recovery(error),
        LogToolError::Folder(error) => Some(folder(error)),
        LogToolError::File(_) => None,
    }
}

fn folder(error: &FolderError) -> String {
    match error {
        FolderError::InUse(path) => {
            format!("a pasta de dados está em uso por outro processo: {}", path.display())
        }
        FolderError::ReadOnly(path) => format!("a pasta de dados é só para leitura: {}", path.display()),
        FolderError::Damaged(path) => format!("{} está danificado", path.display()),
        FolderError::File(path, error) => format!("a pasta de dados: {}: {error}", path.display()),
    }
}

fn log(error: &LogError) -> Option<String> {
    Some(match error {
        LogError::DiskFull => String::from("o disco está cheio"),
        LogError::ReadOnly => String::from("a pasta de dados é só para leitura"),
        LogError::Damaged { index } => format!("a entrada {index} do log está danificada"),
        LogError::Missing { index } => format!("falta a entrada {index} do log"),
        LogError::Shortened { last, acknowledged } => format!(
            "o log termina na entrada {last}, mas entradas até {acknowledged} já tinham sido confirmadas; se não puderem \
             ser restauradas, remova log.mark para seguir sem elas: seus contatos poderão então ser contatados de novo"
        ),
        LogError::Foreign => String::from("não é um log desta versão"),
        LogError::Database(error) => format!("o banco de dados do log: {error}"),
        LogError::File(_) => return None,
    })
}

fn recovery(error: &RecoveryError) -> Option<String> {
    Some(match error {
        RecoveryError::Log(error) => return log(error),
        RecoveryError::NoSnapshot { first } => {
            format!(
                "o log começa na entrada {first}, e nenhum retrato do estado que chegue até ela pode ser lido"
            )
        }
        RecoveryError::LogBehindSnapshot { last, snapshot } => format!(
            "o log termina na entrada {last}, antes do retrato da entrada {snapshot}; se o que falta entre eles não puder \
             ser restaurado, remova esse retrato e log.mark para seguir sem isso: seus contatos poderão então ser \
             contatados de novo"
        ),
        RecoveryError::Digest { index } => format!(
            "o digest na entrada {index} do log não é o de quando foi escrito: o log está danificado, ou esta versão \
             decide de outro modo que a que o escreveu"
        ),
        RecoveryError::Snapshots(error) => format!("os retratos do estado: {error}"),
    })
}

fn snapshot(error: &SnapshotError) -> Option<String> {
    Some(match error {
        SnapshotError::Damaged => String::from("não é um retrato desta versão, ou não está inteiro"),
        SnapshotError::Engine(error) => format!("seu motor não pode ser restaurado: {error}"),
        SnapshotError::Digest => String::from("o digest do motor restaurado é outro"),
        SnapshotError::File(_) => return None,
    })
}

fn start(error: &StartError) -> String {
    match error {
        StartError::Listen { address, error } => format!("{address}: {error}"),
        StartError::Certificate(error) => format!("o certificado ou sua chave: {error}"),
        StartError::ClockGap { days } => format!(
            "o relógio está {days} dias à frente do último comando, mais que maxClockJump; se estiver certo, inicie uma \
             vez com --set log.accept_gap=true"
        ),
        StartError::NotWritten => String::from("o log não pode ser escrito"),
        StartError::Webhook(error) => format!("o webhook da caixa de saída: {error}"),
        StartError::Writer => String::from("um erro interno encerrou a escrita do log"),
    }
}

fn token_file(error: &TokenFileError) -> Option<String> {
    Some(match error {
        TokenFileError::Line { path, line } => format!(
            "{}, linha {line}: esperados um rótulo, um espaço e 64 dígitos hexadecimais",
            path.display()
        ),
        TokenFileError::File { path, error } => format!("{}: {error}", path.display()),
        TokenFileError::Label => String::from("o rótulo de um token é uma só linha e não começa com #"),
        TokenFileError::Tokens(TokenError::BlankLabel) => String::from("o rótulo de um token está vazio"),
        TokenFileError::Tokens(TokenError::Malformed { label }) => {
            format!("o token de {label:?} está vazio, ou não é só de caracteres ASCII visíveis sem espaços")
        }
        TokenFileError::Tokens(TokenError::SharedState { first, second }) => {
            format!("{first:?} e {second:?} têm o mesmo token")
        }
        TokenFileError::Tokens(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::path::PathBuf;

    #[test]
    fn every_kind_of_error_is_told_in_portuguese_and_in_its_own_words_in_english() {
        let folder = || FolderError::InUse(PathBuf::from("cpc-data"));
        let errors: [(Box<dyn Error>, &str); 8] = [
            (Box::new(folder()), "a pasta de dados está em uso por outro processo: cpc-data"),
            (
                Box::new(LogToolError::Folder(folder())),
                "a pasta de dados está em uso por outro processo: cpc-data",
            ),
            (Box::new(LogError::Missing { index: 7 }), "falta a entrada 7 do log"),
            (Box::new(RecoveryError::Log(LogError::DiskFull)), "o disco está cheio"),
            (Box::new(SnapshotError::Digest), "o digest do motor restaurado é outro"),
            (Box::new(StartError::NotWritten), "o log não pode ser escrito"),
            (Box::new(TokenFileError::from(TokenError::BlankLabel)), "o rótulo de um token está vazio"),
            (Box::new(io::Error::other("what the system says")), "what the system says"),
        ];
        for (error, pt_br) in errors {
            assert_eq!(told(&*error, Language::PtBr), pt_br);
            assert_eq!(told(&*error, Language::En), error.to_string());
        }
    }
}
