//! Files about the pod itself, and several sources in one volume.

use std::collections::BTreeMap;

use env::keys::Kind;
use podkit::environment::Missing;
use podkit::pod::{DownwardApiFile, FieldRef, ObjectVolume, Projection};
use podkit::volumes::{Contents, Files, VolumeFile};

use crate::about;
use crate::keys::{self, Wanted, mode};

/// Each item is a file: a field of the pod, or an amount of a container's resources. `otherwise` is the mode of those
/// that have none of their own.
///
/// [`about::field`] and [`about::amount`] find the values as chapter 9's do for variables. What is new: a file may hold
/// *all* labels (`metadata.labels`), or all annotations. Each is a line `KEY="VALUE"`, with the value as
/// [`about::quoted`] writes it; the lines are sorted by key, and there is no line's end after the last one.
pub fn files(contents: &Contents, items: &[DownwardApiFile], otherwise: u32) -> Result<Files, Missing> {
    // ANCHOR: task_10_4
    todo!("task 10.4: Files about the pod itself")
    // ANCHOR_END: task_10_4
}

/// All sources in one directory. Where two have a file of one path, the later one's counts.
///
/// Each source is one of three: [`Projection::config_map`] and [`Projection::secret`] have [`keys::files`] ([`wanted`]
/// says what they want), [`Projection::downward_api`] has [`files`].
pub fn projected(contents: &Contents, sources: &[Projection], otherwise: u32) -> Result<Files, Missing> {
    // ANCHOR: task_10_4_b
    todo!("task 10.4: Files about the pod itself")
    // ANCHOR_END: task_10_4_b
}

/// What a source wants of a ConfigMap or Secret. Given.
pub fn wanted(kind: Kind, source: &ObjectVolume, mode: u32) -> Wanted<'_> {
    // A Secret has its name in one place as a volume of its own, and in another as a part of a projected one.
    let name = source.secret_name.as_deref().or(source.name.as_deref()).unwrap_or_default();
    Wanted { kind, name, items: &source.items, optional: source.optional == Some(true), mode }
}
