//! Quantities: `0.5`, `500m`, `1Gi`. Exact, and never a float.
//!
//! A quantity is counted in billionths (nano): `n` is the smallest suffix there is. What is finer is
//! rounded up, away from zero: who asks for a little gets a little, not nothing.

use std::fmt;

use podkit::pod;

/// Billionths in one.
const NANO: i128 = 1_000_000_000;
/// The most that a quantity with a binary suffix can be: 2^63 - 1, in billionths.
const BINARY_MAX: i128 = i64::MAX as i128 * NANO;

/// An amount of something, and the kind of suffix it was written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// In billionths.
    pub nano: i128,
    pub kind: Kind,
}

/// How a quantity was written, and is written again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `n`, `u`, `m`, none, `k`, `M`, `G`, `T`, `P`, `E`: powers of 1000.
    Decimal,
    /// `Ki`, `Mi`, `Gi`, `Ti`, `Pi`, `Ei`: powers of 1024.
    Binary,
    /// `e3`, `E-3`: a power of ten.
    Exponent,
}

/// The suffixes, and the power of 1000 each stands for.
pub const DECIMAL: [(&str, i32); 10] =
    [("n", -3), ("u", -2), ("m", -1), ("", 0), ("k", 1), ("M", 2), ("G", 3), ("T", 4), ("P", 5), ("E", 6)];
/// The suffixes, and the power of 1024 each stands for.
pub const BINARY: [(&str, u32); 6] = [("Ki", 1), ("Mi", 2), ("Gi", 3), ("Ti", 4), ("Pi", 5), ("Ei", 6)];

/// A quantity, taken apart.
struct Parts<'a> {
    negative: bool,
    /// The digits before the point, and those after it. Not both are empty.
    whole: &'a str,
    fraction: &'a str,
    suffix: &'a str,
}

/// Takes a quantity apart: a sign, digits, a point and digits, and the rest. Given.
fn parts(text: &str) -> Option<Parts<'_>> {
    let digits_of = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, rest) = unsigned.split_at(digits_of(unsigned));
    let after_point = rest.strip_prefix('.').unwrap_or(rest);
    let (fraction, suffix) = match rest.starts_with('.') {
        true => after_point.split_at(digits_of(after_point)),
        false => ("", rest),
    };
    let has_digits = !whole.is_empty() || !fraction.is_empty();
    has_digits.then_some(Parts { negative: text.starts_with('-'), whole, fraction, suffix })
}

/// What a suffix stands for: the kind, and a factor as (base, exponent): `Mi` is (2, 20), `m` is (10, -3),
/// and `e5` is (10, 5). Nothing, for what is no suffix.
///
/// [`DECIMAL`] and [`BINARY`] list the suffixes. An exponent is an `e` or `E` with a number behind it.
fn suffix(text: &str) -> Option<(Kind, i128, i32)> {
    // ANCHOR: task_8_1
    if let Some((_, power)) = DECIMAL.into_iter().find(|(suffix, _)| *suffix == text) {
        return Some((Kind::Decimal, 10, 3 * power));
    }
    if let Some((_, power)) = BINARY.into_iter().find(|(suffix, _)| *suffix == text) {
        return Some((Kind::Binary, 2, 10 * power as i32));
    }
    let exponent = text.strip_prefix(['e', 'E'])?.parse().ok()?;
    Some((Kind::Exponent, 10, exponent))
    // ANCHOR_END: task_8_1
}

/// `whole`.`fraction` times `base` to the power of `exponent`, in billionths, rounded up. Nothing if that is
/// more than can be counted. Both texts are digits, of any number.
///
/// Exact, since it never holds a fraction: with `unit` billionths for a 1, the digits behind the point are
/// added from the last to the first, and after each, everything is divided by ten. If any of these
/// divisions leaves a rest, there is a part of a billionth to round up.
fn billionths(whole: &str, fraction: &str, base: i128, exponent: i32) -> Option<i128> {
    // ANCHOR: task_8_1_b
    if whole.bytes().chain(fraction.bytes()).all(|digit| digit == b'0') {
        return Some(0);
    }
    // Less than a billionth: as many more divisions by ten.
    let too_small = if base == 10 { (-9_i32).saturating_sub(exponent).max(0) } else { 0 };
    let unit = match base {
        10 => 10_i128.checked_pow(u32::try_from(exponent.saturating_add(9).max(0)).ok()?)?,
        _ => NANO.checked_mul(base.checked_pow(u32::try_from(exponent).ok()?)?)?,
    };
    let mut nano = 0;
    let mut has_rest = false;
    for digit in fraction.bytes().rev() {
        nano = i128::from(digit - b'0').checked_mul(unit)?.checked_add(nano)?;
        has_rest |= nano % 10 != 0;
        nano /= 10;
    }
    let whole = if whole.is_empty() { 0 } else { whole.parse::<i128>().ok()? };
    nano = whole.checked_mul(unit)?.checked_add(nano)?;
    for _ in 0..too_small {
        has_rest |= nano % 10 != 0;
        nano /= 10;
        if nano == 0 {
            break;
        }
    }
    Some(nano + i128::from(has_rest))
    // ANCHOR_END: task_8_1_b
}

