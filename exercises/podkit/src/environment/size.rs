//! How long texts become when `$(NAME)` is replaced, without replacing anything.
//!
//! A variable may hold another one ten times, and that one the next: after twelve steps a manifest of a
//! thousand bytes asks for more memory than any machine has. The kernel takes no such text for a program
//! (execve(2): a text has at most 128 KiB, all of them together 6 MiB), so it is refused before it is made.

use std::collections::BTreeMap;

use super::{Around, Missing, namespace};
use crate::pod::{Container, EnvVar};

const MOST: usize = 128 << 10;
const MOST_TOGETHER: usize = 6 << 20;
/// What no part of the manifest says, a service's address for example, is shorter.
const SHORT: usize = 256;

/// Can the container's environment be made?
pub fn check(around: &Around) -> Result<(), Missing> {
    let mut lengths = from_objects(around);
    let mut together = 0_usize;
    for variable in &around.container.env {
        let length = match &variable.value {
            Some(value) => expanded(&format!("variable {}", variable.name), value, &lengths)?,
            None => from_elsewhere(around, variable),
        };
        lengths.insert(variable.name.clone(), length);
        together = together.saturating_add(length);
    }
    for word in around.container.command.iter().chain(&around.container.args) {
        together = together.saturating_add(expanded("a word of command and args", word, &lengths)?);
    }
    probes(around.container)?;
    match together > MOST_TOGETHER {
        true => Err(Missing(format!("command, args and variables together have more than {MOST_TOGETHER} bytes"))),
        false => Ok(()),
    }
}

/// The commands of exec probes see what stands under `env`, just as it is written.
fn probes(container: &Container) -> Result<(), Missing> {
    let length = |variable: &EnvVar| variable.value.as_ref().map_or(0, String::len);
    let written = container.env.iter().map(|it| (it.name.clone(), length(it))).collect();
    let probes = [&container.liveness_probe, &container.readiness_probe, &container.startup_probe];
    let commands = probes.into_iter().flatten().filter_map(|probe| probe.exec.as_ref());
    let mut words = commands.flat_map(|exec| &exec.command);
    words.try_for_each(|word| expanded("a word of a probe's command", word, &written).map(drop))
}

/// The length of a text with all values put in.
fn expanded(what: &str, text: &str, lengths: &BTreeMap<String, usize>) -> Result<usize, Missing> {
    let names = names(text);
    let values = names.iter().map(|name| lengths.get(*name).copied().unwrap_or(SHORT));
    let length = values.fold(text.len(), usize::saturating_add);
    match !names.is_empty() && length > MOST {
        true => Err(Missing(format!("{what} would have more than {MOST} bytes with its variables put in"))),
        false => Ok(length),
    }
}

/// The names in `$(NAME)`; two dollars are none.
fn names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('$') {
        rest = after.strip_prefix('$').unwrap_or(after);
        if rest.len() == after.len()
            && let Some((name, behind)) = after.strip_prefix('(').and_then(|inside| inside.split_once(')'))
        {
            names.push(name);
            rest = behind;
        }
    }
    names
}

/// The variables of `envFrom`.
fn from_objects(around: &Around) -> BTreeMap<String, usize> {
    let mut lengths = BTreeMap::new();
    for source in &around.container.env_from {
        let prefix = source.prefix.as_deref().unwrap_or_default();
        let namespace = namespace(around.pod);
        let map = source.config_map_ref.as_ref().and_then(|it| around.objects.config_map(namespace, &it.name));
        let secret = source.secret_ref.as_ref().and_then(|it| around.objects.secret(namespace, &it.name));
        let texts = map.map(|it| it.texts()).or_else(|| secret.map(|it| it.texts())).unwrap_or_default();
        lengths.extend(texts.into_iter().map(|(key, text)| (format!("{prefix}{key}"), text.len())));
    }
    lengths
}

fn from_elsewhere(around: &Around, variable: &EnvVar) -> usize {
    let Some(source) = &variable.value_from else { return 0 };
    let namespace = namespace(around.pod);
    if let Some(key) = &source.config_map_key_ref {
        let map = around.objects.config_map(namespace, &key.name);
        return map.and_then(|it| Some(it.texts().get(&key.key)?.len())).unwrap_or(0);
    }
    if let Some(key) = &source.secret_key_ref {
        let secret = around.objects.secret(namespace, &key.name);
        return secret.and_then(|it| Some(it.texts().get(&key.key)?.len())).unwrap_or(0);
    }
    // A field of the pod: an annotation is the longest of them.
    let meta = &around.pod.metadata;
    meta.annotations.values().chain(meta.labels.values()).map(String::len).max().unwrap_or(0).max(SHORT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::NodeFacts;
    use crate::objects::Objects;
    use crate::pod::Pod;

    fn variable((name, value): (String, String)) -> EnvVar {
        EnvVar { name, value: Some(value), value_from: None }
    }

    fn said(env: Vec<EnvVar>) -> Result<(), String> {
        let container = Container { env, ..Container::default() };
        let (pod, node) = (Pod::default(), NodeFacts::of_machine("node"));
        let (image, objects) = (crate::image::resolve("host", &[], None).unwrap(), Objects::default());
        let around =
            Around { pod: &pod, container: &container, image: &image, node: &node, pod_ips: &[], objects: &objects };
        check(&around).map_err(|missing| missing.0)
    }

    #[test]
    fn what_grows_tenfold_with_each_step_is_refused_before_it_is_made() {
        let step = |n: usize| (format!("A{n}"), format!("$(A{})", n.wrapping_sub(1)).repeat(10));
        let chain = |steps| (1..steps).map(step).chain([("A0".to_owned(), "x".repeat(10))]);
        // A0 is last, so nothing is known of it: each step is short text, ten times as long as the one before.
        let mut ordered: Vec<_> = chain(13).collect();
        ordered.rotate_right(1);
        let error = said(ordered.into_iter().map(variable).collect()).unwrap_err();
        assert!(error.contains("variable A") && error.contains("131072"), "{error}");
        let mut few: Vec<_> = chain(3).collect();
        few.rotate_right(1);
        assert_eq!(said(few.into_iter().map(variable).collect()), Ok(()));
    }

    #[test]
    fn many_long_ones_are_too_much_together() {
        let long = |n: usize| variable((format!("A{n}"), "x".repeat(100 << 10)));
        assert_eq!(said((0..50).map(long).collect()), Ok(()));
        assert!(said((0..100).map(long).collect()).unwrap_err().contains("together"));
    }

    #[test]
    fn names_are_found_as_they_are_replaced() {
        assert_eq!(names("$(A) $$(B) $$$(C) $(D $(E)"), ["A", "C", "D $(E"]);
    }
}
