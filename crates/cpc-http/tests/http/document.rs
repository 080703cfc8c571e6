//! What the customer's document gives, byte by byte, and what it leaves open.

use crate::support::{AT, EXAMPLE, endpoint, engine, over, post, send};
use cpc_core::{Countries, Policy};
use cpc_http::{EngineDispatcher, Language, ResponseProfile};
use serde_json::Value;

const SUCCESS: &str =
    r#"{"status":"success","message":"Mensagens enviadas com sucesso","processed":1,"errors":0}"#;

#[tokio::test]
async fn the_documents_example_has_the_documents_success() {
    for profile in [ResponseProfile::Full, ResponseProfile::Spec] {
        let answered = send(&endpoint().profile(profile), post(EXAMPLE)).await;
        assert_eq!((answered.status, answered.text()), (200, SUCCESS));
        let printed = r#"{ "status": "success", "message": "Mensagens enviadas com sucesso",
            "processed": 1, "errors": 0 }"#;
        assert_eq!(answered.json(), serde_json::from_str::<Value>(printed).unwrap());
    }
}

#[tokio::test]
async fn the_documents_error_is_a_spec_answer() {
    // The document's number is a valid one; a policy of another country refuses it.
    let countries = Countries::new(&["1"]).unwrap();
    let policy = Policy::builder().countries(countries).build().unwrap();
    let endpoint = over(EngineDispatcher::new(engine(policy), || AT)).profile(ResponseProfile::Spec);
    let answered = send(&endpoint, post(EXAMPLE.replace("5511988876204", "5514998830081"))).await;
    let expected = r#"{"status":"error","message":"Falha ao processar requisição","errors":[{"phone":"5514998830081","reason":"Número inválido"}]}"#;
    assert_eq!((answered.status, answered.text()), (422, expected));
}

#[tokio::test]
async fn the_example_again_is_a_success_and_another_campaign_is_refused() {
    let endpoint = endpoint();
    for _ in 0..2 {
        assert_eq!(send(&endpoint, post(EXAMPLE)).await.text(), SUCCESS);
    }
    let other = EXAMPLE.replace("Campanha teste", "Outra campanha");
    let answered = send(&endpoint, post(other)).await;
    let expected = r#"{"status":"error","message":"Falha ao processar requisição","processed":0,"errors":[{"phone":"5511988876204","reason":"Contato bloqueado até 24/11/2026 09:00:00 (horário de Brasília)","code":"contact_blocked","idMessage":1234,"retryAt":1795521600000}]}"#;
    assert_eq!((answered.status, answered.text()), (422, expected));
}

#[tokio::test]
async fn some_refused_is_partial_and_in_the_spec_profile_an_error() {
    let two = r#"{"campaign":"c","tag":"emp1","messages":[
        {"phone":"5511988876204","closeTicket":true,"specialistCode":"op","mainTemplate":"Oi"},
        {"phone":"5511988876204","closeTicket":true,"specialistCode":"op","mainTemplate":"Oi"}]}"#;
    let partial = r#"{"status":"partial","message":"Some messages were refused","processed":1,"errors":[{"phone":"5511988876204","reason":"Same contact as an earlier message of the batch (messages[0]); blocked until 2026-11-24 09:00:00 (Brasília time)","code":"duplicate_in_batch","retryAt":1795521600000}]}"#;
    let answered = send(&endpoint().language(Language::En), post(two)).await;
    assert_eq!((answered.status, answered.text()), (200, partial));

    let answered = send(&endpoint().profile(ResponseProfile::Spec), post(two)).await;
    let error = r#"{"status":"error","message":"Falha ao processar requisição","errors":[{"phone":"5511988876204","reason":"Contato repetido no mesmo lote (messages[0]); bloqueado até 24/11/2026 09:00:00 (horário de Brasília)"}]}"#;
    assert_eq!((answered.status, answered.text()), (200, error));
}
