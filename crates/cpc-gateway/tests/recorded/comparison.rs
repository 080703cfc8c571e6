//! How what the program says today is compared with what was recorded: everything but sentences for people byte for
//! byte, and then the sentences too, with those that were reworded on purpose since.

use super::sentences::without_sentences;

/// What was reworded on purpose since the recording: for each part of a sentence, what stands there today. A rewording
/// is a row here, and nothing else in these tests changes by it.
pub(crate) const REWORDED: &[(&str, &str)] = &[
    // Not of a sender that is twice in a list: that still appears twice.
    ("at: appears twice", "at: duplicate field"),
    ("messages[0].phone: appears twice", "messages[0].phone: duplicate field"),
    ("policy.windowMs: appears twice", "policy.windowMs: duplicate field"),
    ("tag: appears twice", "tag: duplicate field"),
    (": no such member", ": unknown field"),
    (
        "followUpRetryMs: 0 is not between 1 and 2592000000",
        "followUpRetryMs must be between 1 and 2592000000 (was 0)",
    ),
    ("maxBatch: 0 is not between 1 and 1000000", "maxBatch must be between 1 and 1000000 (was 0)"),
    (
        "maxBatch: 1000001 is not between 1 and 1000000",
        "maxBatch must be between 1 and 1000000 (was 1000001)",
    ),
    (
        "maxClockJumpMs: 0 is not between 1 and 3155760000000",
        "maxClockJumpMs must be between 1 and 3155760000000 (was 0)",
    ),
    ("maxContacts: 0 is not between 1 and 500000000", "maxContacts must be between 1 and 500000000 (was 0)"),
    (
        "maxDelayMs: 604800001 is not between 0 and 604800000",
        "maxDelayMs must be between 0 and 604800000 (was 604800001)",
    ),
    ("maxFailover: 17 is not between 0 and 16", "maxFailover must be between 0 and 16 (was 17)"),
    (
        "replySkewMs: 3600001 is not between 0 and 3600000",
        "replySkewMs must be between 0 and 3600000 (was 3600001)",
    ),
    (
        "reportTtlMs: 0 is not between 1 and 2592000000",
        "reportTtlMs must be between 1 and 2592000000 (was 0)",
    ),
    (
        "reportTtlMs: 2592000001 is not between 1 and 2592000000",
        "reportTtlMs must be between 1 and 2592000000 (was 2592000001)",
    ),
    (
        "retentionMs: 1 is not between 172800000 and 316224000000",
        "retentionMs must be between 172800000 and 316224000000 (was 1)",
    ),
    (
        "retentionMs: 2592000000 is not between 5184000000 and 316224000000",
        "retentionMs must be between 5184000000 and 316224000000 (was 2592000000)",
    ),
    (
        "senderHoldMs: 2592000001 is not between 0 and 2592000000",
        "senderHoldMs must be between 0 and 2592000000 (was 2592000001)",
    ),
    (
        "serviceWindowMs: 2592000001 is not between 0 and 2592000000",
        "serviceWindowMs must be between 0 and 2592000000 (was 2592000001)",
    ),
    ("windowMs: 0 is not between 1 and 2592000000", "windowMs must be between 1 and 2592000000 (was 0)"),
    (
        "windowMs: 2592000001 is not between 1 and 2592000000",
        "windowMs must be between 1 and 2592000000 (was 2592000001)",
    ),
];

/// Fails unless what the program says is what was recorded.
pub(crate) fn assert_as_recorded(what: &str, recorded: &str, said: &str) {
    if let Some(difference) = difference(recorded, said) {
        panic!("{what}, {difference}");
    }
}

/// The first difference, if there is one.
pub(crate) fn difference(recorded: &str, said: &str) -> Option<String> {
    first_difference(&without_sentences(recorded), &without_sentences(said))
        .or_else(|| first_difference(&reworded(recorded, REWORDED), said))
}

/// The recording as it would be said today.
fn reworded(recorded: &str, rewordings: &[(&str, &str)]) -> String {
    rewordings.iter().fold(recorded.to_owned(), |text, (before, now)| text.replace(before, now))
}

fn first_difference(recorded: &str, said: &str) -> Option<String> {
    if recorded == said {
        return None;
    }
    // Line ends are compared as well.
    let (mut before, mut now) = (recorded.split('\n'), said.split('\n'));
    (1..).find_map(|line| match (before.next(), now.next()) {
        (recorded, said) if recorded == said => None,
        (recorded, said) => {
            let shown = |text: Option<&str>| text.map_or("(nothing)".to_owned(), str::to_owned);
            Some(format!("line {line}\n  recorded {}\n  said     {}", shown(recorded), shown(said)))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDED: &str = "{\"seq\":1,\"at\":5}\n{\"error\":\"x\",\"message\":\"no such thing\"}\n";

    #[test]
    fn any_byte_that_is_another_is_found() {
        assert_eq!(difference(RECORDED, RECORDED), None);
        for at in 0..RECORDED.len() {
            let mut bytes = RECORDED.as_bytes().to_vec();
            bytes[at] ^= 1;
            assert!(difference(RECORDED, &String::from_utf8(bytes).unwrap()).is_some(), "byte {at}");
            assert!(difference(RECORDED, &RECORDED[..at]).is_some(), "without what begins at {at}");
        }
        let longer = format!("{RECORDED}\n");
        assert!(difference(RECORDED, &longer).is_some() && difference(&longer, RECORDED).is_some());
    }

    #[test]
    fn a_difference_says_where_it_is() {
        let said = RECORDED.replace("such", "other");
        let found = difference(RECORDED, &said).unwrap();
        assert!(found.starts_with("line 2\n") && found.contains("no other thing"), "{found}");
    }

    #[test]
    fn what_was_reworded_on_purpose_is_no_difference_and_nothing_else_is_excused() {
        let rows = [("no such thing", "unknown thing")];
        assert_eq!(reworded(RECORDED, &rows), RECORDED.replace("no such thing", "unknown thing"));
        assert_eq!(reworded("no such thought", &rows), "no such thought");
    }
}
