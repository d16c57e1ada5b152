//! What of which volume a container sees, and where.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use podkit::environment::{Around, Missing};
use podkit::pod::VolumeMount;
use podkit::volumes::Mount;

/// The mounts of a container, in the order in which they are made.
///
/// Each of its `volumeMounts` becomes a [`Mount`]: the volume's name, the part of it ([`sub_path`] says which), the
/// place in the container. It is read-only if the entry says so, and always if the kubelet makes the volume's files
/// ([`podkit::pod::Volume::is_of_files`]): what a program wrote there would be gone with the next update.
///
/// A mount covers what is below its place. So one that lies within another comes after it, whatever the manifest's
/// order is; beyond that the order stays as it is.
pub fn of_container(around: &Around) -> Result<Vec<Mount>, Missing> {
    // ANCHOR: task_10_1
    // No container sees any volume, until you have written it.
    Ok(Vec::new())
    // ANCHOR_END: task_10_1
}

/// Which part of the volume: `subPath`, or `subPathExpr` with the container's variables in it, or empty for all.
///
/// Unlike elsewhere, a variable that is not there, or is empty, is no text to be left alone: the container waits, with
/// the message of [`no_value`]. It would see a part of the volume that nobody has meant.
pub fn sub_path(around: &Around, entry: &VolumeMount) -> Result<String, Missing> {
    // ANCHOR: task_10_1_b
    // subPathExpr is not looked at, until you have written it.
    Ok(entry.sub_path.clone().unwrap_or_default())
    // ANCHOR_END: task_10_1_b
}

/// Variables that a `subPathExpr` cannot do without. Given.
pub fn no_value(names: BTreeSet<String>) -> Missing {
    Missing(format!("missing value for {}", names.into_iter().collect::<Vec<String>>().join(", ")))
}

/// A value may have brought in what chapter 1 has refused in the manifest. Given.
pub fn stays_inside(path: String) -> Result<String, Missing> {
    if path.starts_with('/') {
        Err(Missing(format!("error SubPath `{path}` must not be an absolute path")))
    } else if path.split('/').any(|part| part == "..") {
        Err(Missing(format!("unable to provision SubPath `{path}`: must not contain '..'")))
    } else {
        Ok(path)
    }
}

/// `mountPath` as a path from the container's root. Given.
fn place(mount_path: &str) -> std::path::PathBuf {
    Path::new("/").join(mount_path).components().collect()
}
