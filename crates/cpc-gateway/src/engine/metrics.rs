//! Metrics in Prometheus' text format. Numbers only: no phone, client, wallet or text is ever a label.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// A label with one of a few fixed values.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(crate) struct Labels {
    kind: Cow<'static, str>,
}

/// An HTTP response: the route's pattern, never the path itself, and the status.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(crate) struct HttpLabels {
    route: Cow<'static, str>,
    status: u16,
}

/// All metrics. Clones share the counters.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    registry: Arc<Registry>,
    outcomes: Family<Labels, Counter>,
    deliveries: Family<Labels, Counter>,
    unmatched: Family<Labels, Counter>,
    requests: Family<HttpLabels, Counter>,
    request_seconds: Histogram,
    sync_seconds: Histogram,
    group_entries: Histogram,
    snapshot_seconds: Histogram,
    log_entry: Gauge,
    outbox: Gauge,
    clock_ahead: Gauge,
    dropped: Counter,
}

impl Metrics {
    /// All at zero.
    pub(crate) fn new() -> Metrics {
        let seconds = || Histogram::new(exponential_buckets(0.0001, 2.0, 18));
        let metrics = Metrics {
            registry: Arc::default(),
            outcomes: Family::default(),
            deliveries: Family::default(),
            unmatched: Family::default(),
            requests: Family::default(),
            request_seconds: seconds(),
            sync_seconds: seconds(),
            group_entries: Histogram::new(exponential_buckets(1.0, 2.0, 10)),
            snapshot_seconds: seconds(),
            log_entry: Gauge::default(),
            outbox: Gauge::default(),
            clock_ahead: Gauge::default(),
            dropped: Counter::default(),
        };
        Metrics { registry: Arc::new(metrics.registered()), ..metrics }
    }

    fn registered(&self) -> Registry {
        let mut registry = Registry::with_prefix("cpc");
        registry.register("outcomes", "Outcomes of commands, by status", self.outcomes.clone());
        registry.register("deliveries", "Attempts to deliver messages, by result", self.deliveries.clone());
        registry.register(
            "unmatched",
            "Webhook items that belong to no contact or dispatch",
            self.unmatched.clone(),
        );
        registry.register("http_requests", "Requests answered, by route and status", self.requests.clone());
        registry.register("http_request_seconds", "How long requests took", self.request_seconds.clone());
        registry.register("log_sync_seconds", "How long durable appends took", self.sync_seconds.clone());
        registry.register("log_group_entries", "Commands written by one append", self.group_entries.clone());
        registry.register(
            "snapshot_seconds",
            "How long writers stood still for snapshots",
            self.snapshot_seconds.clone(),
        );
        registry.register("log_entry", "The number of the last entry applied", self.log_entry.clone());
        registry.register("outbox_messages", "Messages accepted and not yet settled", self.outbox.clone());
        registry.register(
            "clock_ahead_seconds",
            "How far the last command is ahead of the clock",
            self.clock_ahead.clone(),
        );
        registry.register(
            "outbox_dropped",
            "Messages dropped because they were not sent or reported while a report would have been accepted",
            self.dropped.clone(),
        );
        registry
    }

    /// An item of a command had this outcome.
    pub(crate) fn outcome(&self, status: &'static str) {
        self.outcomes.get_or_create(&labels(status)).inc();
    }

    /// An attempt to deliver a message ended so.
    pub(crate) fn delivery(&self, result: &'static str) {
        self.deliveries.get_or_create(&labels(result)).inc();
    }

    /// A webhook item named no contact or dispatch.
    pub(crate) fn unmatched(&self, kind: &'static str) {
        self.unmatched.get_or_create(&labels(kind)).inc();
    }

    /// A request was answered.
    pub(crate) fn request(&self, route: &str, status: u16, took: Duration) {
        let labels = HttpLabels { route: Cow::Owned(route.to_owned()), status };
        self.requests.get_or_create(&labels).inc();
        self.request_seconds.observe(took.as_secs_f64());
    }

    /// So many commands were made durable at once.
    pub(crate) fn synced(&self, entries: usize, took: Duration) {
        self.sync_seconds.observe(took.as_secs_f64());
        self.group_entries.observe(u32::try_from(entries).map_or(f64::MAX, f64::from));
    }

    /// A snapshot was taken, its writing not counted.
    pub(crate) fn snapshot(&self, took: Duration) {
        self.snapshot_seconds.observe(took.as_secs_f64());
    }

    /// The state includes this log entry, and has so many messages in the outbox.
    pub(crate) fn applied(&self, entry: u64, outbox: usize) {
        self.log_entry.set(entry.cast_signed());
        self.outbox.set(i64::try_from(outbox).unwrap_or(i64::MAX));
    }

    /// The engine's clock is so far ahead of the host's, in ms.
    pub(crate) fn clock_ahead(&self, ms: u64) {
        self.clock_ahead.set(i64::try_from(ms / 1000).unwrap_or(i64::MAX));
    }

    /// So many messages left the outbox because of their age.
    pub(crate) fn dropped(&self, messages: u64) {
        self.dropped.inc_by(messages);
    }

    /// The text that Prometheus reads.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a text does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

fn labels(kind: &'static str) -> Labels {
    Labels { kind: Cow::Borrowed(kind) }
}
