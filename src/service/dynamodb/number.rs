//! Numbers as DynamoDB compares them: `1`, `1.0` and `1e0` are one key, so they are one text.

use crate::operator::numeric::Decimal;

/// The digits that DynamoDB keeps.
const DIGITS: usize = 38;
/// The greatest and the least power of ten of the first digit.
const POWERS: std::ops::RangeInclusive<i64> = -130..=125;

/// The number without sign of plus, exponent, leading zeros and trailing zeros of the fraction. `None` if it is no
/// number that DynamoDB stores: see "Naming rules and data types", Number.
pub(super) fn canonical(text: &str) -> Option<String> {
    let (mantissa, exponent) = match text.find(['e', 'E']).and_then(|at| text.split_at_checked(at)) {
        Some((mantissa, exponent)) => (mantissa, power(exponent.get(1..)?)?),
        None => (text, 0),
    };
    let (negative, whole, fraction) = Decimal::read(mantissa)?.parts();
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let leading = all.len().checked_sub(digits.len())?;
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return Some("0".to_owned());
    }
    // The point stands this many digits after the first one that counts.
    let point =
        i64::try_from(whole.len()).ok()?.checked_sub(i64::try_from(leading).ok()?)?.checked_add(exponent)?;
    if digits.len() > DIGITS || !POWERS.contains(&point.checked_sub(1)?) {
        return None;
    }
    Some(format!("{}{}", if negative { "-" } else { "" }, plain(digits, point)?))
}

/// An exponent. Ten digits are more than any number in range can have, its mantissa being bounded by the body.
fn power(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = !digits.is_empty() && digits.len() <= 10 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn plain(digits: &str, point: i64) -> Option<String> {
    let length = i64::try_from(digits.len()).ok()?;
    if point <= 0 {
        let zeros = usize::try_from(point.checked_neg()?).ok()?;
        return Some(format!("0.{}{digits}", "0".repeat(zeros)));
    }
    if point >= length {
        let zeros = usize::try_from(point.checked_sub(length)?).ok()?;
        return Some(format!("{digits}{}", "0".repeat(zeros)));
    }
    let (whole, fraction) = digits.split_at_checked(usize::try_from(point).ok()?)?;
    Some(format!("{whole}.{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn one_number_is_one_text() {
        for (texts, expected) in [
            (&["1", "1.0", "+1", "01", "1e0", "10e-1", "0.1E1", "1.00e+0"][..], "1"),
            (&["-1.50", "-15e-1", "-0.15e1"], "-1.5"),
            (&["0", "-0", "0.00", "0e9", "0e-999"], "0"),
            (&["0.001", "1e-3", "00.0010"], "0.001"),
            (&["1200", "12e2", "1.2E3"], "1200"),
            (&["9007199254740993"], "9007199254740993"),
        ] {
            for text in texts {
                assert_eq!(canonical(text).as_deref(), Some(expected), "{text}");
            }
        }
        assert_eq!(canonical("1e125").unwrap().len(), 126);
        assert_eq!(canonical("1e-130").unwrap().len(), 132);
    }

    #[test]
    fn what_dynamodb_does_not_store_is_refused() {
        let long = "1".repeat(39);
        for text in [
            "",
            "e1",
            "1e",
            "1e+",
            "1e1.0",
            " 1",
            "1 ",
            "0x1",
            "NaN",
            "1_0",
            "1e126",
            "1e-131",
            "1e99999999999",
            &long,
        ] {
            assert_eq!(canonical(text), None, "{text}");
        }
    }
}
