//! The data folder: its lock, its permissions, and the gateway's identity.

use crate::localized::Localized;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
#[cfg(unix)]
use tracing::warn;
use uuid::Uuid;

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataFolderError {
    /// Another process holds its lock.
    #[error("the data folder is in use by another process: {}", .0.display())]
    InUse(PathBuf),
    /// It may not be written to.
    #[error("the data folder is read-only: {}", .0.display())]
    ReadOnly(PathBuf),
    /// The file of the gateway's identity cannot be read.
    #[error("{} is damaged", .0.display())]
    Damaged(PathBuf),
    /// Something else.
    #[error("the data folder: {}: {}", .0.display(), .1)]
    File(PathBuf, #[source] io::Error),
}

impl Localized for DataFolderError {
    fn portuguese(&self) -> Cow<'_, str> {
        Cow::Owned(match self {
            DataFolderError::InUse(path) => {
                format!("a pasta de dados está em uso por outro processo: {}", path.display())
            }
            DataFolderError::ReadOnly(path) => {
                format!("a pasta de dados é só para leitura: {}", path.display())
            }
            DataFolderError::Damaged(path) => format!("{} está danificado", path.display()),
            DataFolderError::File(path, error) => format!("a pasta de dados: {}: {error}", path.display()),
        })
    }
}

impl DataFolderError {
    fn of(folder: &Path, error: io::Error) -> DataFolderError {
        match error.kind() {
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                DataFolderError::ReadOnly(folder.to_owned())
            }
            _ => DataFolderError::File(folder.to_owned(), error),
        }
    }
}

/// A data folder, locked against other processes as long as this lives.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    pub(crate) identity: Identity,
    /// Whether this start created it.
    pub(crate) is_new: bool,
    /// The system releases the lock however the process ends.
    _lock: File,
}

/// What makes the message ids and hashes of this gateway unique.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Identity {
    /// The prefix of every message id, so that no two gateways give out the same.
    pub(crate) instance: String,
    /// The policy's `hashKey`, 32 hexadecimal digits.
    pub(crate) hash_key: String,
}

impl DataFolder {
    /// Locks a data folder, creating it if need be.
    pub(crate) fn open(path: &Path) -> Result<DataFolder, DataFolderError> {
        let failed = |error| DataFolderError::of(path, error);
        create_private(path).map_err(failed)?;
        // Files that this process creates from here on, SQLite's included, are readable by its user alone.
        #[cfg(unix)]
        rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(path.join("lock"));
        let lock = lock.map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DataFolderError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        #[cfg(unix)]
        restrict_permissions(path);
        let file = path.join("gateway.json");
        let (identity, is_new) = match fs::read(&file) {
            Ok(text) => (serde_json::from_slice(&text).map_err(|_| DataFolderError::Damaged(file))?, false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                (create_identity(&file).map_err(failed)?, true)
            }
            Err(error) => return Err(failed(error)),
        };
        Ok(DataFolder { path: path.to_path_buf(), identity, is_new, _lock: lock })
    }

    /// The folder's path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Creates a folder with mode 0700: it will hold personal data.
fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Tightens permissions of files from earlier versions to 0600. The folder's own mode is left to the operator.
#[cfg(unix)]
fn restrict_permissions(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    const OTHERS: u32 = 0o077;
    let mode = |path: &Path| fs::metadata(path).map(|file| file.permissions().mode());
    if mode(folder).is_ok_and(|mode| mode & OTHERS != 0) {
        warn!("other users may look into the data folder; its files are for this user alone");
    }
    let mut files: Vec<PathBuf> = FILES.iter().map(|name| folder.join(name)).collect();
    let snapshots = fs::read_dir(folder.join("snapshots")).into_iter().flatten().flatten();
    files.extend(snapshots.map(|file| file.path()));
    for file in files {
        let Ok(mode) = mode(&file) else { continue };
        if mode & OTHERS != 0
            && let Err(error) = fs::set_permissions(&file, fs::Permissions::from_mode(mode & !OTHERS))
        {
            let name = file.file_name().unwrap_or_default();
            warn!(?name, %error, "a file can be read by other users, and that cannot be changed");
        }
    }
}

/// The files that the gateway keeps in its data folder; others may lie beside them.
#[cfg(unix)]
const FILES: [&str; 8] =
    ["log.db", "log.db-wal", "log.db-shm", "log.mark", "lock", "tokens", "gateway.json", "snapshots"];

fn create_identity(file: &Path) -> io::Result<Identity> {
    let random = || Uuid::new_v4().simple().to_string();
    let instance = random().chars().take(8).collect();
    let identity = Identity { instance, hash_key: random() };
    // Serializing two strings does not fail.
    let text = serde_json::to_vec(&identity).unwrap_or_default();
    write_private(file, &text)?;
    Ok(identity)
}

/// Writes a file with mode 0600 under another name first, and renames it, so that it is complete or absent.
pub(crate) fn write_private(file: &Path, text: &[u8]) -> io::Result<()> {
    let partial = file.with_extension("partial");
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut written = options.open(&partial)?;
    written.write_all(text)?;
    written.sync_all()?;
    fs::rename(partial, file)
}
