//! Starting the gateway, and ending it in order.

use super::api::{App, WhatsappSecrets, router};
use super::clock::{self, Clocks};
use super::courier::{Bounds, Courier};
use super::data_folder::DataFolder;
use super::line::Line;
use super::listener::Listener;
use super::log::{EmbeddedLog, Log};
use super::metrics::Metrics;
use super::recovery::recover;
use super::settings::Settings;
use super::snapshots::Snapshots;
use super::tenant::Tenant;
use super::texts::Texts;
use super::timers::{self, Patience};
use super::tokens::TokenFile;
use super::unsent;
use super::webhook::Webhook;
use super::writer::Writer;
use axum_server::Handle;
use cpc_core::{Engine, Timestamp};
use cpc_whatsapp::{OptOutWords, Options};
use serde_json::json;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::signal;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tracing::{info, warn};
use tracing_subscriber::filter::LevelFilter;

type Failed = Box<dyn Error + Send + Sync>;

/// Why a gateway could not run, beside what its files say.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("{address}: {error}")]
    Listen { address: SocketAddr, error: io::Error },
    #[error("the certificate or its key: {0}")]
    Certificate(io::Error),
    #[error(
        "the clock is {days} days ahead of the last command, more than maxClockJump; if it is right, start once with \
         --set log.accept_gap=true"
    )]
    ClockGap { days: u64 },
    #[error("the log cannot be written")]
    NotWritten,
    #[error("the outbox's webhook: {0}")]
    Webhook(String),
    #[error("the writer panicked")]
    Writer,
}

/// How long requests that are under way may take when the gateway ends. They take milliseconds; whoever is slower, or never
/// finishes, must not make whoever ends it lose patience (Docker kills after 10 s).
const GRACE: Duration = Duration::from_secs(5);

/// The wallet that a gateway which knows nothing yet begins with: the document's.
const EXAMPLE_TAG: &str = "emp1";
const EXAMPLE_SENDER: &str = "5514990000001";

/// Runs the gateway until it is told to end.
pub(crate) fn run(settings: &Settings) -> Result<(), Failed> {
    log_to_stderr(settings);
    // Of the two providers there could be, the one that this program is built with.
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
    // Where somebody else has set one, as in tests, that stays.
    let _ = set;
}

async fn serve(settings: &Settings) -> Result<(), Failed> {
    let folder = DataFolder::open(&settings.data)?;
    let mut log = EmbeddedLog::open(folder.path(), settings.log.sync)?;
    let snapshots = Snapshots::of(folder.path());
    let recovered = recover(&mut log, &snapshots)?;
    let texts = Arc::new(Texts::new(log.reader()?, &folder.identity.instance));
    let knows_nothing = recovered.machine.engine.clock().is_none();
    check_clock(&recovered.machine.engine, settings)?;
    let posts = settings.outbox.transport == "webhook";
    if posts && settings.outbox.secret.is_empty() {
        warn!("outbox.secret is empty: webhooks are not signed");
    }
    // Before anything is made that is shown only once, such as the first token.
    let listener = Listener::open(settings).await?;

    let patience =
        Patience { until: patient_until(&recovered.machine.engine, settings), until_settled: posts };
    let dropped = recovered.machine.outbox.dropped();
    let too_old = if posts { unsent::too_old(&recovered.machine) } else { Vec::new() };
    let (tenant, submissions) =
        Tenant::new(recovered.machine, log.last(), Metrics::new(), settings.language());
    let writer = Writer {
        shared: Arc::clone(tenant.shared()),
        log,
        snapshots,
        retention: settings.retention(),
        settled: recovered.settled,
        snapshot_at: Instant::now(),
        writing: None,
        superseded: 0,
        placed: Vec::new(),
    };
    let writing = thread::Builder::new().name("writer".into()).spawn(move || {
        // State that a bug has left half changed must not be served, nor written to a snapshot.
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| writer.run(submissions))).is_err() {
            std::process::abort();
        }
    })?;
    if knows_nothing {
        begin(&tenant, &folder, settings).await?;
    } else if matches!(tenant.clocks(), Clocks::EngineStoodStill | Clocks::HostAhead) {
        // Further than usual only if the operator said that the clock is right.
        tell(&tenant, &json!({"op": "clock"})).await?;
    }
    unsent::release(&tenant, too_old).await;
    let has_example_wallet = tenant.engine(|engine| engine.wallet_tags().any(|tag| tag == EXAMPLE_TAG));
    let token_file = TokenFile::of(folder.path());
    let new_token = if token_file.is_empty()? { Some(token_file.create("first")?) } else { None };
    let tokens = token_file.load()?;

    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    tasks.spawn(timers::follow_up(tenant.clone(), patience, stopped.clone()));
    tasks.spawn(timers::keep_house(tenant.clone(), dropped, stopped.clone()));
    if posts {
        let outbox = &settings.outbox;
        let webhook = Webhook::new(&outbox.url, &outbox.secret, Duration::from_millis(outbox.timeout_ms));
        let webhook = webhook.map_err(|error| StartError::Webhook(error.to_string()))?;
        let bounds = Bounds { per_sender: outbox.per_sender, in_all: outbox.max_in_flight };
        let courier = Courier::new(tenant.clone(), Arc::clone(&texts), webhook, bounds, stopped);
        tasks.spawn(courier.run());
    }
    let mut watching = JoinSet::new();
    watching.spawn(token_file.watch(tokens.clone()));
    if let Some(certificate) = listener.certificate() {
        watching.spawn(certificate.clone().watch());
    }

    let app = App {
        tenant: tenant.clone(),
        tokens,
        texts,
        limits: settings.limits(),
        slots: slots(settings),
        hook_slots: slots(settings),
        language: settings.language(),
        profile: settings.response_profile(),
        translation: Options { words: opt_out_words(settings), ..Options::default() },
        whatsapp: (!settings.whatsapp.app_secret.is_empty()).then(|| WhatsappSecrets {
            app_secret: settings.whatsapp.app_secret.clone(),
            verify_token: settings.whatsapp.verify_token.clone(),
        }),
        posts,
        hash_key: folder.identity.hash_key.clone(),
        playground: Some(settings.playground.clone()).filter(|path| !path.as_os_str().is_empty()),
    };
    let handle = Handle::new();
    let ending = tokio::spawn(end_when_told(handle.clone()));
    announce(&listener, new_token.as_deref(), has_example_wallet);
    let service = router(Arc::new(app)).into_make_service();
    let served = listener.serve(service, &settings.limits, handle).await;
    ending.abort();
    watching.abort_all();

    // Nothing comes in any more. What is under way is finished, and then what there is, is written down.
    let _ = stop.send(true);
    while tasks.join_next().await.is_some() {}
    let _ = tenant.stop().await;
    drop(tenant);
    tokio::task::spawn_blocking(move || writing.join()).await?.map_err(|_| StartError::Writer)?;
    Ok(served?)
}

