//! What an operator sees and does: logs, the end, tokens, TLS, settings.

use crate::http::{Answer, Request};
use crate::support::{Folder, Gateway, LONG, TOKEN, cpc, eventually, message, token_line};
use hmac::{Hmac, KeyInit, Mac};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::json;
use sha2::Sha256;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

/// Values that occur nowhere else, and must not occur in the logs. The contact's key, and both forms of its number,
/// have the last eight digits in common.
const PHONE: &str = "5511988876204";
const PRIVATE: [&str; 12] = [
    "88876204",
    "cliente-7731904",
    "contrato-99817",
    "operadora-maria",
    "campanha-sigilosa",
    "texto-do-template",
    "texto-da-resposta",
    "razao-do-desbloqueio",
    TOKEN,
    "segredo-da-app",
    "token-do-handshake",
    "segredo-do-webhook",
];

/// Uses every route, with as much in it as there can be, well-formed and not.
fn use_everything(gateway: &Gateway) {
    let dispatch = message(
        PHONE,
        r#""idMessage":48151623429,"clientId":"cliente-7731904","contract":"contrato-99817","retryTemplate":"texto-do-template""#,
    );
    let dispatch = dispatch
        .replace("\"admin\"", "\"operadora-maria\"")
        .replace("\"Oi\"", "\"texto-do-template\"")
        .replace("\"campaign\":\"c\"", "\"campaign\":\"campanha-sigilosa\"");
    let both =
        format!(r#"{{"phone":"{PHONE}","clientId":"cliente-7731904","reason":"razao-do-desbloqueio"}}"#);
    let phone = format!(
        r#"{{"phone":"{PHONE}","reason":"razao-do-desbloqueio","specialistCode":"operadora-maria"}}"#
    );
    let reply = format!(r#"{{"phone":"{PHONE}","text":"texto-da-resposta"}}"#);
    let import = format!(r#"{{"contacts":[{{"phone":"{PHONE}","clientId":"cliente-7731904"}}]}}"#);
    let hook = json!({"entry": [{"changes": [{"value": {
        "messages": [{"from": PHONE, "text": {"body": "texto-da-resposta"}}, {"from": "texto-da-resposta"}],
        "statuses": [{"status": "failed", "recipient_id": PHONE, "errors": [{"code": 131_050}]}],
    }}]}]});
    for body in [
        &*dispatch,
        &*dispatch.replace("true", PHONE),
        &*dispatch.replace("emp1", "cliente-7731904"),
        &dispatch[..90],
    ] {
        gateway.dispatch(body);
        let line = format!(r#"{{"op":"dispatch",{}"#, &body[1..]);
        gateway.post("/api/commands", &line);
    }
    for route in
        ["replies", "reports", "operator-messages", "opt-outs", "opt-ins", "unblocks", "imports", "erasures"]
    {
        for body in [&*both, &*phone, &*reply, &*import, PHONE, &both[..40]] {
            gateway.post(&format!("/api/{route}"), body);
        }
    }
    for path in [
        format!("/api/contacts/{PHONE}?tag=emp1&specialistCode=operadora-maria&clientId=cliente-7731904"),
        String::from("/api/clients/cliente-7731904"),
        format!("/api/wallets/{PHONE}"),
        format!("/api/outbox?after={PHONE}x"),
        format!("/{PHONE}"),
        String::from(
            "/webhooks/whatsapp?hub.mode=subscribe&hub.verify_token=token-do-handshake&hub.challenge=texto-da-resposta",
        ),
    ] {
        gateway.request("GET", &path).send();
        gateway.request("POST", &path).header("x-request-id", PHONE).json(&both).send();
        Request::new(gateway.address(), "GET", &path)
            .header("authorization", "Bearer texto-da-resposta")
            .send();
    }
    for body in [hook.to_string(), reply] {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"segredo-da-app").unwrap();
        mac.update(body.as_bytes());
        let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let request = Request::new(gateway.address(), "POST", "/webhooks/whatsapp").json(&body);
        request.header("x-hub-signature-256", &format!("sha256={digits}")).send();
    }
}

#[test]
fn no_phone_client_text_operator_or_secret_is_ever_logged() {
    for format in ["text", "json"] {
        let stub =
            crate::stub::Stub::new(|before| crate::stub::Reply::status([503, 400, 200][before.min(2)]));
        let folder = Folder::new();
        let url = format!("outbox.url={}", stub.url());
        let log_format = format!("logs.format={format}");
        let gateway = folder.serve(&[
            "logs.level=trace",
            &log_format,
            "outbox.transport=webhook",
            &url,
            "outbox.secret=segredo-do-webhook",
            "whatsapp.app_secret=segredo-da-app",
            "whatsapp.verify_token=token-do-handshake",
        ]);
        gateway.put("/api/wallets/emp1", r#"{"senders":[{"id":"s1"},{"id":"s2"}]}"#).ok();
        use_everything(&gateway);
        gateway.dispatch(&message(PHONE, "").replace("\"Oi\"", "\"texto-do-template\""));
        eventually("messages were sent", || stub.received().len() >= 2);
        assert!(
            stub.received().iter().any(|it| String::from_utf8_lossy(&it.body).contains("texto-do-template"))
        );
        let log = gateway.stop();
        for expected in ["TRACE", "DEBUG", "INFO", "/api/contacts/{phone}", "tests"] {
            assert!(log.contains(expected), "{expected} should be logged");
        }
        for private in PRIVATE {
            let line = log.lines().find(|line| line.contains(private));
            assert_eq!(line, None, "{private} was logged");
        }
    }
}

#[test]
fn it_ends_in_order_and_the_next_start_has_nothing_to_replay() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    let slow = gateway.request("POST", "/api/messages/massivocpc").json(&message(PHONE, "")).begin(10);
    sleep(Duration::from_millis(200));
    gateway.terminate();
    sleep(Duration::from_millis(200));
    // New connections are refused, and requests in flight are served.
    assert!(TcpStream::connect(gateway.address()).is_err());
    slow.finish().ok();
    let log = gateway.stop();
    assert!(log.contains("snapshot written") && log.contains("the log is closed"), "{log}");
    assert_eq!(folder.snapshots().len(), 1);
    for _ in 0..2 {
        let again = folder.serve(&[]);
        assert_eq!(again.state(PHONE), "blocked");
        let log = again.stop();
        assert!(log.contains(" replayed=0 "), "{log}");
        // As nothing has happened, there is nothing to write either.
        assert_eq!(folder.snapshots().len(), 1);
    }
}

#[test]
fn tokens_come_and_go_while_it_runs() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    let status = |token: &str| {
        let request = Request::new(gateway.address(), "GET", "/api/wallets");
        request.header("authorization", &format!("Bearer {token}")).send().status
    };
    let made = folder.run(&["token", "new", "crm"]);
    let token = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    let begun = std::time::Instant::now();
    eventually("the new token is taken", || status(&token) == 200);
    assert!(begun.elapsed() < Duration::from_secs(3));
    assert_eq!(status(TOKEN), 200);
    let tokens = fs::read_to_string(folder.file("tokens")).unwrap();
    assert!(!tokens.contains(&token), "a token is kept as it is");
    // A file that cannot be read changes nothing; one without the line removes the token.
    fs::write(folder.file("tokens"), "crm nonsense\n").unwrap();
    eventually("it is said", || gateway.stderr().contains("the tokens cannot be read"));
    assert_eq!((status(TOKEN), status(&token)), (200, 200));
    fs::write(folder.file("tokens"), format!("# only this one\n{}", token_line("tests", TOKEN))).unwrap();
    eventually("the old token is refused", || status(&token) == 401);
    assert_eq!(status(TOKEN), 200);
}

#[test]
fn of_tokens_that_are_made_at_once_each_is_kept() {
    let folder = Folder::new();
    let makers = (0..8).map(|number| {
        let mut command = cpc(&["token", "new", &format!("maker {number}"), "--data"]);
        command.arg(folder.path()).stdout(std::process::Stdio::piped()).spawn().unwrap()
    });
    let made: Vec<String> = makers
        .collect::<Vec<_>>()
        .into_iter()
        .map(|maker| String::from_utf8(maker.wait_with_output().unwrap().stdout).unwrap())
        .collect();
    let gateway = folder.serve(&[]);
    for token in made {
        let request = Request::new(gateway.address(), "GET", "/api/wallets");
        request.header("authorization", &format!("Bearer {}", token.trim())).send().ok();
    }
}

#[test]
fn a_first_token_is_not_lost_when_the_address_is_taken() {
    let (first, second) = (Folder::new(), Folder::untouched());
    let gateway = first.serve(&[]);
    let mut command = cpc(&["serve", "--listen", &gateway.address().to_string(), "--data"]);
    let refused = command.arg(second.path()).output().unwrap();
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(3), 0));
    assert!(String::from_utf8_lossy(&refused.stderr).contains(&gateway.address().to_string()), "{refused:?}");
    second.serve(&[]).says("Authorization: Bearer");
}

