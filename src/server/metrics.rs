//! What is counted, in the text that Prometheus reads.

use std::sync::atomic::AtomicI64;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::evaluate::Outcome;

use super::route::Contract;

/// Upper bounds of the latency, in seconds.
const BUCKETS: [f64; 12] =
    [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5];

type Labels = [(&'static str, &'static str); 2];
type Label = [(&'static str, &'static str); 1];
type Level = Gauge<i64, AtomicI64>;

/// What is read again when its files change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Store,
    Candidate,
    Tokens,
    Certificate,
}

/// What is told of the moment at which the metrics are asked for.
pub(super) struct Now<'a> {
    /// The age of the store in force.
    pub(super) age: i64,
    pub(super) sessions: usize,
    pub(super) revision: &'a str,
    pub(super) candidate: Option<String>,
}

/// The counters.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    decisions: Family<Labels, Counter>,
    answers: Family<Labels, Counter>,
    refused: Family<Label, Counter>,
    indeterminate: Counter,
    differences: Counter,
    latency: Histogram,
    stores: Family<[(&'static str, String); 2], Level>,
    reload_time: Family<Label, Level>,
    is_reload_good: Family<Label, Level>,
    age: Level,
    sessions: Level,
    reloads: Family<Label, Counter>,
    reload_failures: Family<Label, Counter>,
    pub(super) log_drops: Counter,
    pub(super) log_reopen_failures: Counter,
    /// Held while the text is made, so that each text has what was set for it.
    asked: Mutex<()>,
}

impl Metrics {
    /// With zeros for what is read again.
    pub(super) fn new(read_again: impl IntoIterator<Item = What>) -> Self {
        let metrics = Self {
            registry: Registry::with_prefix("verdikt"),
            decisions: Family::default(),
            answers: Family::default(),
            refused: Family::default(),
            indeterminate: Counter::default(),
            differences: Counter::default(),
            latency: Histogram::new(BUCKETS),
            stores: Family::default(),
            reload_time: Family::default(),
            is_reload_good: Family::default(),
            age: Level::default(),
            sessions: Level::default(),
            reloads: Family::default(),
            reload_failures: Family::default(),
            log_drops: Counter::default(),
            log_reopen_failures: Counter::default(),
            asked: Mutex::default(),
        };
        for what in read_again {
            let label = what.label();
            metrics.is_reload_good.get_or_create(&label).set(1);
            metrics.reload_time.get_or_create(&label).set(0);
            metrics.reloads.get_or_create(&label).inc_by(0);
            metrics.reload_failures.get_or_create(&label).inc_by(0);
        }
        metrics.registered()
    }

    fn registered(mut self) -> Self {
        let registry = &mut self.registry;
        registry.register("decisions", "Decisions by contract and outcome", self.decisions.clone());
        registry.register("answers", "Answers by contract and class of status", self.answers.clone());
        registry.register(
            "refused_questions",
            "Questions that could not be asked, by contract",
            self.refused.clone(),
        );
        registry.register(
            "indeterminate_decisions",
            "Decisions that clauses which could not be told decided",
            self.indeterminate.clone(),
        );
        registry.register(
            "candidate_differences",
            "Decisions that the candidate store would have made otherwise",
            self.differences.clone(),
        );
        registry.register(
            "answer_seconds",
            "Time from the head of a request to its answer",
            self.latency.clone(),
        );
        registry.register(
            "store_info",
            "The revision of the store in force and of the candidate",
            self.stores.clone(),
        );
        registry.register(
            "store_age_seconds",
            "Seconds since the store in force was loaded",
            self.age.clone(),
        );
        registry.register(
            "last_reload_timestamp_seconds",
            "When it was last read again, or refused",
            self.reload_time.clone(),
        );
        registry.register(
            "last_reload_successful",
            "Whether its last reload was accepted",
            self.is_reload_good.clone(),
        );
        registry.register("sessions", "Sessions that are held", self.sessions.clone());
        registry.register("reloads", "Reloads that were accepted", self.reloads.clone());
        registry.register("reload_failures", "Reloads that were refused", self.reload_failures.clone());
        registry.register(
            "log_drops",
            "Decisions that the decision log has not, for want of room or because it could not be written",
            self.log_drops.clone(),
        );
        registry.register(
            "log_reopen_failures",
            "Times that the decision log was to be opened again and could not at once",
            self.log_reopen_failures.clone(),
        );
        self
    }

    /// Counts an answer.
    pub(super) fn answered(&self, contract: &Contract, status: StatusCode, time: Duration) {
        let class = match status.as_u16() {
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            _ => "5xx",
        };
        self.answers.get_or_create(&[("contract", contract.name), ("status", class)]).inc();
        self.latency.observe(time.as_secs_f64());
    }

    /// Counts a decision.
    pub(super) fn decided(&self, contract: &Contract, outcome: Outcome, is_indeterminate: bool) {
        self.decisions.get_or_create(&[("contract", contract.name), ("outcome", outcome.as_str())]).inc();
        if is_indeterminate {
            self.indeterminate.inc();
        }
    }

    /// Counts a question that could not be asked.
    pub(super) fn refused(&self, contract: &Contract) {
        self.refused.get_or_create(&[("contract", contract.name)]).inc();
    }

    /// Counts a decision that the candidate store would have made otherwise.
    pub(super) fn differed(&self) {
        self.differences.inc();
    }

    /// Notes a reload.
    pub(super) fn reloaded(&self, what: What, now: i64, is_good: bool) {
        let label = what.label();
        self.reload_time.get_or_create(&label).set(now);
        self.is_reload_good.get_or_create(&label).set(i64::from(is_good));
        let counter = if is_good { &self.reloads } else { &self.reload_failures };
        counter.get_or_create(&label).inc();
    }

    /// The text of all of them.
    pub(super) fn text(&self, now: &Now<'_>) -> String {
        let _asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        self.age.set(now.age);
        self.sessions.set(i64::try_from(now.sessions).unwrap_or(i64::MAX));
        // Revisions of before are told no more.
        self.stores.clear();
        let candidate = now.candidate.iter().map(|revision| ("candidate", &**revision));
        for (store, revision) in std::iter::once(("in_force", now.revision)).chain(candidate) {
            let labels = [("store", store.to_owned()), ("revision", revision.to_owned())];
            self.stores.get_or_create(&labels).set(1);
        }
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

impl What {
    fn label(self) -> Label {
        let name = match self {
            Self::Store => "store",
            Self::Candidate => "candidate",
            Self::Tokens => "tokens",
            Self::Certificate => "certificate",
        };
        [("what", name)]
    }
}
