//! What a container asks for, as numbers. Given.

use std::collections::BTreeMap;

use podkit::pod::{self, Container};

use crate::quantity::{Kind, Quantity};

/// Amounts by resource: `cpu`, `memory` and so on.
pub type Amounts = BTreeMap<String, Quantity>;

/// Which of the two lists of a container's `resources`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    Requests,
    Limits,
}

/// A list of a container. Whatever is no quantity was refused when the manifest was read.
pub fn amounts(container: &Container, list: List) -> Amounts {
    let Some(resources) = &container.resources else { return Amounts::new() };
    let written = match list {
        List::Requests => &resources.requests,
        List::Limits => &resources.limits,
    };
    written.iter().filter_map(|(name, written)| Some((name.clone(), Quantity::read(written).ok()?))).collect()
}

/// One amount of a list; 0 where it has none.
pub fn amount(container: &Container, list: List, resource: &str) -> Quantity {
    get(&amounts(container, list), resource)
}

/// One amount; 0 where there is none.
pub fn get(amounts: &Amounts, resource: &str) -> Quantity {
    amounts.get(resource).copied().unwrap_or(Quantity { nano: 0, kind: Kind::Decimal })
}

/// Both together.
pub fn sum(one: &Amounts, other: &Amounts) -> Amounts {
    join(one, other, |a, b| Quantity { nano: a.nano.saturating_add(b.nano), ..a })
}

/// Of each resource the larger amount.
pub fn max(one: &Amounts, other: &Amounts) -> Amounts {
    join(one, other, |a, b| if b.nano > a.nano { b } else { a })
}

fn join(one: &Amounts, other: &Amounts, both: fn(Quantity, Quantity) -> Quantity) -> Amounts {
    let mut all = one.clone();
    for (name, amount) in other {
        all.entry(name.clone()).and_modify(|own| *own = both(*own, *amount)).or_insert(*amount);
    }
    all
}

/// As a manifest has them, in canonical form.
pub fn written(amounts: &Amounts) -> BTreeMap<String, pod::Quantity> {
    amounts.iter().map(|(name, amount)| (name.clone(), pod::Quantity::Text(amount.to_string()))).collect()
}
