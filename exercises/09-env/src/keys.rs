//! Values from ConfigMaps and Secrets of the pod's namespace.

use std::fmt;

use podkit::environment::{Around, Missing, Variables, namespace};
use podkit::pod::KeyRef;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    ConfigMap,
    Secret,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The value of one key.
///
/// [`texts`] gives all the texts of a ConfigMap or Secret by key, if there is one. No such object, or no such key
/// in it: nothing, if the reference says `optional: true`; else Missing, with the message of
/// [`no_object`] or [`no_key`].
pub fn one(around: &Around, kind: Kind, reference: &KeyRef) -> Result<Option<String>, Missing> {
    // ANCHOR: task_9_5
    todo!("task 9.5: A key of a ConfigMap or Secret")
    // ANCHOR_END: task_9_5
}

/// The variables of `envFrom`: of each entry, in the order of the list, all keys of its ConfigMap or Secret.
///
/// A variable's name is the entry's `prefix`, if there is one, and the key. Of two with one name the later entry's
/// counts. No such object: nothing of this entry, if its reference says `optional: true`; else Missing,
/// with the message of [`no_object`].
pub fn all(around: &Around) -> Result<Variables, Missing> {
    // ANCHOR: task_9_6
    // None, until you have written it.
    Ok(Variables::new())
    // ANCHOR_END: task_9_6
}

/// All texts of a ConfigMap or Secret of the pod's namespace, by key. Given.
pub fn texts(around: &Around, kind: Kind, name: &str) -> Option<Variables> {
    let namespace = namespace(around.pod);
    match kind {
        Kind::ConfigMap => around.objects.config_map(namespace, name).map(|map| map.texts()),
        Kind::Secret => around.objects.secret(namespace, name).map(|secret| secret.texts()),
    }
}

/// There is no ConfigMap or Secret of that name. Given.
pub fn no_object(kind: Kind, name: &str) -> Missing {
    Missing(format!("{} {name:?} not found", kind.to_string().to_lowercase()))
}

/// It is there, and has no such key. Given.
pub fn no_key(around: &Around, kind: Kind, reference: &KeyRef) -> Missing {
    let KeyRef { name, key, .. } = reference;
    Missing(format!("couldn't find key {key} in {kind} {}/{name}", namespace(around.pod)))
}
