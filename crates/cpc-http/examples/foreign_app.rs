//! A server that has its own routes and its own state, and mounts the massivocpc endpoint beside them.
//!
//! ```text
//! cargo run -p cpc-http --example foreign_app
//! curl -i http://127.0.0.1:8080/api/messages/massivocpc -H 'Authorization: Bearer an-example-token' \
//!   -H 'Content-Type: application/json' -d '{"campaign":"Campanha teste","tag":"emp1","messages":[
//!   {"phone":"5511988876204","closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá"}]}'
//! curl http://127.0.0.1:8080/orders
//! ```

use axum::extract::State;
use axum::routing::get;
use axum::{Router, serve};
use cpc_core::{Command, Engine, Outcome, Policy, SenderSetup, Status, WalletSetup};
use cpc_http::{DispatchError, DispatchRequest, Dispatcher, EngineDispatcher, Massivocpc, Tokens, router};
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// What this server was about before.
#[derive(Clone)]
struct Shop {
    orders: u32,
}

/// The engine in memory, and a sender of the accepted messages. A server that sends real messages stores the batch
/// first: here a restart forgets who was written to.
#[derive(Clone)]
pub(crate) struct Sending {
    engine: EngineDispatcher,
    outbox: mpsc::UnboundedSender<String>,
}

impl Sending {
    async fn decide_and_queue(self, request: DispatchRequest) -> Result<Vec<Outcome>, DispatchError> {
        let outcomes = self.engine.dispatch(request.clone()).await?;
        for (message, outcome) in request.batch().messages.iter().zip(&outcomes) {
            // `already_accepted` is a success too, but was sent before.
            if outcome.status == Status::Accepted {
                // It only fails while the server shuts down.
                let _ = self.outbox.send(message.main_template.as_str().unwrap_or_default().to_string());
            }
        }
        Ok(outcomes)
    }
}

impl Dispatcher for Sending {
    async fn dispatch(&self, request: DispatchRequest) -> Result<Vec<Outcome>, DispatchError> {
        // In a task of its own, so that a client that hangs up does not cancel the sending of accepted messages.
        let task = tokio::spawn(self.clone().decide_and_queue(request));
        task.await.unwrap_or(Err(DispatchError::Internal))
    }
}

/// A dispatcher with a wallet, and what it is to send.
pub(crate) fn sending() -> Result<(Sending, mpsc::UnboundedReceiver<String>), Box<dyn Error>> {
    let mut engine = Engine::new(Policy::default());
    let senders = [SenderSetup { id: "5514990000001", daily_limit: Some(1000), ..SenderSetup::default() }];
    let wallet = WalletSetup { tag: "emp1", senders: &senders, ..WalletSetup::default() };
    engine.apply(now(), &Command::Wallet(wallet), &mut Vec::new())?;

    // A clone of the engine's `Arc` would take replies and reports.
    let engine = EngineDispatcher::new(Arc::new(Mutex::new(engine)), now);
    let (outbox, to_send) = mpsc::unbounded_channel();
    Ok((Sending { engine, outbox }, to_send))
}

/// The app, and what it is to send.
pub(crate) fn shop(token: &str) -> Result<(Router, mpsc::UnboundedReceiver<String>), Box<dyn Error>> {
    let (sending, to_send) = sending()?;

    // These are the lines that mount it.
    let endpoint = Massivocpc::new(sending, Tokens::new([("crm", token)])?);
    let app = Router::new().route("/orders", get(orders)).merge(router(endpoint));

    Ok((app.with_state(Shop { orders: 3 }), to_send))
}

async fn orders(State(shop): State<Shop>) -> String {
    format!("{} orders\n", shop.orders)
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (app, mut to_send) = shop("an-example-token")?;
    tokio::spawn(async move {
        while let Some(text) = to_send.recv().await {
            println!("a text of {} bytes would be sent", text.len());
        }
    });
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    println!("listening on http://{}", listener.local_addr()?);
    serve(listener, app).await?;
    Ok(())
}
