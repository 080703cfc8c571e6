//! Messages by which a contact asks not to be written to ([`OptOutWords`]). The engine takes a flag; this is where
//! it comes from.

use std::collections::BTreeSet;

/// The words that are opt-outs unless a host has its own list.
pub const DEFAULT_OPT_OUT_WORDS: [&str; 7] =
    ["parar", "pare", "sair", "cancelar", "stop", "remover", "descadastrar"];

/// A list of words, each of which is an opt-out when it is a whole message.
///
/// Case, accents, punctuation, symbols and spaces around do not matter: `PÁRAR!` is `parar`. A word within a
/// message never counts: `não parar` is no opt-out. A list may hold phrases of several words; between words any
/// punctuation counts as one space.
///
/// ```
/// use cpc_whatsapp::OptOutWords;
///
/// let words = OptOutWords::default();
/// assert!(words.matches("PÁRAR!"));
/// assert!(!words.matches("não parar"));
///
/// let words = OptOutWords::new(["não quero mais"]);
/// assert!(words.matches("Nao quero, mais."));
/// ```
#[derive(Clone, Debug)]
pub struct OptOutWords {
    folded: BTreeSet<String>,
    longest: usize,
    letters: Letters,
}

/// By whose tables letters are made small and accents taken off.
#[derive(Clone, Copy, Debug)]
enum Letters {
    /// Those of this program.
    #[cfg(feature = "unicode")]
    Own,
    /// Those of the platform it runs on.
    Platform(fn(&str) -> String),
}

#[cfg(feature = "unicode")]
impl Default for OptOutWords {
    fn default() -> OptOutWords {
        OptOutWords::new(DEFAULT_OPT_OUT_WORDS)
    }
}

impl OptOutWords {
    /// A list of its own. Words of which nothing is left without accents and punctuation are dropped, so that
    /// an empty message is never an opt-out.
    #[cfg(feature = "unicode")]
    #[must_use]
    pub fn new<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> OptOutWords {
        OptOutWords::of(words, Letters::Own)
    }

    /// The same, without the 150 KiB of tables that feature `unicode` brings: `small_letters` decomposes a text
    /// (Unicode's form NFKD), drops its combining marks (category M) and makes it lower case, by what the platform has
    /// for that.
    ///
    /// ```
    /// use cpc_whatsapp::OptOutWords;
    ///
    /// let words = OptOutWords::with_platform(["sair"], |text| text.to_lowercase().replace('í', "i"));
    /// assert!(words.matches("SAÍR!"));
    /// ```
    #[must_use]
    pub fn with_platform<T: AsRef<str>>(
        words: impl IntoIterator<Item = T>,
        small_letters: fn(&str) -> String,
    ) -> OptOutWords {
        OptOutWords::of(words, Letters::Platform(small_letters))
    }

    fn of<T: AsRef<str>>(words: impl IntoIterator<Item = T>, letters: Letters) -> OptOutWords {
        let folded: BTreeSet<String> = words
            .into_iter()
            .filter_map(|word| letters.fold(word.as_ref(), usize::MAX))
            .filter(|word| !word.is_empty())
            .collect();
        let longest = folded.iter().map(String::len).max().unwrap_or(0);
        OptOutWords { folded, longest, letters }
    }

    /// Whether a whole message is one of the words.
    #[must_use]
    pub fn matches(&self, message: &str) -> bool {
        self.letters.fold(message, self.longest).is_some_and(|message| self.folded.contains(&message))
    }
}

/// Lists are equal if the same messages are opt-outs by them.
impl PartialEq for OptOutWords {
    fn eq(&self, other: &OptOutWords) -> bool {
        self.folded == other.folded
    }
}

impl Eq for OptOutWords {}

impl Letters {
    fn fold(self, text: &str, longest: usize) -> Option<String> {
        match self {
            #[cfg(feature = "unicode")]
            Letters::Own => {
                use unicode_normalization::UnicodeNormalization;
                use unicode_normalization::char::is_combining_mark;
                let letters = text.nfkd().filter(|letter| !is_combining_mark(*letter));
                fold(letters.flat_map(char::to_lowercase), longest)
            }
            Letters::Platform(small_letters) => fold(small_letters(text).chars(), longest),
        }
    }
}

/// Small letters without accents, the words joined by single spaces; `None` when it is longer than
/// `longest` bytes, which is found out without folding all of a long one.
fn fold(letters: impl Iterator<Item = char>, longest: usize) -> Option<String> {
    let mut folded = String::new();
    let mut between_words = false;
    for letter in letters {
        if !letter.is_alphanumeric() {
            between_words = !folded.is_empty();
            continue;
        }
        if between_words {
            folded.push(' ');
            between_words = false;
        }
        // A small sigma has another form at the end of a word, which some platforms choose and others do not.
        folded.push(if letter == 'ς' { 'σ' } else { letter });
        if folded.len() > longest {
            return None;
        }
    }
    Some(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RULES §8.4
    #[test]
    fn only_a_whole_message_is_an_opt_out() {
        let words = OptOutWords::default();
        for message in [
            "parar",
            "PARAR",
            "PÁRAR!",
            "pa\u{301}rar",
            "sair.",
            "  Sair  ",
            "\u{201c}stop\u{201d}",
            "¡STOP!",
            "ＰＡＲＡＲ",
            "Cancelar 🙏",
            "*remover*",
            "descadastrar\n",
            "Pare...",
        ] {
            assert!(words.matches(message), "{message}");
        }
        for message in [
            "Não parar",
            "parar não",
            "parare",
            "aparar",
            "p a r a r",
            "quero sair",
            "pare de mandar",
            "",
            "!!!",
            "stop stop",
            "sair?não",
            "paꝛar",
        ] {
            assert!(!words.matches(message), "{message}");
        }
        assert!(!words.matches(&"parar ".repeat(1_000_000)));
    }

    /// RULES §8.4: the list is data.
    #[test]
    fn a_list_of_its_own_replaces_the_default() {
        let words = OptOutWords::new(["Não quero mais", "2", "…", ""]);
        assert!(words.matches("nao quero, MAIS!"));
        assert!(words.matches("2."));
        assert!(!words.matches("parar"));
        assert!(!words.matches("…"));
        assert!(!OptOutWords::new([""; 0]).matches(""));
    }
}
