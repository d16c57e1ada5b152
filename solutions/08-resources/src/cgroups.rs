//! What is written into the files of the pod's cgroups (version 2), and of its containers'.

use podkit::pod::{Container, Pod};
use podkit::resources::{Files, NodeResources, Qos};

use crate::amounts::{List, amount, get};
use crate::effective::effective;
use crate::qos::qos;

/// What a share of the CPU was in cgroup version 1: 1024 for one CPU. The kubelet still counts in them.
///
/// 1024 for each 1000 milli-CPUs, rounded down, at least 2 and at most 262144.
pub fn shares(milli: i128) -> i128 {
    // ANCHOR: task_8_7
    // STARTER: // The least, until you have written it.
    // STARTER: 2
    (milli * 1024 / 1000).clamp(2, 262_144)
    // ANCHOR_END: task_8_7
}

/// The value of `cpu.max`: how many microseconds of CPU time in each 100000. 100 for each milli-CPU, and
/// never less than 1000. No limit (0) is the word `max`.
pub fn cpu_max(milli: i128) -> String {
    // ANCHOR: task_8_7_b
    // STARTER: // No limit, until you have written it.
    // STARTER: "max 100000".to_owned()
    match milli {
        0 => "max 100000".to_owned(),
        _ => format!("{} 100000", (milli * 100).max(1000)),
    }
    // ANCHOR_END: task_8_7_b
}

/// The value of `memory.max`: bytes. No limit (0) is the word `max`.
fn memory_max(bytes: i128) -> String {
    // ANCHOR: task_8_7_c
    // STARTER: // No limit, until you have written it.
    // STARTER: "max".to_owned()
    if bytes == 0 { "max".to_owned() } else { bytes.to_string() }
    // ANCHOR_END: task_8_7_c
}

/// `cpu.weight` of a pod's cgroup and of a tier: from 2..262144 to 1..10000 in a straight line. The kubelet's formula.
pub fn weight_of_pod(shares: i128) -> i128 {
    // ANCHOR: task_8_7_d
    // STARTER: // The least, until you have written it.
    // STARTER: 1
    1 + (shares - 2) * 9999 / 262_142
    // ANCHOR_END: task_8_7_d
}

/// `cpu.weight` of a container's cgroup: a curve through 1, 100 (one CPU, the kernel's default) and 10000. The
/// formula of the OCI runtimes. Given.
fn weight_of_container(shares: i128) -> i128 {
    match shares {
        ..=2 => 1,
        262_144.. => 10_000,
        _ => {
            // The curve bends: this is the one place where a float is right.
            let log = (shares as f64).log2();
            10_f64.powf((log * log + 125.0 * log) / 612.0 - 7.0 / 34.0).ceil() as i128
        }
    }
}

/// The files of a container's cgroup, in this order: `cpu.weight` from its request, `cpu.max` and `memory.max` from its
/// limits, and `memory.oom.group`, which is always 1: if the kernel must kill one of its processes, it kills all.
pub fn container(container: &Container) -> Files {
    // ANCHOR: task_8_7_e
    // STARTER: // No file, until you have written it.
    // STARTER: Files::new()
    let cpu = |list| amount(container, list, "cpu").milli();
    vec![
        ("cpu.weight", weight_of_container(shares(cpu(List::Requests))).to_string()),
        ("cpu.max", cpu_max(cpu(List::Limits))),
        ("memory.max", memory_max(amount(container, List::Limits, "memory").value())),
        ("memory.oom.group", "1".to_owned()),
    ]
    // ANCHOR_END: task_8_7_e
}

/// The files of the pod's cgroup, in this order: `cpu.weight` from its effective requests; `cpu.max` and `memory.max` from
/// its effective limits, but each only if *every* container (init containers too) has that limit; `pids.max` from the node.
pub fn pod(pod: &Pod, node: &NodeResources) -> Files {
    // ANCHOR: task_8_7_f
    // STARTER: // No file, until you have written it.
    // STARTER: Files::new()
    let limit = |resource: &str| {
        let all = pod.all_containers().all(|it| amount(it, List::Limits, resource).nano > 0);
        all.then(|| get(&effective(pod, List::Limits), resource))
    };
    let requested = get(&effective(pod, List::Requests), "cpu").milli();
    vec![
        ("cpu.weight", weight_of_pod(shares(requested)).to_string()),
        ("cpu.max", cpu_max(limit("cpu").map_or(0, |cpu| cpu.milli()))),
        ("memory.max", memory_max(limit("memory").map_or(0, |memory| memory.value()))),
        ("pids.max", node.pod_pids.map_or("max".to_owned(), |pids| pids.to_string())),
    ]
    // ANCHOR_END: task_8_7_f
}

/// The files of a tier: all Burstable pods together, or all BestEffort ones. Given.
pub fn tier(class: Qos, pods: &[&Pod]) -> Files {
    let of_class = pods.iter().filter(|pod| qos(pod) == class);
    let requested = of_class.map(|pod| get(&effective(pod, List::Requests), "cpu").milli()).sum();
    vec![("cpu.weight", weight_of_pod(shares(requested)).to_string())]
}
