//! Volumes: a unique name and one source. Given.

use std::collections::BTreeSet;

use podkit::manifest::FieldPath;
use podkit::pod::{DownwardApi, FieldRef, ObjectVolume, Volume};

use crate::findings::Findings;
use crate::{env, names};

/// All volumes of the pod.
pub fn check(volumes: &[Volume], found: &mut Findings) {
    let mut seen = BTreeSet::new();
    for (n, volume) in volumes.iter().enumerate() {
        let field = FieldPath::of("spec.volumes").index(n);
        found.name(field.key("name"), &volume.name, names::label);
        if !volume.name.is_empty() && !seen.insert(&volume.name) {
            found.problem(
                field.key("name"),
                format!("must be unique among the pod's volumes: {} is taken", volume.name),
            );
        }
        let sources = volume.sources();
        if sources.len() > 1 {
            found.problem(field.clone(), format!("must have one source, and has {}", sources.join(" and ")));
        }
        source(volume, &field, found);
    }
}

fn source(volume: &Volume, field: &FieldPath, found: &mut Findings) {
    if let Some(host_path) = &volume.host_path {
        let field = field.key("hostPath").key("path");
        if host_path.path.is_empty() {
            found.problem(field, "is required");
        } else if host_path.path.split('/').any(|part| part == "..") {
            found.problem(field, "must not contain '..'");
        }
    }
    if let Some(files) = &volume.config_map {
        let field = field.key("configMap");
        if files.name.as_deref().unwrap_or_default().is_empty() {
            found.problem(field.key("name"), "is required");
        }
        object_files(files, &field, found);
    }
    if let Some(files) = &volume.secret {
        let field = field.key("secret");
        if files.secret_name.as_deref().unwrap_or_default().is_empty() {
            found.problem(field.key("secretName"), "is required");
        }
        object_files(files, &field, found);
    }
    if let Some(fields) = &volume.downward_api {
        downward(fields, &field.key("downwardAPI"), found);
    }
}

fn object_files(files: &ObjectVolume, field: &FieldPath, found: &mut Findings) {
    mode(files.default_mode, field.key("defaultMode"), found);
    for (n, item) in files.items.iter().enumerate() {
        let field = field.key("items").index(n);
        if item.key.is_empty() {
            found.problem(field.key("key"), "is required");
        }
        file_path(&item.path, field.key("path"), found);
        mode(item.mode, field.key("mode"), found);
    }
}

fn downward(fields: &DownwardApi, field: &FieldPath, found: &mut Findings) {
    mode(fields.default_mode, field.key("defaultMode"), found);
    for (n, item) in fields.items.iter().enumerate() {
        let field = field.key("items").index(n);
        file_path(&item.path, field.key("path"), found);
        mode(item.mode, field.key("mode"), found);
        if item.field_ref.is_some() == item.resource_field_ref.is_some() {
            found.problem(field.clone(), "must have one of fieldRef and resourceFieldRef");
        }
        if let Some(FieldRef { field_path, .. }) = &item.field_ref
            && !env::is_metadata(field_path)
            && !["metadata.labels", "metadata.annotations"].contains(&field_path.as_str())
        {
            found.problem(field.key("fieldRef").key("fieldPath"), "must be a field of metadata in a volume");
        }
        if let Some(reference) = &item.resource_field_ref {
            let field = field.key("resourceFieldRef");
            if reference.container_name.as_deref().unwrap_or_default().is_empty() {
                found.problem(field.key("containerName"), "is required");
            }
            env::resource(&reference.resource, field.key("resource"), found);
        }
    }
}

/// Where a file goes inside the volume.
fn file_path(path: &str, field: FieldPath, found: &mut Findings) {
    if path.is_empty() {
        found.problem(field, "is required");
    } else if path.starts_with('/') {
        found.problem(field, "must be a relative path");
    } else if path.split('/').any(|part| part == "..") {
        found.problem(field, "must not contain '..'");
    }
}

/// Permission bits.
fn mode(mode: Option<i64>, field: FieldPath, found: &mut Findings) {
    if mode.is_some_and(|mode| !(0..=0o777).contains(&mode)) {
        found.problem(field, "must be from 0 to 511 (octal 0777)");
    }
}
