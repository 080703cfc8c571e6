//! Signatures of webhooks, as Meta writes them: `sha256=` and an HMAC-SHA-256 in hexadecimal digits.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt::Write;

fn mac(secret: &[u8], body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap_or_else(|_| {
        // HMAC takes keys of any length.
        Hmac::<Sha256>::new(&hmac::digest::Key::<Hmac<Sha256>>::default())
    });
    mac.update(body);
    mac
}

/// The signature of a body.
pub(crate) fn sign(secret: &[u8], body: &[u8]) -> String {
    let mut signature = String::from("sha256=");
    for byte in mac(secret, body).finalize().into_bytes() {
        // Writing to a string does not fail.
        let _ = write!(signature, "{byte:02x}");
    }
    signature
}

/// Whether a signature is that of a body, compared in constant time.
pub(crate) fn verify(secret: &[u8], body: &[u8], signature: &str) -> bool {
    digest(signature).is_some_and(|bytes| mac(secret, body).verify_slice(&bytes).is_ok())
}

/// Whether a text has the form of a signature.
pub(crate) fn is_signature(text: &str) -> bool {
    digest(text).is_some_and(|bytes| bytes.len() == 32)
}

fn digest(signature: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = signature.strip_prefix("sha256=")?.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|pair| {
        let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
        u8::try_from(high? << 4 | low?).ok()
    });
    bytes.collect::<Option<Vec<u8>>>().filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_standard() {
        // RFC 4231, test case 2.
        let signature = sign(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(signature, "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert!(verify(b"Jefe", b"what do ya want for nothing?", &signature));
    }

    #[test]
    fn no_other_signature_is_taken() {
        let signature = sign(b"secret", b"body");
        for (secret, body, signature) in [
            ("secret", "other", &*signature),
            ("other", "body", &signature),
            ("secret", "body", &signature[7..]),
            ("secret", "body", &signature[..70]),
            ("secret", "body", &signature.to_uppercase()),
            ("secret", "body", &format!("{signature}0")),
            ("secret", "body", "sha256="),
            ("secret", "body", "sha256=zz"),
            ("secret", "body", ""),
        ] {
            assert!(!verify(secret.as_bytes(), body.as_bytes(), signature), "{signature}");
        }
    }

    #[test]
    fn what_is_a_signature_of_something_is_known_without_it() {
        let signature = sign(b"secret", b"body");
        assert!(is_signature(&signature) && is_signature(&signature.to_uppercase().replace("SHA", "sha")));
        for text in
            [&signature[7..], &signature[..69], &signature[..70], &format!("{signature}00"), "sha256=", ""]
        {
            assert!(!is_signature(text), "{text}");
        }
    }
}
