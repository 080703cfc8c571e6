//! Who a message is for: phone numbers as they are posted, and the key under which both forms of one Brazilian
//! mobile are the same contact.
//!
//! [RULES §2](crate::rules#2-identity). WhatsApp still returns some Brazilian mobiles without their ninth digit. A gate
//! that keys on the digits as written loses those replies, so the key drops the ninth digit; what is sent to is
//! remembered apart. Nothing is guessed: a number without its country is refused, because DDD 55 exists.

use crate::schema::Kind;
use crate::value::{Described, FieldValue, Items};
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU64;

/// Why a text is not a phone number the engine accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid phone number")]
pub struct InvalidPhone;

/// A phone number in international form, 8 to 15 digits; `Debug` and `Display` mask its middle.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(NonZeroU64);

/// What identifies a contact: the same for both forms of a Brazilian mobile ([RULES §2.3](crate::rules#2-identity)).
/// `Debug` and `Display` mask its middle.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContactKey(NonZeroU64);

/// The prefixes of the countries that may be contacted; `["55"]` by default, `["*"]` for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Countries {
    prefixes: Vec<Prefix>,
    all: bool,
    /// Whether every Brazilian number is allowed.
    brazil: bool,
}

/// The first digits of a number, as text and as a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Prefix {
    text: Cow<'static, str>,
    digits: u64,
}

const BRAZIL: Prefix = Prefix { text: Cow::Borrowed("55"), digits: 55 };

/// 10 to the power of 0 to 15.
#[expect(clippy::indexing_slicing, reason = "bounded by the loop and by the mask")]
const fn power_of_ten(exponent: u32) -> u64 {
    const POWERS: [u64; 16] = {
        let mut powers = [1; 16];
        let mut at = 1;
        while at < 16 {
            powers[at] = powers[at - 1] * 10;
            at += 1;
        }
        powers
    };
    POWERS[exponent as usize & 15]
}

/// The number that eight ASCII digits make, without a loop; `None` if one of them is no digit.
#[inline]
const fn eight_digits(text: [u8; 8]) -> Option<u64> {
    let bytes = u64::from_le_bytes(text);
    let low = bytes.wrapping_sub(0x3030_3030_3030_3030);
    // A byte below '0' borrows, one above '9' overflows into its high nibble.
    if (low | low.wrapping_add(0x0606_0606_0606_0606)) & 0xf0f0_f0f0_f0f0_f0f0 != 0 {
        return None;
    }
    let pairs = (low & 0x000f_000f_000f_000f) * 10 + (low >> 8 & 0x000f_000f_000f_000f);
    let fours = (pairs & 0x0000_00ff_0000_00ff) * 100 + (pairs >> 16 & 0x0000_00ff_0000_00ff);
    Some((fours & 0xffff) * 10_000 + (fours >> 32 & 0xffff))
}

impl Prefix {
    fn parse(text: &str) -> Option<Prefix> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        let fits = digits && (1..=15).contains(&text.len());
        Some(Prefix { digits: text.parse().ok().filter(|_| fits)?, text: Cow::Owned(String::from(text)) })
    }

    #[inline]
    fn begins(&self, number: u64, length: u32) -> bool {
        let own = self.text.len() as u32;
        own <= length && number / power_of_ten(length - own) == self.digits
    }
}

impl Countries {
    /// The most prefixes a list may have.
    pub const MAX: usize = 300;

    /// From a list of digit prefixes, or `["*"]`. `None` when the list is empty, too long, or a prefix is not
    /// 1 to 15 digits that do not start with 0. Order and repetition do not matter.
    #[must_use]
    pub fn new<T: AsRef<str>>(list: &[T]) -> Option<Countries> {
        if list.is_empty() || list.len() > Self::MAX {
            return None;
        }
        let all = list.iter().any(|prefix| prefix.as_ref() == "*");
        let named = list.iter().map(AsRef::as_ref).filter(|prefix| *prefix != "*");
        let mut prefixes = named.map(Prefix::parse).collect::<Option<Vec<_>>>()?;
        // All countries are all countries, whichever are named besides.
        prefixes.retain(|_| !all);
        prefixes.sort_unstable();
        prefixes.dedup();
        let brazil = all || prefixes.iter().any(|prefix| BRAZIL.text.starts_with(&*prefix.text));
        Some(Countries { prefixes, all, brazil })
    }

