//! What a securityContext makes of a program, judged by what the kernel says of its process.

mod common;

use std::fs;

use common::{User, pod, pod_with, processes_with, until};
use nix::unistd::geteuid;

/// A process of a container, from outside.
struct Process(u32);

impl Process {
    /// The one that runs `sleep NUMBER`, and nothing else.
    fn of(number: u32) -> Process {
        let line = format!("sleep {number}");
        let is_it = |pid: &u32| {
            let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&words).trim_end_matches('\0').replace('\0', " ") == line
        };
        until(&line, || processes_with(&line).iter().any(is_it));
        Process(processes_with(&line).into_iter().find(is_it).expect("the process"))
    }

    fn field(&self, name: &str) -> String {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn capabilities(&self, set: &str) -> u64 {
        u64::from_str_radix(&self.field(set), 16).expect("a set")
    }

    /// Numbers of the machine, as the pod has them.
    fn ids(&self, field: &str) -> Vec<u32> {
        let map = if field == "Uid" { "uid_map" } else { "gid_map" };
        let map = fs::read_to_string(format!("/proc/{}/{map}", self.0)).expect("its map");
        let ranges: Vec<Vec<u32>> =
            map.lines().map(|line| line.split_whitespace().map(|it| it.parse().expect("a number")).collect()).collect();
        let inside = |id: u32| {
            let range = ranges.iter().find(|range| range[1] <= id && id - range[1] < range[2]);
            range.map_or(u32::MAX, |range| id - range[1] + range[0])
        };
        self.field(field).split(' ').filter_map(|it| it.parse().ok()).map(inside).collect()
    }
}

const USUAL: u64 = 0xa804_25fb;

fn sleeper(name: &str, number: u32, context: &str, of_pod: &str) -> String {
    let spec = if of_pod.is_empty() { String::new() } else { format!("  securityContext: {{ {of_pod} }}\n") };
    let text = pod_with(name, &format!("exec sleep {number}"), &spec);
    text.replace("    image: host\n", &format!("    image: host\n    securityContext: {{ {context} }}\n"))
}

/// A user who has 65536 ids, as this machine should give them.
fn has_ids() -> bool {
    if geteuid().is_root() {
        return true;
    }
    let name = nix::unistd::User::from_uid(geteuid()).ok().flatten().map(|user| user.name).unwrap_or_default();
    let ranges = fs::read_to_string("/etc/subuid").unwrap_or_default();
    ranges.lines().any(|line| line.starts_with(&format!("{name}:")))
}

#[test]
fn the_user_and_its_groups() {
    assert!(has_ids(), "this test needs a range of ids in /etc/subuid and /etc/subgid, as rootless containers do");
    let user = User::new();
    let of_pod = "runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000, supplementalGroups: [4000]";
    user.apply(&sleeper("of-pod", 76001, "", of_pod));
    user.apply(&sleeper("own", 76002, "runAsUser: 12, runAsGroup: 13", of_pod));
    user.apply(&sleeper("root", 76003, "", ""));
    let first = Process::of(76001);
    assert_eq!(first.ids("Uid"), [1000; 4]);
    assert_eq!(first.ids("Gid"), [3000; 4]);
    let mut groups = first.ids("Groups");
    groups.sort_unstable();
    assert_eq!(groups, [2000, 3000, 4000]);
    let own = Process::of(76002);
    assert_eq!((own.ids("Uid"), own.ids("Gid")), (vec![12; 4], vec![13; 4]));
    let root = Process::of(76003);
    assert_eq!((root.ids("Uid"), root.ids("Gid")), (vec![0; 4], vec![0; 4]));
    // Whoever is not root has none of root's powers, and may get no others.
    for (process, effective) in [(&first, 0), (&own, 0), (&root, USUAL)] {
        assert_eq!(process.capabilities("CapEff"), effective);
        assert_eq!(process.capabilities("CapPrm"), effective);
        assert_eq!(process.capabilities("CapBnd"), USUAL);
        assert_eq!((process.capabilities("CapInh"), process.capabilities("CapAmb")), (0, 0));
        assert_eq!((process.field("NoNewPrivs"), process.field("Seccomp")), ("0".into(), "0".into()));
    }
    // And so is whoever comes later.
    let id = "id -u; id -g; grep CapEff /proc/self/status; echo $HOME";
    assert_eq!(user.out(&["exec", "own", "--", "sh", "-c", id]), "12\n13\nCapEff:\t0000000000000000\n/\n");
    assert_eq!(user.out(&["exec", "root", "--", "sh", "-c", "echo $HOME"]), "/root\n");
    // Its output is its own, and can be opened once more.
    user.peapod(&["exec", "own", "--", "sh", "-c", "echo out > /dev/stdout; echo err > /dev/stderr"])
        .assert()
        .success()
        .stdout("out\n")
        .stderr("err\n");
}

