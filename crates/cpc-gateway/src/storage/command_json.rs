//! A command or query as the core has it, together with the bytes that it borrows from and its line in the log.

use bytes::Bytes;
use cpc_core::Command;
use cpc_wire::{
    Arena, Known, Op, ParseError, Posted, parse_posted, parse_posted_policy, parse_untimed_line,
    write_command, write_posted,
};
use self_cell::{MutBorrow, self_cell};

self_cell! {
    struct Parsed {
        owner: (Bytes, MutBorrow<Arena>),

        #[covariant]
        dependent: Op,
    }
}

impl Parsed {
    fn read(
        json: Bytes,
        read: impl for<'a> FnOnce(&'a [u8], &'a Arena) -> Result<Op<'a>, ParseError>,
    ) -> Result<Parsed, ParseError> {
        let owner = (json, MutBorrow::new(Arena::new()));
        Parsed::try_new(owner, |(json, arena)| read(json, arena.borrow_mut()))
    }
}

/// A command or query without its `at`: the gateway supplies the time.
pub(crate) struct CommandJson {
    parsed: Parsed,
    /// Its line in the log, which has no queries.
    line: Bytes,
}

impl CommandJson {
    /// Parses a line of the log.
    pub(crate) fn parse(line: Bytes) -> Result<CommandJson, ParseError> {
        let parsed = Parsed::read(line.clone(), parse_untimed_line)?;
        Ok(CommandJson { parsed, line })
    }

    /// The JSON of several commands as one entry of the log has it. JSON on one line has no line ends of its own.
    pub(crate) fn joined(commands: &[CommandJson]) -> Bytes {
        let lines: Vec<&[u8]> = commands.iter().map(|command| &**command.line()).collect();
        Bytes::from(lines.join(&b'\n'))
    }

    /// A command that the gateway itself makes.
    pub(crate) fn of(command: &Command<'_>) -> Result<CommandJson, ParseError> {
        let mut line = Vec::new();
        write_command(command, None, &mut line);
        CommandJson::parse(Bytes::from(line))
    }

    /// A command line that a client posted. It is in the log as it was posted, with whatever the authors of messages
    /// wrote into them; but a policy is written again, because the gateway's own hash key is put in.
    pub(crate) fn posted_line(hash_key: &str, json: Bytes) -> Result<CommandJson, ParseError> {
        let known = Known { hash_key: Some(hash_key), ..Known::default() };
        let mut line = Vec::new();
        let parsed = Parsed::read(json.clone(), |json, arena| {
            let posted = parse_posted(json, &known, &mut [], arena)?;
            if let Op::Command(Command::Policy(_)) = posted.op {
                write_posted(&posted, &mut line);
            }
            Ok(posted.op)
        })?;
        Ok(CommandJson { parsed, line: if line.is_empty() { json } else { Bytes::from(line) } })
    }

    /// The command `policy` with a policy that a client posted, and the gateway's own hash key in it.
    pub(crate) fn policy(hash_key: &str, policy: &[u8]) -> Result<CommandJson, ParseError> {
        let policy = parse_posted_policy(policy, hash_key)?;
        CommandJson::posted(Bytes::new(), |_, _| Ok(Posted::from(Command::Policy(policy))))
    }

    /// What `read` makes of an object that a client posted. The log has the line of what was read, and none of a query.
    pub(crate) fn posted(
        json: Bytes,
        read: impl for<'a> FnOnce(&'a [u8], &'a Arena) -> Result<Posted<'a>, ParseError>,
    ) -> Result<CommandJson, ParseError> {
        let mut line = Vec::new();
        let parsed = Parsed::read(json, |json, arena| {
            let posted = read(json, arena)?;
            write_posted(&posted, &mut line);
            Ok(posted.op)
        })?;
        Ok(CommandJson { parsed, line: Bytes::from(line) })
    }

    /// The parsed command or query.
    pub(crate) fn op(&self) -> &Op<'_> {
        self.parsed.borrow_dependent()
    }

    /// Its line in the log.
    pub(crate) const fn line(&self) -> &Bytes {
        &self.line
    }
}

