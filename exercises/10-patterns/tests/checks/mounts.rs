//! Task 10.1: what a container sees of a volume.

use crate::helpers::own;
use crate::kit::text;
use crate::shows::{file, pod, printed, run, show, show_with};
use podcheck::{Cli, Ran, Result};

const DESK: &str = "- { name: desk, emptyDir: {} }\n- { name: other, emptyDir: {} }";

pub fn each_mount_has_its_place() -> Result {
    let lines = "volumeMounts:\n- { name: desk, mountPath: /desk }\n- { name: other, mountPath: /there/ }\n\
                 - { name: desk, mountPath: /again, subPath: a/b }\n- { name: other, mountPath: relative }";
    show(&pod(DESK, lines))?.mounts(&["/desk desk", "/there other", "/again desk/a/b", "/relative other"])?;
    show(&pod(DESK, ""))?.mounts(&[])
}

/// What the kubelet writes, the pod does not.
pub fn read_only_where_it_must_be() -> Result {
    let volumes = "- { name: desk, emptyDir: {} }\n- { name: host, hostPath: { path: /etc } }\n\
        - { name: map, configMap: { name: none, optional: true } }\n\
        - { name: secret, secret: { secretName: none, optional: true } }\n\
        - { name: about, downwardAPI: { items: [{ path: name, fieldRef: { fieldPath: metadata.name } }] } }\n\
        - { name: all, projected: { sources: [{ configMap: { name: none, optional: true } }] } }";
    let lines = "volumeMounts:\n- { name: desk, mountPath: /a }\n- { name: desk, mountPath: /b, readOnly: true }\n\
        - { name: desk, mountPath: /c, readOnly: false }\n- { name: host, mountPath: /d }\n\
        - { name: map, mountPath: /e }\n- { name: secret, mountPath: /f, readOnly: false }\n\
        - { name: about, mountPath: /g }\n- { name: all, mountPath: /h, readOnly: true }";
    show(&pod(volumes, lines))?.mounts(&[
        "/a desk",
        "/b desk ro",
        "/c desk",
        "/d host",
        "/e map ro",
        "/f secret ro",
        "/g about ro",
        "/h all ro",
    ])
}

pub fn the_outer_one_first() -> Result {
    let lines = "volumeMounts:\n- { name: desk, mountPath: /data/in/deep }\n- { name: other, mountPath: /zoo }\n\
        - { name: other, mountPath: /data/in }\n- { name: desk, mountPath: /data }\n- { name: desk, mountPath: /a }";
    show(&pod(DESK, lines))?.mounts(&["/zoo other", "/data desk", "/a desk", "/data/in other", "/data/in/deep desk"])
}

pub fn a_part_with_a_variable() -> Result {
    let lines = "env:\n- { name: POD, valueFrom: { fieldRef: { fieldPath: metadata.name } } }\n- { name: N, value: \"1\" }\n\
        volumeMounts:\n- { name: desk, mountPath: /a, subPathExpr: logs/$(POD)-$(N) }\n\
        - { name: desk, mountPath: /b, subPathExpr: plain }\n- { name: desk, mountPath: /c, subPathExpr: $$(POD) }\n\
        - { name: desk, mountPath: /d, subPath: $(POD) }";
    show(&pod(DESK, lines))?.mounts(&["/a desk/logs/web-1", "/b desk/plain", "/c desk/$(POD)", "/d desk/$(POD)"])
}

pub fn a_part_that_nobody_has_meant() -> Result {
    let waits = |expression: &str, message: &str| {
        let lines = format!(
            "env:\n- {{ name: EMPTY, value: \"\" }}\n- {{ name: UP, value: .. }}\n- {{ name: ROOT, value: / }}\n\
             - {{ name: GOOD, value: good }}\nvolumeMounts:\n- {{ name: desk, mountPath: /a, subPathExpr: {expression} }}"
        );
        let shown = show(&pod(DESK, &lines))?;
        if message.is_empty() { shown.mounts(&["/a desk/good"]) } else { shown.waits("container", "app", message) }
    };
    waits("$(NONE)", "missing value for NONE")?;
    waits("$(EMPTY)", "missing value for EMPTY")?;
    waits("x/$(NONE)/$(EMPTY)/$(GOOD)/$(NONE)", "missing value for EMPTY, NONE")?;
    waits("$(UP)/x", "unable to provision SubPath `../x`: must not contain '..'")?;
    waits("$(ROOT)etc", "error SubPath `/etc` must not be an absolute path")?;
    waits("$(GOOD)", "")?;
    // What its variables wait for, the part waits for, too; but only where it has any.
    let missing = "env:\n- { name: X, valueFrom: { configMapKeyRef: { name: nope, key: x } } }\nvolumeMounts:\n";
    let with = |how: &str| show(&pod(DESK, &format!("{missing}- {{ name: desk, mountPath: /a, {how} }}")));
    with("subPathExpr: $(X)")?.waits("container", "app", "configmap \"nope\" not found")?;
    with("subPath: x")?.mounts(&["/a desk/x"])
}