    /// The prefixes, sorted; `*` stands for all.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.all.then_some("*").into_iter().chain(self.prefixes.iter().map(|prefix| &*prefix.text))
    }

    #[inline]
    fn allow(&self, number: u64, length: u32) -> bool {
        self.all || self.prefixes.iter().any(|prefix| prefix.begins(number, length))
    }
}

impl Items for Countries {
    fn each_item(&self, visit: &mut dyn FnMut(FieldValue<'_>)) {
        self.iter().for_each(|prefix| visit(FieldValue::Text(prefix)));
    }
}

impl Default for Countries {
    fn default() -> Countries {
        Countries { prefixes: alloc::vec![BRAZIL], all: false, brazil: true }
    }
}

/// Whether a Brazilian area code (DDD) is in use; there are 67.
#[must_use]
pub const fn is_ddd(ddd: u64) -> bool {
    matches!(
        ddd,
        11..=19 | 21 | 22 | 24 | 27 | 28 | 31..=35 | 37 | 38 | 41..=49 | 51 | 53..=55
            | 61..=69 | 71 | 73..=75 | 77 | 79 | 81..=89 | 91..=99
    )
}

/// The area code that two ASCII digits make, if it is one.
#[inline]
fn valid_ddd(tens: u8, ones: u8) -> Option<u8> {
    /// A bit for each of the ten area codes that begin with a digit.
    #[expect(clippy::indexing_slicing, reason = "bounded by the loop")]
    const IN_USE: [u16; 10] = {
        let mut in_use = [0; 10];
        let mut ddd = 0;
        while ddd < 100 {
            if is_ddd(ddd) {
                in_use[ddd as usize / 10] |= 1 << (ddd % 10);
            }
            ddd += 1;
        }
        in_use
    };
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    let in_use = IN_USE.get(usize::from(tens))?;
    (ones < 10 && in_use >> ones & 1 == 1).then(|| tens * 10 + ones)
}

const E8: u64 = 100_000_000;
const E9: u64 = 1_000_000_000;

/// A Brazilian number taken apart: `55`, DDD, and 8 digits, with or without a mobile's ninth digit before them.
struct Brazilian {
    ddd: u64,
    last_eight: u64,
    nine: bool,
}

impl Brazilian {
    /// What nearly every system posts: the 12 or 13 digits of a number that can exist, and nothing else.
    #[inline]
    fn read(text: &[u8]) -> Option<(Phone, ContactKey)> {
        let (head, tail) = text.split_last_chunk::<8>()?;
        let ([b'5', b'5', tens, ones, b'9'] | [b'5', b'5', tens, ones]) = head else { return None };
        let ddd = u64::from(valid_ddd(*tens, *ones)?);
        let (last_eight, nine) = (eight_digits(*tail)?, head.len() == 5);
        if !nine && last_eight < 20_000_000 {
            return None;
        }
        let short = NonZeroU64::new((5500 + ddd) * E8 + last_eight)?;
        let long = short.saturating_add((5500 + ddd) * (E9 - E8) + 9 * E8);
        let phone = if nine { long } else { short };
        // A mobile's ninth digit is no part of who it is.
        let key = if last_eight >= 60_000_000 { short } else { phone };
        Some((Phone(phone), ContactKey(key)))
    }

    /// The parts of a number of country 55; `None` when its length is not one of theirs.
    const fn split(digits: u64) -> Option<Brazilian> {
        if digits / (E8 * 100) == 55 {
            return Some(Brazilian { ddd: digits / E8 % 100, last_eight: digits % E8, nine: false });
        }
        if digits / (E9 * 100) == 55 {
            let nine = digits / E8 % 10 == 9;
            if nine {
                return Some(Brazilian { ddd: digits / E9 % 100, last_eight: digits % E8, nine });
            }
        }
        None
    }