/// Asks over TLS, trusting one certificate; an error if the gateway has another.
fn over_tls(gateway: &Gateway, certificate: &Path) -> std::io::Result<Answer> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    // What is not spoken is not agreed on either.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    let client = ClientConnection::new(Arc::new(config), name).unwrap();
    let connection = TcpStream::connect_timeout(&gateway.address(), LONG)?;
    connection.set_read_timeout(Some(LONG))?;
    let mut tls = StreamOwned::new(client, connection);
    tls.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    // It need not say goodbye.
    let _ = tls.read_to_end(&mut answer);
    Ok(Answer::read(&answer))
}

#[test]
fn a_renewed_certificate_is_read_without_a_restart() {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/tls");
    let folder = Folder::new();
    let (certificate, key) = (folder.file("tls.pem"), folder.file("tls.key"));
    fs::copy(files.join("localhost.pem"), &certificate).unwrap();
    fs::copy(files.join("localhost.key"), &key).unwrap();
    let settings = [("certificate", &certificate), ("key", &key)];
    let settings = settings.map(|(name, file)| format!("tls.{name}={}", file.display()));
    let gateway = folder.serve(&[&settings[0], &settings[1]]);
    let has = |name: &str| over_tls(&gateway, &files.join(name)).is_ok();
    assert!(has("localhost.pem") && !has("renewed.pem"));
    // Half of it is of no use, and changes nothing.
    fs::copy(files.join("renewed.pem"), &certificate).unwrap();
    eventually("it is said", || gateway.stderr().contains("the certificate cannot be read"));
    assert!(has("localhost.pem") && !has("renewed.pem"));
    fs::copy(files.join("renewed.key"), &key).unwrap();
    eventually("the new one is shown", || has("renewed.pem"));
    assert!(!has("localhost.pem"));
}

