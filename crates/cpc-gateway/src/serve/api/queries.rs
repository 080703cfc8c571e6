//! What is asked: answered from the state at once, nothing is written.

use super::named::Named;
use super::{App, reply};
use crate::serve::clock::now;
use crate::serve::outbox::Send;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query as Parameters, State};
use axum::response::Response;
use cpc_core::{Query, Question, Target};
use cpc_wire::{Expected, Language, Op, ParseError, RequestFailure};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use tracing::error;

/// How many items a list has unless asked otherwise, and at the most.
const ITEMS: u32 = 100;
const MOST_ITEMS: u32 = 1000;

fn ask(app: &App, query: Query<'_>) -> Response {
    match app.tenant.ask(&Op::Query(query)) {
        Some(answered) => reply::done(Ok(answered), app.language),
        None => reply::failure(RequestFailure::Internal, app.language),
    }
}

/// Looks at every contact, so where it holds up nobody.
async fn ask_at_leisure(app: Arc<App>, query: Query<'static>) -> Response {
    let language = app.language;
    let answered = tokio::task::spawn_blocking(move || ask(&app, query)).await;
    answered.unwrap_or_else(|_| reply::failure(RequestFailure::Internal, language))
}

pub(super) async fn wallet(State(app): State<Arc<App>>, Named(tag): Named<String>) -> Response {
    ask(&app, Query::Wallet { tag: &tag })
}

pub(super) async fn wallets(State(app): State<Arc<App>>) -> Response {
    let tags = app.tenant.engine(|engine| engine.wallet_tags().map(str::to_owned).collect::<Vec<_>>());
    reply::json(200, json!({ "wallets": tags }).to_string().into_bytes())
}

/// With whom and from where a contact is to be explained.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub(super) struct Explained {
    tag: String,
    specialist_code: String,
    client_id: String,
}

/// The state of a contact; with a wallet and an operator, also why it could or could not be written to.
pub(super) async fn contact(
    State(app): State<Arc<App>>,
    Named(phone): Named<String>,
    explained: Result<Parameters<Explained>, QueryRejection>,
) -> Response {
    let Ok(Parameters(explained)) = explained else {
        // Texts can be anything, but none can be there twice.
        let error = ParseError::InvalidField { path: String::new(), expected: Expected::Once };
        return reply::unreadable(&error, app.language);
    };
    let Explained { tag, specialist_code, client_id } = &explained;
    let query = if tag.is_empty() && specialist_code.is_empty() {
        Query::Contact(Target::Phone(&phone))
    } else {
        Query::ContactExplained(Question { phone: &phone, client_id, tag, specialist_code })
    };
    ask(&app, query)
}

pub(super) async fn client(State(app): State<Arc<App>>, Named(client_id): Named<String>) -> Response {
    ask(&app, Query::Contact(Target::Client(&client_id)))
}

/// How much of a list.
#[derive(Deserialize)]
pub(super) struct Page {
    #[serde(default)]
    after: u64,
    limit: Option<u32>,
}

impl Page {
    fn limit(&self) -> u32 {
        self.limit.unwrap_or(ITEMS).min(MOST_ITEMS)
    }
}

/// The follow-ups that are due and have not been taken.
pub(super) async fn follow_ups(
    State(app): State<Arc<App>>,
    page: Result<Parameters<Page>, QueryRejection>,
) -> Response {
    match page {
        Ok(Parameters(page)) => ask_at_leisure(app, Query::DueFollowUps { limit: page.limit() }).await,
        Err(_) => misfit(&app, "limit"),
    }
}

/// The messages that are to be sent, behind a position. What may no longer be sent is left out. Where they are posted to a
/// webhook, nobody else is to send them as well.
pub(super) async fn outbox(
    State(app): State<Arc<App>>,
    page: Result<Parameters<Page>, QueryRejection>,
) -> Response {
    if app.posts {
        return posted(&app);
    }
    let Ok(Parameters(page)) = page else { return misfit(&app, "after") };
    let language = app.language;
    let read = tokio::task::spawn_blocking(move || read_outbox(&app, &page)).await;
    match read {
        Ok(body) => reply::json(200, body),
        Err(_) => reply::failure(RequestFailure::Internal, language),
    }
}

fn posted(app: &App) -> Response {
    let message = match app.language {
        Language::PtBr => "as mensagens são enviadas a outbox.url; quem as lesse daqui as enviaria outra vez",
        Language::En => "messages are posted to outbox.url; whoever read them here would send them again",
    };
    reply::json(409, json!({ "error": "outbox_is_posted", "message": message }).to_string().into_bytes())
}

fn read_outbox(app: &App, page: &Page) -> Vec<u8> {
    let now = now();
    let (mut next, mut body, mut empty) = (page.after, Vec::new(), true);
    let sends: Vec<Send> = {
        let machine = app.tenant.shared().read();
        machine.outbox.after(page.after).take(page.limit() as usize).cloned().collect()
    };
    // Texts are read from the disk: not while others wait for the machine.
    for send in sends {
        next = send.position;
        let dispatch = send.dispatch;
        let message = match app.texts.message(&send) {
            Ok(Some(message)) => message,
            Ok(None) => {
                error!(dispatch, "the text of a message is no longer kept");
                continue;
            }
            Err(problem) => {
                // The others can be sent all the same.
                error!(dispatch, %problem, "the text of a message cannot be read");
                continue;
            }
        };
        let client_id = &message.client_id;
        let sendable = app.tenant.engine(|engine| engine.sendable(now.cast_signed(), dispatch, client_id));
        if sendable.is_ok_and(|(_, sendable)| sendable.is_now()) {
            if !empty {
                body.push(b',');
            }
            empty = false;
            body.extend_from_slice(&message.json);
        }
    }
    let mut page = format!(r#"{{"at":{now},"next":{next},"messages":["#).into_bytes();
    page.extend_from_slice(&body);
    page.extend_from_slice(b"]}");
    page
}

fn misfit(app: &App, name: &str) -> Response {
    let error = ParseError::InvalidField { path: name.to_owned(), expected: Expected::Number64 };
    reply::unreadable(&error, app.language)
}
