//! One attempt to deliver one message, and the report of its result.

use super::message_texts::{MessageTexts, OutgoingMessage};
use super::webhook::{PostResult, Webhook};
use crate::engine::clock::now;
use crate::engine::handle::EngineHandle;
use crate::engine::outbox::OutboxMessage;
use crate::storage::command_json::CommandJson;
use cpc_core::{Command, Delivery, Fault, Report, Sendable};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tracing::{error, warn};

/// How long to wait before a report that could not be written is tried again.
const REPORT_RETRY: Duration = Duration::from_secs(1);

/// See the [module](self).
pub(super) struct DeliveryAttempt {
    pub(super) handle: EngineHandle,
    pub(super) texts: Arc<MessageTexts>,
    pub(super) webhook: Webhook,
    pub(super) stop: watch::Receiver<bool>,
    pub(super) message: OutboxMessage,
    /// Whether an earlier attempt may have reached the contact.
    pub(super) may_have_arrived: bool,
    /// Whether retries have ended: it is reported, not sent.
    pub(super) is_late: bool,
}

/// What is to be done with a message after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextStep {
    /// Nothing: it has been reported.
    Settled,
    /// Try again after a pause.
    Retry,
    /// Not before that instant, in ms, when contact hours begin.
    NotBefore(u64),
}

/// How the receiver did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReceiverHealth {
    /// No request was made.
    NotContacted,
    /// It answered for good, with an acceptance or a rejection.
    Healthy,
    /// It failed, and may have asked for a pause (`retry-after`). It may have the message all the same.
    Failing { retry_after: Option<Duration>, may_have_arrived: bool },
}

impl DeliveryAttempt {
    pub(super) async fn run(self) -> (NextStep, ReceiverHealth) {
        let dispatch = self.message.dispatch;
        let outgoing = match self.read().await {
            Ok(Some(outgoing)) => outgoing,
            Ok(None) => {
                error!(dispatch, "the text of a message is no longer kept; it is not sent");
                return (self.not_sent("text_missing").await, ReceiverHealth::NotContacted);
            }
            Err(problem) => {
                error!(dispatch, problem, "the text of a message cannot be read");
                let end = if self.is_late { self.not_sent("text_unreadable").await } else { NextStep::Retry };
                return (end, ReceiverHealth::NotContacted);
            }
        };
        let (is_in_outbox, sendable) = {
            let state = self.handle.shared().read();
            let sendable = state.engine.sendable(now().cast_signed(), dispatch, &outgoing.client_id);
            (state.outbox.at(self.message.position).is_some(), sendable)
        };
        let end = match sendable {
            // It has moved to another sender, or has been reported by another route.
            _ if !is_in_outbox => NextStep::Settled,
            Ok((_, Sendable::No)) => self.not_sent("withdrawn").await,
            Ok(_) if self.is_late => self.not_sent("expired").await,
            Ok((_, Sendable::Now)) => return self.post(outgoing).await,
            Ok((_, Sendable::From(opening))) => NextStep::NotBefore(opening.as_millis()),
            // The host's clock is wrong, so the engine cannot answer now.
            Err(_) => self.retry("later"),
        };
        (end, ReceiverHealth::NotContacted)
    }

    async fn post(&self, outgoing: OutgoingMessage) -> (NextStep, ReceiverHealth) {
        let failing =
            |retry_after, may_have_arrived| ReceiverHealth::Failing { retry_after, may_have_arrived };
        let id = self.texts.message_id(&self.message);
        match self.webhook.post(&id, outgoing.json).await {
            PostResult::Accepted => (self.settle("sent", Delivery::Sent).await, ReceiverHealth::Healthy),
            PostResult::Rejected(status) => {
                warn!(dispatch = self.message.dispatch, status, "the transport refused a message");
                // An earlier attempt may have reached the contact, whatever is said of this one.
                (self.not_sent("refused").await, ReceiverHealth::Healthy)
            }
            PostResult::Busy(rest) => (self.retry("later"), failing(rest, false)),
            PostResult::Failed(rest) => (self.retry("later"), failing(rest, true)),
            PostResult::Unreachable => (self.retry("unreachable"), failing(None, false)),
            PostResult::Unknown => {
                let dispatch = self.message.dispatch;
                warn!(dispatch, "a message may have been delivered, and is not posted again");
                (self.settle("ambiguous", Delivery::Failed(Fault::Ambiguous)).await, failing(None, true))
            }
        }
    }

    async fn read(&self) -> Result<Option<OutgoingMessage>, String> {
        let (texts, message) = (Arc::clone(&self.texts), self.message.clone());
        let read = tokio::task::spawn_blocking(move || texts.outgoing(&message)).await;
        read.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }

    fn retry(&self, result: &'static str) -> NextStep {
        self.handle.shared().metrics.delivery(result);
        NextStep::Retry
    }

    /// Reports a message that is not sent. Its contact is released, unless an earlier attempt may have reached it.
    async fn not_sent(&self, result: &'static str) -> NextStep {
        if !self.may_have_arrived {
            return self.settle(result, Delivery::Failed(Fault::Request)).await;
        }
        warn!(dispatch = self.message.dispatch, result, "a message is given up that may have been delivered");
        self.settle(result, Delivery::Failed(Fault::Ambiguous)).await
    }

    /// Reports the result, and retries until the report is durable.
    async fn settle(&self, result: &'static str, status: Delivery) -> NextStep {
        self.handle.shared().metrics.delivery(result);
        let (dispatch, sender) = (self.message.dispatch, &*self.message.sender);
        loop {
            let report = Report { dispatch, status, sender: Some(sender) };
            let reported = match CommandJson::of(&Command::Report(report)) {
                Ok(line) => self.handle.execute(line).await,
                Err(error) => {
                    error!(dispatch, %error, "a report cannot be made");
                    return NextStep::Settled;
                }
            };
            match reported {
                Ok(Ok(_)) => return NextStep::Settled,
                // The reason may be gone by the time the engine takes the report.
                Ok(Err(_)) if matches!(result, "withdrawn" | "expired") => return NextStep::Retry,
                Ok(Err(refusal)) => warn!(dispatch, %refusal, "a report was refused; it is made again"),
                Err(_) => warn!(dispatch, "a report cannot be written; it is made again"),
            }
            // The next start sends it again with the same id: better than a shutdown that never ends.
            if *self.stop.borrow() {
                return NextStep::Settled;
            }
            tokio::time::sleep(REPORT_RETRY).await;
        }
    }
}
