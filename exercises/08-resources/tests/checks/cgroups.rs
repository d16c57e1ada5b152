//! Task 8.7: what the kernel is told.

use crate::kit::{Pod, both, one};
use podcheck::Result;

const BURSTABLE: &str = "kubepods/burstable/podu-1";
const GUARANTEED: &str = "kubepods/podu-1";
const BEST_EFFORT: &str = "kubepods/besteffort/podu-1";

fn cpu(amount: &str) -> Pod {
    one(&format!("{{requests: {{cpu: {amount}, memory: 1}}}}"))
}

/// Milli-CPUs, the pod's weight, its container's.
const WEIGHTS: [(&str, &str, &str); 13] = [
    ("0", "1", "1"),
    ("1m", "1", "1"),
    ("3m", "1", "2"),
    ("10m", "1", "4"),
    ("27m", "1", "7"),
    ("100m", "4", "17"),
    ("250m", "10", "35"),
    ("500m", "20", "59"),
    ("1", "39", "100"),
    ("2", "79", "174"),
    ("4", "157", "303"),
    ("256", "10000", "10000"),
    ("1000", "10000", "10000"),
];

pub fn the_weight_of_a_pod() -> Result {
    for (amount, pod, _) in WEIGHTS {
        let about = format!("which asks for {amount} cpu");
        let seen = cpu(amount).seen()?;
        seen.expect_file(&about, BURSTABLE, "cpu.weight", pod)?;
        seen.expect_file(&about, "kubepods/burstable", "cpu.weight", pod)?;
    }
    // What it asks for as a whole counts.
    let seen = cpu("1").sidecar("side", "{requests: {cpu: 1}}").init("first", "{requests: {cpu: 500m}}").seen()?;
    seen.expect_file("with a sidecar of 1 and a container of 1", BURSTABLE, "cpu.weight", "79")?;
    one("{}").seen()?.expect_file("which asks for nothing", BEST_EFFORT, "cpu.weight", "1")?;
    one("{}").seen()?.expect_file("the tier", "kubepods/besteffort", "cpu.weight", "1")?;
    one(&both("{cpu: 2, memory: 1Gi}")).seen()?.expect_file("which is Guaranteed", GUARANTEED, "cpu.weight", "79")
}

pub fn the_weight_of_a_container() -> Result {
    for (amount, _, container) in WEIGHTS {
        let about = format!("which asks for {amount} cpu");
        cpu(amount).seen()?.expect_file(&about, &format!("{BURSTABLE}/app"), "cpu.weight", container)?;
    }
    let seen = one("{requests: {cpu: 250m}, limits: {cpu: 4}}").seen()?;
    seen.expect_file("with a request of 250m and a limit of 4", &format!("{BURSTABLE}/app"), "cpu.weight", "35")
}

pub fn time_and_bytes() -> Result {
    for (limit, expected) in [
        ("1m", "1000 100000"),
        ("9m", "1000 100000"),
        ("10m", "1000 100000"),
        ("11m", "1100 100000"),
        ("250m", "25000 100000"),
        ("1", "100000 100000"),
        ("1500m", "150000 100000"),
        ("4", "400000 100000"),
    ] {
        let seen = one(&format!("{{limits: {{cpu: {limit}, memory: 1}}}}")).seen()?;
        seen.expect_file(&format!("with a cpu limit of {limit}"), &format!("{GUARANTEED}/app"), "cpu.max", expected)?;
    }
    for (limit, expected) in
        [("1Gi", "1073741824"), ("200M", "200000000"), ("100m", "1"), ("1500m", "2"), ("64Mi", "67108864")]
    {
        let seen = one(&format!("{{limits: {{cpu: 1, memory: {limit}}}}}")).seen()?;
        seen.expect_file(
            &format!("with a memory limit of {limit}"),
            &format!("{GUARANTEED}/app"),
            "memory.max",
            expected,
        )?;
    }
    let seen = one("{requests: {cpu: 1, memory: 1Gi}}").app("other", "{}").seen()?;
    for name in ["app", "other"] {
        let cgroup = format!("{BURSTABLE}/{name}");
        seen.expect_file("without limits", &cgroup, "cpu.max", "max 100000")?;
        seen.expect_file("without limits", &cgroup, "memory.max", "max")?;
        seen.expect_file("as every container", &cgroup, "memory.oom.group", "1")?;
    }
    one("{limits: {cpu: 0, memory: 0}}").seen()?.expect_file(
        "with limits of 0",
        &format!("{BEST_EFFORT}/app"),
        "memory.max",
        "max",
    )
}

/// One container without a limit takes the limit from the pod.
pub fn a_pods_own_limits() -> Result {
    let half = both("{cpu: 500m, memory: 64Mi}");
    let seen = one(&half).app("other", &half).seen()?;
    seen.expect_file("with two limits of 500m", GUARANTEED, "cpu.max", "100000 100000")?;
    seen.expect_file("with two limits of 64Mi", GUARANTEED, "memory.max", "134217728")?;
    let seen = one(&half).app("other", "{limits: {cpu: 1}}").seen()?;
    seen.expect_file("with cpu limits of 500m and 1", BURSTABLE, "cpu.max", "150000 100000")?;
    seen.expect_file("with one memory limit, and a container without", BURSTABLE, "memory.max", "max")?;
    let seen = one(&half).app("other", "{limits: {memory: 64Mi}}").seen()?;
    seen.expect_file("with one cpu limit, and a container without", BURSTABLE, "cpu.max", "max 100000")?;
    seen.expect_file("with two limits of 64Mi", BURSTABLE, "memory.max", "134217728")?;
    let seen = one(&half).app("other", "{requests: {cpu: 1, memory: 64Mi}}").seen()?;
    seen.expect_file("with a limit, and a container that has a request alone", BURSTABLE, "cpu.max", "max 100000")?;
    seen.expect_file("with a limit, and a container that has a request alone", BURSTABLE, "memory.max", "max")?;
    let seen = one(&half).init("first", "{}").seen()?;
    seen.expect_file("with an init container without limits", BURSTABLE, "cpu.max", "max 100000")?;
    seen.expect_file("with an init container without limits", BURSTABLE, "memory.max", "max")?;
    let seen = one(&half).init("first", &both("{cpu: 2, memory: 1Gi}")).seen()?;
    seen.expect_file("with an init container that may have more", GUARANTEED, "cpu.max", "200000 100000")?;
    seen.expect_file("with an init container that may have more", GUARANTEED, "memory.max", "1073741824")?;
    let seen = one("{requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 2, memory: 2Gi}}").seen()?;
    seen.expect_file("with a limit above the request", BURSTABLE, "cpu.max", "200000 100000")?;
    seen.expect_file("with a limit above the request", BURSTABLE, "memory.max", "2147483648")?;
    seen.expect_file("with a request of 1", BURSTABLE, "cpu.weight", "39")
}

pub fn the_number_of_processes() -> Result {
    let pod = one("{requests: {cpu: 1}}");
    pod.seen()?.expect_file("if the node sets no limit", BURSTABLE, "pids.max", "max")?;
    let seen = pod.seen_on(&["--allocatable", "cpu=8", "--pod-pids-limit", "100"])?;
    seen.expect_file("with --pod-pids-limit 100", BURSTABLE, "pids.max", "100")
}
