//! Generated traffic: the same command lines for the same count, on every machine.
//!
//! Each phone has many lines over a long time: every rule comes into play, while the engine's state stays small, so that
//! memory that grows with the input shows.

use std::fmt::Write;

/// How many phones, clients and senders the traffic has.
#[derive(Clone, Copy)]
pub(crate) struct World {
    pub(crate) phones: u64,
    pub(crate) clients: u64,
    /// Per wallet; there are two.
    pub(crate) senders: u64,
}

/// 2026-01-05T12:00:00Z
const START: u64 = 1_767_614_400_000;

/// A generator of command lines.
pub(crate) struct Traffic {
    world: World,
    lines: u64,
    made: u64,
    at: u64,
    posted: u64,
    random: u64,
}

impl Traffic {
    /// A generator of that many lines.
    pub(crate) fn new(world: World, lines: u64) -> Traffic {
        Traffic { world, lines, made: 0, at: START, posted: 0, random: 0x9E37_79B9_7F4A_7C15 }
    }

    /// Writes the next line, with its line feed; `false` after the last.
    pub(crate) fn next_line(&mut self, line: &mut String) -> bool {
        line.clear();
        if self.made == self.lines {
            return false;
        }
        let number = self.made;
        self.made += 1;
        // Writing to a String cannot fail.
        let _ = match number {
            0 => self.policy(line),
            1 => self.group(line),
            2 => self.wallet(line, "emp1", 0),
            3 => self.wallet(line, "emp2", self.world.senders),
            _ => self.any(line),
        };
        line.push('\n');
        true
    }

    fn policy(&mut self, line: &mut String) -> std::fmt::Result {
        write!(line, r#"{{"op":"policy","at":{},"policy":{{"maxFailover":3}}}}"#, self.at)
    }

    fn group(&mut self, line: &mut String) -> std::fmt::Result {
        write!(line, r#"{{"op":"group","at":{},"name":"bm1","dailyLimit":9000}}"#, self.at)
    }

    fn wallet(&mut self, line: &mut String, tag: &str, first: u64) -> std::fmt::Result {
        write!(line, r#"{{"op":"wallet","at":{},"tag":"{tag}","senders":["#, self.at)?;
        for sender in first..first + self.world.senders {
            let comma = if sender == first { "" } else { "," };
            let weight = 1 + sender % 3;
            write!(
                line,
                r#"{comma}{{"id":"55149900{sender:05}","weight":{weight},"dailyLimit":900,"perSecond":20,"burst":40,"group":"bm1"}}"#
            )?;
        }
        write!(line, "]}}")
    }

    /// A random command, up to a minute after the last.
    fn any(&mut self, line: &mut String) -> std::fmt::Result {
        self.at += self.below(60_000);
        let at = self.at;
        match self.below(100) {
            0..60 => self.dispatch(line),
            60..84 => {
                let (phone, opt_out) = (self.phone(), self.below(50) == 0);
                write!(line, r#"{{"op":"reply","at":{at},"phone":"{phone}","optOut":{opt_out}}}"#)
            }
            84..92 => {
                let dispatch = self.posted.saturating_sub(self.below(200)) / 2 + 1;
                let fault = self.one_of(["contact", "sender", "request", "ambiguous"]);
                write!(
                    line,
                    r#"{{"op":"report","at":{at},"dispatch":{dispatch},"status":"failed","fault":"{fault}"}}"#
                )
            }
            92..95 => write!(line, r#"{{"op":"followUps","at":{at},"limit":20}}"#),
            95..97 => write!(line, r#"{{"op":"expire","at":{at},"limit":50}}"#),
            97 => write!(line, r#"{{"op":"optIn","at":{at},"phone":"{}"}}"#, self.phone()),
            98 => write!(line, r#"{{"op":"contact","at":{at},"phone":"{}"}}"#, self.phone()),
            // A line cut short: refused, and the replay goes on.
            _ => write!(line, r#"{{"op":"dispatch","at":{at},"#),
        }
    }

    fn dispatch(&mut self, line: &mut String) -> std::fmt::Result {
        let (at, tag) = (self.at, self.one_of(["emp1", "emp2"]));
        write!(line, r#"{{"op":"dispatch","at":{at},"campaign":"soak","tag":"{tag}","messages":["#)?;
        for index in 0..=self.below(3) {
            let comma = if index == 0 { "" } else { "," };
            self.posted += 1;
            let (phone, number, client) = (self.phone(), self.posted, self.below(self.world.clients));
            write!(
                line,
                r#"{comma}{{"phone":"{phone}","idMessage":{number},"clientId":"c{client}","contract":"1091757","closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá, seu contrato está disponível para negociação","retryTemplate":"Olá, de novo"}}"#
            )?;
        }
        write!(line, "]}}")
    }

    /// A mobile in São Paulo; some without the ninth digit, a few invalid ones.
    fn phone(&mut self) -> String {
        let number = 80_000_000 + self.below(self.world.phones);
        match self.below(50) {
            0 => format!("5510{number}"),
            1..10 => format!("5511{number}"),
            _ => format!("55119{number}"),
        }
    }

    fn one_of<const N: usize>(&mut self, choices: [&'static str; N]) -> &'static str {
        let index = self.below(N as u64);
        choices.into_iter().nth(usize::try_from(index).unwrap_or(0)).unwrap_or("")
    }

    /// A number below `limit`, by SplitMix64.
    fn below(&mut self, limit: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORLD: World = World { phones: 1_000, clients: 500, senders: 5 };

    fn all(lines: u64) -> String {
        let (mut traffic, mut line, mut text) = (Traffic::new(WORLD, lines), String::new(), String::new());
        while traffic.next_line(&mut line) {
            text.push_str(&line);
        }
        text
    }

    #[test]
    fn the_same_count_gives_the_same_lines() {
        assert_eq!(all(500), all(500));
        assert_eq!(all(500).lines().count(), 500);
    }

    #[test]
    fn nearly_every_line_is_json() {
        let text = all(1_000);
        let good =
            text.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()).count();
        assert!((970..1_000).contains(&good), "{good}");
    }
}
