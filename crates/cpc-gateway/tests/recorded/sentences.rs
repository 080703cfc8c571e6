//! Answers without their sentences for people, the values of `message` and `reason`: these may be reworded, all else
//! in an answer is a contract.

const MEMBERS: [&str; 2] = ["\"message\":\"", "\"reason\":\""];

/// One answer, or many, with every `message` and `reason` empty.
pub(crate) fn without_sentences(answers: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(answers.len()), answers);
    // Inside a text the quotes would be escaped, so what is found here is a member's name.
    while let Some(start) = MEMBERS.iter().filter_map(|name| Some(rest.find(name)? + name.len())).min() {
        let (before, value) = rest.split_at(start);
        out.push_str(before);
        rest = value.get(end_of_text(value)..).unwrap_or_default();
    }
    out + rest
}

/// Where the quote is that ends a JSON text, of which this is the rest.
fn end_of_text(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_values_of_message_and_reason_are_taken_out() {
        for (answer, expected) in [
            (
                r#"{"error":"x","message":"a \"b\" \\","field":"x"}"#,
                r#"{"error":"x","message":"","field":"x"}"#,
            ),
            (r#"{"reason":"até","message":"é"}"#, r#"{"reason":"","message":""}"#),
            (r#"{"phone":"\"reason\":\"x\"","at":1}"#, r#"{"phone":"\"reason\":\"x\"","at":1}"#),
            (r#"{"reasons":"a","amessage":"b"}"#, r#"{"reasons":"a","amessage":"b"}"#),
            (r#"{"reason":"never ends"#, r#"{"reason":""#),
        ] {
            assert_eq!(without_sentences(answer), expected);
        }
    }
}
