//! Reading a manifest: chapter 9's, and what can only be said of volumes and of security now. Given.

use std::collections::BTreeSet;

use podkit::Read;
use podkit::manifest::{Document, FieldPath, Problem};
use podkit::pod::{
    DownwardApi, DownwardApiFile, EmptyDir, FieldRef, KeyToPath, ObjectVolume, Pod, Projected, Projection, Volume,
};
use podkit::security::rules;
use resources::quantity::Quantity;

/// The pod, or everything that is wrong with it.
pub fn read(document: &Document) -> Read {
    let mut read = (env::runner().read)(document);
    let mut problems = Vec::new();
    for (n, volume) in read.pod.spec.volumes.iter().enumerate() {
        of_volume(&read.pod, volume, &FieldPath::of("spec.volumes").index(n), &mut problems);
    }
    problems.extend(rules::problems(&read.pod));
    for problem in &mut problems {
        problem.line = document.line(&problem.field);
    }
    read.problems.extend(problems);
    for projected in read.pod.spec.volumes.iter_mut().filter_map(|volume| volume.projected.as_mut()) {
        projected.default_mode.get_or_insert(0o644);
    }
    read
}

fn of_volume(pod: &Pod, volume: &Volume, at: &FieldPath, found: &mut Vec<Problem>) {
    if let Some(EmptyDir { size_limit: Some(limit), .. }) = &volume.empty_dir {
        let rule = match Quantity::read(limit) {
            Ok(limit) if limit.nano < 0 => Some("must not be less than 0"),
            Ok(_) => None,
            Err(rule) => Some(rule),
        };
        let field = at.key("emptyDir").key("sizeLimit");
        found.extend(rule.map(|rule| Problem::new(field, rule)));
    }
    for (name, source) in [("configMap", &volume.config_map), ("secret", &volume.secret)] {
        source.iter().for_each(|source| reserved(&source.items, &at.key(name), found));
    }
    if let Some(fields) = &volume.downward_api {
        downward(pod, fields, &at.key("downwardAPI"), found);
    }
    if let Some(projected) = &volume.projected {
        of_projected(pod, projected, &at.key("projected"), found);
    }
}

fn of_projected(pod: &Pod, projected: &Projected, at: &FieldPath, found: &mut Vec<Problem>) {
    mode(projected.default_mode, at.key("defaultMode"), found);
    let mut paths = BTreeSet::new();
    for (n, source) in projected.sources.iter().enumerate() {
        let at = at.key("sources").index(n);
        let sources = source.sources();
        if sources.len() != 1 {
            let has = if sources.is_empty() { "none".to_owned() } else { sources.join(" and ") };
            found.push(Problem::new(at.clone(), format!("must have one source, and has {has}")));
        }
        let Projection { config_map, secret, downward_api, .. } = source;
        for (name, object) in [("configMap", config_map), ("secret", secret)] {
            let Some(object) = object else { continue };
            let at = at.key(name);
            of_object(object, &at, found);
            for (n, item) in object.items.iter().enumerate() {
                unique(&mut paths, &item.path, at.key("items").index(n), found);
            }
        }
        if let Some(fields) = downward_api {
            let at = at.key("downwardAPI");
            downward(pod, fields, &at, found);
            for (n, item) in fields.items.iter().enumerate() {
                let at = at.key("items").index(n);
                file_path(&item.path, at.key("path"), found);
                mode(item.mode, at.key("mode"), found);
                if item.field_ref.is_some() == item.resource_field_ref.is_some() {
                    found.push(Problem::new(at.clone(), "must have one of fieldRef and resourceFieldRef"));
                }
                values(item, &at, found);
                unique(&mut paths, &item.path, at, found);
            }
        }
    }
}

fn of_object(object: &ObjectVolume, at: &FieldPath, found: &mut Vec<Problem>) {
    if object.name.as_deref().unwrap_or_default().is_empty() {
        found.push(Problem::new(at.key("name"), "is required"));
    }
    for (n, item) in object.items.iter().enumerate() {
        let at = at.key("items").index(n);
        if item.key.is_empty() {
            found.push(Problem::new(at.key("key"), "is required"));
        }
        file_path(&item.path, at.key("path"), found);
        mode(item.mode, at.key("mode"), found);
    }
    reserved(&object.items, at, found);
}

