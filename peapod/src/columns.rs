//! What `get` shows in a row, in kubectl's columns and words.

use std::time::{Duration, SystemTime};

use podkit::control::Shown;
use podkit::objects::Object;
use podkit::pod::{ContainerState, ContainerStatus, Pod, shown};

/// Where nothing is known.
const NONE: &str = "<none>";

/// The columns' names.
pub fn heads(is_wide: bool, with_namespace: bool) -> Vec<String> {
    let mut heads = vec!["NAME", "READY", "STATUS", "RESTARTS", "AGE"];
    if with_namespace {
        heads.insert(0, "NAMESPACE");
    }
    if is_wide {
        heads.extend(["IP", "NODE", "NOMINATED NODE", "READINESS GATES"]);
    }
    heads.into_iter().map(str::to_owned).collect()
}

/// A pod's row.
pub fn row(it: &Shown, is_wide: bool, with_namespace: bool) -> Vec<String> {
    let pod = &it.pod;
    let status = pod.status.clone().unwrap_or_default();
    let counted = counted(pod);
    let ready = counted.iter().filter(|status| status.ready).count();
    let sidecars = pod.spec.init_containers.iter().filter(|container| container.is_sidecar()).count();
    let all = pod.spec.containers.len() + sidecars;
    let mut row = vec![
        pod.metadata.name.clone(),
        format!("{ready}/{all}"),
        shown(pod),
        restarts(it),
        age(pod.metadata.creation_timestamp.as_deref(), &it.now),
    ];
    if with_namespace {
        row.insert(0, pod.metadata.namespace.clone().unwrap_or_default());
    }
    if is_wide {
        let or_none = |text: Option<String>| text.filter(|text| !text.is_empty()).unwrap_or_else(|| NONE.to_owned());
        row.extend([or_none(status.pod_ip), or_none(pod.spec.node_name.clone()), NONE.to_owned(), NONE.to_owned()]);
    }
    row
}

/// The containers that READY and RESTARTS are about: the regular ones, and the sidecars.
fn counted(pod: &Pod) -> Vec<ContainerStatus> {
    let Some(status) = &pod.status else { return Vec::new() };
    let is_sidecar = |status: &&ContainerStatus| pod.container(&status.name).is_some_and(|it| it.is_sidecar());
    let sidecars = status.init_container_statuses.iter().filter(is_sidecar);
    sidecars.chain(&status.container_statuses).cloned().collect()
}

/// How often, and when the last time.
fn restarts(it: &Shown) -> String {
    let pod = &it.pod;
    let is_initializing = shown(pod).starts_with("Init:");
    let all = match &pod.status {
        Some(status) if is_initializing => status.init_container_statuses.clone(),
        _ => counted(pod),
    };
    let count: u32 = all.iter().map(|status| status.restart_count).sum();
    let last = all.iter().filter_map(|status| match &status.last_state {
        ContainerState::Terminated(end) => Some(end.finished_at.clone()),
        _ => None,
    });
    match last.max() {
        Some(at) if count > 0 => format!("{count} ({} ago)", age(Some(&at), &it.now)),
        _ => count.to_string(),
    }
}

/// How long before `now` that was, as kubectl says it.
pub fn age(since: Option<&str>, now: &str) -> String {
    let time = |text: &str| humantime::parse_rfc3339(text).ok();
    match (since.and_then(time), time(now)) {
        (Some(since), Some(now)) => short(now.duration_since(since).unwrap_or_default()),
        _ => "<unknown>".to_owned(),
    }
}

/// The same as seen from now on the machine's clock.
pub fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

