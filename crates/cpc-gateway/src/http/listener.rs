//! Where connections come in: how many at once, over TLS or not, and how long one may take to say what it wants.
//!
//! Only HTTP/1.1 is spoken. Of an HTTP/2 connection it cannot be told whether anything will ever come, and nobody needs
//! one here: requests are few and large.

use crate::config::settings::{LimitSettings, Settings, TlsSettings};
use crate::serve::StartError;
use axum::Router;
use axum::routing::IntoMakeService;
use axum_server::accept::{Accept, DefaultAcceptor};
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use axum_server::{Handle, Server};
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

/// How often it is looked whether the certificate has changed.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often it is said that there are too many connections.
const SAY_EVERY: Duration = Duration::from_secs(60);

/// See the [module](self).
pub(crate) struct Listener {
    socket: TcpListener,
    pub(crate) address: SocketAddr,
    tls: Option<Certificate>,
}

impl Listener {
    /// Takes the address, so that nobody else does; connections wait until they are served.
    pub(crate) async fn open(settings: &Settings) -> Result<Listener, StartError> {
        let address = settings.listen;
        let failed = |error| StartError::Listen { address, error };
        let socket = TcpListener::bind(address).map_err(failed)?;
        socket.set_nonblocking(true).map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        let tls = match settings.tls.certificate.as_os_str().is_empty() {
            true => None,
            false => Some(Certificate::read(&settings.tls).await.map_err(StartError::Certificate)?),
        };
        Ok(Listener { socket, address, tls })
    }

    /// The certificate, if it speaks TLS.
    pub(crate) const fn certificate(&self) -> Option<&Certificate> {
        self.tls.as_ref()
    }

    /// Serves until the handle says that it is over.
    pub(crate) async fn serve(
        self,
        service: IntoMakeService<Router>,
        limits: &LimitSettings,
        handle: Handle<SocketAddr>,
    ) -> io::Result<()> {
        #[cfg(unix)]
        make_room(limits.max_connections);
        let timeout = Duration::from_millis(limits.timeout_ms);
        let server = axum_server::from_tcp(self.socket)?.handle(handle);
        match self.tls {
            Some(Certificate { config, .. }) => {
                let acceptor = RustlsAcceptor::new(config).handshake_timeout(timeout);
                let acceptor = Bounded::new(acceptor, limits.max_connections);
                limited(server.acceptor(acceptor), timeout).serve(service).await
            }
            None => {
                let acceptor = Bounded::new(DefaultAcceptor::new(), limits.max_connections);
                limited(server.acceptor(acceptor), timeout).serve(service).await
            }
        }
    }
}

/// How many files are open beside those of connections: the log's, and what the courier delivers through.
#[cfg(unix)]
const OTHER_FILES: u64 = 256;

/// As many files may be open as connections need, if the system lets this process have them.
#[cfg(unix)]
fn make_room(connections: usize) {
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

/// Whoever connects and says nothing, or too slowly, does not keep the connection.
fn limited<A>(server: Server<SocketAddr, A>, timeout: Duration) -> Server<SocketAddr, A> {
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
        certificate.speak_http1();
        Ok(certificate)
    }

    /// Reads the files again whenever they have changed, for as long as the process lives. If they cannot be used, the
    /// certificate stays as it is.
    pub(crate) async fn watch(self) {
        // They may have changed since they were read, so the first look is always one into the files.
        let mut seen = None;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let changed = [&self.files.certificate, &self.files.key].map(|file| changed_at(file));
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

    fn speak_http1(&self) {
        let mut config = (*self.config.get_inner()).clone();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        self.config.reload_from_config(Arc::new(config));
    }
}

fn changed_at(file: &Path) -> Option<(SystemTime, u64)> {
    let file = std::fs::metadata(file).ok()?;
    Some((file.modified().ok()?, file.len()))
}

/// Accepts no more connections at once than there are slots: each takes a file descriptor, and without any left neither
/// tokens can be read nor messages be sent.
#[derive(Clone)]
struct Bounded<A> {
    acceptor: A,
    slots: Arc<Semaphore>,
    /// When it was last said that there are too many.
    said: Arc<Mutex<Option<Instant>>>,
}

impl<A> Bounded<A> {
    fn new(acceptor: A, most: usize) -> Bounded<A> {
        let slots = Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)));
        Bounded { acceptor, slots, said: Arc::default() }
    }

    fn refuse(&self) -> io::Error {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.is_none_or(|said| said.elapsed() >= SAY_EVERY) {
            *said = Some(Instant::now());
            warn!("limits.max_connections are open; others are closed at once");
        }
        io::Error::other("too many connections")
    }
}

impl<I, S, A> Accept<I, S> for Bounded<A>
where
    A: Accept<I, S>,
    A::Future: Send + 'static,
    A::Stream: 'static,
    A::Service: 'static,
{
    type Stream = A::Stream;
    /// The slot is free again when the service goes, which is with the connection.
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
