//! The OpenAPI document says what the endpoint does: its schemas are held against real requests and answers.

use crate::support::{AT, Answered, Answering, EXAMPLE, PATH, endpoint, engine, over, post, send};
use axum::body::Body;
use cpc_core::{CommandError, Policy};
use cpc_http::{DispatchError, EngineDispatcher, ResponseProfile, openapi};
use cpc_wire::{Language, RequestFailure, write_refused};
use http::Request;
use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

fn document() -> Value {
    serde_json::to_value(openapi()).unwrap()
}

fn operation() -> Value {
    document()["paths"][PATH]["post"].clone()
}

/// A schema of the document, with all that it refers to.
fn validator(schema: &Value) -> Validator {
    let mut whole = schema.clone();
    whole["components"] = document()["components"].clone();
    jsonschema::draft202012::new(&whole).unwrap()
}

fn request_schema() -> Value {
    operation()["requestBody"]["content"]["application/json"]["schema"].clone()
}

#[tokio::test]
async fn it_is_served_as_it_is() {
    let request = Request::builder().uri("/openapi.json").body(Body::empty()).unwrap();
    let answered = send(&endpoint(), request).await;
    assert_eq!(answered.status, 200);
    assert_eq!(answered.json(), document());
    assert_eq!(document()["openapi"], "3.1.0");
    assert_eq!(operation()["security"], json!([{ "token": [] }]));
    assert_eq!(document()["components"]["securitySchemes"]["token"]["scheme"], "bearer");
}

#[test]
fn every_schema_of_it_is_one() {
    let document = document();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(jsonschema::draft202012::meta::is_valid(schema), "{name}");
        validator(schema);
    }
}

#[test]
fn it_names_every_status_that_can_be_answered_and_no_other() {
    let mut possible: BTreeSet<u16> = BTreeSet::from([200, 422]);
    let failures = [
        RequestFailure::Unauthorized,
        RequestFailure::NotFound,
        RequestFailure::MethodNotAllowed,
        RequestFailure::UnsupportedMediaType,
        RequestFailure::BodyTooLarge { max: 0 },
        RequestFailure::BodyIncomplete,
        RequestFailure::BodyTimeout,
        RequestFailure::Timeout,
        RequestFailure::Overloaded,
        RequestFailure::RateLimited,
        RequestFailure::Unavailable,
        RequestFailure::Internal,
    ];
    possible.extend(failures.map(RequestFailure::http_status));
    let refusals = [
        CommandError::TimestampOutOfRange { field: "at" },
        CommandError::ClockJump { max_ms: 1 },
        CommandError::UnknownWallet,
        CommandError::EmptyBatch,
        CommandError::BatchTooLarge { field: "messages", max: 1 },
        CommandError::InvalidField { field: "campaign" },
        CommandError::TooMany { what: "windowMs", max: 1 },
    ];
    possible.extend(
        refusals
            .map(|refusal| write_refused(&refusal, ResponseProfile::Full, Language::PtBr, &mut Vec::new())),
    );
    let named: BTreeSet<u16> =
        operation()["responses"].as_object().unwrap().keys().map(|status| status.parse().unwrap()).collect();
    assert_eq!(named, possible);
}

#[test]
fn its_example_is_the_customers_and_keeps_to_the_schema() {
    let example = document()["components"]["schemas"]["MassivocpcRequest"]["example"].clone();
    assert_eq!(example, serde_json::from_str::<Value>(EXAMPLE).unwrap());
    assert_eq!(validator(&request_schema()).validate(&example).map_err(|error| error.to_string()), Ok(()));
    for (_, schema) in document()["components"]["schemas"].as_object().unwrap() {
        if let Some(example) = schema.get("example") {
            let valid = validator(schema).validate(example).map_err(|error| error.to_string());
            assert!(example.is_string() || valid.is_ok(), "{valid:?}");
        }
    }
}