/// A command of the log with its time, as `cpc replay` takes it: on one line. What was posted may have line ends between
/// its fields; within a text JSON has none.
pub(crate) fn with_time(line: &[u8], at: u64) -> Vec<u8> {
    let line = line.trim_ascii();
    let members = line.strip_prefix(b"{".as_slice()).unwrap_or(line);
    let mut timed = format!(r#"{{"at":{at},"#).into_bytes();
    timed.extend(members.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
    timed
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "000000000000000000000000000000ff";

    fn line_of(command: Result<CommandJson, ParseError>) -> String {
        match command {
            Ok(command) => String::from_utf8(command.line().to_vec()).unwrap(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_posted_becomes_a_line() {
        type Fields = &'static [(&'static str, &'static str)];
        let cases: [(&str, Fields, &str, &str); 11] = [
            ("reply", &[], r#"{"phone":"1"}"#, r#"{"op":"reply","phone":"1"}"#),
            ("reply", &[], " \n{ \"phone\":\"1\"}", r#"{"op":"reply","phone":"1"}"#),
            ("clock", &[], "{}", r#"{"op":"clock"}"#),
            ("group", &[("name", "\"é")], "{}", r#"{"op":"group","name":"\"é"}"#),
            ("group", &[("name", "g")], "{ }", r#"{"op":"group","name":"g"}"#),
            ("group", &[("name", "g")], r#"{"dailyLimit":5}"#, r#"{"op":"group","name":"g","dailyLimit":5}"#),
            ("group", &[("name", "g")], r#"{"name":"h"}"#, "name: duplicate field"),
            ("clock", &[], r#"{"op":"expire"}"#, "op: duplicate field"),
            ("clock", &[], r#"{"at":1795435200000}"#, "at: unknown field"),
            ("clock", &[], "[]", "expected object"),
            ("clock", &[], "{", "not JSON: EOF while parsing an object at line 1 column 1"),
        ];
        for (op, fields, object, line) in cases {
            let known = Known { fields, ..Known::op(op) };
            let command = CommandJson::posted(Bytes::from(object), |json, arena| {
                parse_posted(json, &known, &mut [], arena)
            });
            assert_eq!(line_of(command), line, "{op} {object}");
        }
    }

    #[test]
    fn a_line_stays_as_it_was_posted() {
        for line in [
            r#"{"op":"clock"}"#,
            r#" {"phone":"1", "op":"optOut","reason":"asked"}"#,
            r#"{"op":"dispatch","campaign":"c","tag":"w","messages":[{"phone":"1","mine":1.50}]}"#,
        ] {
            assert_eq!(line_of(CommandJson::posted_line(KEY, Bytes::from(line))), line);
        }
        for (line, error) in [
            (r#"{"op":"clock","at":1795435200000}"#, "at: unknown field"),
            (r#"{"op":"reply","phone":{},"#, "phone: expected string"),
            (r#"{"op":"fly"}"#, "no such operation"),
        ] {
            assert_eq!(line_of(CommandJson::posted_line(KEY, Bytes::from(line))), error);
        }
    }

    #[test]
    fn a_policy_has_the_gateways_key_and_is_refused_with_any_other() {
        let with_key = |line: &str| line.ends_with(&format!(r#""hashKey":"{KEY}"}}}}"#));
        let own = line_of(CommandJson::policy(KEY, b"{}"));
        assert!(
            own.starts_with(r#"{"op":"policy","policy":{"windowMs":86400000,"#) && with_key(&own),
            "{own}"
        );
        let other = line_of(CommandJson::policy(KEY, br#" { "windowMs" : 3600000 }"#));
        assert!(other.contains(r#""windowMs":3600000,"#) && with_key(&other), "{other}");
        for (policy, error) in [
            (r#"{"hashKey":"00000000000000000000000000000001"}"#, "policy.hashKey: duplicate field"),
            (r#"{"hashKey":null}"#, "policy.hashKey: duplicate field"),
            (
                r#"{"windowMs":"x","hashKey":null}"#,
                "policy.windowMs: expected whole number from 0 to 18446744073709551615",
            ),
            (r#"{"windows":1}"#, "windows: unknown field"),
            ("[]", "policy: expected object"),
            ("null", "policy: expected object"),
            ("", "not JSON: EOF while parsing a value at line 1 column 1"),
            (r#"{},"more":{}"#, "not JSON: trailing characters at line 1 column 3"),
            ("{\"windows\":\n1", "not JSON: EOF while parsing an object at line 2 column 1"),
        ] {
            assert_eq!(line_of(CommandJson::policy(KEY, policy.as_bytes())), error, "{policy}");
        }
        let line = |policy: &str| {
            let line = format!(r#"{{"op":"policy","policy":{policy}}}"#);
            line_of(CommandJson::posted_line(KEY, Bytes::from(line)))
        };
        assert_eq!((line("{}"), line(r#"{"windowMs":3600000}"#)), (own, other));
        for (policy, error) in [
            (r#"{"hashKey":"00000000000000000000000000000001"}"#, "policy.hashKey: duplicate field"),
            (r#"{"hashKey":null}"#, "policy.hashKey: duplicate field"),
            (r#"{"hashKey":null,"windows":1}"#, "windows: unknown field"),
            ("[]", "policy: expected object"),
        ] {
            assert_eq!(line(policy), error, "{policy}");
        }
    }

    #[test]
    fn a_line_is_given_its_time_back() {
        assert_eq!(with_time(br#"{"op":"clock"}"#, 7), br#"{"at":7,"op":"clock"}"#);
        assert_eq!(with_time(b"\n {\n\"op\":\r\n\"clock\"\t}\r\n", 7), b"{\"at\":7, \"op\":  \"clock\"\t}");
    }
}
