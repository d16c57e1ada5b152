//! Is it a pod at all, and is everything there that a pod cannot do without? Given.

use podkit::manifest::{Document, FieldPath, Problem};
use podkit::pod::Pod;

use crate::findings::{Findings, Place};
use crate::names;

/// What other kinds are, for whoever hands one in.
const OTHER_KINDS: [(&str, &str); 8] = [
    ("Deployment", "it makes pods from spec.template: hand in that pod"),
    ("ReplicaSet", "it makes pods from spec.template: hand in that pod"),
    ("StatefulSet", "it makes pods from spec.template: hand in that pod"),
    ("DaemonSet", "it makes pods from spec.template: hand in that pod"),
    ("ReplicationController", "it makes pods from spec.template: hand in that pod"),
    ("Job", "it makes pods from spec.template: hand in that pod"),
    ("CronJob", "it makes jobs, which make pods: hand in the pod"),
    ("List", "hand in its items as documents with `---` between them"),
];

/// The one problem of a document that is something else than a pod.
pub fn other_kind(document: &Document) -> Option<Problem> {
    let kind = document.kind().filter(|kind| !kind.is_empty() && *kind != "Pod")?;
    let hint = OTHER_KINDS.iter().find(|(name, _)| *name == kind).map(|(_, hint)| format!(" ({hint})"));
    let rule = format!("must be Pod, and is {kind}{}", hint.unwrap_or_default());
    Some(Problem::new(FieldPath::of("kind"), rule))
}

/// apiVersion, kind, metadata.name and at least one container.
pub fn check(pod: &Pod, found: &mut Findings) {
    match pod.api_version.as_str() {
        "v1" => {}
        "" => found.problem(FieldPath::of("apiVersion"), "is required: v1"),
        other => found.problem(FieldPath::of("apiVersion"), format!("must be v1 for a Pod, and is {other}")),
    }
    if pod.kind.is_empty() {
        found.problem(FieldPath::of("kind"), "is required: Pod");
    }
    let name = FieldPath::of("metadata.name");
    match &pod.metadata.generate_name {
        // Five characters will follow the prefix, so it may end in '-'.
        Some(prefix) if pod.metadata.name.is_empty() => {
            found.name(FieldPath::of("metadata.generateName"), prefix.trim_end_matches('-'), names::subdomain);
        }
        _ => found.name(name, &pod.metadata.name, names::subdomain),
    }
    if let Some(namespace) = &pod.metadata.namespace {
        found.name(FieldPath::of("metadata.namespace"), namespace, names::label);
    }
    let spec = &pod.spec;
    if spec.containers.is_empty() {
        found.problem(FieldPath::of("spec.containers"), "is required: a pod has at least one container");
    }
    let optional = [
        ("hostname", &spec.hostname, names::label as fn(&str) -> _),
        ("subdomain", &spec.subdomain, names::label),
        ("nodeName", &spec.node_name, names::subdomain),
        ("serviceAccountName", &spec.service_account_name, names::subdomain),
    ];
    for (field, value, rule) in optional {
        // Left empty is as good as left out.
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            found.name(FieldPath::of("spec").key(field), value, rule);
        }
    }
}

/// A container has a name and an image.
pub fn container(place: &Place, found: &mut Findings) {
    found.name(place.field.key("name"), &place.container.name, names::label);
    let image = place.container.image.as_deref().unwrap_or_default();
    if image.is_empty() {
        found.problem(place.field.key("image"), "is required");
    } else if image.trim() != image {
        found.problem(place.field.key("image"), "must not have blanks before or after it");
    }
}