#[test]
fn capabilities_and_what_can_be_gained() {
    let user = User::new();
    user.apply(&sleeper("none", 76011, "capabilities: { drop: [ALL] }, allowPrivilegeEscalation: false", ""));
    user.apply(&sleeper("one", 76012, "capabilities: { drop: [ALL], add: [NET_ADMIN] }", ""));
    user.apply(&sleeper("less", 76013, "capabilities: { drop: [CHOWN, CAP_KILL] }", ""));
    user.apply(&sleeper("all", 76014, "privileged: true", ""));
    let none = Process::of(76011);
    for set in ["CapEff", "CapPrm", "CapBnd", "CapInh", "CapAmb"] {
        assert_eq!(none.capabilities(set), 0, "{set}");
    }
    assert_eq!(none.field("NoNewPrivs"), "1");
    let one = Process::of(76012);
    assert_eq!((one.capabilities("CapEff"), one.capabilities("CapBnd")), (1 << 12, 1 << 12));
    assert_eq!(one.field("NoNewPrivs"), "0");
    assert_eq!(Process::of(76013).capabilities("CapEff"), USUAL & !(1 | 1 << 5));
    let all = Process::of(76014).capabilities("CapEff");
    assert_eq!(all & 0x1ff_ffff_ffff, 0x1ff_ffff_ffff);
    // It counts: who may administer the pod's network does so.
    let up = ["--", "sh", "-c", "ip link set lo down 2>&1 && echo done || echo refused"];
    let told = user.out(&[&["exec", "one"], &up[..]].concat());
    let without = user.out(&[&["exec", "none"], &up[..]].concat());
    assert!(told.contains("done") && without.contains("refused"), "{told} {without}");
    user.apply(&sleeper("unknown", 76015, "capabilities: { add: [FLY] }", ""));
    user.until_status("unknown", "CreateContainerError");
    assert!(user.out(&["describe", "pod", "unknown"]).contains("unknown capability \"FLY\""));
}

#[test]
fn the_filter_of_system_calls() {
    let user = User::new();
    user.apply(&sleeper("filtered", 76021, "", "seccompProfile: { type: RuntimeDefault }"));
    user.apply(&sleeper(
        "open",
        76022,
        "seccompProfile: { type: Unconfined }",
        "seccompProfile: { type: RuntimeDefault }",
    ));
    let (filtered, open) = (Process::of(76021), Process::of(76022));
    assert_eq!((filtered.field("Seccomp"), open.field("Seccomp")), ("2".into(), "0".into()));
    let unshare = ["--", "sh", "-c", "unshare -U true 2>&1 && echo done"];
    assert!(user.out(&[&["exec", "open"], &unshare[..]].concat()).contains("done"), "the control");
    user.peapod(&[&["exec", "filtered"], &unshare[..]].concat()).assert().failure();
    // What programs do every day they can do.
    let every_day = "ls / > /dev/null && (sleep 0.01 & wait) && date > /dev/null && id > /dev/null && echo fine";
    assert_eq!(user.out(&["exec", "filtered", "--", "sh", "-c", every_day]), "fine\n");
}