#[test]
fn it_speaks_tls_with_the_certificate_it_is_given() {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/tls");
    let certificate = files.join("localhost.pem");
    let folder = Folder::new();
    let setting = format!("tls.certificate={}", certificate.display());
    let gateway = folder.serve(&[&setting, &format!("tls.key={}", files.join("localhost.key").display())]);
    assert_eq!(gateway.scheme(), "https");

    assert_eq!(over_tls(&gateway, &certificate).unwrap().ok().text(), "ok\n");

    let refused = folder.copy().try_serve(&[&setting, "tls.key=/no/such/key"]);
    let Err(refused) = refused else { panic!("it started without a key") };
    assert!(refused.stderr.contains("the certificate or its key"), "{}", refused.stderr);
}

#[test]
fn arguments_count_over_the_environment_over_the_file_over_the_defaults() {
    let folder = Folder::new();
    let file = folder.file("cpc.toml");
    let text = "language = \"en\"\nlisten = \"127.0.0.1:1\"\n[outbox]\nsecret = \"s3cret\"\nper_sender = 7\n\
                [log]\nkeep_days = 50\n[limits]\nmax_body = 7\n[whatsapp]\nopt_out_words = [\"basta\", \"chega\"]\n";
    fs::write(&file, text).unwrap();
    let mut command =
        cpc(&["serve", "--print-config", "--listen", "127.0.0.1:3", "--set", "limits.max_body=9"]);
    command.arg("--config").arg(&file);
    command.env("CPC_LISTEN", "127.0.0.1:2").env("CPC_LOG__KEEP_DAYS", "60").env("CPC_LIMITS__MAX_BODY", "8");
    let output = command.output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    let shown: toml::Value = toml::from_str(&shown).unwrap_or_else(|error| panic!("{error}: {shown}"));
    for (value, expected) in [
        (&shown["response_profile"], toml::Value::from("full")),
        (&shown["language"], toml::Value::from("en")),
        (&shown["outbox"]["per_sender"], toml::Value::from(7)),
        (&shown["whatsapp"]["opt_out_words"], toml::Value::from(vec!["basta", "chega"])),
        (&shown["log"]["keep_days"], toml::Value::from(60)),
        (&shown["limits"]["max_body"], toml::Value::from(9)),
        (&shown["listen"], toml::Value::from("127.0.0.1:3")),
        (&shown["outbox"]["secret"], toml::Value::from("***")),
    ] {
        assert_eq!(*value, expected);
    }
    // A secret may look like a number, and a list is one text where there are no lists.
    let mut command = cpc(&["serve", "--print-config", "--set", "whatsapp.opt_out_words=basta, chega"]);
    let output = command.env("CPC_TLS__KEY", "0123").env("CPC_TLS__CERTIFICATE", "1e3").output().unwrap();
    let shown: toml::Value = toml::from_str(std::str::from_utf8(&output.stdout).unwrap()).unwrap();
    assert_eq!(shown["whatsapp"]["opt_out_words"], toml::Value::from(vec!["basta", "chega"]));
    assert_eq!(shown["tls"]["key"], toml::Value::from("0123"));
    assert_eq!(shown["tls"]["certificate"], toml::Value::from("1e3"));
    for (name, value) in [("CPC_LISTNE", "127.0.0.1:1"), ("CPC_LOG__KEEP_DAYS", "many")] {
        let refused = cpc(&["serve", "--print-config"]).env(name, value).output().unwrap();
        assert_eq!(refused.status.code(), Some(3), "{name}");
    }
}

