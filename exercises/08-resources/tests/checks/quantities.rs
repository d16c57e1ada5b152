//! Tasks 8.1 and 8.2: quantities.

use crate::kit::{nano, one};
use podcheck::{Cli, Result};

/// What `quantity` makes of each: `TEXT = CANONICAL`.
fn written(texts: &[&str]) -> Result<(podcheck::Ran, Vec<String>)> {
    let ran = Cli::new("quantity").args(texts).run()?;
    ran.expect_code(0)?;
    let lines: Vec<String> = ran.stdout_lines();
    ran.expect("lines printed", texts.len(), lines.len() == texts.len(), lines.len())?;
    let canonical = lines.iter().map(|line| line.split(" = ").nth(1).unwrap_or_default().to_owned()).collect();
    Ok((ran, canonical))
}

/// Each text means so many billionths; how they are written again is task 8.2's business.
fn mean(cases: &[(&str, i128)]) -> Result {
    let texts: Vec<&str> = cases.iter().map(|(text, _)| *text).collect();
    let (ran, observed) = written(&texts)?;
    for ((text, expected), observed) in cases.iter().zip(observed) {
        let same = nano(&observed) == Some(*expected);
        ran.expect(format!("the quantity {text}, in billionths"), expected, same, format!("{observed} is printed"))?;
    }
    Ok(())
}

/// Each text is written like this.
fn are_written(cases: &[(&str, &str)]) -> Result {
    let texts: Vec<&str> = cases.iter().map(|(text, _)| *text).collect();
    let (ran, observed) = written(&texts)?;
    for ((text, expected), observed) in cases.iter().zip(observed) {
        ran.expect(format!("the canonical form of {text}"), expected, *expected == observed, observed)?;
    }
    Ok(())
}

const ONE: i128 = 1_000_000_000;

pub fn every_suffix() -> Result {
    let mut cases = vec![("3", 3 * ONE), ("0", 0), ("-2", -2 * ONE), ("+2", 2 * ONE), ("-0.5", -ONE / 2)];
    let decimal = ["3n", "3u", "3m", "3", "3k", "3M", "3G", "3T", "3P", "3E"];
    cases.extend(decimal.iter().enumerate().map(|(n, text)| (*text, 3 * 1000_i128.pow(n as u32))));
    let binary = ["3Ki", "3Mi", "3Gi", "3Ti", "3Pi", "3Ei"];
    cases.extend(binary.iter().enumerate().map(|(n, text)| (*text, 3 * ONE * 1024_i128.pow(n as u32 + 1))));
    mean(&cases)
}

/// `1E` is an exa, `1E0` a one.
pub fn exponents() -> Result {
    mean(&[
        ("1e3", 1000 * ONE),
        ("1E3", 1000 * ONE),
        ("2e+1", 20 * ONE),
        ("5e-1", ONE / 2),
        ("1.5E2", 150 * ONE),
        ("1e0", ONE),
        ("7e-9", 7),
        ("1E", 1_000_000_000 * 1_000_000_000 * ONE),
        ("0e99", 0),
        ("0e-99", 0),
    ])?;
    refused(&["1e", "1e+", "1e1.5", "e3", "1f3"], "1e1")
}

/// Where floats would lose something.
pub fn fractions_are_exact() -> Result {
    mean(&[
        ("0.1", 100_000_000),
        (".5", ONE / 2),
        ("5.", 5 * ONE),
        ("00012.50", 12 * ONE + ONE / 2),
        ("0.3", 300_000_000),
        ("123456789.987654321", 123_456_789_987_654_321),
        ("9007199254740993", 9_007_199_254_740_993 * ONE),
        ("1.1Gi", 1_181_116_006_400_000_000),
        ("0.000000001Ki", 1024),
        ("2.5e-1", ONE / 4),
        ("1.234567890123456789E", 1_234_567_890_123_456_789 * ONE),
    ])?;
    // A number without quotes is one, too.
    let seen = one("{requests: {cpu: 0.1, memory: 1e3}, limits: {cpu: 0.3, memory: 9007199254740993}}").seen()?;
    seen.expect_amount("requests.cpu, written 0.1", "/containers/0/requests/cpu", "100m")?;
    seen.expect_amount("requests.memory, written 1e3", "/containers/0/requests/memory", "1k")?;
    seen.expect_amount("limits.cpu, written 0.3", "/containers/0/limits/cpu", "300m")?;
    seen.expect_amount("limits.memory, written 9007199254740993", "/containers/0/limits/memory", "9007199254740993")
}

/// Up means away from zero.
pub fn what_is_finer_is_rounded_up() -> Result {
    let long = format!("0.{}1", "0".repeat(80));
    mean(&[
        ("0.1n", 1),
        ("-0.1n", -1),
        ("0.11n", 1),
        ("1.0000000001", ONE + 1),
        ("-1.0000000001", -ONE - 1),
        ("1.9n", 2),
        ("1e-10", 1),
        ("11e-10", 2),
        ("10e-10", 1),
        ("1e-400", 1),
        ("20.5e-11", 1),
        ("100e-11", 1),
        ("101e-11", 2),
        ("0.0000000000", 0),
        ("2.0000000000", 2 * ONE),
        (&long, 1),
        ("0.0000000000001Ki", 1),
    ])
}

