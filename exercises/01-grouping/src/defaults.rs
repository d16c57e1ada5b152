//! What a manifest may leave out.
//!
//! The API server writes these values into the pod before anybody else sees it,
//! so no later chapter has to ask "and if it is not set?". Only an accepted pod
//! is filled in.

use std::hash::Hasher;

use podkit::pod::{Container, Handler, HttpGetAction, Lifecycle, Pod, Probe, Volume};

/// Fills in what the manifest left out. What it says stays as it is.
pub fn fill(pod: &mut Pod) {
    generated_name(pod);
    fill_pod(pod);
    let on_host = pod.spec.host_network == Some(true);
    for container in pod.spec.init_containers.iter_mut().chain(&mut pod.spec.containers) {
        fill_container(container);
        long_tail(container, on_host);
    }
    pod.spec.volumes.iter_mut().for_each(volume);
}

/// The fields of the pod itself: namespace, restart policy, grace period,
/// DNS policy and service links.
fn fill_pod(pod: &mut Pod) {
    // ANCHOR: task_1_2
    todo!("task 1.2: What a manifest may leave out")
    // ANCHOR_END: task_1_2
}

/// The fields of each container: how to get its image, and where it leaves its last words.
fn fill_container(container: &mut Container) {
    // ANCHOR: task_1_2_b
    todo!("task 1.2: What a manifest may leave out")
    // ANCHOR_END: task_1_2_b
}

/// The tag of an image name; `latest` if it has none; empty if a digest alone says which image.
///
/// A colon before the last slash belongs to the registry's port: `localhost:5000/app`.
pub fn tag(image: &str) -> &str {
    let (name, has_digest) = match image.split_once('@') {
        Some((name, _)) => (name, true),
        None => (image, false),
    };
    let last = name.rsplit('/').next().unwrap_or(name);
    match last.split_once(':') {
        Some((_, tag)) => tag,
        None if has_digest => "",
        None => "latest",
    }
}

/// Ports, probes, hooks, variables and requests of a container.
fn long_tail(container: &mut Container, on_host: bool) {
    for port in &mut container.ports {
        port.protocol.get_or_insert_with(|| "TCP".to_owned());
        if on_host && port.host_port.unwrap_or(0) == 0 {
            port.host_port = Some(port.container_port);
        }
    }
    for p in [&mut container.liveness_probe, &mut container.readiness_probe, &mut container.startup_probe] {
        p.iter_mut().for_each(probe);
    }
    if let Some(Lifecycle { post_start, pre_stop }) = &mut container.lifecycle {
        post_start.iter_mut().chain(pre_stop).for_each(|Handler { http_get, .. }| http(http_get));
    }
    for source in container.env.iter_mut().filter_map(|variable| variable.value_from.as_mut()) {
        if let Some(field) = &mut source.field_ref {
            field.api_version.get_or_insert_with(|| "v1".to_owned());
        }
    }
    // A request that is not there is as high as the limit. Never the other way round.
    if let Some(resources) = &mut container.resources {
        for (name, limit) in &resources.limits {
            resources.requests.entry(name.clone()).or_insert_with(|| limit.clone());
        }
    }
}

/// A zero counts as left out.
fn probe(probe: &mut Probe) {
    let fill = |field: &mut Option<i64>, default| {
        if field.unwrap_or(0) == 0 {
            *field = Some(default);
        }
    };
    fill(&mut probe.timeout_seconds, 1);
    fill(&mut probe.period_seconds, 10);
    fill(&mut probe.success_threshold, 1);
    fill(&mut probe.failure_threshold, 3);
    http(&mut probe.http_get);
}

fn http(action: &mut Option<HttpGetAction>) {
    if let Some(action) = action {
        action.path.get_or_insert_with(|| "/".to_owned());
        action.scheme.get_or_insert_with(|| "HTTP".to_owned());
    }
}

/// A volume without a source is an emptyDir; files from objects are readable by all (0644).
fn volume(volume: &mut Volume) {
    if volume.sources().is_empty() {
        volume.empty_dir = Some(Default::default());
    }
    for files in [&mut volume.config_map, &mut volume.secret].into_iter().flatten() {
        files.default_mode.get_or_insert(0o644);
    }
    if let Some(fields) = &mut volume.downward_api {
        fields.default_mode.get_or_insert(0o644);
    }
}

/// `generateName` with five characters after it. The API server draws them by lot; here
/// they follow from the pod, so that reading a manifest twice gives one name.
fn generated_name(pod: &mut Pod) {
    if !pod.metadata.name.is_empty() {
        return;
    }
    let Some(prefix) = &pod.metadata.generate_name else { return };
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(format!("{:?}", pod.spec).as_bytes());
    let mut number = hasher.finish();
    // No vowels, and no digits that look like them: no words by accident.
    let letters = b"bcdfghjklmnpqrstvwxz2456789";
    let mut name: String = prefix.chars().take(58).collect();
    for _ in 0..5 {
        name.push(letters[(number % letters.len() as u64) as usize].into());
        number /= letters.len() as u64;
    }
    pod.metadata.name = name;
}
