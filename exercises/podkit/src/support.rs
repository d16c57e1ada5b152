//! Which fields of a pod a runner does not honour, and whether it may run the pod all the same.
//!
//! A part that no chapter has filled in yet is only missed by a manifest that
//! needs it. The pod is then refused: run without its init containers or its
//! limits it would be another pod. A field that only speaks of a cluster
//! (a node selector, say) is told and passed over.

mod cluster;
mod security;

use crate::manifest::FieldPath;
use crate::pod::{Container, Pod, PodSpec, Volume};
use crate::runner::Runner;

/// A field that is set and not honoured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    pub field: FieldPath,
    pub why: String,
    /// `run` refuses the pod.
    pub stops: bool,
}

/// Every field of the pod that this runner does not honour, in the order of the manifest.
pub fn gaps(runner: &Runner, pod: &Pod) -> Vec<Gap> {
    let mut list = List(Vec::new());
    let spec = FieldPath::root().key("spec");
    pod_gaps(runner, &pod.spec, &spec, &mut list);
    for (at, containers) in [("initContainers", &pod.spec.init_containers), ("containers", &pod.spec.containers)] {
        for (n, container) in containers.iter().enumerate() {
            container_gaps(runner, container, &spec.key(at).index(n), &mut list);
        }
    }
    list.0
}

/// Fields that name an object of the API server. A kubelet refuses a static pod with any of them, also where it is
/// optional: the API server may not be there yet.
pub fn api_references(pod: &Pod) -> Vec<FieldPath> {
    let spec = FieldPath::of("spec");
    let mut fields = Vec::new();
    if pod.spec.service_account_name.as_ref().is_some_and(|name| !name.is_empty()) {
        fields.push(spec.key("serviceAccountName"));
    }
    for (n, volume) in pod.spec.volumes.iter().enumerate() {
        let field = spec.key("volumes").index(n);
        let sources = [("configMap", volume.config_map.is_some()), ("secret", volume.secret.is_some())];
        fields.extend(sources.iter().filter(|(_, is_set)| *is_set).map(|(name, _)| field.key(*name)));
        for (n, source) in volume.projected.iter().flat_map(|it| &it.sources).enumerate() {
            let field = field.key("projected").key("sources").index(n);
            let sources = [("configMap", source.config_map.is_some()), ("secret", source.secret.is_some())];
            fields.extend(sources.iter().filter(|(_, is_set)| *is_set).map(|(name, _)| field.key(*name)));
        }
    }
    for (at, containers) in [("initContainers", &pod.spec.init_containers), ("containers", &pod.spec.containers)] {
        for (n, container) in containers.iter().enumerate() {
            let field = spec.key(at).index(n);
            fields.extend((0..container.env_from.len()).map(|n| field.key("envFrom").index(n)));
            for (n, variable) in container.env.iter().enumerate() {
                let Some(from) = &variable.value_from else { continue };
                if from.config_map_key_ref.is_some() || from.secret_key_ref.is_some() {
                    fields.push(field.key("env").index(n).key("valueFrom"));
                }
            }
        }
    }
    fields
}

struct List(Vec<Gap>);

impl List {
    /// The pod cannot do without it.
    fn stop(&mut self, is_set: bool, field: FieldPath, why: &str) {
        self.add(is_set, field, why, true);
    }

    /// It makes no difference to the programs of a single pod on a single node.
    fn tell(&mut self, is_set: bool, field: FieldPath, why: &str) {
        self.add(is_set, field, why, false);
    }

    fn add(&mut self, is_set: bool, field: FieldPath, why: &str, stops: bool) {
        if is_set {
            self.0.push(Gap { field, why: why.to_owned(), stops });
        }
    }
}

const OWN_NAMESPACES: &str = "a rootless pod always has namespaces of its own";
const VARIABLE: &str = "it names a variable as $(NAME), and putting its value there comes in chapter 9";