pub fn what_is_no_quantity() -> Result {
    refused(
        &[
            "", "m", ".", "1K", "1ki", "1mi", "1kI", "1 Gi", " 1", "1 ", "--1", "+-1", "1.5.2", "1_000", "0x10",
            "1GiB", "Ki", "inf", "1e++3",
        ],
        "1Ki",
    )?;
    let ran = one("{limits: {cpu: 1, memory: 1K}}").check()?;
    ran.expect_code(2)?;
    let problem = ran.json()?["problems"][0].clone();
    ran.expect_eq(
        "the field of the first problem",
        "spec.containers[0].resources.limits.memory",
        crate::kit::text_of(&problem["field"]).as_str(),
    )
    .map(|_| ())
}

/// Not a quantity: exit status 2, and a word about it. `control` is one.
fn refused(texts: &[&str], control: &str) -> Result {
    for text in texts {
        let ran = Cli::new("quantity").args([control, text]).run()?;
        let prints = ran.stdout().starts_with(&format!("{control} = "));
        ran.expect(format!("{control}, before {text:?}"), "its canonical form", prints, ran.stdout())?;
        ran.expect(format!("the exit status for {text:?}, no quantity"), 2, ran.code() == 2, ran.stdout())?;
        let says = ran.stderr().contains("must be a quantity");
        ran.expect(format!("what is said of {text:?}"), "must be a quantity ...", says, ran.stderr())?;
    }
    Ok(())
}

/// Neither a panic nor a wrong number.
pub fn more_than_can_be_counted() -> Result {
    mean(&[("8Ei", i64::MAX as i128 * ONE), ("1000Ei", i64::MAX as i128 * ONE), ("1e20", 10_i128.pow(29))])?;
    let digits = "9".repeat(60);
    for text in ["1e40", "1e2147483647", "9e2147483648", "999999999999E999", &digits] {
        let ran = Cli::new("quantity").args(["1", text]).run()?;
        ran.expect(format!("the exit status for {text}"), 2, ran.code() == 2, ran.code())?;
        ran.expect("the quantity before it", "1 = ...", ran.stdout().starts_with("1 = "), ran.stdout())?;
    }
    Ok(())
}

pub fn no_fraction_and_the_largest_suffix() -> Result {
    are_written(&[
        ("0.5", "500m"),
        ("1.5", "1500m"),
        ("1000m", "1"),
        ("100m", "100m"),
        ("1000", "1k"),
        ("1001", "1001"),
        ("200M", "200M"),
        ("1500k", "1500k"),
        ("1000000", "1M"),
        ("2000G", "2T"),
        ("1000P", "1E"),
        ("5000E", "5000E"),
        ("0.001", "1m"),
        ("0.000002", "2u"),
        ("0.000000003", "3n"),
        ("1.000000001", "1000000001n"),
        ("-1.5", "-1500m"),
        ("-2000", "-2k"),
        ("0", "0"),
        ("0m", "0"),
        ("0G", "0"),
    ])
}

pub fn binary_where_it_fits() -> Result {
    are_written(&[
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("0.5Gi", "512Mi"),
        ("1000Ki", "1000Ki"),
        ("1Ki", "1Ki"),
        ("1.5Ki", "1536"),
        ("1Ei", "1Ei"),
        ("1024Pi", "1Ei"),
        ("-2048Ki", "-2Mi"),
        // Too small for a suffix.
        ("0.5Ki", "512"),
        ("0.9990234375Ki", "1023"),
        ("0.9765625Ki", "1k"),
        ("-0.9765625Ki", "-1k"),
        ("0Mi", "0"),
        // No whole number.
        ("1.3Ki", "1331200m"),
        ("8Ei", "9223372036854775807"),
        // Not written in binary: not told in binary.
        ("1024", "1024"),
        ("1048576", "1048576"),
    ])
}

pub fn an_exponent_stays_one() -> Result {
    are_written(&[
        ("1e3", "1e3"),
        ("1E4", "10e3"),
        ("1e6", "1e6"),
        ("15e-1", "1500e-3"),
        ("1e1", "10"),
        ("100e1", "1e3"),
        // No suffix goes that far.
        ("1e21", "1e21"),
        ("5000e24", "5e27"),
        ("0e3", "0"),
    ])
}

pub fn read_again_it_is_the_same() -> Result {
    let texts = ["0.1", "1.1Gi", "1.3Ki", "12345678.9", "3e7", "0.75Ti", "777Pi", "1e-5", "1023Ki", "0.3n"];
    let (_, first) = written(&texts)?;
    let again: Vec<&str> = first.iter().map(String::as_str).collect();
    let (ran, second) = written(&again)?;
    for (first, second) in first.iter().zip(second) {
        ran.expect(format!("the canonical form of {first}"), first, *first == second, second)?;
    }
    // The point of it: a billionth is the smallest unit, and few amounts need it.
    are_written(&[("0.1", "100m"), ("12345678.9", "12345678900m")])
}
