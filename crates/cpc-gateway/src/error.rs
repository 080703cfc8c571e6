//! Why a run of the program failed, whatever it was asked to do.

use crate::config::settings::SettingsError;
use crate::config::token_file::TokenFileError;
use crate::localized::Localized;
use crate::serve::StartError;
use crate::tools::error::ToolError;
use crate::tools::log::LogToolError;
use std::borrow::Cow;

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error("the settings cannot be used: {0}")]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Log(#[from] LogToolError),
    #[error(transparent)]
    Tokens(#[from] TokenFileError),
}

impl Localized for RunError {
    fn portuguese(&self) -> Cow<'_, str> {
        match self {
            RunError::Tool(error) => error.portuguese(),
            RunError::Settings(error) => {
                Cow::Owned(format!("a configuração não serve: {}", error.portuguese()))
            }
            RunError::Start(error) => error.portuguese(),
            RunError::Log(error) => error.portuguese(),
            RunError::Tokens(error) => error.portuguese(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::recovery::RecoveryError;
    use crate::engine::snapshots::SnapshotError;
    use crate::storage::data_folder::DataFolderError;
    use crate::storage::log::LogError;
    use cpc_http::TokenError;
    use cpc_wire::Language;
    use std::io;
    use std::path::PathBuf;

    #[test]
    fn errors_have_a_portuguese_text_through_every_layer_and_their_own_in_english() {
        let folder = || DataFolderError::InUse(PathBuf::from("cpc-data"));
        let in_use = "a pasta de dados está em uso por outro processo: cpc-data";
        let errors: [(RunError, &str); 7] = [
            (StartError::from(folder()).into(), in_use),
            (LogToolError::from(folder()).into(), in_use),
            (LogToolError::from(LogError::Missing { index: 7 }).into(), "falta a entrada 7 do log"),
            (StartError::from(RecoveryError::Log(LogError::DiskFull)).into(), "o disco está cheio"),
            (StartError::NotWritten.into(), "o log não pode ser escrito"),
            (TokenFileError::from(TokenError::BlankLabel).into(), "o rótulo de um token está vazio"),
            (StartError::from(io::Error::other("what the system says")).into(), "what the system says"),
        ];
        for (error, portuguese) in errors {
            assert_eq!(error.text(Language::PtBr), portuguese);
            assert_eq!(error.text(Language::En), error.to_string());
        }
        assert_eq!(SnapshotError::Digest.text(Language::PtBr), "o digest do motor restaurado é outro");
    }
}