    /// The 8 digits of a mobile start with 6 to 9, those of a fixed line with 2 to 5.
    const fn is_mobile(&self) -> bool {
        self.last_eight / 10_000_000 >= 6
    }

    const fn is_valid(&self) -> bool {
        is_ddd(self.ddd) && (self.nine || self.last_eight / 10_000_000 >= 2)
    }
}

/// Whether a character of a phone does not count: parentheses and dots, and whatever shows as a space or a dash, or does
/// not show at all ([RULES §2.1](crate::rules#2-identity)). Phones come out of spreadsheets and address books with marks
/// that cannot be seen.
fn is_separator(character: char) -> bool {
    if character.is_ascii() {
        return matches!(character, ' ' | '(' | ')' | '-' | '.') || character.is_ascii_control();
    }
    let after = SEPARATORS.partition_point(|(first, _)| *first <= character);
    after.checked_sub(1).and_then(|at| SEPARATORS.get(at)).is_some_and(|(_, last)| character <= *last)
}

/// The first and the last of each run of characters of the Unicode categories Zs, Zl, Zp, Cc, Cf and Pd, and the minus
/// sign U+2212, in order.
#[rustfmt::skip]
const SEPARATORS: [(char, char); 45] = [
    ('\u{0}', '\u{20}'), ('\u{2d}', '\u{2d}'), ('\u{7f}', '\u{a0}'), ('\u{ad}', '\u{ad}'),
    ('\u{58a}', '\u{58a}'), ('\u{5be}', '\u{5be}'), ('\u{600}', '\u{605}'), ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'), ('\u{70f}', '\u{70f}'), ('\u{890}', '\u{891}'), ('\u{8e2}', '\u{8e2}'),
    ('\u{1400}', '\u{1400}'), ('\u{1680}', '\u{1680}'), ('\u{1806}', '\u{1806}'), ('\u{180e}', '\u{180e}'),
    ('\u{2000}', '\u{2015}'), ('\u{2028}', '\u{202f}'), ('\u{205f}', '\u{2064}'), ('\u{2066}', '\u{206f}'),
    ('\u{2212}', '\u{2212}'), ('\u{2e17}', '\u{2e17}'), ('\u{2e1a}', '\u{2e1a}'), ('\u{2e3a}', '\u{2e3b}'),
    ('\u{2e40}', '\u{2e40}'), ('\u{2e5d}', '\u{2e5d}'), ('\u{3000}', '\u{3000}'), ('\u{301c}', '\u{301c}'),
    ('\u{3030}', '\u{3030}'), ('\u{30a0}', '\u{30a0}'), ('\u{fe31}', '\u{fe32}'), ('\u{fe58}', '\u{fe58}'),
    ('\u{fe63}', '\u{fe63}'), ('\u{feff}', '\u{feff}'), ('\u{ff0d}', '\u{ff0d}'), ('\u{fff9}', '\u{fffb}'),
    ('\u{10d6e}', '\u{10d6e}'), ('\u{10ead}', '\u{10ead}'), ('\u{110bd}', '\u{110bd}'), ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'), ('\u{1bca0}', '\u{1bca3}'), ('\u{1d173}', '\u{1d17a}'), ('\u{e0001}', '\u{e0001}'),
    ('\u{e0020}', '\u{e007f}'),
];

impl Phone {
    /// Reads a phone as posted ([RULES §2.1 and §2.2](crate::rules#2-identity)): one leading `+`, parentheses,
    /// dots, spaces, dashes and what cannot be seen are dropped; 8 to 15 digits of an allowed country must be left, and a
    /// Brazilian number must be one that can exist.
    ///
    /// # Errors
    /// [`InvalidPhone`] for anything else.
    ///
    /// ```
    /// use cpc_core::{Countries, Phone};
    ///
    /// let with_ninth_digit = Phone::parse("+55 (11) 98887-6204", &Countries::default())?;
    /// let without = Phone::parse("551188876204", &Countries::default())?;
    /// assert_eq!(with_ninth_digit.key(), without.key(), "one contact");
    /// assert!(Phone::parse("11988876204", &Countries::default()).is_err(), "no country");
    /// # Ok::<(), cpc_core::InvalidPhone>(())
    /// ```
    #[inline]
    pub fn parse(text: &str, countries: &Countries) -> Result<Phone, InvalidPhone> {
        Phone::read(text, countries).map(|(phone, _)| phone)
    }

