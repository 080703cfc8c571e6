//! Accepts connections: how many at once, with TLS or without, and how long the head of a request may take.
//!
//! HTTP/1.1 only. There is no deadline for the first request of an HTTP/2 connection, and HTTP/2 has no benefit here:
//! requests are few and large.

use crate::config::settings::{LimitSettings, Settings, TlsSettings};
use crate::localized::Localized;
use axum::Router;
use axum::routing::IntoMakeService;
use axum_server::accept::{Accept, DefaultAcceptor};
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use axum_server::{Handle, Server};
use std::borrow::Cow;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower_http::add_extension::AddExtension;
use tracing::{info, warn};

/// How often the certificate's files are checked for changes.
const CHECK_EVERY: Duration = Duration::from_secs(1);
/// How often too many connections are logged at most.
const WARN_EVERY: Duration = Duration::from_secs(60);

/// Why a listener cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListenError {
    #[error("{address}: {error}")]
    Bind { address: SocketAddr, error: io::Error },
    #[error("the certificate or its key: {0}")]
    Certificate(#[source] io::Error),
}

impl Localized for ListenError {
    fn portuguese(&self) -> Cow<'_, str> {
        Cow::Owned(match self {
            ListenError::Bind { address, error } => format!("{address}: {error}"),
            ListenError::Certificate(error) => format!("o certificado ou sua chave: {error}"),
        })
    }
}

/// See the [module](self).
pub(crate) struct Listener {
    socket: TcpListener,
    pub(crate) address: SocketAddr,
    tls: Option<Certificate>,
}

impl Listener {
    /// Binds the address; connections wait in the backlog until [`serve`](Self::serve).
    pub(crate) async fn open(settings: &Settings) -> Result<Listener, ListenError> {
        let address = settings.listen;
        let failed = |error| ListenError::Bind { address, error };
        let socket = TcpListener::bind(address).map_err(failed)?;
        socket.set_nonblocking(true).map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        let tls = match settings.tls.certificate.as_os_str().is_empty() {
            true => None,
            false => Some(Certificate::read(&settings.tls).await.map_err(ListenError::Certificate)?),
        };
        Ok(Listener { socket, address, tls })
    }

    /// The certificate, with TLS.
    pub(crate) const fn certificate(&self) -> Option<&Certificate> {
        self.tls.as_ref()
    }

    /// Serves until `handle` shuts it down.
    pub(crate) async fn serve(
        self,
        service: IntoMakeService<Router>,
        limits: &LimitSettings,
        handle: Handle<SocketAddr>,
    ) -> io::Result<()> {
        #[cfg(unix)]
        raise_file_limit(limits.max_connections);
        let timeout = Duration::from_millis(limits.timeout_ms);
        let server = axum_server::from_tcp(self.socket)?.handle(handle);
        match self.tls {
            Some(Certificate { config, .. }) => {
                let acceptor = RustlsAcceptor::new(config).handshake_timeout(timeout);
                let acceptor = ConnectionLimit::new(acceptor, limits.max_connections);
                with_head_timeout(server.acceptor(acceptor), timeout).serve(service).await
            }
            None => {
                let acceptor = ConnectionLimit::new(DefaultAcceptor::new(), limits.max_connections);
                with_head_timeout(server.acceptor(acceptor), timeout).serve(service).await
            }
        }
    }
}

/// Files open in addition to connections: those of the log, and the delivery worker's connections.
#[cfg(unix)]
const OTHER_FILES: u64 = 256;

/// Raises the limit of open files to what the connections need, as far as the system allows.
#[cfg(unix)]
fn raise_file_limit(connections: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let wanted = (connections as u64).saturating_add(OTHER_FILES);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return;
    }
    let most = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum });
    if raised.is_err() || most < wanted {
        warn!(wanted, most, "fewer files may be open than limits.max_connections needs");
    }
}

/// HTTP/1.1 with a deadline for the head of a request, so that silent clients do not hold connections.
fn with_head_timeout<A>(server: Server<SocketAddr, A>, timeout: Duration) -> Server<SocketAddr, A> {
    let mut server = server.http1_only();
    server.http_builder().http1().header_read_timeout(timeout);
    server
}

/// A certificate and its key.
#[derive(Clone)]
pub(crate) struct Certificate {
    files: TlsSettings,
    config: RustlsConfig,
}

impl Certificate {
    async fn read(files: &TlsSettings) -> io::Result<Certificate> {
        let config = RustlsConfig::from_pem_file(&files.certificate, &files.key).await?;
        let certificate = Certificate { files: files.clone(), config };
        certificate.offer_http1_only();
        Ok(certificate)
    }

    /// Reloads the certificate whenever its files change, as long as the process lives. If they cannot be used, the loaded
    /// one stays.
    pub(crate) async fn watch(self) {
        // They may have changed since they were loaded, so the first check always reads them.
        let mut seen = None;
        loop {
            tokio::time::sleep(CHECK_EVERY).await;
            let changed = [&self.files.certificate, &self.files.key].map(|file| modification(file));
            if Some(changed) == seen {
                continue;
            }
            seen = Some(changed);
            match Certificate::read(&self.files).await {
                Ok(read) => {
                    self.config.reload_from_config(read.config.get_inner());
                    info!("the certificate was read");
                }
                Err(error) => {
                    warn!(%error, "the certificate cannot be read; the one from before stays in force")
                }
            }
        }
    }

    fn offer_http1_only(&self) {
        let mut config = (*self.config.get_inner()).clone();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        self.config.reload_from_config(Arc::new(config));
    }
}

fn modification(file: &Path) -> Option<(SystemTime, u64)> {
    let file = std::fs::metadata(file).ok()?;
    Some((file.modified().ok()?, file.len()))
}

/// Limits the connections at once: each takes a file descriptor, and without any left the gateway could neither read its
/// tokens nor send messages.
#[derive(Clone)]
struct ConnectionLimit<A> {
    acceptor: A,
    slots: Arc<Semaphore>,
    /// When too many connections were last logged.
    warned_at: Arc<Mutex<Option<Instant>>>,
}

impl<A> ConnectionLimit<A> {
    fn new(acceptor: A, most: usize) -> ConnectionLimit<A> {
        let slots = Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)));
        ConnectionLimit { acceptor, slots, warned_at: Arc::default() }
    }

    fn refuse(&self) -> io::Error {
        let mut warned_at = self.warned_at.lock().unwrap_or_else(PoisonError::into_inner);
        if warned_at.is_none_or(|warned_at| warned_at.elapsed() >= WARN_EVERY) {
            *warned_at = Some(Instant::now());
            warn!("limits.max_connections are open; others are closed at once");
        }
        io::Error::other("too many connections")
    }
}

impl<I, S, A> Accept<I, S> for ConnectionLimit<A>
where
    A: Accept<I, S>,
    A::Future: Send + 'static,
    A::Stream: 'static,
    A::Service: 'static,
{
    type Stream = A::Stream;
    /// The slot is freed with the service, which is dropped with its connection.
    type Service = AddExtension<A::Service, Arc<OwnedSemaphorePermit>>;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() else {
            let refused = self.refuse();
            return Box::pin(async { Err(refused) });
        };
        let accepted = self.acceptor.accept(stream, service);
        Box::pin(async {
            let (stream, service) = accepted.await?;
            Ok((stream, AddExtension::new(service, Arc::new(slot))))
        })
    }
}
