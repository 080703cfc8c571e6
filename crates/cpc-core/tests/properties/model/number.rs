//! Phones as the rules read them, on text and digits alone. RULES §2.1 to §2.3.

use unicode_general_category::{GeneralCategory, get_general_category};

/// The 67 area codes, written out as the rule lists them. RULES §2.2.
const AREA_CODES: &str = "11 12 13 14 15 16 17 18 19 21 22 24 27 28 31 32 33 34 35 37 38 41 42 43 44 45 46 47 48 49 \
    51 53 54 55 61 62 63 64 65 66 67 68 69 71 73 74 75 77 79 81 82 83 84 85 86 87 88 89 91 92 93 94 95 96 97 98 99";

/// The digits of a phone as posted; `None` when it is not one. RULES §2.1, §2.2.
pub(crate) fn read(text: &str, countries: &[&str]) -> Option<String> {
    let text = text.trim_start_matches(does_not_count);
    let text = text.strip_prefix('+').unwrap_or(text);
    let digits: String = text.chars().filter(|c| !does_not_count(*c)).collect();
    let all_digits = digits.chars().all(|c| c.is_ascii_digit());
    if !all_digits || !(8..=15).contains(&digits.len()) || digits.starts_with('0') {
        return None;
    }
    if !countries.iter().any(|prefix| *prefix == "*" || digits.starts_with(prefix)) {
        return None;
    }
    let Some(national) = digits.strip_prefix("55") else {
        return Some(digits);
    };
    let known_area = AREA_CODES.split(' ').any(|code| national.starts_with(code));
    let number = national.get(2..)?;
    let first = number.chars().next()?;
    let exists = match number.len() {
        9 => first == '9',
        8 => matches!(first, '2'..='9'),
        _ => false,
    };
    (known_area && exists).then_some(digits)
}

/// Parentheses, dots, and the categories that the rule names. RULES §2.1.
pub(crate) fn does_not_count(character: char) -> bool {
    use GeneralCategory::{
        Control, DashPunctuation, Format, LineSeparator, ParagraphSeparator, SpaceSeparator,
    };
    let category = get_general_category(character);
    matches!(character, '(' | ')' | '.' | '\u{2212}')
        || [SpaceSeparator, LineSeparator, ParagraphSeparator, Control, Format, DashPunctuation]
            .contains(&category)
}

/// The contact that digits belong to. RULES §2.3.
pub(crate) fn key(digits: &str) -> String {
    match digits.strip_prefix("55") {
        Some(national) if national.len() >= 10 => {
            let (area, last_eight) = (&national[..2], &national[national.len() - 8..]);
            if matches!(last_eight.chars().next(), Some('6'..='9')) {
                format!("55{area}{last_eight}")
            } else {
                digits.to_owned()
            }
        }
        _ => digits.to_owned(),
    }
}

/// The area code of a Brazilian contact. RULES §9.
pub(crate) fn area(key: u64) -> Option<u8> {
    let digits = key.to_string();
    let national = digits.strip_prefix("55").filter(|national| matches!(national.len(), 10 | 11))?;
    national.get(..2)?.parse().ok()
}

/// Digits as a number, by which contacts are ordered.
pub(crate) fn value(digits: &str) -> u64 {
    digits.parse().expect("at most 15 digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_67_area_codes() {
        assert_eq!(AREA_CODES.split(' ').count(), 67);
    }

    #[test]
    fn both_forms_of_a_mobile_are_one_contact() {
        let contact = |text| read(text, &["55"]).map(|digits| value(&key(&digits)));
        assert_eq!(contact("5511988876204"), Some(551188876204));
        assert_eq!(contact("551188876204"), Some(551188876204));
        assert_eq!(contact("+55 (11) 98887-6204"), Some(551188876204));
        assert_eq!(contact("5511912345678"), Some(5511912345678));
        assert_eq!(contact("551132345678"), Some(551132345678));
        assert_eq!(contact("5555999887766"), Some(555599887766));
        for wrong in ["55999887766", "11988876204", "551112345678", "5511888876204", "14155550100", "123", ""]
        {
            assert_eq!(contact(wrong), None, "{wrong}");
        }
    }

    /// RULES §2.1, of all characters that there are.
    #[test]
    fn the_engine_leaves_out_the_same_characters() {
        let countries = cpc_core::Countries::default();
        for character in '\0'..=char::MAX {
            for text in [format!("{character}5511988876204"), format!("5511{character}988876204")] {
                let begins_with_plus = text.starts_with('+');
                let is_phone = cpc_core::Phone::parse(&text, &countries).is_ok();
                assert_eq!(is_phone, does_not_count(character) || begins_with_plus, "{character:?}");
                assert_eq!(read(&text, &["55"]).is_some(), is_phone, "{character:?}");
            }
        }
    }

    #[test]
    fn only_brazilian_numbers_have_an_area() {
        assert_eq!(area(551188876204), Some(11));
        assert_eq!(area(5511912345678), Some(11));
        assert_eq!(area(14155550100), None);
    }
}
