//! Client tokens: a file of the data folder with a label and a digest for each, reloaded when it changes. A token itself
//! is shown once, when it is created, and stored nowhere.

use crate::localized::Localized;
use crate::storage::data_folder::write_private;
use cpc_http::{TokenDigest, TokenError, Tokens};
use std::borrow::Cow;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tracing::{info, warn};
use uuid::Uuid;

/// How often the file is checked for changes.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// Why the token file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenFileError {
    #[error("{}, line {line}: expected a label, a blank, and 64 hexadecimal digits", path.display())]
    Line { path: PathBuf, line: usize },
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("the label of a token is one line and does not begin with #")]
    Label,
    #[error(transparent)]
    Tokens(#[from] TokenError),
}

impl Localized for TokenFileError {
    fn portuguese(&self) -> Cow<'_, str> {
        Cow::Owned(match self {
            TokenFileError::Line { path, line } => format!(
                "{}, linha {line}: esperados um rótulo, um espaço e 64 dígitos hexadecimais",
                path.display()
            ),
            TokenFileError::File { path, error } => format!("{}: {error}", path.display()),
            TokenFileError::Label => {
                return Cow::Borrowed("o rótulo de um token é uma só linha e não começa com #");
            }
            TokenFileError::Tokens(error) => return error.portuguese(),
        })
    }
}

/// The file of tokens of a data folder.
#[derive(Clone, Debug)]
pub(crate) struct TokenFile {
    path: PathBuf,
    /// An empty file, locked while the token file is changed.
    lock: PathBuf,
}

impl TokenFile {
    /// The token file of a data folder.
    pub(crate) fn of(data: &Path) -> TokenFile {
        TokenFile { path: data.join("tokens"), lock: data.join("tokens.lock") }
    }

    /// Creates a token, adds its digest to the file, and returns the token, which is stored nowhere.
    pub(crate) fn create(&self, label: &str) -> Result<String, TokenFileError> {
        let label = label.trim();
        if label.starts_with('#') || label.contains(char::is_control) {
            return Err(TokenFileError::Label);
        }
        // A second process waits here, so that neither overwrites the token of the other.
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&self.lock);
        let lock = lock.map_err(|error| self.failed(error))?;
        lock.lock().map_err(|error| self.failed(error))?;
        let token = format!("cpc_{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let mut entries = self.entries()?;
        entries.push((label.to_owned(), TokenDigest::of(&token)));
        // The same checks as when the file is loaded.
        Tokens::of_digests(entries.clone())?;
        let lines: String = entries.iter().map(|(label, digest)| format!("{label} {digest}\n")).collect();
        write_private(&self.path, lines.as_bytes()).map_err(|error| self.failed(error))?;
        Ok(token)
    }

    /// Whether there are no tokens.
    pub(crate) fn is_empty(&self) -> Result<bool, TokenFileError> {
        self.entries().map(|entries| entries.is_empty())
    }

    /// The tokens in force.
    pub(crate) fn load(&self) -> Result<Tokens, TokenFileError> {
        Ok(Tokens::of_digests(self.entries()?)?)
    }

    /// Reloads the tokens whenever the file changes, as long as the process lives. If it cannot be read, the loaded tokens
    /// stay in force.
    pub(crate) async fn watch(self, tokens: Tokens) {
        // It may have changed since it was loaded, so the first check always reads it.
        let mut seen = None;
        loop {
            tokio::time::sleep(CHECK_EVERY).await;
            let changed = self.changed_at();
            if changed == seen {
                continue;
            }
            seen = changed;
            let replaced = self.entries().and_then(|entries| Ok(tokens.replace_digests(entries)?));
            match replaced {
                Ok(()) => info!("the tokens were read"),
                Err(error) => warn!(%error, "the tokens cannot be read; those from before stay in force"),
            }
        }
    }

    fn entries(&self) -> Result<Vec<(String, TokenDigest)>, TokenFileError> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.failed(error)),
        };
        let lines =
            (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        lines
            .map(|(line, text)| {
                let entry = text.trim().rsplit_once(' ');
                let entry = entry.and_then(|(label, digest)| Some((label.to_owned(), digest.parse().ok()?)));
                entry.ok_or_else(|| TokenFileError::Line { path: self.path.clone(), line })
            })
            .collect()
    }

    fn changed_at(&self) -> Option<(SystemTime, u64)> {
        let file = fs::metadata(&self.path).ok()?;
        Some((file.modified().ok()?, file.len()))
    }

    fn failed(&self, error: io::Error) -> TokenFileError {
        TokenFileError::File { path: self.path.clone(), error }
    }
}
