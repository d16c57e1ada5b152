//! Environment variables: names, and where values come from. Given.

use podkit::manifest::FieldPath;
use podkit::pod::{EnvFromSource, EnvVar, EnvVarSource, KeyRef};

use crate::findings::{Findings, Place};
use crate::{labels, names};

/// Fields of the pod that a variable may show.
const FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// Resources of a container that a variable may show.
const RESOURCES: [&str; 6] = [
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
];

/// `env` and `envFrom` of one container.
pub fn check(place: &Place, found: &mut Findings) {
    for (n, variable) in place.container.env.iter().enumerate() {
        let field = place.field.key("env").index(n);
        found.name(field.key("name"), &variable.name, variable_name);
        value(variable, &field.key("valueFrom"), found);
    }
    for (n, source) in place.container.env_from.iter().enumerate() {
        let field = place.field.key("envFrom").index(n);
        if let Some(prefix) = source.prefix.as_deref().filter(|prefix| !prefix.is_empty()) {
            found.name(field.key("prefix"), prefix, variable_name);
        }
        all_keys(source, &field, found);
    }
}

/// Any printable ASCII character but `=`, since Kubernetes 1.34.
fn variable_name(name: &str) -> Result<(), &'static str> {
    match name.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'=') {
        true => Ok(()),
        false => Err("must be printable ASCII characters other than '='"),
    }
}

fn value(variable: &EnvVar, field: &FieldPath, found: &mut Findings) {
    let Some(from) = &variable.value_from else { return };
    let EnvVarSource { field_ref, resource_field_ref, config_map_key_ref, secret_key_ref } = from;
    let sources =
        [field_ref.is_some(), resource_field_ref.is_some(), config_map_key_ref.is_some(), secret_key_ref.is_some()];
    match sources.into_iter().filter(|is_set| *is_set).count() {
        0 => {
            let rule = "must have one of fieldRef, resourceFieldRef, configMapKeyRef or secretKeyRef";
            found.problem(field.clone(), rule);
        }
        _ if variable.value.as_deref().is_some_and(|value| !value.is_empty()) => {
            found.problem(field.clone(), "must not be set together with value");
        }
        1 => {}
        _ => found.problem(field.clone(), "must have one source only"),
    }
    if let Some(reference) = field_ref {
        field_path(&reference.field_path, field.key("fieldRef").key("fieldPath"), found);
    }
    if let Some(reference) = resource_field_ref {
        resource(&reference.resource, field.key("resourceFieldRef").key("resource"), found);
    }
    for (name, reference) in [("configMapKeyRef", config_map_key_ref), ("secretKeyRef", secret_key_ref)] {
        if let Some(KeyRef { name: object, key, .. }) = reference {
            let field = field.key(name);
            found.name(field.key("name"), object, names::subdomain);
            found.name(field.key("key"), key, object_key);
        }
    }
}

/// A field of the pod that a variable may show.
fn field_path(path: &str, field: FieldPath, found: &mut Findings) {
    if path.is_empty() {
        found.problem(field, "is required");
    } else if !FIELDS.contains(&path) && !is_metadata(path) {
        found.problem(
            field,
            format!("must be metadata.labels['KEY'], metadata.annotations['KEY'] or one of {}", FIELDS.join(", ")),
        );
    }
}

/// `metadata.name`, `metadata.namespace`, `metadata.uid`, or one label or annotation by its key.
pub fn is_metadata(path: &str) -> bool {
    let by_key = |kind: &str| path.strip_prefix(kind)?.strip_prefix("['")?.strip_suffix("']");
    match (by_key("metadata.labels"), by_key("metadata.annotations")) {
        (Some(key), _) => labels::key(key).is_ok(),
        (_, Some(key)) => labels::key(&key.to_ascii_lowercase()).is_ok(),
        _ => FIELDS[..3].contains(&path),
    }
}

/// A resource of a container, such as `limits.cpu`.
pub fn resource(name: &str, field: FieldPath, found: &mut Findings) {
    let huge_pages = ["limits.hugepages-", "requests.hugepages-"];
    if name.is_empty() {
        found.problem(field, "is required");
    } else if !RESOURCES.contains(&name) && !huge_pages.iter().any(|prefix| name.starts_with(prefix)) {
        found.problem(field, format!("must be one of {}", RESOURCES.join(", ")));
    }
}

fn all_keys(source: &EnvFromSource, field: &FieldPath, found: &mut Findings) {
    let EnvFromSource { config_map_ref, secret_ref, .. } = source;
    if config_map_ref.is_some() == secret_ref.is_some() {
        found.problem(field.clone(), "must have one of configMapRef and secretRef");
    }
    for (name, reference) in [("configMapRef", config_map_ref), ("secretRef", secret_ref)] {
        if let Some(reference) = reference {
            found.name(field.key(name).key("name"), &reference.name, names::subdomain);
        }
    }
}

/// The key of a ConfigMap or Secret: it becomes the name of a file.
fn object_key(key: &str) -> Result<(), &'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    match key.len() <= 253 && key.chars().all(allowed) && !key.starts_with("..") && key != "." {
        true => Ok(()),
        false => Err("must be at most 253 letters, digits, '-', '_' or '.', and be no name like '..'"),
    }
}