fn pod_gaps(runner: &Runner, spec: &PodSpec, at: &FieldPath, list: &mut List) {
    let policy = spec.restart_policy.as_deref();
    // A runner that runs nothing restarts nothing either.
    let no_lifecycle = runner.runtime.is_some() && runner.plan.is_none();
    list.tell(
        no_lifecycle && policy.is_some_and(|p| p != "Never"),
        at.key("restartPolicy"),
        "restarts come in chapter 3",
    );
    list.stop(
        !runner.init && !spec.init_containers.is_empty(),
        at.key("initContainers"),
        "init containers come in chapter 5",
    );
    volume_gaps(runner, &spec.volumes, &at.key("volumes"), list);
    list.stop(
        spec.share_process_namespace == Some(true) && !runner.runtime.is_some_and(|runtime| runtime.shares_processes),
        at.key("shareProcessNamespace"),
        "a shared PID namespace comes in chapter 6",
    );
    list.stop(spec.host_network == Some(true), at.key("hostNetwork"), OWN_NAMESPACES);
    list.stop(spec.host_pid == Some(true), at.key("hostPID"), OWN_NAMESPACES);
    list.stop(spec.host_ipc == Some(true), at.key("hostIPC"), OWN_NAMESPACES);
    security::gaps(runner, spec.security_context.as_ref(), &at.key("securityContext"), list);
    list.tell(
        no_lifecycle && spec.active_deadline_seconds.is_some(),
        at.key("activeDeadlineSeconds"),
        "deadlines come in chapter 3",
    );
    list.tell(
        spec.dns_config.is_some(),
        at.key("dnsConfig"),
        "it is written to /etc/resolv.conf, and pods have no way out to a name server yet",
    );
    cluster::gaps(spec, at, list);
}

fn volume_gaps(runner: &Runner, volumes: &[Volume], at: &FieldPath, list: &mut List) {
    if runner.volumes.is_none() {
        return list.stop(!volumes.is_empty(), at.clone(), "volumes come in chapter 10");
    }
    for (n, volume) in volumes.iter().enumerate() {
        let field = at.index(n);
        for source in volume.elsewhere() {
            list.stop(true, field.key(source), "such a volume takes a cluster or a driver, and there is none here");
        }
        let huge = volume.empty_dir.as_ref().and_then(|it| it.medium.as_deref());
        let is_huge = huge.is_some_and(|medium| medium.starts_with("HugePages"));
        list.stop(is_huge, field.key("emptyDir").key("medium"), "huge pages are not given out here");
        for (n, source) in volume.projected.iter().flat_map(|it| &it.sources).enumerate() {
            let field = field.key("projected").key("sources").index(n);
            for source in source.elsewhere() {
                list.stop(true, field.key(source), "only an API server can give it out, and there is none here");
            }
        }
    }
}