/// Of what a file can be made.
fn values(item: &DownwardApiFile, at: &FieldPath, found: &mut Vec<Problem>) {
    if let Some(FieldRef { field_path, .. }) = &item.field_ref {
        let whole = ["name", "namespace", "uid", "labels", "annotations"].map(|name| format!("metadata.{name}"));
        let lists = ["metadata.labels", "metadata.annotations"];
        let is_one_of = |(list, _): (&str, &str)| lists.contains(&list);
        if !whole.contains(field_path) && !env::fields::subscript(field_path).is_some_and(is_one_of) {
            let field = at.key("fieldRef").key("fieldPath");
            found.push(Problem::new(field, "must be a field of metadata in a volume"));
        }
    }
    if let Some(reference) = &item.resource_field_ref {
        let resource = reference.resource.split_once('.');
        let is_one = resource.is_some_and(|(list, resource)| {
            let is_known = ["cpu", "memory", "ephemeral-storage"].contains(&resource);
            ["limits", "requests"].contains(&list) && (is_known || resource.starts_with("hugepages-"))
        });
        if !is_one {
            let rule = "must be limits. or requests. and cpu, memory, ephemeral-storage or hugepages-SIZE";
            found.push(Problem::new(at.key("resourceFieldRef").key("resource"), rule));
        }
    }
}

/// Chapter 1 has looked at the rest, where the fields are a volume of their own.
fn downward(pod: &Pod, fields: &DownwardApi, at: &FieldPath, found: &mut Vec<Problem>) {
    for (n, item) in fields.items.iter().enumerate() {
        let at = at.key("items").index(n);
        starts_reserved(&item.path, at.key("path"), found);
        let Some(reference) = &item.resource_field_ref else { continue };
        let at = at.key("resourceFieldRef");
        if let Err(rule) = env::read::divisor(reference) {
            found.push(Problem::new(at.key("divisor"), rule));
        }
        let name = reference.container_name.as_deref().unwrap_or_default();
        if name.is_empty() {
            // Said already, but for a projected volume.
            let field = at.key("containerName");
            if !found.iter().any(|it| it.field == field) && field.to_string().contains("projected") {
                found.push(Problem::new(field, "is required"));
            }
        } else if pod.container(name).is_none() {
            let rule = format!("must name a container of the pod, and there is no {name}");
            found.push(Problem::new(at.key("containerName"), rule));
        }
    }
}

fn reserved(items: &[KeyToPath], at: &FieldPath, found: &mut Vec<Problem>) {
    for (n, item) in items.iter().enumerate() {
        starts_reserved(&item.path, at.key("items").index(n).key("path"), found);
    }
}

/// Names that begin with two dots are the writer's own.
fn starts_reserved(path: &str, field: FieldPath, found: &mut Vec<Problem>) {
    if path.starts_with("..") && path.split('/').all(|part| part != "..") {
        found.push(Problem::new(field, "must not start with '..'"));
    }
}

fn file_path(path: &str, field: FieldPath, found: &mut Vec<Problem>) {
    let rule = if path.is_empty() {
        "is required"
    } else if path.starts_with('/') {
        "must be a relative path"
    } else if path.split('/').any(|part| part == "..") {
        "must not contain '..'"
    } else {
        return;
    };
    found.push(Problem::new(field, rule));
}

fn mode(mode: Option<i64>, field: FieldPath, found: &mut Vec<Problem>) {
    if mode.is_some_and(|mode| !(0..=0o777).contains(&mode)) {
        found.push(Problem::new(field, "must be from 0 to 511 (octal 0777)"));
    }
}

fn unique<'a>(paths: &mut BTreeSet<&'a str>, path: &'a str, at: FieldPath, found: &mut Vec<Problem>) {
    if !path.is_empty() && !paths.insert(path) {
        found.push(Problem::new(at.key("path"), format!("must be unique in the volume: {path} is taken")));
    }
}
