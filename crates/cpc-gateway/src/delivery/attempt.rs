//! One attempt to deliver one message, and the report of what became of it.

use super::message_texts::{Message, Texts};
use super::webhook::{Sent, Webhook};
use crate::engine::clock::now;
use crate::engine::handle::Tenant;
use crate::engine::outbox::Send;
use crate::storage::command_json::Line;
use cpc_core::Sendable;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tracing::{error, warn};

/// How long to wait with a report that could not be written.
const REPORT_AGAIN: Duration = Duration::from_secs(1);

/// See the [module](self).
pub(super) struct Errand {
    pub(super) tenant: Tenant,
    pub(super) texts: Arc<Texts>,
    pub(super) webhook: Webhook,
    pub(super) stop: watch::Receiver<bool>,
    pub(super) send: Send,
    /// Whether an attempt before may have reached somebody.
    pub(super) perhaps: bool,
    /// Whether it is too late to send it.
    pub(super) is_late: bool,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It is settled, and reported.
    Settled,
    /// It is to be tried again.
    Again,
    /// It may be sent from that instant on, in ms, when contact hours begin.
    From(u64),
}

/// How the receiver is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Receiver {
    /// It was not asked.
    NotAsked,
    /// It answered as it should.
    Well,
    /// It did not, and perhaps it wants to be left alone for so long. Whether it has the message all the same, nobody
    /// may know.
    Unwell { rest: Option<Duration>, perhaps: bool },
}

/// A line `report`.
#[derive(Serialize)]
struct Report<'a> {
    op: &'static str,
    dispatch: u64,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'static str>,
    sender: &'a str,
}

impl Errand {
    pub(super) async fn run(self) -> (End, Receiver) {
        let dispatch = self.send.dispatch;
        let message = match self.read().await {
            Ok(Some(message)) => message,
            Ok(None) => {
                error!(dispatch, "the text of a message is no longer kept; it is not sent");
                return (self.not_sent("text_missing").await, Receiver::NotAsked);
            }
            Err(problem) => {
                error!(dispatch, problem, "the text of a message cannot be read");
                let end = if self.is_late { self.not_sent("text_unreadable").await } else { End::Again };
                return (end, Receiver::NotAsked);
            }
        };
        let (there, sendable) = {
            let machine = self.tenant.shared().read();
            let sendable = machine.engine.sendable(now().cast_signed(), dispatch, &message.client_id);
            (machine.outbox.at(self.send.position).is_some(), sendable)
        };
        let end = match sendable {
            // It has moved to another sender, or somebody else has reported it.
            _ if !there => End::Settled,
            Ok((_, Sendable::No)) => self.not_sent("withdrawn").await,
            Ok(_) if self.is_late => self.not_sent("expired").await,
            Ok((_, Sendable::Now)) => return self.post(message).await,
            Ok((_, Sendable::From(opening))) => End::From(opening.as_millis()),
            // The host's clock is wrong: nothing can be said now.
            Err(_) => self.again("later"),
        };
        (end, Receiver::NotAsked)
    }

    async fn post(&self, message: Message) -> (End, Receiver) {
        let unwell = |rest, perhaps| Receiver::Unwell { rest, perhaps };
        let id = self.texts.message_id(&self.send);
        match self.webhook.post(&id, message.json).await {
            Sent::Taken => (self.settle("sent", "sent", None).await, Receiver::Well),
            Sent::Refused(status) => {
                warn!(dispatch = self.send.dispatch, status, "the transport refused a message");
                (self.settle("refused", "failed", Some("request")).await, Receiver::Well)
            }
            Sent::NotNow(rest) => (self.again("later"), unwell(rest, false)),
            Sent::Failed(rest) => (self.again("later"), unwell(rest, true)),
            Sent::Unreachable => (self.again("unreachable"), unwell(None, false)),
            Sent::Unknown => {
                (self.settle("ambiguous", "failed", Some("ambiguous")).await, unwell(None, true))
            }
        }
    }

    async fn read(&self) -> Result<Option<Message>, String> {
        let (texts, send) = (Arc::clone(&self.texts), self.send.clone());
        let read = tokio::task::spawn_blocking(move || texts.message(&send)).await;
        read.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }

    fn again(&self, result: &'static str) -> End {
        self.tenant.shared().metrics.delivery(result);
        End::Again
    }

    /// It is not sent any more. Its contact is free, unless somebody may have got it.
    async fn not_sent(&self, result: &'static str) -> End {
        let fault = if self.perhaps { "ambiguous" } else { "request" };
        self.settle(result, "failed", Some(fault)).await
    }

    /// Reports what became of it, until that is durable.
    async fn settle(&self, result: &'static str, status: &'static str, fault: Option<&'static str>) -> End {
        self.tenant.shared().metrics.delivery(result);
        let (dispatch, sender) = (self.send.dispatch, &*self.send.sender);
        loop {
            let report = Report { op: "report", dispatch, status, fault, sender };
            let reported = match Line::of(&report) {
                Ok(line) => self.tenant.line(line).await,
                Err(error) => {
                    error!(dispatch, %error, "a report cannot be made");
                    return End::Settled;
                }
            };
            match reported {
                Ok(Ok(_)) => return End::Settled,
                // What holds now may not hold when it is no longer refused.
                Ok(Err(_)) if matches!(result, "withdrawn" | "expired") => return End::Again,
                Ok(Err(refusal)) => warn!(dispatch, %refusal, "a report was refused; it is made again"),
                Err(_) => warn!(dispatch, "a report cannot be written; it is made again"),
            }
            // The next start sends it again: better twice the same than not to end.
            if *self.stop.borrow() {
                return End::Settled;
            }
            tokio::time::sleep(REPORT_AGAIN).await;
        }
    }
}
