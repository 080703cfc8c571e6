//! A gateway as its users run it: the program on a data folder of its own, and requests to it.

use crate::http::{Answer, Request};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything here takes, so that a test fails instead of waiting for ever.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// The token of every folder that [`Folder::new`] makes.
pub(crate) const TOKEN: &str = "token-of-the-tests";

/// The request of the customer's document.
pub(crate) const EXAMPLE: &str = cpc_http::EXAMPLE_REQUEST;

/// A data folder, which goes with the test.
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// An empty one, in which [`TOKEN`] is known.
    pub(crate) fn new() -> Folder {
        let folder = Folder::untouched();
        fs::create_dir_all(folder.path()).unwrap();
        fs::write(folder.file("tokens"), token_line("tests", TOKEN)).unwrap();
        folder
    }

    /// One that is not there yet.
    pub(crate) fn untouched() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("serve-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Folder { path: PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Starts a gateway on it that must come up.
    pub(crate) fn serve(&self, settings: &[&str]) -> Gateway {
        self.try_serve(settings).unwrap_or_else(|refused| panic!("it did not start: {refused:?}"))
    }

    /// Starts a gateway on it, or says how it ended.
    pub(crate) fn try_serve(&self, settings: &[&str]) -> Result<Gateway, Refused> {
        let mut command = cpc(&["serve", "--listen", "127.0.0.1:0"]);
        command.arg("--data").arg(&self.path);
        // Its complaints are read in English here, its answers as they are unless a test says otherwise.
        command.args(["--lang", "en", "--set", "language=pt-BR"]);
        command.args(settings.iter().flat_map(|setting| ["--set", setting]));
        start(command)
    }

    /// Starts a gateway that must refuse to, and has said why; its code is that of files that cannot be used.
    pub(crate) fn refusal(&self) -> String {
        match self.try_serve(&[]) {
            Ok(gateway) => panic!("it started: {}", gateway.stderr()),
            Err(refused) => {
                assert_eq!(refused.status.code(), Some(3), "{}", refused.stderr);
                refused.stderr
            }
        }
    }

    /// Runs another command of the program on it, in English.
    pub(crate) fn run(&self, arguments: &[&str]) -> std::process::Output {
        cpc(arguments).args(["--lang", "en", "--data"]).arg(&self.path).output().unwrap()
    }

    /// Its files with their content, but for what SQLite shares between processes and the lock: neither says anything
    /// once the processes are gone.
    pub(crate) fn content(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![self.path.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false if path.ends_with("log.db-shm") || path.ends_with("lock") => {}
                    false => files.push((path.clone(), fs::read(&path).unwrap())),
                }
            }
        }
        // Nor does a write-ahead log that is empty.
        files.retain(|(path, bytes)| !bytes.is_empty() || !path.ends_with("log.db-wal"));
        files.sort();
        files
    }

    /// Another folder with the same files.
    pub(crate) fn copy(&self) -> Folder {
        let copy = Folder::untouched();
        for (path, bytes) in self.content() {
            let to = copy.path.join(path.strip_prefix(&self.path).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, bytes).unwrap();
        }
        copy
    }

    /// The snapshots in it, oldest first.
    pub(crate) fn snapshots(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.file("snapshots")).into_iter().flatten();
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        files
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// The line of a token in the file of tokens.
pub(crate) fn token_line(label: &str, token: &str) -> String {
    let digest: String = Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{label} {digest}\n")
}

/// The program, with nothing of the environment that would change its settings.
pub(crate) fn cpc(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cpc"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CPC_")) {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// How a gateway that did not start ended.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: ExitStatus,
    pub(crate) stderr: String,
}

/// A gateway that runs. It ends with the test.
pub(crate) struct Gateway {
    child: Child,
    address: SocketAddr,
    scheme: String,
    stdout: Receiver<String>,
    stderr: PathBuf,
}

