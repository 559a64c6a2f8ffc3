//! Files that change while the service runs: the store, the candidate, the tokens, the certificate. They are looked at
//! every so often, which works on every file system, those of containers and networks too, where notices do not come.

use std::collections::hash_map::DefaultHasher;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use walkdir::WalkDir;

use crate::store::Rejected;

use super::auth::TokensError;
use super::state::App;
use super::tls::TlsError;

/// A look takes at most this part of the time.
const SHARE: u32 = 20;

/// Something that whoever runs the service may want to know.
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice {
    /// The files were read again, and are in force.
    Reloaded,
    /// The store is refused; the last good one stays in force.
    StoreRefused(Rejected),
    /// A candidate store is refused; its last good one decides beside.
    CandidateRefused(Rejected),
    /// The tokens are refused; those of before stay good.
    TokensRefused(TokensError),
    /// The certificate is refused; the one of before is still shown.
    CertificateRefused(TlsError),
    /// The decision log could not be opened again; the file of before takes lines until it can be.
    LogNotReopened(std::io::Error),
}

/// Who is told.
#[derive(Clone)]
pub struct Notices(Arc<dyn Fn(Notice) + Send + Sync>);

/// Looks at files until it is dropped.
#[derive(Debug)]
pub(super) struct Watch {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Notices {
    /// Tells a function.
    pub fn to(told: impl Fn(Notice) + Send + Sync + 'static) -> Self {
        Self(Arc::new(told))
    }

    pub(super) fn tell(&self, notice: Notice) {
        (self.0)(notice);
    }

    /// Tells nobody.
    pub fn none() -> Self {
        Self::to(drop)
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notices")
    }
}

/// Reads everything again.
pub(super) fn reload(app: &App, notices: &Notices) {
    let mut is_good = true;
    let mut told = |notice: Option<Notice>| {
        if let Some(notice) = notice {
            is_good = false;
            notices.tell(notice);
        }
    };
    told(app.reload_tokens().err().map(Notice::TokensRefused));
    told(app.reload_certificate().err().map(Notice::CertificateRefused));
    told(app.reload().err().map(Notice::StoreRefused));
    told(app.reload_candidate().err().map(Notice::CandidateRefused));
    if is_good {
        notices.tell(Notice::Reloaded);
    }
}

impl Watch {
    /// Looks from now on.
    pub(super) fn start(app: Arc<App>, notices: Notices, every: Duration) -> std::io::Result<Self> {
        let (stop, stopped) = channel();
        let mut before = look(&app);
        let run = move || {
            let mut pause = every;
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(pause) {
                let begun = Instant::now();
                let seen = look(&app);
                if seen != before {
                    // What changes while it is read is seen by the next look.
                    before = seen;
                    reload(&app, &notices);
                }
                app.sessions.forget_ended(super::state::now());
                pause = every.max(begun.elapsed().saturating_mul(SHARE));
            }
        };
        let thread = std::thread::Builder::new().name("watch".to_owned()).spawn(run)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What all files look like.
fn look(app: &App) -> u64 {
    let config = &app.config;
    let mut seen = DefaultHasher::new();
    for folder in std::iter::once(&config.store).chain(&config.shadow) {
        let entries = WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter();
        for entry in entries.filter_map(Result::ok) {
            see(entry.path(), &mut seen);
        }
    }
    let tls = config.tls.iter().flat_map(|tls| [&tls.certificate, &tls.key]);
    for path in config.tokens.iter().chain(tls) {
        see(path, &mut seen);
    }
    seen.finish()
}

/// What a file looks like: another one renamed into its place has another number.
fn see(path: &Path, seen: &mut DefaultHasher) {
    path.hash(seen);
    if let Ok(found) = std::fs::metadata(path) {
        (found.ino(), found.len(), found.mtime(), found.mtime_nsec()).hash(seen);
        (found.ctime(), found.ctime_nsec()).hash(seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::Config;
    use crate::server::state::now;

    /// Nobody asks with them, and no new one needs their room.
    #[test]
    fn sessions_that_are_over_are_forgotten() {
        let config = Config::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/photo-app"));
        let app = Arc::new(App::open(&config).unwrap());
        let in_force = Arc::clone(&app.moment().in_force);
        let pool = in_force.pool_ids().next().unwrap().to_owned();
        // One of 1970, and one of now.
        for begun in [0, now()] {
            app.sessions.hold(in_force.guest(&pool, begun).unwrap(), begun).unwrap();
        }
        assert_eq!(app.sessions.count(), 2);
        let watch = Watch::start(Arc::clone(&app), Notices::none(), Duration::from_millis(1)).unwrap();
        let begun = Instant::now();
        while app.sessions.count() == 2 && begun.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(watch);
        assert_eq!(app.sessions.count(), 1);
    }
}
