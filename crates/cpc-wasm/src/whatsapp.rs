//! What comes from WhatsApp: texts in, texts out, all of it by `cpc-whatsapp`.

use crate::exception::Exception;
use crate::handles;
use cpc_whatsapp::{
    DEFAULT_OPT_OUT_WORDS, Event, FaultTable, OptOutWords, Options, Retry, SenderAdvice, read_notification,
    translate,
};
use std::sync::LazyLock;

/// The usual words and codes, made once: a call would take longer to make them than to use them.
static OPTIONS: LazyLock<Options> =
    LazyLock::new(|| Options { words: words(), faults: FaultTable::default() });

/// Letters are made small, and accents taken off, by JavaScript: tables for that would be a quarter of the module.
#[cfg(target_arch = "wasm32")]
fn words() -> OptOutWords {
    use js_sys::{JsString, RegExp};
    OptOutWords::with_platform(DEFAULT_OPT_OUT_WORDS, |text| {
        let decomposed = JsString::from(text).normalize("NFKD");
        decomposed.replace_by_pattern(&RegExp::new(r"\p{M}", "gu"), "").to_lower_case().into()
    })
}

/// Where there is no JavaScript: in the tests of this crate.
#[cfg(not(target_arch = "wasm32"))]
fn words() -> OptOutWords {
    OptOutWords::new(DEFAULT_OPT_OUT_WORDS)
}

/// Whether a message is an opt-out.
pub(crate) fn is_opt_out(message: &str) -> bool {
    OPTIONS.words.matches(message)
}

/// `{"fault":"sender","sender":"hold","holdMs":10000,"retry":"backOff","optOut":false}`
pub(crate) fn advice_of_code(code: u32) -> String {
    let advice = OPTIONS.faults.advice(code);
    let (fault, sender, retry) = (advice.fault.name(), advice.sender.name(), advice.retry.name());
    let hold = match advice.sender {
        SenderAdvice::HoldMs(hold) => format!(r#","holdMs":{hold}"#),
        _ => String::new(),
    };
    let after = match advice.retry {
        Retry::AfterMs(after) => format!(r#","afterMs":{after}"#),
        _ => String::new(),
    };
    let opt_out = advice.opt_out;
    format!(r#"{{"fault":"{fault}","sender":"{sender}"{hold},"retry":"{retry}"{after},"optOut":{opt_out}}}"#)
}

/// The events of a notification, as an array.
pub(crate) fn events(notification: &str) -> Result<String, Exception> {
    let invalid = |_| Exception::field("notification", "expected a JSON object");
    let events = read_notification(notification.as_bytes()).map_err(invalid)?;
    Ok(array(events.iter().map(Event::to_json)))
}

/// What an event leads to.
pub(crate) fn commands(handle: u32, event: &str, at: i64) -> Result<String, Exception> {
    let invalid = |_| Exception::field("event", "expected an event of a notification");
    let event = Event::from_json(event.as_bytes()).map_err(invalid)?;
    let translated = handles::ask(handle, |engine| translate(&event, engine, at, &OPTIONS))?;
    Ok(match translated {
        Ok(commands) => format!(r#"{{"commands":{}}}"#, array(commands.lines(Some(at)))),
        Err(ignored) => format!(r#"{{"commands":[],"ignored":"{}"}}"#, ignored.name()),
    })
}

fn array(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpc_core::{Engine, Policy};

    const NOW: i64 = 1_795_435_200_000;

    #[test]
    fn advice_says_what_its_code_means() {
        for (code, advice) in [
            (
                130_429,
                r#"{"fault":"sender","sender":"hold","holdMs":10000,"retry":"backOff","optOut":false}"#,
            ),
            (131_056, r#"{"fault":"request","sender":"none","retry":"after","afterMs":6000,"optOut":false}"#),
            (131_050, r#"{"fault":"request","sender":"none","retry":"never","optOut":true}"#),
            (7, r#"{"fault":"ambiguous","sender":"none","retry":"asDecided","optOut":false}"#),
        ] {
            assert_eq!(advice_of_code(code), advice);
        }
    }

    #[test]
    fn a_notification_leads_to_commands() {
        let handle = handles::insert(Engine::new(Policy::default()));
        let body = r#"{"entry":[{"changes":[{"field":"messages","value":{"messages":[
            {"from":"551188876204","type":"text","text":{"body":"Sair"}},{"from":"551188876204","type":"reaction"}]}}]}]}"#;
        let events = events(body).unwrap();
        assert_eq!(events, r#"[{"message":{"phone":"551188876204","text":"Sair"}},{"ignored":"reaction"}]"#);
        let reply = r#"{"message":{"phone":"551188876204","text":"Sair"}}"#;
        assert_eq!(
            commands(handle, reply, NOW).unwrap(),
            r#"{"commands":[{"op":"reply","at":1795435200000,"phone":"551188876204","optOut":true}]}"#
        );
        let reaction = commands(handle, r#"{"ignored":"reaction"}"#, NOW);
        assert_eq!(reaction.unwrap(), r#"{"commands":[],"ignored":"reaction"}"#);
        handles::release(handle);
        assert_eq!(commands(handle, reply, NOW), Err(Exception::freed()));
    }

    #[test]
    fn what_is_no_event_is_refused() {
        assert!(events("[]").is_err());
        assert!(commands(0, "{}", NOW).is_err());
    }
}
