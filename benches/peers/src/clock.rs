//! The processor time of the thread that asks. What it waits for its turn, while other programs have the processor, does
//! not count; what they do to the caches does.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A moment in the thread's own time.
pub(crate) struct Moment(Duration);

impl Moment {
    pub(crate) fn now() -> Self {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        let part = |value: i64| u64::try_from(value).unwrap_or_default();
        Self(Duration::from_secs(part(time.tv_sec)) + Duration::from_nanos(part(time.tv_nsec)))
    }

    /// How long the thread has worked since.
    pub(crate) fn elapsed(&self) -> Duration {
        Self::now().0.saturating_sub(self.0)
    }
}
