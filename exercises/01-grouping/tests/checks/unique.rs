//! Task 1.4: unique names, and mounts that name a volume.

use podcheck::{Cli, Result};

use crate::kit::{Case, judge, pod_of, spec};

const QUEUE: (&str, &str) =
    ("01-grouping/pods/std_linux_message_queue.yaml", include_str!("../../pods/std_linux_message_queue.yaml"));
const CORRECTED: (&str, &str) =
    ("01-grouping/pods/std-linux-message-queue.yaml", include_str!("../../pods/std-linux-message-queue.yaml"));

/// Names of containers are unique, init containers included.
pub fn container_names_are_unique() -> Result {
    judge(&[
        Case::new("different names", pod_of(&["name: a", "name: b", "init name: c", "init name: d"])),
        Case::new("two containers", pod_of(&["name: a", "name: b", "name: a"]))
            .problem("spec.containers[2].name", "unique")
            .line(8),
        Case::new("a container and an init container", pod_of(&["name: a", "init name: a"]))
            .problem("spec.initContainers[0].name", "unique")
            .line(6),
        Case::new("two init containers", pod_of(&["name: a", "init name: b", "init name: b"]))
            .problem("spec.initContainers[1].name", "unique"),
        Case::new("three of a kind", pod_of(&["name: a", "name: a", "init name: a"]))
            .problem("spec.containers[1].name", "unique")
            .problem("spec.initContainers[0].name", "unique"),
        Case::new("no names at all", pod_of(&["tty: true", "tty: true"]))
            .problem("spec.containers[0].name", "required")
            .problem("spec.containers[1].name", "required"),
        Case::new("init containers have rules too", pod_of(&["name: a", "init name: B"]))
            .problem("spec.initContainers[0].name", "RFC 1123"),
    ])
}

/// A mount names a volume of the pod, and its path is its own.
pub fn mounts_name_a_volume() -> Result {
    let mounts = |list: &str| {
        let text =
            spec("volumes: [{name: v}, {name: w}]").replace("'app:1'", &format!("'app:1', volumeMounts: [{list}]"));
        Case::new(format!("mounts {list}"), text)
    };
    let m = |field: &str| format!("spec.containers[0].volumeMounts[{field}");
    judge(&[
        mounts("{name: v, mountPath: /a}, {name: v, mountPath: /b}, {name: w, mountPath: /a/b}"),
        mounts("{name: x, mountPath: /a}").problem(m("0].name"), "volume|x").line(7),
        mounts("{mountPath: /a}").problem(m("0].name"), "required"),
        mounts("{name: v}").problem(m("0].mountPath"), "required"),
        mounts("{name: v}, {name: w}").problem(m("0].mountPath"), "required").problem(m("1].mountPath"), "required"),
        mounts("{name: v, mountPath: 'a:b'}").problem(m("0].mountPath"), "':'"),
        mounts("{name: v, mountPath: /a}, {name: w, mountPath: /b}, {name: w, mountPath: /a}")
            .problem(m("2].mountPath"), "unique"),
        mounts("{name: v, mountPath: /a, subPath: b/c..d}, {name: v, mountPath: /b, subPathExpr: $(A)/b}"),
        mounts("{name: v, mountPath: /a, subPath: /b}").problem(m("0].subPath"), "relative"),
        mounts("{name: v, mountPath: /a, subPathExpr: /b}").problem(m("0].subPathExpr"), "relative"),
        mounts("{name: v, mountPath: /a, subPath: b/../c}").problem(m("0].subPath"), "'..'"),
        mounts("{name: v, mountPath: /a, subPath: b, subPathExpr: c}")
            .problem(m("0].subPathExpr"), "together with subPath"),
        Case::new(
            "the same path in two containers",
            pod_of(&[
                "name: a, volumeMounts: [{name: v, mountPath: /a}]",
                "name: b, volumeMounts: [{name: v, mountPath: /a}]",
            ]) + "  volumes: [{name: v}]\n",
        ),
        Case::new("a volume of nobody", pod_of(&["name: a, volumeMounts: [{name: v, mountPath: /a}]"]))
            .problem(m("0].name"), "volume|v"),
        Case::new(
            "an init container's mount",
            pod_of(&["name: a", "init name: b, volumeMounts: [{name: v, mountPath: /a}]"]),
        )
        .problem("spec.initContainers[0].volumeMounts[0].name", "volume|v"),
    ])
}

/// The notes' message queue pod has underscores in its name; its corrected twin is accepted.
pub fn the_notes_message_queue() -> Result {
    let refused = Cli::new("check").manifest(QUEUE.0, QUEUE.1).run()?;
    refused.expect_code(2)?;
    let text = refused.stdout();
    let ok = text.contains("metadata.name: ") && text.contains("RFC 1123") && text.contains("; line 4");
    refused.expect("the reason", "metadata.name: ... (RFC 1123); line 4", ok, &text)?;
    let ok = text.lines().next().is_some_and(|line| line.ends_with("1 problem"));
    refused.expect("how much is wrong with it", "1 problem: its containers 1st and 2nd are named well", ok, &text)?;
    let accepted = Cli::new("check").manifest(CORRECTED.0, CORRECTED.1).run()?;
    accepted.expect_code(0)?;
    Ok(())
}
