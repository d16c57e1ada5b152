//! Names that must be unique, and mounts that must name a volume.

use std::collections::BTreeSet;

use podkit::pod::Volume;

use crate::findings::{Findings, Place};

/// No two containers of a pod have the same name. Init containers count too:
/// logs, status and `kubectl exec -c NAME` know a container by its name alone.
///
/// The problem stands at the `name` of the later one (regular containers come first).
pub fn containers(places: &[Place], found: &mut Findings) {
    // ANCHOR: task_1_4
    let mut seen = BTreeSet::new();
    for place in places {
        let name = &place.container.name;
        if !name.is_empty() && !seen.insert(name) {
            found.problem(
                place.field.key("name"),
                format!("must be unique among the pod's containers and init containers: {name} is taken"),
            );
        }
    }
    // ANCHOR_END: task_1_4
}

/// Each mount names a volume of the pod, and has a place of its own in the container.
///
/// `mountPath` is required, may not hold a `:`, and is unique in its container.
pub fn mounts(place: &Place, volumes: &[Volume], found: &mut Findings) {
    // ANCHOR: task_1_4_b
    let mut paths = BTreeSet::new();
    for (n, mount) in place.container.volume_mounts.iter().enumerate() {
        let field = place.field.key("volumeMounts").index(n);
        if mount.name.is_empty() {
            found.problem(field.key("name"), "is required");
        } else if !volumes.iter().any(|volume| volume.name == mount.name) {
            found.problem(field.key("name"), format!("must name a volume of the pod, and there is no {}", mount.name));
        }
        let path = mount.mount_path.as_str();
        if path.is_empty() {
            found.problem(field.key("mountPath"), "is required");
        } else if path.contains(':') {
            found.problem(field.key("mountPath"), "must not contain ':'");
        } else if !paths.insert(path) {
            found.problem(field.key("mountPath"), format!("must be unique in its container: {path} is taken"));
        }
    }
    // ANCHOR_END: task_1_4_b
}

/// `subPath` stays inside the volume. Given.
pub fn sub_paths(place: &Place, found: &mut Findings) {
    for (n, mount) in place.container.volume_mounts.iter().enumerate() {
        let field = place.field.key("volumeMounts").index(n);
        if mount.sub_path.is_some() && mount.sub_path_expr.is_some() {
            found.problem(field.key("subPathExpr"), "must not be set together with subPath");
        }
        for (name, path) in [("subPath", &mount.sub_path), ("subPathExpr", &mount.sub_path_expr)] {
            let Some(path) = path else { continue };
            if path.starts_with('/') {
                found.problem(field.key(name), "must be a relative path");
            }
            if path.split('/').any(|part| part == "..") {
                found.problem(field.key(name), "must not contain '..'");
            }
        }
    }
}