impl Quantity {
    /// Reads a quantity.
    pub fn parse(text: &str) -> Result<Quantity, &'static str> {
        let parts = parts(text).ok_or(NO_QUANTITY)?;
        let (kind, base, exponent) = suffix(parts.suffix).ok_or(NO_QUANTITY)?;
        let mut nano = billionths(parts.whole, parts.fraction, base, exponent).ok_or("must be smaller")?;
        if kind == Kind::Binary {
            nano = nano.min(BINARY_MAX);
        }
        Ok(Quantity { nano: if parts.negative { -nano } else { nano }, kind })
    }

    /// Reads a quantity as a manifest has it. A number without quotes has lost how it was written; its
    /// shortest text means the same number.
    pub fn read(written: &pod::Quantity) -> Result<Quantity, &'static str> {
        match written {
            pod::Quantity::Int(number) => Quantity::parse(&number.to_string()),
            pod::Quantity::Float(number) => Quantity::parse(&number.to_string()),
            pod::Quantity::Text(text) => Quantity::parse(text),
        }
    }

    /// `value` of these units, such as 1000 for thousandths: rounded up, away from zero.
    pub fn scaled(self, units_in_one: i128) -> i128 {
        div_up(self.nano, NANO / units_in_one)
    }

    /// In whole units, rounded up: bytes.
    pub fn value(self) -> i128 {
        self.scaled(1)
    }

    /// In thousandths, rounded up: milli-CPUs.
    pub fn milli(self) -> i128 {
        self.scaled(1000)
    }
}

/// `a / b`, rounded away from zero. `b` is above zero.
pub fn div_up(a: i128, b: i128) -> i128 {
    a / b + (a % b).signum()
}

/// The rule, for who has broken it.
pub const NO_QUANTITY: &str = "must be a quantity: a number, then one of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, \
                               Pi, Ei or e with an exponent, or nothing";

/// The canonical form: no fraction, and the largest suffix that allows it.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // ANCHOR: task_8_2
        // STARTER: // In billionths: right, but hard to read, until you have written it.
        // STARTER: write!(f, "{}n", self.nano)
        let whole = self.nano % NANO == 0;
        let is_small = self.nano.abs() < 1024 * NANO;
        if self.kind == Kind::Binary && whole && !is_small {
            let mut number = self.nano / NANO;
            let mut suffix = "";
            for (next, _) in BINARY {
                if number % 1024 != 0 {
                    break;
                }
                number /= 1024;
                suffix = next;
            }
            return write!(f, "{number}{suffix}");
        }
        let mut number = self.nano;
        let mut power = -3;
        // The suffixes end with E; an exponent may be any.
        while number != 0 && number % 1000 == 0 && (power < 6 || self.kind == Kind::Exponent) {
            number /= 1000;
            power += 1;
        }
        match self.kind {
            _ if number == 0 => write!(f, "0"),
            Kind::Exponent if power != 0 => write!(f, "{number}e{}", 3 * power),
            _ => write!(f, "{number}{}", DECIMAL.iter().find(|(_, it)| *it == power).map_or("", |(suffix, _)| suffix)),
        }
        // ANCHOR_END: task_8_2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical() {
        for (text, expected) in [
            ("0.5", "500m"),
            ("1.5", "1500m"),
            ("1.5Gi", "1536Mi"),
            ("0.5Gi", "512Mi"),
            ("1024Mi", "1Gi"),
            ("1000m", "1"),
            ("1.", "1"),
            (".5", "500m"),
            ("1e3", "1e3"),
            ("1E4", "10e3"),
            ("15e-1", "1500e-3"),
            ("1E", "1E"),
            ("0.1n", "1n"),
            ("-0.1n", "-1n"),
            ("1e-12", "1e-9"),
            ("0e400", "0"),
            ("0Gi", "0"),
            ("0.5Ki", "512"),
            ("1023.9999999999Ki", "1048575999999898n"),
            ("1.3Ki", "1331200m"),
            ("8Ei", "9223372036854775807"),
            ("1000E", "1000E"),
            ("1e21", "1e21"),
            ("+1k", "1k"),
        ] {
            assert_eq!(Quantity::parse(text).map(|it| it.to_string()), Ok(expected.to_owned()), "{text}");
        }
        for text in ["", "m", ".", "1K", "1ki", "1 ", " 1", "1e", "1e+", "--1", "1.5.2", "1mi", "0x10", "1_000", "inf"]
        {
            assert!(Quantity::parse(text).is_err(), "{text}");
        }
    }
}
