//! Bearer tokens of clients, each with a label that names its holder in logs and to dispatchers.
//!
//! Only digests of tokens are kept: all have one length, so comparing them takes constant time, and memory does not reveal
//! the tokens.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};
use subtle::ConstantTimeEq;

/// The tokens in force. Clones share them, so a host keeps one and replaces them while requests are served.
///
/// ```
/// use cpc_http::Tokens;
///
/// let tokens = Tokens::new([("crm", "s3cret-of-the-crm")])?;
/// let handle = tokens.clone(); // `tokens` goes to the endpoint
///
/// // Later: the old token stays valid until its holder has changed over, under the same label.
/// handle.replace([("crm", "s3cret-of-the-crm"), ("crm", "its-new-s3cret")])?;
/// assert_eq!(handle.label_of("its-new-s3cret").as_deref(), Some("crm"));
/// # Ok::<(), cpc_http::TokenError>(())
/// ```
#[derive(Clone, Default)]
pub struct Tokens {
    entries: Arc<RwLock<Arc<[KnownToken]>>>,
}

struct KnownToken {
    digest: TokenDigest,
    label: Arc<str>,
}

/// The SHA-256 of a token: what a host keeps in a file instead of the token. Written as 64 hexadecimal digits.
///
/// Tokens are long and random, so that a digest gives nothing away; for passwords this would not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// The digest of a token.
    #[must_use]
    pub fn of(token: &str) -> TokenDigest {
        TokenDigest(Sha256::digest(token.as_bytes()).into())
    }
}

impl fmt::Display for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for TokenDigest {
    type Err = InvalidTokenDigest;

    fn from_str(text: &str) -> Result<TokenDigest, InvalidTokenDigest> {
        let mut digest = [0; 32];
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != digest.len() || !rest.is_empty() {
            return Err(InvalidTokenDigest);
        }
        for (byte, pair) in digest.iter_mut().zip(pairs) {
            let digits = pair.map(|digit| char::from(digit).to_digit(16));
            let [Some(high), Some(low)] = digits else { return Err(InvalidTokenDigest) };
            *byte = u8::try_from(high << 4 | low).map_err(|_| InvalidTokenDigest)?;
        }
        Ok(TokenDigest(digest))
    }
}

/// A text is not the digest of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 64 hexadecimal digits")]
pub struct InvalidTokenDigest;

/// Why a list of tokens is not taken. The texts name labels, never tokens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// A label is blank, so that logs could not name the token's holder.
    #[error("a token has a blank label")]
    BlankLabel,
    /// A token is empty, or has characters that an `Authorization` header cannot carry.
    #[error("the token of {label:?} is empty, or not of visible ASCII characters without spaces")]
    Malformed {
        /// Whose token.
        label: String,
    },
    /// Two labels share one token, so that it would not identify its holder.
    #[error("{first:?} and {second:?} have the same token")]
    Shared {
        /// The label that is listed first.
        first: String,
        /// The other one.
        second: String,
    },
}

impl Tokens {
    /// Tokens by label. A label may have several, as while one is being changed for another. With none at all,
    /// every request is unauthorized.
    ///
    /// Labels are written to logs: they name systems, not people.
    ///
    /// # Errors
    /// A [`TokenError`] if a label is blank, or a token malformed or shared by two labels.
    pub fn new<L: AsRef<str>, T: AsRef<str>>(
        tokens: impl IntoIterator<Item = (L, T)>,
    ) -> Result<Tokens, TokenError> {
        Ok(Tokens { entries: Arc::new(RwLock::new(entries(tokens)?)) })
    }

    /// Replaces all tokens, for this handle and its clones. Requests that have been admitted already go on.
    ///
    /// # Errors
    /// As [`new`](Self::new); then the tokens are as before.
    pub fn replace<L: AsRef<str>, T: AsRef<str>>(
        &self,
        tokens: impl IntoIterator<Item = (L, T)>,
    ) -> Result<(), TokenError> {
        self.put(entries(tokens)?);
        Ok(())
    }

    /// As [`new`](Self::new), of digests that were made before.
    ///
    /// # Errors
    /// A [`TokenError`] if a label is blank, or two labels share a token.
    pub fn of_digests<L: AsRef<str>>(
        digests: impl IntoIterator<Item = (L, TokenDigest)>,
    ) -> Result<Tokens, TokenError> {
        let digests = digests.into_iter().map(|(label, digest)| (label, Some(digest)));
        Ok(Tokens { entries: Arc::new(RwLock::new(entries_of(digests)?)) })
    }

    /// As [`replace`](Self::replace), with digests that were made before.
    ///
    /// # Errors
    /// As [`of_digests`](Self::of_digests); then the tokens are as before.
    pub fn replace_digests<L: AsRef<str>>(
        &self,
        digests: impl IntoIterator<Item = (L, TokenDigest)>,
    ) -> Result<(), TokenError> {
        let digests = digests.into_iter().map(|(label, digest)| (label, Some(digest)));
        self.put(entries_of(digests)?);
        Ok(())
    }

    fn put(&self, entries: Arc<[KnownToken]>) {
        // The list is replaced as a whole, so a poisoned lock guards a complete one.
        *self.entries.write().unwrap_or_else(PoisonError::into_inner) = entries;
    }

