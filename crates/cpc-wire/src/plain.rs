//! How far a text is the same in JSON as it is: up to a quote, a backslash or a control character.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// One bit of each byte that is not plain. Bytes after the first of them may be marked for nothing.
const fn specials(word: u64) -> u64 {
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let is_quote = quote.wrapping_sub(ONES) & !quote;
    let is_backslash = backslash.wrapping_sub(ONES) & !backslash;
    let is_control = word.wrapping_sub(ONES * 0x20) & !word;
    (is_quote | is_backslash | is_control) & HIGH
}

/// How many bytes, from the first on, are plain.
#[inline]
pub(crate) fn plain_length(bytes: &[u8]) -> usize {
    let (mut rest, mut length) = (bytes, 0);
    while let Some((word, after)) = rest.split_first_chunk() {
        let specials = specials(u64::from_le_bytes(*word));
        if specials != 0 {
            return length + specials.trailing_zeros() as usize / 8;
        }
        (rest, length) = (after, length + 8);
    }
    length + rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_plain_is_found_wherever_it_is() {
        for length in 0..30 {
            let plain = "é~".repeat(length);
            for special in *b"\"\\\x00\x1f" {
                let text = format!("{plain}{}", char::from(special));
                assert_eq!(plain_length(text.as_bytes()), plain.len());
                assert_eq!(plain_length((text + "\"tail of it").as_bytes()), plain.len());
            }
            assert_eq!(plain_length(plain.as_bytes()), plain.len());
        }
    }
}