    /// A phone as posted, and the contact it belongs to.
    #[inline(always)]
    pub(crate) fn read(text: &str, countries: &Countries) -> Result<(Phone, ContactKey), InvalidPhone> {
        if countries.brazil
            && let Some(read) = Brazilian::read(text.as_bytes())
        {
            return Ok(read);
        }
        Phone::parse_written(text, countries).map(|phone| (phone, phone.key()))
    }

    /// Any way of writing a number.
    #[cold]
    fn parse_written(text: &str, countries: &Countries) -> Result<Phone, InvalidPhone> {
        let mut length = 0;
        let mut number = 0_u64;
        let text = text.trim_start_matches(is_separator);
        for character in text.strip_prefix('+').unwrap_or(text).chars() {
            if let Some(digit) = character.to_digit(10) {
                // A 16th digit is one too many; more would not fit the number.
                length += 1;
                if length > 15 || number == 0 && digit == 0 {
                    return Err(InvalidPhone);
                }
                number = number * 10 + u64::from(digit);
            } else if !is_separator(character) {
                return Err(InvalidPhone);
            }
        }
        Phone::check(number, length, countries)
    }

    /// The number from its digits, for hosts that keep numbers as integers; the same rules as
    /// [`parse`](Self::parse).
    ///
    /// # Errors
    /// [`InvalidPhone`] when the digits are not a phone number the engine accepts.
    pub fn from_digits(digits: u64, countries: &Countries) -> Result<Phone, InvalidPhone> {
        let length = digits.checked_ilog10().ok_or(InvalidPhone)? + 1;
        Phone::check(digits, length, countries)
    }

    #[inline]
    fn check(number: u64, length: u32, countries: &Countries) -> Result<Phone, InvalidPhone> {
        if !(8..=15).contains(&length) || !countries.allow(number, length) {
            return Err(InvalidPhone);
        }
        if BRAZIL.begins(number, length) && !Brazilian::split(number).is_some_and(|parts| parts.is_valid()) {
            return Err(InvalidPhone);
        }
        NonZeroU64::new(number).map(Phone).ok_or(InvalidPhone)
    }

    /// The number as one integer, country first: `5511988876204`.
    #[must_use]
    pub const fn digits(self) -> u64 {
        self.0.get()
    }

    /// The contact this number belongs to.
    #[must_use]
    pub const fn key(self) -> ContactKey {
        match Brazilian::split(self.0.get()) {
            // A mobile's ninth digit is no part of who it is. `0 < 55 * E8`, so the sum is not zero.
            Some(Brazilian { ddd, last_eight, nine: true }) if last_eight / 10_000_000 >= 6 => {
                match NonZeroU64::new((55 * 100 + ddd) * E8 + last_eight) {
                    Some(key) => ContactKey(key),
                    None => ContactKey(self.0),
                }
            }
            _ => ContactKey(self.0),
        }
    }

    /// Whether this is a Brazilian mobile written with its ninth digit.
    pub(crate) const fn has_ninth_digit(self) -> bool {
        self.0.get() != self.key().0.get()
    }

    /// A number the engine stored itself; `None` when damaged (zero, or over 15 digits).
    pub(crate) const fn from_stored(digits: u64) -> Option<Phone> {
        match NonZeroU64::new(digits) {
            Some(value) if digits < 1_000_000_000_000_000 => Some(Phone(value)),
            _ => None,
        }
    }
}

impl ContactKey {
    /// The key as one integer, by which contacts are ordered.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0.get()
    }

