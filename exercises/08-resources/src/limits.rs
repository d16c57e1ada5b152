//! What requests and limits may say.

use std::collections::BTreeMap;

use podkit::Read;
use podkit::manifest::{Document, FieldPath, Problem};
use podkit::pod::{self, Container, Resources};

use crate::quantity::{Quantity, div_up};

/// Chapter 1's reading, and then the rules for resources. Given.
pub fn read(document: &Document) -> Read {
    let mut read = (static_pods::runner().read)(document);
    let spec = &mut read.pod.spec;
    for (name, containers) in [("containers", &mut spec.containers), ("initContainers", &mut spec.init_containers)] {
        for (n, container) in containers.iter_mut().enumerate() {
            let at = FieldPath::of("spec").key(name).index(n).key("resources");
            read.problems.extend(check(container, &at));
            read.warnings.extend(doubts(container, &at));
        }
    }
    read
}

/// The problems of one container, and its amounts in canonical form. Given.
fn check(container: &mut Container, at: &FieldPath) -> Vec<Problem> {
    let Some(resources) = &mut container.resources else { return Vec::new() };
    let mut problems = Vec::new();
    let (requests, limits) = (at.key("requests"), at.key("limits"));
    for (list, field) in [(&mut resources.limits, &limits), (&mut resources.requests, &requests)] {
        for (name, written) in list {
            let mut problem = |rule: &str| problems.push(Problem::new(field.key(name), rule));
            if !is_resource(name) {
                problem("must be cpu, memory, ephemeral-storage, hugepages-SIZE, or a name such as example.com/gpu");
            }
            match accept(written) {
                Ok(amount) => *written = pod::Quantity::Text(amount.to_string()),
                Err(rule) => problem(rule),
            }
        }
    }
    // A request that chapter 1 has filled in is the limit itself.
    let above = above_limit(resources);
    problems.extend(above.into_iter().map(|(name, rule)| Problem::new(requests.key(name), rule)));
    problems
}

/// An amount as the API keeps it, or the rule that it breaks.
///
/// It must be a quantity ([`Quantity::read`]) and not below 0 ([`NEGATIVE`]). The API keeps nothing finer than
/// thousandths: the rest is rounded up ([`div_up`]).
fn accept(written: &pod::Quantity) -> Result<Quantity, &'static str> {
    // ANCHOR: task_8_3
    // Whatever is a quantity will do, until you have written it.
    Quantity::read(written)
    // ANCHOR_END: task_8_3
}

/// The rule for who asks for less than nothing.
pub const NEGATIVE: &str = "must be greater than or equal to 0";

/// The requests that are above the limit of the same resource: the resource's name, and the rule `must be less than
/// or equal to NAME limit of LIMIT`.
///
/// A request without a limit is above none, and what cannot be read is told elsewhere.
fn above_limit(resources: &Resources) -> Vec<(String, String)> {
    // ANCHOR: task_8_3_b
    // None, until you have written it.
    Vec::new()
    // ANCHOR_END: task_8_3_b
}

/// Names without a `/` are Kubernetes' own. Given.
fn is_resource(name: &str) -> bool {
    matches!(name, "cpu" | "memory" | "ephemeral-storage") || name.starts_with("hugepages-") || name.contains('/')
}

/// Legal, but likely not what was meant: `memory: 100m` is a tenth of a byte. Given.
fn doubts(container: &Container, at: &FieldPath) -> Vec<Problem> {
    let Some(resources) = &container.resources else { return Vec::new() };
    let doubt = |list: &BTreeMap<String, pod::Quantity>, field: FieldPath| {
        let amount = Quantity::read(list.get("memory")?).ok()?;
        let is_fraction = amount.nano % 1_000_000_000 != 0;
        is_fraction.then(|| Problem::new(field.key("memory"), format!("is a fraction of a byte: {amount}")))
    };
    [doubt(&resources.limits, at.key("limits")), doubt(&resources.requests, at.key("requests"))]
        .into_iter()
        .flatten()
        .collect()
}
