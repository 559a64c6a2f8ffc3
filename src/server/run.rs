//! The service from its start to its end.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::TokioExecutor;
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::config::{Config, Listen};
use super::listen::{Connection, Listener, builder, serve};
use super::route::Route;
use super::router;
use super::state::{App, StartError};
use super::tls::Certificate;
use super::watch::{Notices, Watch, reload};

/// How long to wait when the system has no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(50);

/// A service that runs; dropping it ends it at once.
#[derive(Debug)]
pub struct Running {
    runtime: Runtime,
    app: Arc<App>,
    addresses: Vec<Listen>,
    table: Vec<Route>,
    stop: watch::Sender<bool>,
    accepting: Vec<JoinHandle<()>>,
    graceful: Arc<GracefulShutdown>,
    notices: Notices,
    watch: Option<Watch>,
}

/// What accepts connections.
struct Acceptor {
    listener: Listener,
    tls: Option<TlsAcceptor>,
    router: Router,
    builder: Builder<TokioExecutor>,
    first: Duration,
    room: Arc<Semaphore>,
    graceful: Arc<GracefulShutdown>,
    stopped: watch::Receiver<bool>,
}

impl Running {
    /// Starts a service: loads what the configuration names, binds its listeners, answers.
    ///
    /// # Errors
    /// Anything that cannot be used; then nothing listens.
    pub fn start(config: &Config, notices: Notices) -> Result<Self, StartError> {
        raise_open_files();
        let app = Arc::new(App::start(config, &notices)?);
        let (router, table) = router(Arc::clone(&app));
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("verdikt").build();
        let runtime =
            runtime.map_err(|source| StartError::System { what: "start threads".to_owned(), source })?;
        let tls = app.certificate.as_ref().map(Certificate::config).transpose()?;
        let tls = tls.map(TlsAcceptor::from);
        let (stop, stopped) = watch::channel(false);
        let graceful = Arc::new(GracefulShutdown::new());
        let room = Arc::new(Semaphore::new(config.limits.connections.min(Semaphore::MAX_PERMITS)));
        let (mut addresses, mut acceptors) = (Vec::new(), Vec::new());
        let entered = runtime.enter();
        for address in &config.listen {
            let listener = Listener::bind(address);
            let what = || format!("listen on `{address}`");
            let listener = listener.map_err(|source| StartError::System { what: what(), source })?;
            addresses.push(listener.address(address));
            acceptors.push(Acceptor {
                listener,
                tls: tls.clone(),
                router: router.clone(),
                builder: builder(&config.limits),
                first: config.limits.head_time,
                room: Arc::clone(&room),
                graceful: Arc::clone(&graceful),
                stopped: stopped.clone(),
            });
        }
        let accepting = acceptors.into_iter().map(|acceptor| runtime.spawn(acceptor.run())).collect();
        let watch =
            config.watch.map(|every| Watch::start(Arc::clone(&app), notices.clone(), every)).transpose();
        let watch = watch.map_err(|source| StartError::System { what: "watch files".to_owned(), source })?;
        drop(entered);
        Ok(Self { runtime, app, addresses, table, stop, accepting, graceful, notices, watch })
    }

    /// Whether a service could start so: everything is read, nothing listens, and no file is made, locked or changed.
    ///
    /// # Errors
    /// As [`start`](Self::start), but for addresses that are taken.
    pub fn check(config: &Config) -> Result<(), StartError> {
        super::check::check(config)
    }

    /// Where it listens, with the ports that the system chose.
    pub fn addresses(&self) -> &[Listen] {
        &self.addresses
    }

    /// What it serves.
    pub fn routes(&self) -> &[Route] {
        &self.table
    }

    /// Waits until the process is told to stop (`SIGTERM`, `SIGINT`); `SIGHUP` loads everything again. Calls `listening` once
    /// it heeds signals: one that came before would end the process.
    ///
    /// # Errors
    /// The system gives no signals.
    pub fn wait(&self, listening: impl FnOnce()) -> std::io::Result<()> {
        self.runtime.block_on(async {
            let mut terminate = signal(SignalKind::terminate())?;
            let mut interrupt = signal(SignalKind::interrupt())?;
            let mut hang_up = signal(SignalKind::hangup())?;
            listening();
            loop {
                tokio::select! {
                    _ = terminate.recv() => return Ok(()),
                    _ = interrupt.recv() => return Ok(()),
                    _ = hang_up.recv() => {
                        let (app, notices) = (Arc::clone(&self.app), self.notices.clone());
                        if let Some(log) = &app.log {
                            log.reopen();
                        }
                        let _ = tokio::task::spawn_blocking(move || reload(&app, &notices)).await;
                    }
                }
            }
        })
    }

    /// Accepts nothing more, answers what was accepted, and ends. Returns whether everything was answered in time.
    pub fn stop(self) -> bool {
        let Self { runtime, app, stop, accepting, graceful, watch, .. } = self;
        app.begin_stop();
        drop(watch);
        let limit = app.config.limits.shutdown_time;
        let is_done = runtime.block_on(async move {
            let _ = stop.send(true);
            for task in accepting {
                let _ = task.await;
            }
            let Some(graceful) = Arc::into_inner(graceful) else { return false };
            tokio::time::timeout(limit, graceful.shutdown()).await.is_ok()
        });
        runtime.shutdown_timeout(Duration::from_secs(1));
        is_done
    }
}

impl Acceptor {
    async fn run(mut self) {
        let mut stopped = self.stopped.clone();
        tokio::select! {
            () = self.accept() => {}
            _ = stopped.changed() => {}
        }
    }

    async fn accept(&mut self) {
        loop {
            let Ok(permit) = Arc::clone(&self.room).acquire_owned().await else { return };
            let Ok(connection) = self.listener.accept().await else {
                tokio::time::sleep(NO_ROOM).await;
                continue;
            };
            let (builder, router) = (self.builder.clone(), self.router.clone());
            let (first, watcher, tls) = (self.first, self.graceful.watcher(), self.tls.clone());
            tokio::spawn(async move {
                match (connection, tls) {
                    (Connection::Tcp(stream), Some(tls)) => {
                        // A peer that speaks no TLS, or none of ours, concerns nobody else.
                        if let Ok(Ok(stream)) = tokio::time::timeout(first, tls.accept(stream)).await {
                            serve(&builder, stream, router, first, watcher).await;
                        }
                    }
                    (Connection::Tcp(stream), None) => serve(&builder, stream, router, first, watcher).await,
                    (Connection::Unix(stream), _) => serve(&builder, stream, router, first, watcher).await,
                }
                drop(permit);
            });
        }
    }
}

/// Raises the limit on open files as far as the system lets it; where it does not, fewer connections are open at a time.
fn raise_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
}
