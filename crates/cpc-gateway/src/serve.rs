//! `cpc serve`: starts the gateway, and shuts it down in order.
//!
//! ```text
//!   requests ──► http ──► engine::handle ──► writer: append ─► durable ─► apply ─► answer
//!                             ▲                 │                            │
//!   transport ◄── delivery ───┘                 └── log, snapshots           └── engine, outbox
//! ```

use crate::config::settings::Settings;
use crate::config::token_file::{TokenFile, TokenFileError};
use crate::delivery::message_texts::MessageTexts;
use crate::delivery::release_stale;
use crate::delivery::webhook::{Webhook, WebhookError};
use crate::delivery::worker::{DeliveryLimits, DeliveryWorker};
use crate::engine::clock::{ClockSkew, now};
use crate::engine::handle::EngineHandle;
use crate::engine::metrics::Metrics;
use crate::engine::recovery::{RecoveryError, recover};
use crate::engine::snapshots::SnapshotStore;
use crate::engine::timers::{self, FollowUpHold};
use crate::engine::writer::Writer;
use crate::http::app::{App, WhatsappWebhook};
use crate::http::listener::{ListenError, Listener};
use crate::http::router;
use crate::localized::Localized;
use crate::storage::command_json::CommandJson;
use crate::storage::data_folder::{DataFolder, DataFolderError};
use crate::storage::log::{EmbeddedLog, Log, LogError};
use axum_server::Handle;
use cpc_core::{Command, CommandError, Engine, SenderSetup, Timestamp, WalletSetup};
use cpc_http::Admission;
use cpc_whatsapp::{OptOutWords, Options};
use cpc_wire::{Language, ParseError, refusal_text};
use serde_json::json;
use std::borrow::Cow;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::signal;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tracing::{info, warn};
use tracing_subscriber::filter::LevelFilter;

/// Why a gateway could not start or run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error(transparent)]
    DataFolder(#[from] DataFolderError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    #[error(transparent)]
    Tokens(#[from] TokenFileError),
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error("the outbox's webhook: {0}")]
    Webhook(#[from] WebhookError),
    #[error(
        "the clock is {days} days ahead of the last command, more than maxClockJump; if it is right, start once with \
         --set log.accept_gap=true"
    )]
    ClockGap { days: u64 },
    /// The first commands of a new gateway could not be made durable.
    #[error("the log cannot be written")]
    NotWritten,
    /// The engine refused a command of the gateway itself.
    #[error(transparent)]
    Refused(#[from] CommandError),
    /// A command of the gateway itself cannot be parsed.
    #[error(transparent)]
    Command(#[from] ParseError),
    #[error("the writer panicked")]
    Writer,
    /// The runtime, a thread or the server failed.
    #[error(transparent)]
    System(#[from] io::Error),
}

impl Localized for StartError {
    fn portuguese(&self) -> Cow<'_, str> {
        Cow::Owned(match self {
            StartError::DataFolder(error) => return error.portuguese(),
            StartError::Log(error) => return error.portuguese(),
            StartError::Recovery(error) => return error.portuguese(),
            StartError::Tokens(error) => return error.portuguese(),
            StartError::Listen(error) => return error.portuguese(),
            StartError::Webhook(error) => format!("o webhook da caixa de saída: {}", error.portuguese()),
            StartError::ClockGap { days } => format!(
                "o relógio está {days} dias à frente do último comando, mais que maxClockJump; se estiver certo, inicie \
                 uma vez com --set log.accept_gap=true"
            ),
            StartError::NotWritten => return Cow::Borrowed("o log não pode ser escrito"),
            StartError::Refused(refusal) => refusal_text(refusal, Language::PtBr),
            StartError::Command(error) => error.message(Language::PtBr),
            StartError::Writer => return Cow::Borrowed("um erro interno encerrou a escrita do log"),
            StartError::System(error) => error.to_string(),
        })
    }
}

/// How long requests may take after a shutdown began. They take milliseconds; slow clients must not delay the shutdown
/// for long, as Docker kills after 10 s.
const GRACE: Duration = Duration::from_secs(5);

/// The wallet of a new gateway, that of the customer document's example.
const EXAMPLE_TAG: &str = "emp1";
const EXAMPLE_SENDER: &str = "5514990000001";

/// Runs the gateway until a signal ends it.
pub(crate) fn run(settings: &Settings) -> Result<(), StartError> {
    log_to_stderr(settings);
    // rustls wants a process-wide provider; this program is built with ring alone.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(settings))
}

fn log_to_stderr(settings: &Settings) {
    let level = settings.logs.level.parse().unwrap_or(LevelFilter::INFO);
    let subscriber = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr);
    let set = match &*settings.logs.format {
        "json" => subscriber.json().try_init(),
        _ => subscriber.with_ansi(false).try_init(),
    };
    // Fails only if a subscriber is installed already, which then stays.
    let _ = set;
}