    /// The area code, for a Brazilian number.
    pub(crate) const fn ddd(self) -> Option<u8> {
        match Brazilian::split(self.0.get()) {
            Some(parts) => Some(parts.ddd as u8),
            None => None,
        }
    }

    /// The number to send to: with the ninth digit or as the key is.
    pub(crate) const fn phone(self, ninth_digit: bool) -> Phone {
        let key = self.0.get();
        match Brazilian::split(key) {
            Some(parts) if ninth_digit && !parts.nine && parts.is_mobile() => {
                Phone(self.0.saturating_add((5500 + parts.ddd) * (E9 - E8) + 9 * E8))
            }
            _ => Phone(self.0),
        }
    }

    /// A key the engine stored itself; `None` when damaged.
    pub(crate) const fn from_stored(key: u64) -> Option<ContactKey> {
        match Phone::from_stored(key) {
            Some(phone) => Some(ContactKey(phone.0)),
            None => None,
        }
    }
}

/// Writes a number with its middle digits hidden: `5511*****6204`.
fn write_masked(digits: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let length = digits.checked_ilog10().map_or(1, |log| log + 1);
    let tail = 4.min(length.saturating_sub(2));
    let head = 4.min(length.saturating_sub(tail + 1));
    write!(f, "{}", digits / 10_u64.pow(length - head))?;
    for _ in 0..length - head - tail {
        f.write_str("*")?;
    }
    write!(f, "{:0width$}", digits % 10_u64.pow(tail), width = tail as usize)
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_masked(self.0.get(), f)
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_masked(self.0.get(), f)
    }
}

impl fmt::Debug for ContactKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_masked(self.0.get(), f)
    }
}

impl fmt::Display for ContactKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_masked(self.0.get(), f)
    }
}

crate::tables::serialized!(Phone);

impl Described for Phone {
    const KIND: Kind = Kind::Phone;

    fn value(&self) -> FieldValue<'_> {
        FieldValue::Digits(self.digits())
    }
}

crate::tables::serialized!(ContactKey);

impl Described for ContactKey {
    const KIND: Kind = Kind::Phone;