/// One permit for every request at once.
fn slots(settings: &Settings) -> Semaphore {
    Semaphore::new(settings.limits.max_concurrent.min(Semaphore::MAX_PERMITS))
}

/// Refuses to start when the clock has gone so far ahead of the log that the engine would take no command: it may be
/// wrong, and what is decided by a wrong clock cannot be taken back.
fn check_clock(engine: &Engine, settings: &Settings) -> Result<(), Failed> {
    let last = engine.clock().map_or(u64::MAX, Timestamp::as_millis);
    let gap = clock::now().saturating_sub(last);
    let most = engine.policy().max_clock_jump_ms();
    if gap <= most || settings.log.accept_gap {
        return Ok(());
    }
    Err(StartError::ClockGap { days: gap / (24 * 60 * 60 * 1000) }.into())
}

/// Until when nobody is followed up: replies that came in while the gateway was down are sent again, the later the
/// longer it was.
fn patient_until(engine: &Engine, settings: &Settings) -> tokio::time::Instant {
    let last = engine.clock().map_or(u64::MAX, Timestamp::as_millis);
    let down = Duration::from_millis(clock::now().saturating_sub(last));
    let most = Duration::from_secs(settings.outbox.patience_minutes * 60);
    tokio::time::Instant::now() + down.min(most)
}

/// What a gateway that knows nothing begins with: its own key for hashes, and the wallet of the document's example.
async fn begin(tenant: &Tenant, folder: &DataFolder, settings: &Settings) -> Result<(), Failed> {
    let mut lines = vec![json!({"op": "policy", "policy": {"hashKey": folder.identity.hash_key}})];
    if folder.is_new && settings.outbox.transport == "none" {
        let senders = json!([{"id": EXAMPLE_SENDER}]);
        lines.push(json!({"op": "wallet", "tag": EXAMPLE_TAG, "senders": senders}));
        info!(
            tag = EXAMPLE_TAG,
            "an example wallet was made; nothing is sent while outbox.transport is none"
        );
    }
    for line in lines {
        tell(tenant, &line).await?;
    }
    Ok(())
}

/// Carries out a line that nobody asked for.
async fn tell(tenant: &Tenant, line: &serde_json::Value) -> Result<(), Failed> {
    tenant.line(Line::of(line)?).await.map_err(|_| StartError::NotWritten)??;
    Ok(())
}

/// Says on the standard output where it listens and, when there is a new token, how to try it.
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
    // Where messages are sent, no wallet is made of itself: whoever makes it names a number of their own.
    if !has_example_wallet {
        let senders = json!({"senders": [{"id": EXAMPLE_SENDER}]});
        curl("-X PUT ", &format!("/api/wallets/{EXAMPLE_TAG}"), &senders.to_string());
    }
    curl("", cpc_http::MASSIVOCPC_PATH, EXAMPLE);
    println!();
}

/// The document's example.
const EXAMPLE: &str = r#"{
  "campaign": "Campanha teste",
  "idAccount": "1234",
  "tag": "emp1",
  "messages": [{
    "phone": "5511988876204",
    "idMessage": 1234,
    "clientId": "",
    "contract": "1091757",
    "closeTicket": true,
    "specialistCode": "admin",
    "mainTemplate": "Olá, seu contrato BV está disponível para negociação. Inicie seu atendimento"
  }]
}"#;

fn opt_out_words(settings: &Settings) -> OptOutWords {
    match settings.whatsapp.opt_out_words.is_empty() {
        true => OptOutWords::default(),
        false => OptOutWords::new(&settings.whatsapp.opt_out_words),
    }
}

/// Ends the server on an interrupt or a request to end.
async fn end_when_told(handle: Handle<SocketAddr>) {
    let interrupted = signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminated = async {
            match signal::unix::signal(signal::unix::SignalKind::terminate()) {
                Ok(mut signals) => drop(signals.recv().await),
                Err(error) => {
                    warn!(%error, "requests to end are not heard");
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::select! { _ = interrupted => {}, () = terminated => {} }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
    info!("ending: no new connections, what is under way is finished");
    handle.graceful_shutdown(Some(GRACE));
}