async fn serve(settings: &Settings) -> Result<(), StartError> {
    let folder = DataFolder::open(&settings.data)?;
    let mut log = EmbeddedLog::open(folder.path(), settings.log.sync)?;
    let snapshots = SnapshotStore::of(folder.path());
    let recovered = recover(&mut log, &snapshots)?;
    let texts = Arc::new(MessageTexts::new(log.reader()?, &folder.identity.instance));
    let is_empty = recovered.state.engine.clock().is_none();
    check_clock(&recovered.state.engine, settings)?;
    let posts = settings.outbox.transport == "webhook";
    if posts && settings.outbox.secret.is_empty() {
        warn!("outbox.secret is empty: webhooks are not signed");
    }
    // Before anything that happens only once, such as showing the first token: the address may be taken.
    let listener = Listener::open(settings).await?;

    let hold = FollowUpHold { until: hold_until(&recovered.state.engine, settings), until_reported: posts };
    let dropped = recovered.state.outbox.dropped();
    let stale = if posts { release_stale::stale_phones(&recovered.state) } else { Vec::new() };
    let (handle, jobs) = EngineHandle::new(recovered.state, log.last(), Metrics::new(), settings.language());
    let shared = Arc::clone(handle.shared());
    let writer = Writer::new(shared, log, snapshots, settings.retention(), recovered.settled);
    let writing = thread::Builder::new().name("writer".into()).spawn(move || {
        // A state that a bug has left half changed must neither be served nor written to a snapshot.
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| writer.run(jobs))).is_err() {
            std::process::abort();
        }
    })?;
    if is_empty {
        initialize(&handle, &folder, settings).await?;
    } else if matches!(handle.clock_skew(), ClockSkew::EngineIdle | ClockSkew::HostAhead) {
        // More than `maxClockJump` only if the operator confirmed the clock with `log.accept_gap`.
        execute(&handle, CommandJson::of(&Command::Clock)?).await?;
    }
    release_stale::release(&handle, stale).await;
    let has_example_wallet = handle.engine(|engine| engine.wallet_tags().any(|tag| tag == EXAMPLE_TAG));
    let token_file = TokenFile::of(folder.path());
    let new_token = if token_file.is_empty()? { Some(token_file.create("first")?) } else { None };
    let tokens = token_file.load()?;

    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    tasks.spawn(timers::follow_up(handle.clone(), hold, stopped.clone()));
    tasks.spawn(timers::maintain(handle.clone(), dropped, stopped.clone()));
    if posts {
        let outbox = &settings.outbox;
        let timeout = Duration::from_millis(outbox.timeout_ms);
        let webhook = Webhook::new(&outbox.url, &outbox.secret, timeout, outbox.at_most_once)?;
        let limits = DeliveryLimits { per_sender: outbox.per_sender, in_total: outbox.max_in_flight };
        let worker = DeliveryWorker::new(handle.clone(), Arc::clone(&texts), webhook, limits, stopped);
        tasks.spawn(worker.run());
    }
    let mut watching = JoinSet::new();
    watching.spawn(token_file.watch(tokens.clone()));
    if let Some(certificate) = listener.certificate() {
        watching.spawn(certificate.clone().watch());
    }

    let app = App {
        handle: handle.clone(),
        admission: Admission::new(tokens.clone(), settings.limits()),
        tokens,
        texts,
        limits: settings.limits(),
        language: settings.language(),
        profile: settings.response_profile(),
        translation: Options { words: opt_out_words(settings), ..Options::default() },
        whatsapp: (!settings.whatsapp.app_secret.is_empty()).then(|| {
            WhatsappWebhook::new(
                &settings.whatsapp.app_secret,
                &settings.whatsapp.verify_token,
                settings.limits(),
            )
        }),
        posts,
        hash_key: folder.identity.hash_key.clone(),
        playground: Some(settings.playground.clone()).filter(|path| !path.as_os_str().is_empty()),
    };
    let server = Handle::new();
    let ending = shut_down_on_signal(server.clone())?;
    announce(&listener, new_token.as_deref(), has_example_wallet);
    let service = router(Arc::new(app)).into_make_service();
    let served = listener.serve(service, &settings.limits, server).await;
    ending.abort();
    watching.abort_all();

    // No requests any more: finish what is in flight, then let the writer take its last snapshot.
    let _ = stop.send(true);
    while tasks.join_next().await.is_some() {}
    let _ = handle.stop().await;
    drop(handle);
    tokio::task::spawn_blocking(move || writing.join())
        .await
        .map_err(io::Error::from)?
        .map_err(|_| StartError::Writer)?;
    Ok(served?)
}