    /// The label of the token in `Authorization: Bearer <token>`; `None` if the header is missing or repeated, or the token
    /// unknown.
    #[must_use]
    pub fn holder(&self, headers: &HeaderMap) -> Option<Arc<str>> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else { return None };
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        let token = Some(token).filter(|_| scheme.eq_ignore_ascii_case("bearer"))?;
        self.label_of(token.trim_matches(' '))
    }

    /// The label of a token, found in constant time.
    #[must_use]
    pub fn label_of(&self, token: &str) -> Option<Arc<str>> {
        let entries = Arc::clone(&self.entries.read().unwrap_or_else(PoisonError::into_inner));
        let digest = TokenDigest::of(token);
        let mut found = None;
        // Always to the end, so that timing does not reveal the token's position.
        for entry in entries.iter() {
            if bool::from(entry.digest.0.ct_eq(&digest.0)) {
                found = Some(&entry.label);
            }
        }
        found.cloned()
    }
}

/// Shows only the number of tokens.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.entries.read().unwrap_or_else(PoisonError::into_inner).len();
        f.debug_struct("Tokens").field("count", &count).finish_non_exhaustive()
    }
}

fn entries<L: AsRef<str>, T: AsRef<str>>(
    tokens: impl IntoIterator<Item = (L, T)>,
) -> Result<Arc<[KnownToken]>, TokenError> {
    entries_of(tokens.into_iter().map(|(label, token)| {
        let text = token.as_ref();
        let well_formed = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        (label, well_formed.then(|| TokenDigest::of(text)))
    }))
}

/// Checks the labels, and that no two of them share a token. A token without a digest is malformed.
fn entries_of<L: AsRef<str>>(
    tokens: impl IntoIterator<Item = (L, Option<TokenDigest>)>,
) -> Result<Arc<[KnownToken]>, TokenError> {
    let mut entries: Vec<KnownToken> = Vec::new();
    for (label, digest) in tokens {
        let label = label.as_ref();
        if label.trim().is_empty() {
            return Err(TokenError::BlankLabel);
        }
        let Some(digest) = digest else {
            return Err(TokenError::Malformed { label: String::from(label) });
        };
        match entries.iter().find(|entry| entry.digest == digest) {
            Some(entry) if *entry.label != *label => {
                let (first, second) = (String::from(&*entry.label), String::from(label));
                return Err(TokenError::Shared { first, second });
            }
            Some(_) => {}
            None => entries.push(KnownToken { digest, label: Arc::from(label) }),
        }
    }
    Ok(Arc::from(entries))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_identifies_its_holder_and_nothing_else_does() {
        let tokens = Tokens::new([("crm", "alpha"), ("cobrança", "beta"), ("crm", "gamma")]).unwrap();
        for (token, label) in [
            ("alpha", Some("crm")),
            ("beta", Some("cobrança")),
            ("gamma", Some("crm")),
            ("", None),
            ("alph", None),
            ("alphaa", None),
            ("Alpha", None),
            ("crm", None),
        ] {
            assert_eq!(tokens.label_of(token).as_deref(), label, "{token}");
        }
        assert_eq!(Tokens::default().label_of("alpha"), None);
    }

    #[test]
    fn replacing_reaches_every_clone_and_a_bad_list_changes_nothing() {
        let tokens = Tokens::new([("crm", "alpha")]).unwrap();
        let clone = tokens.clone();
        assert_eq!(tokens.replace([("crm", "beta"), (" ", "gamma")]), Err(TokenError::BlankLabel));
        assert_eq!(clone.label_of("alpha").as_deref(), Some("crm"));
        tokens.replace([("crm", "beta")]).unwrap();
        assert_eq!(clone.label_of("alpha"), None);
        assert_eq!(clone.label_of("beta").as_deref(), Some("crm"));
    }

    #[test]
    fn invalid_lists_are_refused_without_revealing_the_token() {
        for token in ["", "with space", "acentuação", "line\nbreak"] {
            let error = Tokens::new([("crm", token)]).unwrap_err();
            assert_eq!(error, TokenError::Malformed { label: String::from("crm") });
        }
        let error = Tokens::new([("crm", "alpha"), ("crm", "alpha"), ("erp", "alpha")]).unwrap_err();
        assert_eq!(error.to_string(), r#""crm" and "erp" have the same token"#);
        let digests = [("crm", TokenDigest::of("alpha")), ("erp", TokenDigest::of("alpha"))];
        assert!(matches!(Tokens::of_digests(digests), Err(TokenError::Shared { .. })));
        let shown = format!("{:?}", Tokens::new([("crm", "alpha")]).unwrap());
        assert_eq!(shown, "Tokens { count: 1, .. }");
    }

    #[test]
    fn a_digest_stands_for_its_token_and_is_read_as_it_is_written() {
        let digest = TokenDigest::of("alpha");
        let text = digest.to_string();
        assert_eq!((text.len(), text.parse()), (64, Ok(digest)));
        for wrong in ["", "zz", &text[1..], &format!("{text}0"), &text.replace(&text[..1], "g")] {
            assert_eq!(wrong.parse::<TokenDigest>(), Err(InvalidTokenDigest), "{wrong}");
        }
        let tokens = Tokens::of_digests([("crm", digest)]).unwrap();
        assert_eq!(tokens.label_of("alpha").as_deref(), Some("crm"));
        tokens.replace_digests([("crm", TokenDigest::of("beta"))]).unwrap();
        assert_eq!((tokens.label_of("alpha"), tokens.label_of("beta").as_deref()), (None, Some("crm")));
    }
}
