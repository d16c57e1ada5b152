//! Task 9.4: values from requests and limits.

use crate::kit::{Shown, pod, show, show_with};
use podcheck::{Cli, Result};

/// Lines of a container: these resources, and a variable of each name with `resource` and the rest.
fn lines(resources: &str, list: &[(&str, &str)]) -> String {
    let env: String = list
        .iter()
        .map(|(name, what)| {
            format!("- {{ name: {name}, valueFrom: {{ resourceFieldRef: {{ resource: {what} }} }} }}\n")
        })
        .collect();
    format!("resources: {resources}\nenv:\n{env}")
}

fn shown(resources: &str, list: &[(&str, &str)]) -> Result<Shown> {
    show_with(&pod(&lines(resources, list)), &["--allocatable", "cpu=4", "--allocatable", "memory=8Gi"])
}

pub fn rounded_up() -> Result {
    let resources =
        "{ requests: { cpu: 250m, memory: 100Mi }, limits: { cpu: 1500m, memory: 1Gi, ephemeral-storage: 1500M } }";
    shown(
        resources,
        &[
            ("CPU", "requests.cpu"),
            ("MILLI", "requests.cpu, divisor: 1m"),
            ("LIMIT", "limits.cpu"),
            ("LIMIT_1", "limits.cpu, divisor: \"1\""),
            ("LIMIT_MILLI", "limits.cpu, divisor: 1m"),
            ("BYTES", "requests.memory"),
            ("MIB", "requests.memory, divisor: 1Mi"),
            ("MB", "requests.memory, divisor: 1M"),
            ("GIB", "requests.memory, divisor: 1Gi"),
            ("ALL_GIB", "limits.memory, divisor: 1Gi"),
            ("DISK", "limits.ephemeral-storage, divisor: 1G"),
            ("DISK_REQUEST", "requests.ephemeral-storage, divisor: 1M"),
        ],
    )?
    .have(&[
        ("CPU", "1"),
        ("MILLI", "250"),
        ("LIMIT", "2"),
        ("LIMIT_1", "2"),
        ("LIMIT_MILLI", "1500"),
        ("BYTES", "104857600"),
        ("MIB", "100"),
        ("MB", "105"),
        ("GIB", "1"),
        ("ALL_GIB", "1"),
        ("DISK", "2"),
        ("DISK_REQUEST", "1500"),
    ])
}

pub fn exact_and_never_a_float() -> Result {
    let resources = "{ limits: { cpu: 0.3, memory: 9007199254740993 } }";
    shown(
        resources,
        &[("MILLI", "limits.cpu, divisor: 1m"), ("BYTES", "limits.memory"), ("KIB", "limits.memory, divisor: 1Ki")],
    )?
    .have(&[("MILLI", "300"), ("BYTES", "9007199254740993"), ("KIB", "8796093022209")])
}

/// Left out or 0, a limit is all that the node can give.
pub fn no_limit_is_the_node() -> Result {
    let list = [("CPU", "limits.cpu"), ("GIB", "limits.memory, divisor: 1Gi"), ("MILLI", "limits.cpu, divisor: 1m")];
    let node = [("CPU", "4"), ("GIB", "8"), ("MILLI", "4000")];
    shown("{}", &list)?.have(&node)?;
    shown("{ limits: { cpu: 0, memory: \"0\" } }", &list)?.have(&node)?;
    shown("{ limits: { cpu: 1 }, requests: { memory: 1Gi } }", &list)?.have(&[("CPU", "1"), ("GIB", "8")])?;
    shown("{}", &[("HUGE", "limits.hugepages-2Mi")])?.have(&[("HUGE", "0")])
}

/// A request that is left out is 0; but a limit without a request is the request, too.
pub fn no_request_is_nothing() -> Result {
    let list = [("CPU", "requests.cpu"), ("MEMORY", "requests.memory"), ("MILLI", "requests.cpu, divisor: 1m")];
    shown("{}", &list)?.have(&[("CPU", "0"), ("MEMORY", "0"), ("MILLI", "0")])?;
    shown("{ requests: { cpu: 0 } }", &list)?.have(&[("CPU", "0")])?;
    shown("{ limits: { cpu: 1500m, memory: 1k } }", &list)?.have(&[("CPU", "2"), ("MEMORY", "1000"), ("MILLI", "1500")])
}

pub fn of_another_container() -> Result {
    let own = lines(
        "{ limits: { cpu: 1 } }",
        &[
            ("OWN", "limits.cpu"),
            ("EMPTY", "limits.cpu, containerName: \"\""),
            ("NAMED", "limits.cpu, containerName: app"),
            ("OTHER", "limits.cpu, containerName: other"),
            ("INIT", "limits.cpu, containerName: first"),
        ],
    );
    let others = "  - { name: other, image: host, resources: { limits: { cpu: 2 } } }\n\
                  \x20 initContainers:\n  - { name: first, image: host, resources: { limits: { cpu: 3 } } }\n";
    let shown = show(&(pod(&own) + others))?;
    shown.have(&[("OWN", "1"), ("EMPTY", "1"), ("NAMED", "1"), ("OTHER", "2"), ("INIT", "3")])
}

pub fn of_a_container_that_is_not_there() -> Result {
    shown("{}", &[("X", "limits.cpu, containerName: nobody")])?.waits("container nobody not found")
}

/// 0 is as good as none, and 1000m is 1.
pub fn only_round_divisors() -> Result {
    let list = [
        ("NONE", "limits.cpu, divisor: 0"),
        ("ONE", "limits.cpu, divisor: 1000m"),
        ("TEXT", "limits.cpu, divisor: \"0\""),
    ];
    shown("{ limits: { cpu: 1500m } }", &list)?.have(&[("NONE", "2"), ("ONE", "2"), ("TEXT", "2")])?;
    for wrong in [
        "limits.cpu, divisor: 2",
        "limits.cpu, divisor: 1Ki",
        "limits.memory, divisor: 1m",
        "limits.memory, divisor: x",
    ] {
        let text = pod(&lines("{}", &[("X", wrong)]));
        let ran = Cli::new("env").manifest_text("pod.yaml", &text).run()?;
        ran.expect(format!("exit status with {wrong}"), 2, ran.code() == 2, ran.code())?;
        ran.expect(
            format!("the complaint about {wrong}"),
            "it names the divisor",
            ran.stderr().contains("divisor: must be"),
            ran.stderr(),
        )?;
    }
    let text = pod(&lines("{}", &[("X", "limits.cpu, divisor: 2")])).replace("  containers:", "  initContainers:");
    let ran =
        Cli::new("env").manifest_text("pod.yaml", &(text + "  containers: [{ name: main, image: host }]\n")).run()?;
    let names = ran.stderr().contains("initContainers[0].env[0].valueFrom.resourceFieldRef.divisor: must be");
    ran.expect("the complaint about an init container's divisor", "it names the field", names, ran.stderr()).map(|_| ())
}