fn container_gaps(runner: &Runner, container: &Container, at: &FieldPath, list: &mut List) {
    // A name that is none of the container's variables is left as it is, by the kubelet too.
    let no_env = runner.env.is_none();
    let is_variable =
        |word: &String| no_env && container.env.iter().any(|it| word.contains(&format!("$({})", it.name)));
    let probes = "probes come in chapter 4";
    let no_probes = runner.probes.is_none();
    // Without a tag, or with `latest`, Always is the default and says nothing about what somebody wanted.
    let image = container.image.as_deref().unwrap_or_default();
    let is_asked = image.rsplit('/').next().is_some_and(|it| it.contains([':', '@']) && !it.ends_with(":latest"));
    list.tell(
        runner.images.is_some() && is_asked && container.image_pull_policy.as_deref() == Some("Always"),
        at.key("imagePullPolicy"),
        "nothing is downloaded: the image that is here is used",
    );
    list.stop(no_probes && container.liveness_probe.is_some(), at.key("livenessProbe"), probes);
    list.stop(no_probes && container.readiness_probe.is_some(), at.key("readinessProbe"), probes);
    list.stop(no_probes && container.startup_probe.is_some(), at.key("startupProbe"), probes);
    for (name, probe) in [
        ("livenessProbe", &container.liveness_probe),
        ("readinessProbe", &container.readiness_probe),
        ("startupProbe", &container.startup_probe),
    ] {
        let words = probe.iter().filter_map(|probe| probe.exec.as_ref()).flat_map(|exec| &exec.command);
        let field = at.key(name).key("exec").key("command");
        list.stop(words.clone().any(is_variable), field, VARIABLE);
    }
    let no_lifecycle = runner.plan.is_none();
    list.stop(no_lifecycle && container.lifecycle.is_some(), at.key("lifecycle"), "hooks come in chapter 3");
    list.stop(
        runner.resources.is_none()
            && container.resources.as_ref().is_some_and(|r| !r.limits.is_empty() || !r.requests.is_empty()),
        at.key("resources"),
        "resources come in chapter 8",
    );
    list.stop(no_env && !container.env_from.is_empty(), at.key("envFrom"), "ConfigMaps and Secrets come in chapter 9");
    for (n, variable) in container.env.iter().enumerate() {
        let field = at.key("env").index(n);
        let from_elsewhere = no_env && variable.value_from.is_some();
        list.stop(from_elsewhere, field.key("valueFrom"), "values from elsewhere come in chapter 9");
        list.stop(variable.value.as_ref().is_some_and(is_variable), field.key("value"), VARIABLE);
    }
    for (name, words) in [("command", &container.command), ("args", &container.args)] {
        list.stop(words.iter().any(is_variable), at.key(name), VARIABLE);
    }
    let no_volumes = runner.volumes.is_none();
    list.stop(no_volumes && !container.volume_mounts.is_empty(), at.key("volumeMounts"), "volumes come in chapter 10");
    for (n, mount) in container.volume_mounts.iter().enumerate() {
        let field = at.key("volumeMounts").index(n).key("mountPropagation");
        let is_shared = mount.mount_propagation.as_deref().is_some_and(|it| it != "None");
        list.stop(is_shared, field, "mounts made later stay where they were made: only None is honoured");
    }
    list.stop(
        !container.volume_devices.is_empty(),
        at.key("volumeDevices"),
        "a block device comes from a PersistentVolumeClaim, and there is no cluster here",
    );
    security::gaps(runner, container.security_context.as_ref(), &at.key("securityContext"), list);
    for (n, port) in container.ports.iter().enumerate() {
        let field = at.key("ports").index(n).key("hostPort");
        list.tell(port.host_port.is_some_and(|p| p != 0), field, "no port is published on the host yet");
    }
    let no_resize = "the resources of a container that runs are not changed here";
    list.tell(!container.resize_policy.is_empty(), at.key("resizePolicy"), no_resize);
    let rules = "only restartPolicy itself is honoured";
    list.stop(!container.restart_policy_rules.is_empty(), at.key("restartPolicyRules"), rules);
    list.tell(container.stdin == Some(true), at.key("stdin"), "a container's input is /dev/null");
    list.tell(container.tty == Some(true), at.key("tty"), "a container has no terminal");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Document;

    #[test]
    fn a_static_pod_may_not_name_what_lives_in_the_api_server() {
        let text = "spec:\n  serviceAccountName: robot\n  volumes: [{ name: v, secret: { secretName: s } }, { name: e }]\n  containers:\n  \
                    - envFrom: [{ configMapRef: { name: m, optional: true } }]\n    env:\n    - { name: A, value: x }\n    \
                    - { name: B, valueFrom: { secretKeyRef: { name: s, key: k } } }\n    \
                    - { name: C, valueFrom: { fieldRef: { fieldPath: metadata.name } } }\n";
        let pod = Document::parse(text).unwrap()[0].decode::<Pod>().unwrap().value;
        let fields: Vec<String> = api_references(&pod).iter().map(ToString::to_string).collect();
        let expected = [
            "spec.serviceAccountName",
            "spec.volumes[0].secret",
            "spec.containers[0].envFrom[0]",
            "spec.containers[0].env[1].valueFrom",
        ];
        assert_eq!(fields, expected);
    }
}
