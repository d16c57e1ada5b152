//! The line of a field: read the text again along the path, and stop there.
//!
//! The YAML library tells a position only with an error, so arriving is one:
//! the visitor that reaches the field fails on purpose, and the library adds
//! where it stood.

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{FieldPath, Step};

const HERE: &str = "\u{1}here";

/// The line (from 1) on which the field starts in document `index` of `text`,
/// or `None` if there is no such field.
pub fn line(text: &str, index: usize, field: &FieldPath) -> Option<usize> {
    let document = serde_yaml::Deserializer::from_str(text).nth(index)?;
    let error = Walk(field.steps()).deserialize(document).err()?;
    if !error.to_string().contains(HERE) {
        return None;
    }
    error.location().map(|at| at.line())
}

struct Walk<'a>(&'a [Step]);

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { HERE } else { "a way on" })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((step, rest)) = self.0.split_first() else { return Err(A::Error::custom(HERE)) };
        let Step::Key(wanted) = step else { return Ok(()) };
        while let Some(found) = map.next_key_seed(Key { wanted, stop: rest.is_empty() })? {
            if found {
                return map.next_value_seed(Walk(rest));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Some((step, rest)) = self.0.split_first() else { return Err(A::Error::custom(HERE)) };
        let Step::Index(wanted) = step else { return Ok(()) };
        for _ in 0..*wanted {
            if list.next_element::<IgnoredAny>()?.is_none() {
                return Ok(());
            }
        }
        list.next_element_seed(Walk(rest))?;
        Ok(())
    }
}

/// Reads one key of a mapping. The last step of the path stops here, at the
/// key, and not at its value, which may start a line lower.
struct Key<'a> {
    wanted: &'a str,
    stop: bool,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = bool;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E: Error>(self, found: &str) -> Result<bool, E> {
        match found == self.wanted {
            true if self.stop => Err(E::custom(HERE)),
            same => Ok(same),
        }
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }
}