/// A length of time in at most two units (apimachinery's HumanDuration).
fn short(length: Duration) -> String {
    let seconds = length.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let two = |large: u64, unit: char, small: u64, small_unit: char| match small {
        0 => format!("{large}{unit}"),
        small => format!("{large}{unit}{small}{small_unit}"),
    };
    match seconds {
        0..120 => format!("{seconds}s"),
        120..600 => two(minutes, 'm', seconds % 60, 's'),
        600..10_800 => format!("{minutes}m"),
        10_800..28_800 => two(hours, 'h', minutes % 60, 'm'),
        28_800..172_800 => format!("{hours}h"),
        172_800..691_200 => two(days, 'd', hours % 24, 'h'),
        691_200..63_072_000 => format!("{days}d"),
        63_072_000..252_288_000 => two(days / 365, 'y', days % 365, 'd'),
        _ => format!("{}y", days / 365),
    }
}

/// The row of another object, and the columns' names.
pub fn object(object: &Object, with_namespace: bool) -> (Vec<&'static str>, Vec<String>) {
    let (mut heads, mut row) = data(object);
    heads.push("AGE");
    row.push(age(object.metadata().creation_timestamp.as_deref(), &now()));
    if with_namespace {
        heads.insert(0, "NAMESPACE");
        row.insert(0, object.namespace().to_owned());
    }
    (heads, row)
}

fn data(object: &Object) -> (Vec<&'static str>, Vec<String>) {
    let name = object.name().to_owned();
    match object {
        Object::ConfigMap(map) => {
            (vec!["NAME", "DATA"], vec![name, (map.data.len() + map.binary_data.len()).to_string()])
        }
        Object::Secret(secret) => {
            let kind = secret.of_type.clone().unwrap_or_else(|| "Opaque".to_owned());
            (vec!["NAME", "TYPE", "DATA"], vec![name, kind, secret.data.len().to_string()])
        }
        Object::Service(service) => {
            let kind = service.spec.of_type.clone().unwrap_or_else(|| "ClusterIP".to_owned());
            let is_external = kind == "ExternalName";
            let ip = service.cluster_ip().unwrap_or(if is_external { NONE } else { "None" }).to_owned();
            let external = service.spec.external_name.clone().filter(|_| is_external);
            let port = |port: &podkit::objects::ServicePort| {
                format!("{}/{}", port.port, port.protocol.as_deref().unwrap_or("TCP"))
            };
            let ports = service.spec.ports.iter().map(port).collect::<Vec<String>>().join(",");
            let or_none = |text: String| if text.is_empty() { NONE.to_owned() } else { text };
            let external = or_none(external.unwrap_or_default());
            (
                vec!["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)"],
                vec![name, kind, ip, external, or_none(ports)],
            )
        }
    }
}

/// Rows as lines, each column as wide as its widest cell, or as wide as it was before.
pub fn lines(rows: &[Vec<String>], widths: &mut Vec<usize>) -> Vec<String> {
    for row in rows {
        widths.resize(widths.len().max(row.len()), 0);
        row.iter().zip(widths.iter_mut()).for_each(|(cell, width)| *width = cell.chars().count().max(*width));
    }
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().zip(widths.iter()).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("   ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_in_kubectls_words() {
        let words = [
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (125, "2m5s"),
            (600, "10m"),
            (10_799, "179m"),
            (10_800, "3h"),
            (11_100, "3h5m"),
            (36_000, "10h"),
            (180_000, "2d2h"),
            (864_000, "10d"),
        ];
        for (seconds, word) in words {
            assert_eq!(short(Duration::from_secs(seconds)), word);
        }
        assert_eq!(age(Some("2026-01-31T09:00:00Z"), "2026-01-31T09:00:07Z"), "7s");
        assert_eq!(age(None, "2026-01-31T09:00:07Z"), "<unknown>");
    }

    #[test]
    fn columns_stay_as_wide_as_they_were() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let mut widths = Vec::new();
        assert_eq!(
            lines(&[row(["NAME", "A"]), row(["long-name", "b"])], &mut widths),
            ["NAME        A", "long-name   b"]
        );
        assert_eq!(lines(&[row(["x", "b"])], &mut widths), ["x           b"]);
    }
}
