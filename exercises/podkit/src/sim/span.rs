//! Lengths of time as a scenario writes them: `2s`, `500ms`, `1m30s`, `10m`.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// The longest time a script may speak of: a year.
const MOST: Duration = Duration::from_secs(365 * 24 * 3600);

/// A length of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

/// A length of time, or `forever`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lasts {
    #[default]
    Forever,
    For(Duration),
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Span, D::Error> {
        let text = String::deserialize(deserializer).map_err(|_| D::Error::custom(WANTED))?;
        parse(&text).map(Span).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Lasts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Lasts, D::Error> {
        let text = String::deserialize(deserializer).map_err(|_| D::Error::custom(WANTED))?;
        match text.as_str() {
            "forever" => Ok(Lasts::Forever),
            text => parse(text).map(Lasts::For).map_err(D::Error::custom),
        }
    }
}

const WANTED: &str = "must be a time with its unit, such as 2s, 500ms, 1m30s or 10m";

fn parse(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(span) if span <= MOST => Ok(span),
        Ok(_) => Err("must be at most a year".into()),
        Err(_) => Err(format!("{WANTED}, and is {text:?}")),
    }
}