#[test]
fn a_root_that_cannot_be_written() {
    let user = User::new();
    let context = "readOnlyRootFilesystem: true";
    let script = "for p in / /tmp /etc /run /var/tmp; do touch $p/x && echo written $p; done; echo last > /dev/termination-log; \
                  touch /dev/shm/x && echo shm; touch /v/x && echo volume; echo a > /etc/hosts && echo hosts";
    let volumes = "  restartPolicy: Never\n  volumes: [{ name: v, emptyDir: {} }]\n";
    let more = format!(
        "    image: host\n    securityContext: {{ {context} }}\n    volumeMounts: [{{ name: v, mountPath: /v }}]\n"
    );
    let read_only = pod_with("ro", script, volumes).replace("    image: host\n", &more);
    user.apply(&read_only);
    user.apply(
        &read_only.replace("name: ro\n", "name: rw\n").replace("readOnlyRootFilesystem: true", "privileged: false"),
    );
    user.until_status("ro", "Completed");
    user.until_status("rw", "Completed");
    let lines = |name: &str| {
        user.out(&["logs", name]).lines().filter(|it| !it.contains(' ')).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(lines("ro"), ["shm", "volume", "hosts"]);
    assert!(!user.out(&["logs", "ro"]).contains("written"));
    assert!(user.out(&["logs", "rw"]).contains("written /\n"), "the control");
    assert!(user.out(&["describe", "pod", "ro"]).contains("last"));
}

#[test]
fn a_working_directory_is_made() {
    let user = User::new();
    let with = |name: &str, dir: &str, context: &str| {
        let more = format!("    image: host\n    workingDir: {dir}\n    securityContext: {{ {context} }}\n");
        pod_with(name, "pwd", "  restartPolicy: Never\n").replace("    image: host\n", &more)
    };
    user.apply(&with("made", "/made/here", ""));
    user.apply(&with("sealed", "/made/there", "readOnlyRootFilesystem: true"));
    user.apply(&with("file", "/etc/hosts", ""));
    user.until_status("made", "Completed");
    user.until_status("sealed", "Completed");
    assert_eq!(
        (user.out(&["logs", "made"]), user.out(&["logs", "sealed"])),
        ("/made/here\n".into(), "/made/there\n".into())
    );
    until("a refusal", || user.out(&["describe", "pod", "file"]).contains("Not a directory"));
}

#[test]
fn what_cannot_be_is_said_in_the_kubelets_words() {
    let user = User::new();
    user.apply(&sleeper("root", 76031, "runAsNonRoot: true", ""));
    user.until_status("root", "CreateContainerConfigError");
    let told = user.out(&["describe", "pod", "root"]);
    assert!(told.contains("container has runAsNonRoot and image will run as root (pod: \"root_default("), "{told}");
    user.apply(&sleeper("zero", 76032, "runAsUser: 0", "runAsNonRoot: true"));
    user.until_status("zero", "CreateContainerConfigError");
    assert!(user.out(&["describe", "pod", "zero"]).contains("container's runAsUser breaks non-root policy"));
    user.apply(&sleeper("far", 76033, "runAsUser: 70000", ""));
    user.until_status("far", "CreateContainerConfigError");
    assert!(user.out(&["describe", "pod", "far"]).contains("70000 is not mapped"));
    user.apply(&sleeper("good", 76034, "runAsNonRoot: true, runAsUser: 5", ""));
    user.until_status("good", "Running");
}

#[test]
fn kernel_settings_of_the_pod() {
    let user = User::new();
    let sysctls = |list: &str| format!("  securityContext: {{ sysctls: [{list}] }}\n  restartPolicy: Never\n");
    let safe = "{ name: net.ipv4.ip_unprivileged_port_start, value: \"7\" }, { name: net/ipv4/tcp_syncookies, value: \"0\" }, \
                { name: kernel.shm_rmid_forced, value: \"1\" }";
    let script = "cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/tcp_syncookies /proc/sys/kernel/shm_rmid_forced";
    user.apply(&pod_with("safe", script, &sysctls(safe)));
    user.until_status("safe", "Completed");
    assert_eq!(user.out(&["logs", "safe"]), "7\n0\n1\n");
    user.apply(&pod_with("plain", script, "  restartPolicy: Never\n"));
    user.until_status("plain", "Completed");
    assert_ne!(user.out(&["logs", "plain"]), "7\n0\n1\n", "the control");
    user.apply(&pod_with("unsafe", "true", &sysctls("{ name: kernel.msgmax, value: \"1\" }")));
    user.until_status("unsafe", "SysctlForbidden");
    let told = user.out(&["describe", "pod", "unsafe"]);
    assert!(told.contains("Status:           Failed") || told.contains("Failed"), "{told}");
    assert!(told.contains("forbidden sysctl: \"kernel.msgmax\" not allowlisted"), "{told}");
}

#[test]
fn names_and_name_servers() {
    let user = User::new();
    let spec = "  hostname: web\n  subdomain: shop\n  hostAliases: [{ ip: 10.1.2.3, hostnames: [one, two.example] }]\n  \
                dnsPolicy: None\n  dnsConfig: { nameservers: [192.0.2.1], searches: [a.example], options: [{ name: ndots, value: \"2\" }] }\n";
    user.apply(&pod_with("names", "exec sleep 76041", spec));
    user.until_status("names", "Running");
    let hosts = user.out(&["exec", "names", "--", "cat", "/etc/hosts"]);
    assert!(hosts.starts_with("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n"), "{hosts}");
    assert!(hosts.contains("127.0.0.1\tweb.shop.default.svc.cluster.local\tweb\n"), "{hosts}");
    assert!(hosts.ends_with("# Entries added by HostAliases.\n10.1.2.3\tone\ttwo.example\n"), "{hosts}");
    let resolver = user.out(&["exec", "names", "--", "cat", "/etc/resolv.conf"]);
    assert_eq!(resolver, "search a.example\nnameserver 192.0.2.1\noptions ndots:2\n");
    assert_eq!(user.out(&["exec", "names", "--", "hostname"]), "web\n");
    let long = pod_with(
        "long",
        "hostname; echo $HOSTNAME; exec sleep 76042",
        "  subdomain: shop\n  setHostnameAsFQDN: true\n",
    );
    user.apply(&long);
    user.until_status("long", "Running");
    until("the names", || user.out(&["logs", "long"]).lines().count() == 2);
    let name = "long.shop.default.svc.cluster.local";
    assert_eq!(user.out(&["logs", "long"]), format!("{name}\n{name}\n"));
    user.apply(&long.replace("name: long", &format!("name: {}", "l".repeat(60))));
    let of = "l".repeat(60);
    until("an event", || user.out(&["describe", "pod", &of]).contains("FailedCreatePodSandBox"));
    assert!(user.out(&["describe", "pod", &of]).contains("64 characters is the max"));
    user.until_status(&of, "ContainerCreating");
    let own = pod("own", "cat /etc/hosts; exec sleep 76043").replace(
        "    image: host\n",
        "    image: host\n    volumeMounts: [{ name: h, mountPath: /etc/hosts, subPath: hosts }]\n",
    );
    let own = own.replace("  containers:\n", "  volumes: [{ name: h, configMap: { name: hosts } }]\n  containers:\n");
    user.apply(&format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: hosts }}\ndata: {{ hosts: \"my own\\n\" }}\n---\n{own}"
    ));
    user.until_status("own", "Running");
    until("its hosts", || !user.out(&["logs", "own"]).is_empty());
    assert_eq!(user.out(&["logs", "own"]), "my own\n");
}
