//! What is counted, in the text that Prometheus reads.

use std::time::Duration;

use axum::http::StatusCode;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::evaluate::Outcome;

use super::route::Contract;

/// Upper bounds of the latency, in seconds.
const BUCKETS: [f64; 12] =
    [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5];

type Labels = [(&'static str, &'static str); 2];

/// The counters.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    decisions: Family<Labels, Counter>,
    answers: Family<Labels, Counter>,
    indeterminate: Counter,
    latency: Histogram,
    pub(super) reloads: Counter,
    pub(super) reload_failures: Counter,
}

impl Metrics {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("verdikt");
        let decisions = Family::default();
        registry.register("decisions", "Decisions by contract and outcome", decisions.clone());
        let answers = Family::default();
        registry.register("answers", "Answers by contract and class of status", answers.clone());
        let indeterminate = Counter::default();
        let help = "Decisions that clauses which could not be told decided";
        registry.register("indeterminate_decisions", help, indeterminate.clone());
        let latency = Histogram::new(BUCKETS);
        registry.register("answer_seconds", "Time from the head of a request to its answer", latency.clone());
        let reloads = Counter::default();
        registry.register("reloads", "Reloads of the store that succeeded", reloads.clone());
        let reload_failures = Counter::default();
        registry.register(
            "reload_failures",
            "Reloads of the store that were refused",
            reload_failures.clone(),
        );
        Self { registry, decisions, answers, indeterminate, latency, reloads, reload_failures }
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

    /// The text of all of them.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
