//! Task 9.8: what the program is given in the end.

use crate::kit::{SOON, container_status, end, pod, process, show, show_with, text};
use podcheck::{Cli, Result, expect, expect_eq};

/// Image `peapod/echo` has entrypoint `echo` and cmd `nothing to say`.
pub fn entrypoint_and_cmd() -> Result {
    let runs = |image: &str, lines: &str, expected: &[&str]| {
        show(&pod(lines).replace("image: host", &format!("image: {image}")))?.runs(expected)
    };
    let echo = "peapod/echo";
    runs(echo, "", &["echo", "nothing", "to", "say"])?;
    runs(echo, "args: [hello]", &["echo", "hello"])?;
    runs(echo, "command: [printf]", &["printf"])?;
    runs(echo, "command: [printf, '%s']\nargs: [hello]", &["printf", "%s", "hello"])?;
    runs(echo, "command: []\nargs: []", &["echo", "nothing", "to", "say"])?;
    runs("busybox", "", &["sh"])?;
    runs("busybox", "args: [sleep, \"1\"]", &["sleep", "1"])
}

/// The image's variables, HOSTNAME over them, the container's own over all.
pub fn path_and_hostname() -> Result {
    let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    show(&pod(""))?.have(&[("PATH", path), ("HOSTNAME", "web")])?;
    let named = pod("").replace("spec:\n", "spec:\n  hostname: other\n");
    show(&named)?.have(&[("HOSTNAME", "other"), ("PATH", path)])?;
    let lines = "env:\n- { name: PATH, value: /mine }\n- { name: OWN, value: x }\n\
                 - { name: HOSTNAME, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }";
    let own = "env:\n- { name: PATH, value: /mine }\n- { name: OWN, value: x }\n- { name: HOSTNAME, value: mine }";
    show(&pod(own))?.have(&[("PATH", "/mine"), ("OWN", "x"), ("HOSTNAME", "mine")])?;
    show_with(&pod(lines), &["--node", "worker"])?.have(&[("HOSTNAME", "worker"), ("PATH", "/mine")])
}

/// Just what stands under `env`: not expanded, and empty where it comes from elsewhere.
pub fn a_probe_sees_plain_values() -> Result {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: m }\ndata: { KEY: value }\n---\n";
    let lines = "envFrom: [{ configMapRef: { name: m } }]\n\
        env:\n- { name: A, value: old }\n- { name: A, value: apple }\n- { name: B, value: $(A)s }\n\
        - { name: C, valueFrom: { fieldRef: { fieldPath: metadata.name } } }\n- { name: BARE }\n\
        livenessProbe: { exec: { command: [\"$(A)\", \"$(B)\", \"<$(C)>\", \"$(KEY)\", \"$$(A)\", \"<$(BARE)>\", \"$(HOSTNAME)\"] } }\n\
        readinessProbe: { exec: { command: [test, $(A)] } }";
    let shown = show(&(map.to_owned() + &pod(lines)))?;
    let about = shown.of("app")?;
    for (kind, expected) in [
        ("liveness", r#"["apple","$(A)s","<>","$(KEY)","$(A)","<>","$(HOSTNAME)"]"#),
        ("readiness", r#"["test","apple"]"#),
    ] {
        let observed = about["probes"][kind].to_string();
        shown.ran.expect(format!("the command of the {kind} probe"), expected, observed == expected, &observed)?;
    }
    shown.has("B", Some("apples"))
}

/// `/proc/PID/environ` and `/proc/PID/cmdline` of the program.
pub fn the_kernel_says_the_same() -> Result {
    let lines = "command: [sleep]\nargs: [\"$(TIME)\"]\nenv:\n- { name: TIME, value: \"77\" }\n- { name: TEXT, value: a $(TIME) b }";
    let mut running = Cli::new("run").manifest_text("pod.yaml", &pod(lines)).spawn()?;
    let program = process(&mut running, "sleep 77")?;
    let text = program.read("environ")?;
    let mut variables: Vec<&str> = text.split('\0').filter(|it| !it.is_empty()).collect();
    variables.sort_unstable();
    let expected = "HOSTNAME=web PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TEXT=a 77 b TIME=77";
    expect_eq("/proc/PID/environ of the program `sleep 77`", expected, &*variables.join(" "))?;
    end(running)
}

/// A probe asks with its value put in; a hook is run as it is written.
pub fn a_real_probe_and_a_hook() -> Result {
    let (path, text) = text!("probe.yaml");
    let mut running = Cli::new("run").args(["--format", "json"]).manifest(path, text).spawn()?;
    let is_ready = |line: &podcheck::Value| container_status(line, "app").is_some_and(|status| status["ready"] == true);
    running.wait_for_json("container app is ready: its probe tests /tmp/there", SOON, is_ready)?;
    let has_listed = |line: &podcheck::Value| {
        line["type"] == "log" && line["line"].as_str().is_some_and(|it| it.starts_with("list:"))
    };
    let line = running.stdout().lines().find_map(|line| podcheck::serde_json::from_str(line).ok().filter(has_listed));
    let line = match line {
        Some(line) => line,
        None => running.wait_for_json("the container's list", SOON, has_listed)?,
    };
    let list = line["line"].as_str().unwrap_or_default();
    expect("what the hook has made", "list: hook-$(FILE)", list == "list: hook-$(FILE)", list)?;
    end(running)
}

/// The manifest of the notes, as it is.
pub fn the_notes_pod_runs() -> Result {
    let (path, text) = text!("pod-env.yaml");
    let shown = Cli::new("env").args(["--format", "json", "--allocatable", "cpu=2"]).manifest(path, text).run()?;
    shown.expect_code(0)?;
    let about = shown.json()?;
    for (name, expected) in [
        ("TESTENV01", "testvalue01"),
        ("HOSTNAME", "node"),
        ("POD_NAME", "kubernetes-simple-pod"),
        ("POD_IP", "127.0.0.1"),
        ("CPU_REQUEST", "0"),
        ("CPU_LIMIT", "2"),
    ] {
        let observed = about["env"][name].as_str().unwrap_or("(none)");
        shown.expect(format!("variable {name}"), expected, observed == expected, observed)?;
    }
    let mut running = Cli::new("run").manifest(path, text).spawn()?;
    let program = process(&mut running, "/simple-container-app")?;
    let environ = program.read("environ")?;
    let has = |pair: &str| environ.split('\0').any(|it| it == pair);
    expect(
        "/proc/PID/environ of the program",
        "HOSTNAME=node and CPU_REQUEST=0",
        has("HOSTNAME=node") && has("CPU_REQUEST=0"),
        environ.replace('\0', " "),
    )?;
    end(running)
}