#[test]
fn a_variable_of_the_bindings_is_in_nobodys_way_and_others_are_refused_by_name() {
    let printed = |name: &str, lang: &str| {
        cpc(&["serve", "--print-config", "--lang", lang]).env(name, "/usr/lib/libcpc.so").output().unwrap()
    };
    assert!(printed("CPC_LIBRARY", "pt-BR").status.success());
    for (lang, said) in [
        ("pt-BR", "cpc: a configuração não serve: a variável de ambiente CPC_TOKEN não é uma configuração\n"),
        ("en", "cpc: the settings cannot be used: the environment variable CPC_TOKEN is not a setting\n"),
    ] {
        let refused = printed("CPC_TOKEN", lang);
        assert_eq!(String::from_utf8_lossy(&refused.stderr), said);
        assert_eq!((refused.status.code(), refused.stdout.len()), (Some(3), 0));
    }
}

#[test]
fn what_is_printed_says_what_each_setting_means_in_the_language_that_is_asked_for() {
    for (lang, said) in [
        ("pt-BR", "# Máximo de requisições simultâneas\nmax_concurrent = 256\n"),
        ("en", "# The most requests at once\nmax_concurrent = 256\n"),
    ] {
        let printed = cpc(&["serve", "--print-config", "--lang", lang]).output().unwrap();
        let printed = String::from_utf8(printed.stdout).unwrap();
        assert!(printed.contains(said) && printed.contains(&format!("language = \"{lang}\"")), "{printed}");
    }
}

#[test]
fn answers_are_in_the_language_that_the_command_line_asks_for() {
    let folder = Folder::new();
    let mut command = cpc(&["serve", "--listen", "127.0.0.1:0", "--lang", "en", "--data"]);
    command.arg(folder.path());
    let gateway = crate::support::start(command).unwrap();
    let answer = gateway.dispatch(crate::support::EXAMPLE).ok().json();
    assert_eq!(answer["message"], "Messages sent");
    let answer = gateway.request("GET", "/api/wallets/none").send().json();
    assert_eq!(answer["message"], "no wallet has this tag");
}

#[test]
fn complaints_are_in_portuguese_unless_english_is_asked_for() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    let path = folder.path().display().to_string();
    for (arguments, said) in [
        (
            &["serve", "--listen", "127.0.0.1:0"][..],
            format!("cpc: a pasta de dados está em uso por outro processo: {path}\n"),
        ),
        (&["token", "new", " "], String::from("cpc: o rótulo de um token está vazio\n")),
        (&["--lang", "en", "token", "new", " "], String::from("cpc: a token has a blank label\n")),
        (
            &["token", "new", "a\nb"],
            String::from("cpc: o rótulo de um token é uma só linha e não começa com #\n"),
        ),
        (
            &["--lang", "en", "token", "new", "# z"],
            String::from("cpc: the label of a token is one line and does not begin with #\n"),
        ),
    ] {
        let refused = cpc(arguments).args(["--data", &*path]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&refused.stderr), said);
        assert_eq!(refused.status.code(), Some(3));
    }
    gateway.stop();
    let verified = cpc(&["log", "verify", "--data", &*path]).output().unwrap();
    let verified = String::from_utf8(verified.stdout).unwrap();
    assert!(verified.starts_with("entradas: "), "{verified}");
    assert!(verified.contains(" (1 a ") && verified.contains("\nsnapshot da entrada "), "{verified}");
}
