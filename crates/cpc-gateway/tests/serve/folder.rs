//! What the data folder shows to others, and what is left lying about in it.

use crate::support::{Folder, message};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The files of a folder and of those in it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn in_a_folder_that_others_may_enter_the_files_are_for_nobody_else() {
    let folder = Folder::new();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    // As an earlier program left them.
    let other = folder.file("notes.txt");
    for (file, text) in [(folder.file("log.mark"), ""), (other.clone(), "another's")] {
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    }
    let gateway = folder.serve(&[]);
    gateway.dispatch(&message("5511988876204", "")).ok();
    assert!(gateway.stderr().contains("other users may look into the data folder"));
    let check = || {
        let files: Vec<PathBuf> = files(folder.path()).into_iter().filter(|file| *file != other).collect();
        for file in &files {
            assert_eq!(mode(file) & 0o077, 0, "{}", file.display());
        }
        files
    };
    let names: Vec<_> =
        check().iter().filter_map(|file| file.file_name()?.to_str().map(String::from)).collect();
    for name in ["log.db", "log.db-wal", "log.db-shm", "log.mark", "lock", "tokens", "gateway.json"] {
        assert!(names.iter().any(|found| found == name), "{name} of {names:?}");
    }
    gateway.stop();
    assert!(check().iter().any(|file| file.extension().is_some_and(|ending| ending == "snapshot")));
    // Neither the folder nor what else is in it is the gateway's to close.
    assert_eq!((mode(&other), mode(folder.path())), (0o644, 0o755));
}

#[test]
fn a_folder_that_it_makes_itself_is_closed_and_nothing_is_said() {
    let folder = Folder::untouched();
    let gateway = folder.serve(&[]);
    assert_eq!(mode(folder.path()), 0o700);
    assert!(!gateway.stderr().contains("WARN"), "{}", gateway.stderr());
}

#[test]
fn what_a_kill_left_of_a_snapshot_is_removed_at_the_next_start() {
    let folder = Folder::new();
    folder.serve(&[]).stop();
    let left = folder.file("snapshots/00000000000000000007.partial");
    fs::write(&left, "half of it").unwrap();
    let snapshots = folder.snapshots().len();
    folder.serve(&[]).kill();
    assert!(!left.exists());
    assert_eq!(folder.snapshots().len(), snapshots - 1);
}
