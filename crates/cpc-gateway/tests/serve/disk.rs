//! Disks that are full or may not be written to. Both are made by mounting something where only the gateway sees it,
//! as anybody may in a namespace of their own; where the system forbids even that, these tests fail and say so.
#![cfg(target_os = "linux")]

use crate::http::Request;
use crate::support::{Folder, Gateway, Refused, cpc, eventually, message, start};
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

/// Starts a gateway on a folder, after a script has mounted something there; `$1` is the folder.
fn serve_after(mount: &str, folder: &Folder) -> Result<Gateway, Refused> {
    let program = cpc(&[]).get_program().to_owned();
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c"]);
    // The gateway takes the place of the shell, so that the signal reaches it.
    let serve = "exec \"$0\" serve --listen 127.0.0.1:0 --data \"$1\"";
    command
        .arg(format!("({mount}) || {{ echo 'this test needs to mount: {mount}' >&2; exit 77; }}; {serve}"));
    command.arg(program).arg(folder.path()).stdin(std::process::Stdio::null());
    start(command).inspect_err(|refused| assert_ne!(refused.status.code(), Some(77), "{}", refused.stderr))
}

fn readiness(gateway: &Gateway) -> u16 {
    Request::new(gateway.address(), "GET", "/readyz").send().status
}

#[test]
fn a_folder_that_may_not_be_written_to_is_refused_and_stays_as_it_is() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    gateway.dispatch(&message("5511988876204", "")).ok();
    gateway.kill();
    let before = folder.content();
    let refused = serve_after("mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\"", &folder);
    let Err(refused) = refused else { panic!("it started on a folder that is read-only") };
    assert_eq!(refused.status.code(), Some(3), "{}", refused.stderr);
    assert!(refused.stderr.contains("a pasta de dados é só para leitura: "), "{}", refused.stderr);
    assert!(folder.content() == before);
    assert_eq!(folder.serve(&[]).state("5511988876204"), "blocked");
}

#[test]
fn a_full_disk_refuses_commands_until_there_is_room_again() {
    let folder = Folder::new();
    let tokens = "cp \"$1/tokens\" /tmp/.cpc-$$ && mount -t tmpfs -o size=4m tmpfs \"$1\" && mv /tmp/.cpc-$$ \"$1/tokens\"";
    let gateway = serve_after(tokens, &folder).unwrap_or_else(|refused| panic!("{}", refused.stderr));
    // Its folder, as it sees it.
    let seen = PathBuf::from(format!("/proc/{}/root{}", gateway.id(), folder.path().display()));
    gateway.dispatch(&message("5511911110001", "")).ok();
    assert_eq!(readiness(&gateway), 200);

    let ballast = seen.join("ballast");
    let mut file = File::create(&ballast).unwrap();
    while file.write_all(&[0; 1024]).is_ok() {}
    // As long as it is open, removing it would give nothing back.
    drop(file);
    let big = message("5511911110002", &format!(r#""contract":"{}""#, "7".repeat(100)));
    let mut refused = 0;
    // The last page of a file may still have room.
    for number in 10..40 {
        let answer = gateway.dispatch(&big.replace("5511911110002", &format!("55119111100{number}")));
        match answer.status {
            200 => continue,
            503 => refused += 1,
            other => panic!("{other}: {}", answer.text()),
        }
        assert_eq!(answer.json()["errors"][0]["code"], "unavailable");
        assert_eq!(readiness(&gateway), 503);
        // What was refused has changed nothing.
        assert_eq!(gateway.state(&format!("55119111100{number}")), "free");
    }
    assert!(refused > 0, "the disk never was full");
    assert_eq!(gateway.state("5511911110001"), "blocked");
    assert!(gateway.stderr().contains("the disk is full"), "{}", gateway.stderr());

    fs::remove_file(&ballast).unwrap();
    // A gateway that is not ready gets no commands, so it must probe the log itself.
    eventually("it is ready again", || readiness(&gateway) == 200);
    gateway.dispatch(&message("5511911110002", "")).ok();
    let after = Folder::new();
    for name in ["log.db", "log.db-wal", "log.mark", "gateway.json"] {
        fs::copy(seen.join(name), after.file(name)).unwrap();
    }
    gateway.stop();
    let again = after.serve(&[]);
    for phone in ["5511911110001", "5511911110002"] {
        assert_eq!(again.state(phone), "blocked");
    }
}