/// Refuses to start when the clock is so far ahead of the log that the engine would refuse every command: it may be
/// wrong, and decisions by a wrong clock cannot be undone.
fn check_clock(engine: &Engine, settings: &Settings) -> Result<(), StartError> {
    let last = engine.clock().map_or(u64::MAX, Timestamp::as_millis);
    let gap = now().saturating_sub(last);
    let most = engine.policy().max_clock_jump().as_millis() as u64;
    if gap <= most || settings.log.accept_gap {
        return Ok(());
    }
    Err(StartError::ClockGap { days: gap / (24 * 60 * 60 * 1000) })
}

/// Until when follow-ups wait for replies from the time when the gateway was down: as long as it was down, because Meta
/// repeats notifications with growing pauses.
fn hold_until(engine: &Engine, settings: &Settings) -> tokio::time::Instant {
    let last = engine.clock().map_or(u64::MAX, Timestamp::as_millis);
    let down = Duration::from_millis(now().saturating_sub(last));
    let most = Duration::from_secs(settings.outbox.patience_minutes * 60);
    tokio::time::Instant::now() + down.min(most)
}

/// Sets up a new gateway: its own key for hashes and, where nothing is sent, the example wallet.
async fn initialize(
    handle: &EngineHandle,
    folder: &DataFolder,
    settings: &Settings,
) -> Result<(), StartError> {
    execute(handle, CommandJson::policy(&folder.identity.hash_key, b"{}")?).await?;
    if folder.is_new && settings.outbox.transport == "none" {
        let senders = [SenderSetup { id: EXAMPLE_SENDER, ..SenderSetup::default() }];
        let wallet = WalletSetup { tag: EXAMPLE_TAG, senders: &senders, ..WalletSetup::default() };
        execute(handle, CommandJson::of(&Command::Wallet(wallet))?).await?;
        info!(
            tag = EXAMPLE_TAG,
            "an example wallet was made; nothing is sent while outbox.transport is none"
        );
    }
    Ok(())
}

/// Executes a command of the gateway itself.
async fn execute(handle: &EngineHandle, command: CommandJson) -> Result<(), StartError> {
    handle.execute(command).await.map_err(|_| StartError::NotWritten)??;
    Ok(())
}

/// Prints the address and, for a new token, commands to try it with.
fn announce(listener: &Listener, new_token: Option<&str>, has_example_wallet: bool) {
    let (address, secure) = (listener.address, listener.certificate().is_some());
    let scheme = if secure { "https" } else { "http" };
    info!(%address, secure, "listening");
    println!("{scheme}://{address}");
    let Some(token) = new_token else { return };
    let curl = |method: &str, path: &str, body: &str| {
        println!(
            "\ncurl -i {method}{scheme}://{address}{path} \\\n  -H 'Authorization: Bearer {token}' \\\n  \
             -H 'Content-Type: application/json' \\\n  -d '{body}'"
        );
    };
    // Where messages are sent there is no example wallet: the operator must name a number of their own.
    if !has_example_wallet {
        let senders = json!({"senders": [{"id": EXAMPLE_SENDER}]});
        curl("-X PUT ", &format!("/api/wallets/{EXAMPLE_TAG}"), &senders.to_string());
    }
    curl("", cpc_http::MASSIVOCPC_PATH, cpc_http::EXAMPLE_REQUEST);
    println!();
}

fn opt_out_words(settings: &Settings) -> OptOutWords {
    match settings.whatsapp.opt_out_words.is_empty() {
        true => OptOutWords::default(),
        false => OptOutWords::new(&settings.whatsapp.opt_out_words),
    }
}

/// Shuts the server down on SIGINT or SIGTERM, which are handled from this call on.
fn shut_down_on_signal(server: Handle<SocketAddr>) -> io::Result<JoinHandle<()>> {
    #[cfg(unix)]
    let (mut interrupt, mut terminate) = {
        use signal::unix::{SignalKind, signal};
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    Ok(tokio::spawn(async move {
        #[cfg(unix)]
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        #[cfg(not(unix))]
        let _ = signal::ctrl_c().await;
        info!("ending: no new connections, what is under way is finished");
        server.graceful_shutdown(Some(GRACE));
    }))
}