#[test]
fn its_schema_tells_good_requests_from_bad_ones() {
    let validator = validator(&request_schema());
    let with = |pointer: &str, value: Value| {
        let mut request: Value = serde_json::from_str(EXAMPLE).unwrap();
        *request.pointer_mut(pointer).unwrap() = value;
        request
    };
    for (request, good) in [
        (with("/messages/0/idMessage", json!(u64::MAX)), true),
        (with("/messages/0/idMessage", json!("18446744073709551615")), true),
        (with("/messages/0/idMessage", Value::Null), true),
        (with("/messages/0/clientId", Value::Null), true),
        (with("/messages/0/mainTemplate", json!("")), true),
        (with("/messages/0/idMessage", json!("")), true),
        (with("/messages/0/idMessage", json!(-1)), false),
        (with("/messages/0/idMessage", json!(1.5)), false),
        (with("/messages/0/idMessage", json!("12a")), false),
        (with("/messages/0/idMessage", json!(true)), false),
        (with("/messages/0/phone", json!(5_511_988_876_204_u64)), false),
        (with("/messages/0/closeTicket", json!("true")), false),
        (with("/messages/0/closeTicket", json!(false)), false),
        (with("/messages/0", json!({})), false),
        (with("/messages", json!([])), false),
        (with("/tag", json!("")), false),
        (json!([]), false),
    ] {
        assert_eq!(validator.is_valid(&request), good, "{request}");
    }
}

/// Checks an answer against the schema that the document has for its status.
fn is_documented(answered: &Answered) {
    let response = operation()["responses"][answered.status.to_string()].clone();
    let schema = &response["content"]["application/json"]["schema"];
    let valid = validator(schema).validate(&answered.json()).map_err(|error| error.to_string());
    assert_eq!(valid, Ok(()), "{} {}", answered.status, answered.text());
    for header in ["x-request-id", "retry-after", "www-authenticate", "allow"] {
        let documented = response["headers"].get(header).is_some();
        assert_eq!(answered.headers.contains_key(header), documented, "{} {header}", answered.status);
    }
}

#[tokio::test]
async fn real_answers_are_as_it_says() {
    let refused = r#"{"campaign":"c","tag":"emp1","messages":[
        {"phone":"1","idMessage":-1.5},{"idMessage":"x"},
        {"phone":"5521988876204","idMessage":18446744073709551615,"closeTicket":false,"specialistCode":"op"}]}"#;
    let mixed = refused.replace("\"closeTicket\":false", "\"closeTicket\":true,\"mainTemplate\":\"Oi\"");
    for profile in [ResponseProfile::Full, ResponseProfile::Spec] {
        let endpoint = endpoint().profile(profile);
        let mut statuses = Vec::new();
        for body in [EXAMPLE, refused, &mixed, "{", "[]", &EXAMPLE.replace("emp1", "emp2")] {
            let answered = send(&endpoint, post(String::from(body))).await;
            is_documented(&answered);
            statuses.push(answered.status);
        }
        assert_eq!(statuses, [200, 422, 200, 400, 400, 404]);

        for (header, status) in [("authorization", 401), ("content-type", 415)] {
            let mut request = post(EXAMPLE);
            request.headers_mut().remove(header);
            let answered = send(&endpoint, request).await;
            assert_eq!(answered.status, status);
            is_documented(&answered);
        }
        let mut request = post(EXAMPLE);
        *request.method_mut() = http::Method::PUT;
        is_documented(&send(&endpoint, request).await);
        let small = cpc_http::Limits::default().max_body(1);
        is_documented(&send(&endpoint.clone().limits(small), post(EXAMPLE)).await);
        let late = over(EngineDispatcher::new(engine(Policy::default()), || AT / 1000)).profile(profile);
        is_documented(&send(&late, post(EXAMPLE)).await);

        let wait = Duration::from_secs(1);
        for error in [
            DispatchError::RateLimited { retry_after: wait },
            DispatchError::Unavailable { retry_after: wait },
            DispatchError::Internal,
        ] {
            let endpoint = over(Answering(move |_| std::future::ready(Err(error.clone())))).profile(profile);
            is_documented(&send(&endpoint, post(EXAMPLE)).await);
        }
    }
}
