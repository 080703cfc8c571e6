//! What `cpc-whatsapp` cannot know about an event, because it is in the outbox and the log: which dispatch a message id
//! names, and from which sender and for which phone the message went out.

use super::message_texts::MessageTexts;
use crate::engine::clock::now;
use crate::engine::handle::EngineHandle;
use cpc_whatsapp::{Commands, DeliveryStatus, Event, Ignored, Options, translate};
use tracing::error;

/// The commands that an event leads to, or why it leads to none.
///
/// A status names its message in `biz_opaque_callback_data`, which the sender of the message sets to its `messageId`.
pub(crate) fn commands_of(
    handle: &EngineHandle,
    texts: &MessageTexts,
    options: &Options,
    event: Event,
) -> Result<Commands, Ignored> {
    let event = match event {
        Event::Status(status) => Event::Status(find_message(handle, texts, status)?),
        other => other,
    };
    handle.engine(|engine| translate(&event, engine, now().cast_signed(), options))
}

/// Adds the dispatch that a status is about.
fn find_message(
    handle: &EngineHandle,
    texts: &MessageTexts,
    mut status: DeliveryStatus,
) -> Result<DeliveryStatus, Ignored> {
    let named = status.message_id.as_deref().and_then(|id| texts.named_by(id));
    let (dispatch, position) = named.ok_or(Ignored::Status)?;
    // It went out again from another number since: what is said of the number before is no news of that one.
    if handle.shared().read().outbox.has_moved_on(dispatch, position) {
        return Err(Ignored::Superseded);
    }
    status.dispatch = Some(dispatch);
    Ok(if status.status == "failed" { with_origin(handle, texts, dispatch, status) } else { status })
}

/// The commands that a failure leads to, of which a client reports the dispatch.
pub(crate) fn commands_of_failure(
    handle: &EngineHandle,
    texts: &MessageTexts,
    options: &Options,
    dispatch: u64,
    failure: DeliveryStatus,
) -> Result<Commands, Ignored> {
    let event = Event::Status(with_origin(handle, texts, dispatch, failure));
    handle.engine(|engine| translate(&event, engine, now().cast_signed(), options))
}

/// Adds the sender that a message went out from, unless it is named, and the phone that it was posted with.
fn with_origin(
    handle: &EngineHandle,
    texts: &MessageTexts,
    dispatch: u64,
    status: DeliveryStatus,
) -> DeliveryStatus {
    // Of a message that was accepted just now, only the outbox knows where it is.
    let (place, sender) = {
        let state = handle.shared().read();
        let send = state.outbox.of_dispatch(dispatch);
        (send.and_then(|send| send.place), send.map(|send| String::from(&*send.sender)))
    };
    let phone = texts.phone_of(dispatch, place).unwrap_or_else(|error| {
        error!(dispatch, %error, "the contact of a message that failed cannot be read");
        None
    });
    DeliveryStatus { dispatch: Some(dispatch), sender: status.sender.or(sender), phone, ..status }
}
