//! The policy in a snapshot.

use super::*;
use core::time::Duration;

/// Choices, numbers, key, countries, and hours if there are any.
fn policy_row(choices: [u8; 6], numbers: [u64; 12], countries: &[&str], hours: Option<Bytes>) -> Bytes {
    let bytes = numbers.iter().fold(Bytes::default().raw(&choices), |bytes, number| bytes.u64(*number));
    let bytes = bytes.u128(5 << 64 | 6).each(countries, |bytes, prefix| bytes.text(prefix));
    match hours {
        None => bytes.u8(0),
        Some(hours) => bytes.u8(1).raw(&hours.0),
    }
}

const CHOICES: [u8; 6] = [1, 2, 1, 1, 1, 1];
const NUMBERS: [u64; 12] = [3 * HOUR, 4 * DAY, 5, 40 * DAY, 6, 7, 8, 9, 10 * HOUR, 11, 12 * HOUR, 13 * HOUR];

type Spans<'a> = [&'a [(u32, u32)]; 7];
const WEEK: Spans<'_> = [&[(0, 60), (540, 1_080)], &[(1, 1_440)], &[], &[], &[], &[], &[(600, 720)]];
const OFFSETS: [(u8, i32); 2] = [(11, 60), (68, -300)];

fn hours(offset: i32, offsets: &[(u8, i32)], week: Spans<'_>, closed: &[i32]) -> Bytes {
    let raw = |bytes: Bytes, number: i32| bytes.raw(&number.to_le_bytes());
    let bytes = raw(Bytes::default(), offset);
    let bytes = bytes.each(offsets, |bytes, (ddd, minutes)| raw(bytes.u8(*ddd), *minutes));
    let span = |bytes: Bytes, (open, close): &(u32, u32)| bytes.u32(open * 65_536 + close);
    let bytes = week.iter().fold(bytes, |bytes, day| bytes.each(day, span));
    bytes.each(closed, |bytes, day| raw(bytes, *day))
}

#[test]
fn a_policy_is_what_its_layout_says_and_comes_back() {
    let day =
        |spans: &[(u16, u16)]| spans.iter().map(|(open, close)| Span::new(*open, *close).unwrap()).collect();
    let week = [&[(0, 60), (540, 1_080)][..], &[(1, 1_440)], &[], &[], &[], &[], &[(600, 720)]].map(day);
    let open = ContactHours::new(week).utc_offset_minutes(-240);
    let open = open.and_then(|hours| hours.ddd_offset(68, -300)?.ddd_offset(11, 60));
    let open =
        open.and_then(|hours| hours.closed_on(Date::new(1970, 1, 3)?)?.closed_on(Date::new(1970, 1, 2)?));
    let [window, jump, skew, retention, batch, contacts, delay, retry, ttl, failover, hold, service] =
        NUMBERS;
    let policy = Policy::builder()
        .gate(GateScope::Phone)
        .sticky(Sticky::Off)
        .operator_affinity(OperatorAffinity::Require)
        .empty_template(EmptyTemplate::Reject)
        .profile(Profile::Strict)
        .final_block(true)
        .window(Duration::from_millis(window))
        .max_clock_jump(Duration::from_millis(jump))
        .reply_skew(Duration::from_millis(skew))
        .retention(Duration::from_millis(retention))
        .max_batch(batch)
        .max_contacts(contacts)
        .max_delay(Duration::from_millis(delay))
        .follow_up_retry(Duration::from_millis(retry))
        .report_ttl(Duration::from_millis(ttl))
        .max_failover(failover)
        .sender_hold(Duration::from_millis(hold))
        .service_window(Duration::from_millis(service))
        .hash_key(5 << 64 | 6)
        .countries(Countries::new(&["1", "55"]).unwrap())
        .hours(open)
        .build()
        .unwrap();
    let expected = policy_row(CHOICES, NUMBERS, &["1", "55"], Some(hours(-240, &OFFSETS, WEEK, &[1, 2])));
    let bytes = written(&policy).0;
    assert_eq!(bytes, expected.0);
    assert_eq!(policy::read(&mut Source(&bytes)).unwrap(), policy);
}

#[test]
fn a_policy_is_as_it_can_be_chosen() {
    let closed = |days: i32| (0..days).collect::<Vec<_>>();
    let all_day: Spans<'_> = [&[(0, 1_440)]; 7];
    let with_hours = |what, hours| (what, policy_row(CHOICES, NUMBERS, &["55"], Some(hours)));
    let choices = |choices| policy_row(choices, NUMBERS, &["55"], None);
    let countries = |countries: &[&str]| policy_row(CHOICES, NUMBERS, countries, None);
    let mut no_window = NUMBERS;
    no_window[0] = 0;
    accepted(
        1,
        &[
            ("the first choices", choices([0; 6])),
            ("the last choices", choices([2, 2, 2, 1, 1, 1])),
            ("all countries", countries(&["*"])),
            with_hours("the most closed dates", hours(-180, &[], all_day, &closed(4_000))),
            with_hours("the least and the greatest offset", hours(-840, &[(11, 840)], all_day, &[])),
        ],
    );
    refused(
        1,
        &[
            ("no such scope", choices([3, 0, 0, 0, 0, 0])),
            ("no such stickiness", choices([0, 3, 0, 0, 0, 0])),
            ("no such affinity", choices([0, 0, 3, 0, 0, 0])),
            ("no such treatment of empty templates", choices([0, 0, 0, 2, 0, 0])),
            ("no such profile", choices([0, 0, 0, 0, 2, 0])),
            ("neither a final block nor none", choices([0, 0, 0, 0, 0, 2])),
            ("no window", policy_row(CHOICES, no_window, &["55"], None)),
            ("no countries", countries(&[])),
            ("no prefix", countries(&["0"])),
            with_hours("too great an offset", hours(841, &[], all_day, &[])),
            with_hours("more than an offset", hours(65_536, &[], all_day, &[])),
            with_hours("no such area code", hours(-180, &[(10, -180)], all_day, &[])),
            with_hours("too great an offset of an area code", hours(-180, &[(11, 841)], all_day, &[])),
            with_hours("open for no time", hours(-180, &[], [&[(60, 60)]; 7], &[])),
            with_hours("open after midnight", hours(-180, &[], [&[(60, 1_441)]; 7], &[])),
            with_hours("a closed date too many", hours(-180, &[], all_day, &closed(4_001))),
        ],
    );
}

/// Memory is asked for by what is there, whatever is claimed.
#[test]
fn no_more_is_counted_than_there_are_bytes_for() {
    let bytes = |count: u64, following: usize| Bytes::default().u64(count).raw(&[0; 40][..following]).0;
    for (count, following, size, fits) in [
        (0, 0, 8, true),
        (5, 40, 8, true),
        (6, 40, 8, false),
        (5, 39, 8, false),
        (3, 40, 13, true),
        (u64::MAX, 40, 1, false),
    ] {
        let counted = Source(&bytes(count, following)).count(size).ok();
        assert_eq!(counted, fits.then_some(count as usize), "{count} of {size} in {following}");
    }
}
