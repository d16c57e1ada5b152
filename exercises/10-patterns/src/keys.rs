//! Files from ConfigMaps and Secrets of the pod's namespace.

use std::collections::BTreeMap;

use env::keys::Kind;
use podkit::environment::{Missing, namespace};
use podkit::pod::KeyToPath;
use podkit::volumes::{Contents, Files, VolumeFile};

/// What a volume, or a source of a projected one, wants of a ConfigMap or Secret.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub kind: Kind,
    /// The object's name.
    pub name: &'a str,
    /// Which keys, and the files they become; none means all of them.
    pub items: &'a [KeyToPath],
    /// It need not be there, nor need its keys.
    pub optional: bool,
    /// The mode of each file that has none of its own.
    pub mode: u32,
}

/// The files of a ConfigMap or Secret.
///
/// [`bytes`] gives what it holds, if there is one. Without `items` each key is a file of that name. With `items` only
/// the keys named there are, each at its `path`, with its `mode` if it has one ([`mode`] reads it).
///
/// No such object, or no such key in it: if it is optional, there are none of its files, or one file less. Else Missing,
/// with the message of [`no_object`] or [`no_key`].
pub fn files(contents: &Contents, wanted: &Wanted) -> Result<Files, Missing> {
    // ANCHOR: task_10_3
    todo!("task 10.3: Files from a ConfigMap or Secret")
    // ANCHOR_END: task_10_3
}

/// What a ConfigMap or Secret of the pod's namespace holds, by key: bytes, out of their base64. Given.
pub fn bytes(contents: &Contents, wanted: &Wanted) -> Option<BTreeMap<String, Vec<u8>>> {
    let namespace = namespace(contents.pod);
    match wanted.kind {
        Kind::ConfigMap => contents.objects.config_map(namespace, wanted.name).map(|map| map.bytes()),
        Kind::Secret => contents.objects.secret(namespace, wanted.name).map(|secret| secret.bytes()),
    }
}

/// A mode as the manifest has it, or else this one. Given.
pub fn mode(written: Option<i64>, otherwise: u32) -> u32 {
    written.and_then(|mode| u32::try_from(mode).ok()).unwrap_or(otherwise)
}

/// There is no ConfigMap or Secret of that name. Given.
pub fn no_object(wanted: &Wanted) -> Missing {
    env::keys::no_object(wanted.kind, wanted.name)
}

/// It is there, and has no such key. Given.
pub fn no_key(wanted: &Wanted, key: &str) -> Missing {
    Missing(match wanted.kind {
        Kind::ConfigMap => format!("configmap references non-existent config key: {key}"),
        Kind::Secret => format!("references non-existent secret key: {key}"),
    })
}
