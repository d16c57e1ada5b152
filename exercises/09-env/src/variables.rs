//! Which variables a container has.

use podkit::environment::{Around, Missing, Variables};
use podkit::pod::{EnvVar, EnvVarSource};

use crate::keys::Kind;
use crate::{amounts, expand, fields, keys, services};

/// The container's own variables, as Kubernetes makes them. (The image's are no part of them: task 9.8.)
///
/// 1. Those of `envFrom`: [`keys::all`].
/// 2. Then those of `env`, one after another, in the order of the list. Each goes over what there is of its
///    name. A `value` that is not empty is [`expand`]ed, with what there is by now: the variables made so far,
///    and where those have none of this name, the services' ([`services::all`]). Else `valueFrom` is
///    asked ([`from_elsewhere`]); what it gives is taken as it is, and where it gives nothing, nothing
///    changes. A variable with neither is empty.
/// 3. Then those of the services that there is none of that name yet.
pub fn variables(around: &Around) -> Result<Variables, Missing> {
    // ANCHOR: task_9_2
    // The plain values of `env`, just as they are written, until you have written it.
    let plain = |variable: &EnvVar| Some((variable.name.clone(), variable.value.clone()?));
    Ok(around.container.env.iter().filter_map(plain).collect())
    // ANCHOR_END: task_9_2
}

/// The value of a variable's `valueFrom`; nothing if it is optional and not there. Given.
fn from_elsewhere(around: &Around, source: &EnvVarSource) -> Result<Option<String>, Missing> {
    if let Some(reference) = &source.field_ref {
        let path = &reference.field_path;
        return match fields::field(around, path) {
            Some(value) => Ok(Some(value)),
            None => Err(Missing(format!("field path {path:?} is not supported"))),
        };
    }
    if let Some(reference) = &source.resource_field_ref {
        return amounts::amount(around, reference).map(Some);
    }
    match (&source.config_map_key_ref, &source.secret_key_ref) {
        (Some(reference), _) => keys::one(around, Kind::ConfigMap, reference),
        (None, Some(reference)) => keys::one(around, Kind::Secret, reference),
        (None, None) => Ok(None),
    }
}