/// It outlives the containers, but not the pod.
pub fn containers_share_a_directory() -> Result {
    let (path, text) = text!("share.yaml");
    let ran = Cli::new("run").args(["--speed", "20"]).manifest(path, text).run()?;
    ran.expect_code(0)?;
    let is = ran.stdout().lines().any(|line| line.starts_with("[reader] three lines; and in /desk: ls:"));
    ran.expect("what the reader sees", "three lines, and no /desk", is, ran.stdout())?;
    let lines = "command: [sh, -c, 'ls /desk | wc -l; stat -c %a /desk; echo x > /desk/x']\n\
                 volumeMounts: [{ name: desk, mountPath: /desk }]";
    for _ in 0..2 {
        let ran = run(&pod(DESK, lines))?;
        printed(&ran, "how many files a new pod finds in its emptyDir", "[app] 0")?;
        printed(&ran, "the mode of an emptyDir", "[app] 777")?;
    }
    Ok(())
}

/// `/proc/self/mountinfo` and `/proc/self/mounts`, as the container reads them.
pub fn a_container_sees_it_so() -> Result {
    let volumes = "- { name: desk, emptyDir: { medium: Memory, sizeLimit: 1Mi } }\n- { name: other, emptyDir: {} }";
    let script = "echo whole > /whole/file; mkdir /whole/x; echo inner > /whole/in/inner; ls /part; \
        echo no 2> /dev/null > /fixed/no || echo refused; cat /fixed/file /other/inner; ls /other | wc -l; \
        grep -c ' /fixed tmpfs ro,' /proc/mounts; grep -c ' /whole tmpfs rw,' /proc/mounts; df -k --output=size /whole";
    let lines = format!(
        "command: [sh, -c]\nargs: [{script:?}]\nvolumeMounts:\n- {{ name: other, mountPath: /whole/in }}\n\
         - {{ name: desk, mountPath: /whole }}\n- {{ name: desk, mountPath: /part, subPath: a/b }}\n\
         - {{ name: desk, mountPath: /fixed, readOnly: true }}\n- {{ name: other, mountPath: /other }}"
    );
    let ran = run(&pod(volumes, &lines))?;
    let expected = ["refused", "whole", "inner", "1", "1", "1", "1K-blocks", "1024"].map(|it| format!("[app] {it}"));
    let observed: Vec<String> = ran.stdout_lines().iter().map(|line| line.replace("[app]  ", "[app] ")).collect();
    let observed: Vec<String> =
        observed.iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let is = observed == expected;
    ran.expect("what the container prints", expected.join("\n"), is, observed.join("\n"))?;
    Ok(())
}

/// Where the node cannot give as much, or the pod may not have as much, that counts. What is no memory has a size of its
/// own alone.
pub fn memory_has_its_bounds() -> Result {
    let size = |volume: &str, limit: &str| -> Result<(Ran, String)> {
        let volumes = format!("- {{ name: desk, emptyDir: {{ {volume} }} }}");
        let lines = format!(
            "command: [df, -k, --output=size, /desk]\nresources: {{ limits: {{ {limit} }} }}\n\
             volumeMounts: [{{ name: desk, mountPath: /desk }}]"
        );
        let ran = run(&pod(&volumes, &lines))?;
        let size = ran.stdout_lines().last().map(|line| line.trim_start_matches("[app]").trim().to_owned());
        Ok((ran, size.unwrap_or_default()))
    };
    for (volume, limit, expected) in [
        ("medium: Memory, sizeLimit: 2Mi", "memory: 64Mi", "2048"),
        ("medium: Memory, sizeLimit: 128Mi", "memory: 64Mi", "65536"),
        ("medium: Memory, sizeLimit: 0", "memory: 64Mi", "65536"),
        ("medium: Memory, sizeLimit: 3Mi", "cpu: 1", "3072"),
        ("sizeLimit: 128Mi", "memory: 64Mi", "131072"),
    ] {
        let (ran, observed) = size(volume, limit)?;
        ran.expect(format!("the size of an emptyDir of {volume}, in KiB"), expected, observed == expected, &observed)?;
    }
    let total = own("read /proc/meminfo", std::fs::read_to_string("/proc/meminfo"))?;
    let total = total.lines().find_map(|line| line.strip_prefix("MemTotal:")?.strip_suffix("kB")).unwrap_or_default();
    let (ran, observed) = size("medium: Memory", "cpu: 1")?;
    ran.expect("the size of one without any limit, in KiB", total.trim(), observed == total.trim(), &observed)?;
    Ok(())
}

/// A volume that several documents are about, shown with what the node can give.
pub fn of_init_containers_too() -> Result {
    let text = pod(DESK, "volumeMounts: [{ name: desk, mountPath: /b }]")
        + "  initContainers:\n  - name: first\n    image: host\n    volumeMounts: [{ name: other, mountPath: /a }]\n";
    let shown = show_with(&file(&[&text]), &[])?;
    shown.mounts(&["/b desk"])?;
    let first = shown.of("container", "first")?["mounts"][0]["target"].as_str().unwrap_or_default().to_owned();
    shown.ran.expect("the mount of init container first", "/a", first == "/a", &first).map(|_| ())
}