    fn value(&self) -> FieldValue<'_> {
        FieldValue::Digits(self.as_u64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn key(text: &str) -> Option<u64> {
        Phone::parse(text, &Countries::default()).ok().map(|phone| phone.key().as_u64())
    }

    /// RULES §2.1, §2.2, §2.3: a row is what was posted, and the contact it is, if any.
    #[test]
    fn posted_numbers_and_their_contacts() {
        let rows: &[(&str, Option<u64>)] = &[
            ("5511988876204", Some(551188876204)),
            ("551188876204", Some(551188876204)),
            ("+55 (11) 98887-6204", Some(551188876204)),
            ("55.11.98887.6204", Some(551188876204)),
            ("5511912345678", Some(5511912345678)),
            ("551132345678", Some(551132345678)),
            ("5555999887766", Some(555599887766)),
            ("555533334444", Some(555533334444)),
            ("55999887766", None),
            ("11988876204", None),
            ("5520988876204", None),
            ("5511888876204", None),
            ("551112345678", None),
            ("551102345678", None),
            ("55119888762041", None),
            ("05511988876204", None),
            ("++5511988876204", None),
            ("55119888+76204", None),
            ("5511 98887 6204 ", Some(551188876204)),
            ("5511988876204x", None),
            ("５５11988876204", None),
            ("", None),
            ("+", None),
            ("14155550100", None),
        ];
        for (text, expected) in rows {
            assert_eq!(key(text), *expected, "{text}");
        }
    }

    /// RULES §2.1
    #[test]
    fn other_countries_only_when_allowed() {
        let all = Countries::new(&["*"]).unwrap();
        let some = Countries::new(&["1", "351"]).unwrap();
        for (text, with_all, with_some) in [
            ("14155550100", true, true),
            ("351912345678", true, true),
            ("4915112345678", true, false),
            ("5520988876204", false, false),
            ("1234567", false, false),
            ("1234567890123456", false, false),
            ("123456789012345", true, true),
        ] {
            assert_eq!(Phone::parse(text, &all).is_ok(), with_all, "{text}");
            assert_eq!(Phone::parse(text, &some).is_ok(), with_some, "{text}");
        }
    }

    /// RULES §2.2
    #[test]
    fn there_are_67_area_codes() {
        assert_eq!((0..100).filter(|ddd| is_ddd(*ddd)).count(), 67);
    }

    /// RULES §2.4
    #[test]
    fn the_send_address_is_either_form() {
        let key = Phone::parse("5511988876204", &Countries::default()).unwrap().key();
        assert_eq!(key.phone(true).digits(), 5511988876204);
        assert_eq!(key.phone(false).digits(), 551188876204);
        let thirteen = Phone::parse("5511912345678", &Countries::default()).unwrap().key();
        assert_eq!(thirteen.phone(true).digits(), 5511912345678);
        let fixed = Phone::parse("551132345678", &Countries::default()).unwrap().key();
        assert_eq!(fixed.phone(true).digits(), 551132345678);
    }

    #[test]
    fn the_quick_way_agrees_with_any_other() {
        let countries = Countries::default();
        let rests: [u64; 10] = [
            988876204, 912345678, 88876204, 32345678, 12345678, 2345678, 60000000, 59999999, 20000000,
            19999999,
        ];
        let mut read = 0;
        for ddd in 0..100 {
            for rest in rests {
                let text = format!("55{ddd:02}{rest:08}");
                let slowly = Phone::parse_written(&text, &countries).ok().map(|phone| (phone, phone.key()));
                assert_eq!(Brazilian::read(text.as_bytes()), slowly, "{text}");
                read += usize::from(slowly.is_some());
            }
        }
        assert_eq!(read, 67 * 7);
        for text in [
            "5511988876204x",
            "55119888762O4",
            "55:1988876204",
            "551:988876204",
            "551/988876204",
            "5411988876204",
            "",
        ] {
            assert_eq!(Brazilian::read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn eight_digits_are_read_as_the_standard_library_reads_them() {
        for byte in 0..=255_u8 {
            for place in 0..8 {
                let mut text = *b"90817263";
                text[place] = byte;
                let expected = core::str::from_utf8(&text).ok();
                let expected = expected.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
                assert_eq!(eight_digits(text), expected.and_then(|text| text.parse().ok()), "{text:?}");
            }
        }
    }

    #[test]
    fn integers_and_texts_are_the_same_numbers() {
        let countries = Countries::default();
        for digits in [5511988876204, 551188876204, 5511912345678, 0, 55, u64::MAX, 14155550100] {
            assert_eq!(
                Phone::from_digits(digits, &countries),
                Phone::parse(&format!("{digits}"), &countries)
            );
        }
    }

    #[test]
    fn a_damaged_number_is_not_taken_for_one() {
        assert_eq!(Phone::from_stored(999_999_999_999_999).map(Phone::digits), Some(999_999_999_999_999));
        for damaged in [0, 1_000_000_000_000_000, u64::MAX] {
            assert_eq!(Phone::from_stored(damaged), None, "{damaged}");
        }
    }

    #[test]
    fn printing_a_number_hides_its_middle() {
        let phone = Phone::parse("5511988876204", &Countries::default()).unwrap();
        assert_eq!(format!("{phone} {phone:?} {}", phone.key()), "5511*****6204 5511*****6204 5511****6204");
        let shortest = Phone::parse("12345678", &Countries::new(&["*"]).unwrap()).unwrap();
        assert_eq!(format!("{shortest}"), "123*5678");
    }

    #[test]
    fn country_lists_are_checked() {
        for bad in [&["0"][..], &[""], &["5a"], &[], &["1234567890123456"]] {
            assert_eq!(Countries::new(bad), None, "{bad:?}");
        }
    }
}
