//! Numbers within texts.

/// The numbers below a hundred, two digits each.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut n = 0;
    while n < 100 {
        pairs[n] = [b'0' + (n / 10) as u8, b'0' + (n % 10) as u8];
        n += 1;
    }
    pairs
};

/// The longest number of 64 bits.
const DIGITS: usize = "18446744073709551615".len();

/// Writes a number in decimal digits. Most have a few: that is less work than `fmt` has before the first of them.
pub fn push_decimal(out: &mut String, number: u64) {
    if number < 10 {
        out.push(char::from(b'0' + number as u8));
        return;
    }
    let mut place = [0; DIGITS];
    let text = std::str::from_utf8(digits(&mut place, number));
    out.push_str(text.unwrap_or_default());
}

/// The same where bytes are gathered.
#[inline]
pub fn push_digits(out: &mut Vec<u8>, number: u64) {
    match number {
        0..10 => out.push(b'0' + number as u8),
        10..100 => out.extend_from_slice(pair_of(number as u32)),
        _ => push_many(out, number),
    }
}

fn push_many(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(digits(&mut [0; DIGITS], number));
}

/// Fills `place` with the last digits of a number.
pub fn put_digits(place: &mut [u8], number: u32) {
    let mut left = number;
    let mut pairs = place.rchunks_exact_mut(2);
    for pair in &mut pairs {
        pair.copy_from_slice(pair_of(left % 100));
        left /= 100;
    }
    if let [one] = pairs.into_remainder() {
        *one = b'0' + (left % 10) as u8;
    }
}

fn digits(place: &mut [u8; DIGITS], number: u64) -> &[u8] {
    let begin = put_digits_in_front(place, DIGITS, number);
    place.get(begin..).unwrap_or_default()
}

/// Writes a number so that it ends at `end`, where there is room for it. Gives where it begins.
#[inline]
fn put_digits_in_front(place: &mut [u8], end: usize, number: u64) -> usize {
    let (mut left, mut begin) = (number, end);
    while left >= 100 {
        let pair = (left % 100) as u32;
        left /= 100;
        begin = begin.saturating_sub(2);
        if let Some(two) = place.get_mut(begin..begin + 2) {
            two.copy_from_slice(pair_of(pair));
        }
    }
    let [tens, ones] = *pair_of(left as u32);
    for digit in [Some(ones), (left >= 10).then_some(tens)]
        .into_iter()
        .flatten()
    {
        begin = begin.saturating_sub(1);
        if let Some(place) = place.get_mut(begin) {
            *place = digit;
        }
    }
    begin
}

fn pair_of(number: u32) -> &'static [u8; 2] {
    PAIRS.get(number as usize).unwrap_or(&[b'0'; 2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_written(number: u64) {
        let (mut text, mut bytes) = (String::from("="), b"=".to_vec());
        push_decimal(&mut text, number);
        push_digits(&mut bytes, number);
        assert_eq!(text, format!("={number}"));
        assert_eq!(bytes, text.as_bytes());
    }

    #[test]
    fn every_digit_is_written() {
        for number in [0, 9, 10, 99, 100, 101, 999, 1_234_567_890, u64::MAX] {
            is_written(number);
        }
    }

    #[test]
    fn places_are_filled_from_the_right() {
        let mut place = *b"....";
        put_digits(&mut place[..3], 42);
        assert_eq!(&place, b"042.");
        put_digits(&mut place, 98_765);
        assert_eq!(&place, b"8765");
    }

    proptest! {
        #[test]
        fn any_number_is_written(number: u64, shift in 0u32..64) {
            is_written(number >> shift);
        }
    }
}
