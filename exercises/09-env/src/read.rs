//! Reading a manifest: chapter 8's, and a rule for the divisors of `resourceFieldRef`. Given.

use podkit::Read;
use podkit::manifest::{Document, FieldPath, Problem};
use podkit::pod::{Container, ResourceFieldRef};
use resources::quantity::Quantity;

/// The pod, or everything that is wrong with it.
pub fn read(document: &Document) -> Read {
    let mut read = (resources::runner().read)(document);
    let spec = &read.pod.spec;
    for (name, containers) in [("containers", &spec.containers), ("initContainers", &spec.init_containers)] {
        for (n, container) in containers.iter().enumerate() {
            read.problems.extend(divisors(container, &FieldPath::of("spec").key(name).index(n).key("env")));
        }
    }
    read
}

fn divisors(container: &Container, at: &FieldPath) -> Vec<Problem> {
    let problem = |(n, variable): (usize, &podkit::pod::EnvVar)| {
        let reference = variable.value_from.as_ref()?.resource_field_ref.as_ref()?;
        let field = at.index(n).key("valueFrom").key("resourceFieldRef").key("divisor");
        divisor(reference).err().map(|rule| Problem::new(field, rule))
    };
    container.env.iter().enumerate().filter_map(problem).collect()
}

/// Only round numbers. 0 is as good as none.
pub fn divisor(reference: &ResourceFieldRef) -> Result<(), &'static str> {
    let Some(written) = &reference.divisor else { return Ok(()) };
    let divisor = Quantity::read(written)?;
    let is_one_of = |allowed: &[&str]| {
        allowed.iter().any(|text| Quantity::parse(text).is_ok_and(|quantity| quantity.nano == divisor.nano))
    };
    if divisor.nano == 0 {
        Ok(())
    } else if reference.resource.ends_with(".cpu") {
        if is_one_of(&["1", "1m"]) { Ok(()) } else { Err("must be 1 or 1m for cpu") }
    } else if is_one_of(&["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"]) {
        Ok(())
    } else {
        Err("must be 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi or 1Ei")
    }
}
