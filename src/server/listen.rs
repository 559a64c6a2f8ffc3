//! Listeners and their connections.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::Watcher;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UnixListener, UnixStream};

use super::config::{Listen, ServerLimits};

/// Connections that wait to be accepted: with fewer, a burst of callers waits a second for its next try.
const BACKLOG: u32 = 4_096;

/// No route takes longer to answer, and to have its answer taken.
const LONGEST: Duration = Duration::from_mins(5);

/// A listener that is bound.
#[derive(Debug)]
pub(super) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// A connection.
#[derive(Debug)]
pub(super) enum Connection {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Listener {
    /// Binds an address.
    pub(super) fn bind(address: &Listen) -> io::Result<Self> {
        match address {
            Listen::Tcp(address) => {
                let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
                // The port of a process that was killed is free at once.
                socket.set_reuseaddr(true)?;
                socket.bind(*address)?;
                socket.listen(BACKLOG).map(Self::Tcp)
            }
            Listen::Unix(path) => {
                forget_socket(path)?;
                UnixListener::bind(path).map(Self::Unix)
            }
        }
    }

    /// The address that it is bound to.
    pub(super) fn address(&self, asked: &Listen) -> Listen {
        match self {
            Self::Tcp(listener) => listener.local_addr().map_or_else(|_| asked.clone(), Listen::Tcp),
            Self::Unix(_) => asked.clone(),
        }
    }

    pub(super) async fn accept(&self) -> io::Result<Connection> {
        match self {
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                // Answers are small; none waits for the next.
                stream.set_nodelay(true)?;
                Ok(Connection::Tcp(stream))
            }
            Self::Unix(listener) => Ok(Connection::Unix(listener.accept().await?.0)),
        }
    }
}

/// Removes the socket that a process which ended left behind; never another file, nor one that somebody listens on.
fn forget_socket(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::FileTypeExt;
    let Ok(found) = std::fs::symlink_metadata(path) else { return Ok(()) };
    if !found.file_type().is_socket() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is a file that is no socket"));
    }
    match std::os::unix::net::UnixStream::connect(path) {
        Ok(_) => Err(io::Error::new(io::ErrorKind::AddrInUse, "another process listens there")),
        Err(_) => std::fs::remove_file(path),
    }
}

/// How connections are spoken with.
pub(super) fn builder(limits: &ServerLimits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_headers(128)
        .max_buf_size(limits.head_bytes.max(8 * 1024));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(128)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(limits.head_time)
        .keep_alive_timeout(limits.head_time);
    builder
}

/// What a connection is at.
#[derive(Debug)]
struct Activity {
    /// Requests whose answers are not sent.
    open: AtomicUsize,
    /// When one came or ended last.
    changed: Mutex<Instant>,
}

/// A request of a connection, until the whole of its answer is handed to it.
struct Open(Arc<Activity>);

/// Speaks with a connection until it ends, or is at nothing for so long: an answer that was handed to it has to be taken
/// in that time.
pub(super) async fn serve<I>(
    builder: &Builder<TokioExecutor>,
    stream: I,
    router: Router,
    rest: Duration,
    watcher: Watcher,
) where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = Arc::new(Activity { open: AtomicUsize::new(0), changed: Mutex::new(Instant::now()) });
    let (router, own) = (TowerToHyperService::new(router), Arc::clone(&activity));
    let service = service_fn(move |request: Request<Incoming>| {
        let (open, answer) = (Open::new(&own), router.call(request));
        async move {
            let held = move |error| {
                let _ = &open;
                error
            };
            answer.await.map(|response| response.map(|body| body.map_err(held)))
        }
    });
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    tokio::select! {
        // What a peer does wrong ends its connection, and concerns nobody else.
        _ = watcher.watch(connection) => {}
        // Until it is known which version a connection speaks no timer of it runs, and none of HTTP/2 ends one at rest.
        () = activity.rests_for(rest) => {}
    }
}

impl Activity {
    fn change(&self) {
        *self.changed.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Waits until there has been no request for so long, or one that is not taken is longer there than any may be.
    async fn rests_for(&self, rest: Duration) {
        loop {
            let since = self.changed.lock().unwrap_or_else(PoisonError::into_inner).elapsed();
            match rest.checked_sub(since).filter(|left| !left.is_zero()) {
                Some(left) => tokio::time::sleep(left).await,
                None if self.open.load(Ordering::Acquire) == 0 || since > LONGEST => return,
                None => tokio::time::sleep(rest).await,
            }
        }
    }
}

impl Open {
    fn new(activity: &Arc<Activity>) -> Self {
        activity.open.fetch_add(1, Ordering::AcqRel);
        activity.change();
        Self(Arc::clone(activity))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.change();
        self.0.open.fetch_sub(1, Ordering::AcqRel);
    }
}
