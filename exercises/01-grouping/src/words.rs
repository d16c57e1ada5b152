//! Fields that take one of a few words.

use podkit::manifest::FieldPath;
use podkit::pod::{Container, Handler, PodSpec, Probe};

use crate::findings::{Findings, Place};

/// A word that a manifest has chosen, and the words it may choose from.
pub struct Choice<'a> {
    pub field: FieldPath,
    pub word: &'a str,
    pub allowed: &'static [&'static str],
}

const RESTART: &[&str] = &["Always", "OnFailure", "Never"];
const DNS: &[&str] = &["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"];
const PULL: &[&str] = &["Always", "IfNotPresent", "Never"];
const MESSAGE: &[&str] = &["File", "FallbackToLogsOnError"];
const PROTOCOL: &[&str] = &["TCP", "UDP", "SCTP"];
const SCHEME: &[&str] = &["HTTP", "HTTPS"];
const MEDIUM: &[&str] = &["", "Memory"];
const HOST_PATH: &[&str] =
    &["", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"];

/// Every word of the manifest that must come from a list. What is left out is no choice.
pub fn chosen<'a>(spec: &'a PodSpec, places: &[Place<'a>]) -> Vec<Choice<'a>> {
    let mut choices = Choices(Vec::new());
    let at = FieldPath::of("spec");
    choices.add(at.key("restartPolicy"), &spec.restart_policy, RESTART);
    choices.add(at.key("dnsPolicy"), &spec.dns_policy, DNS);
    for (n, volume) in spec.volumes.iter().enumerate() {
        let field = at.key("volumes").index(n);
        if let Some(source) = &volume.empty_dir {
            choices.add(field.key("emptyDir").key("medium"), &source.medium, MEDIUM);
        }
        if let Some(source) = &volume.host_path {
            choices.add(field.key("hostPath").key("type"), &source.kind, HOST_PATH);
        }
    }
    for place in places {
        of_container(place.container, &place.field, &mut choices);
    }
    choices.0
}

fn of_container<'a>(container: &'a Container, field: &FieldPath, choices: &mut Choices<'a>) {
    choices.add(field.key("imagePullPolicy"), &container.image_pull_policy, PULL);
    choices.add(field.key("terminationMessagePolicy"), &container.termination_message_policy, MESSAGE);
    choices.add(field.key("restartPolicy"), &container.restart_policy, RESTART);
    for (n, port) in container.ports.iter().enumerate() {
        choices.add(field.key("ports").index(n).key("protocol"), &port.protocol, PROTOCOL);
    }
    for (name, probe) in [
        ("livenessProbe", &container.liveness_probe),
        ("readinessProbe", &container.readiness_probe),
        ("startupProbe", &container.startup_probe),
    ] {
        if let Some(Probe { http_get: Some(get), .. }) = probe {
            choices.add(field.key(name).key("httpGet").key("scheme"), &get.scheme, SCHEME);
        }
    }
    let Some(hooks) = &container.lifecycle else { return };
    for (name, hook) in [("postStart", &hooks.post_start), ("preStop", &hooks.pre_stop)] {
        if let Some(Handler { http_get: Some(get), .. }) = hook {
            choices.add(field.key("lifecycle").key(name).key("httpGet").key("scheme"), &get.scheme, SCHEME);
        }
    }
}

struct Choices<'a>(Vec<Choice<'a>>);

impl<'a> Choices<'a> {
    fn add(&mut self, field: FieldPath, word: &'a Option<String>, allowed: &'static [&'static str]) {
        if let Some(word) = word {
            self.0.push(Choice { field, word, allowed });
        }
    }
}

/// Holds every choice to its list. Words are written exactly so: `always` is not `Always`.
///
/// The rule names the words that are allowed, with [`listed`], and the one that was found.
pub fn check(choices: &[Choice], found: &mut Findings) {
    // ANCHOR: task_1_6
    todo!("task 1.6: Words, and what may not stand together")
    // ANCHOR_END: task_1_6
}

/// `["A", "B", "C"]` as `A, B or C`. An empty word, which means "not set", is left out.
pub fn listed(words: &[&str]) -> String {
    let words: Vec<&str> = words.iter().copied().filter(|word| !word.is_empty()).collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
