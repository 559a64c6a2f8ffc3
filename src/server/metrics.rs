//! What is counted, in the text that Prometheus reads.

use std::sync::atomic::AtomicI64;
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
type Level = Gauge<i64, AtomicI64>;

/// The counters.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    decisions: Family<Labels, Counter>,
    answers: Family<Labels, Counter>,
    refused: Family<[(&'static str, &'static str); 1], Counter>,
    indeterminate: Counter,
    differences: Counter,
    latency: Histogram,
    reload_time: Level,
    is_reload_good: Level,
    age: Level,
    sessions: Level,
    pub(super) reloads: Counter,
    pub(super) reload_failures: Counter,
    pub(super) log_drops: Counter,
}

impl Metrics {
    pub(super) fn new() -> Self {
        let metrics = Self {
            registry: Registry::with_prefix("verdikt"),
            decisions: Family::default(),
            answers: Family::default(),
            refused: Family::default(),
            indeterminate: Counter::default(),
            differences: Counter::default(),
            latency: Histogram::new(BUCKETS),
            reload_time: Level::default(),
            is_reload_good: Level::default(),
            age: Level::default(),
            sessions: Level::default(),
            reloads: Counter::default(),
            reload_failures: Counter::default(),
            log_drops: Counter::default(),
        };
        metrics.is_reload_good.set(1);
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
            "store_age_seconds",
            "Seconds since the store in force was loaded",
            self.age.clone(),
        );
        registry.register(
            "last_reload_timestamp_seconds",
            "When the store was last loaded again, or refused",
            self.reload_time.clone(),
        );
        registry.register(
            "last_reload_successful",
            "Whether the last reload of the store was accepted",
            self.is_reload_good.clone(),
        );
        registry.register("sessions", "Sessions that are held", self.sessions.clone());
        registry.register("reloads", "Reloads of the store that were accepted", self.reloads.clone());
        registry.register(
            "reload_failures",
            "Reloads of the store that were refused",
            self.reload_failures.clone(),
        );
        registry.register(
            "log_drops",
            "Decisions that the decision log has not, for want of room or because it could not be written",
            self.log_drops.clone(),
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
    pub(super) fn reloaded(&self, now: i64, is_good: bool) {
        self.reload_time.set(now);
        self.is_reload_good.set(i64::from(is_good));
    }

    /// The text of all of them.
    pub(super) fn text(&self, age: i64, sessions: usize) -> String {
        self.age.set(age);
        self.sessions.set(i64::try_from(sessions).unwrap_or(i64::MAX));
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