/// Starts it and waits until it has said where it listens.
pub(crate) fn start(mut command: Command) -> Result<Gateway, Refused> {
    let stderr = Folder::untouched().path.with_extension("stderr");
    let file = fs::File::create(&stderr).unwrap();
    let mut child = command.stdout(Stdio::piped()).stderr(file).spawn().unwrap();
    let (said, stdout) = mpsc::channel();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| said.send(line)));
    match stdout.recv_timeout(LONG) {
        Ok(url) => {
            let (scheme, address) = url.split_once("://").unwrap();
            let (scheme, address) = (scheme.to_owned(), address.parse().unwrap());
            Ok(Gateway { child, address, scheme, stdout, stderr })
        }
        Err(RecvTimeoutError::Disconnected) => {
            let status = wait(&mut child);
            let refused = Refused { status, stderr: fs::read_to_string(&stderr).unwrap() };
            let _ = fs::remove_file(stderr);
            Err(refused)
        }
        Err(RecvTimeoutError::Timeout) => {
            let _ = child.kill();
            panic!("it neither listens nor ends: {}", fs::read_to_string(&stderr).unwrap())
        }
    }
}

fn wait(child: &mut Child) -> ExitStatus {
    let mut ended = None;
    eventually("the process ends", || {
        ended = child.try_wait().unwrap();
        ended.is_some()
    });
    ended.unwrap()
}

impl Gateway {
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn scheme(&self) -> &str {
        &self.scheme
    }

    /// A request to it, with a token that it knows.
    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        Request::new(self.address, method, path).header("authorization", &format!("Bearer {TOKEN}"))
    }

    /// Asks, and must be answered well.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send().ok()
    }

    /// Posts JSON, whatever comes of it.
    pub(crate) fn post(&self, path: &str, body: &str) -> Answer {
        self.request("POST", path).json(body).send()
    }

    pub(crate) fn put(&self, path: &str, body: &str) -> Answer {
        self.request("PUT", path).json(body).send()
    }

    /// Posts messages to massivocpc.
    pub(crate) fn dispatch(&self, body: &str) -> Answer {
        self.post("/api/messages/massivocpc", body)
    }

    /// The outcome of a command that has one.
    pub(crate) fn command(&self, line: &str) -> serde_json::Value {
        self.post("/api/commands", line).ok().json()
    }

    /// The state of a contact.
    pub(crate) fn state(&self, phone: &str) -> String {
        let contact = self.get(&format!("/api/contacts/{phone}")).json();
        contact["contact"]["state"].as_str().unwrap().to_owned()
    }

    /// The messages that are to be sent.
    pub(crate) fn outbox(&self) -> Vec<serde_json::Value> {
        self.get("/api/outbox").json()["messages"].as_array().unwrap().clone()
    }

    /// The value of a metric, 0 if there is none.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let metrics = Request::new(self.address, "GET", "/metrics").send().ok();
        let line = metrics.text().lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0, |value| value.parse().unwrap())
    }

    /// What it has said on its standard output since it was last asked, up to a line with this in it.
    pub(crate) fn says(&self, wanted: &str) -> String {
        let mut said = String::new();
        while !said.contains(wanted) {
            let line = self.stdout.recv_timeout(LONG);
            said += &line.unwrap_or_else(|error| panic!("{error}: {wanted:?} was not said, but {said:?}"));
            said.push('\n');
        }
        said
    }

    /// What it has logged.
    pub(crate) fn stderr(&self) -> String {
        fs::read_to_string(&self.stderr).unwrap()
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let killed = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(killed.success());
    }

    /// Ends it in order; it must do so without a complaint. Says what it has logged.
    pub(crate) fn stop(mut self) -> String {
        self.terminate();
        let status = wait(&mut self.child);
        let stderr = self.stderr();
        assert!(status.success(), "{status}: {stderr}");
        stderr
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(&self.stderr);
    }
}

/// Waits until something is so.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + LONG;
    while !holds() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// One message to massivocpc, of wallet `emp1`, with more members in JSON.
pub(crate) fn message(phone: &str, more: &str) -> String {
    let comma = if more.is_empty() { "" } else { "," };
    format!(
        r#"{{"campaign":"c","tag":"emp1","messages":[{{"phone":"{phone}","closeTicket":true,"specialistCode":"admin","mainTemplate":"Oi"{comma}{more}}}]}}"#
    )
}
