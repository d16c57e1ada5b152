//! What the pause process holds.

use std::net::{TcpListener, TcpStream};

use podcheck::{Namespaces, Process, Result, expect, expect_eq};

use crate::ids::ids;
use crate::kit::{Two, looked_at, pod};

/// Not the machine's.
fn new(pause: Process, kind: &str) -> Result {
    let pods = pause.namespace(kind)?;
    expect(format!("the pod's {kind} namespace"), "not the machine's", pods != Process::me().namespace(kind)?, &pods)
}

/// Net, ipc, uts and user of the pod are new, and the node has none of the first three.
pub fn namespaces_of_the_pod() -> Result {
    looked_at("readlink /proc/self/ns/* /proc/$(pgrep -u $(id -u) -x pause)/ns/*", || {
        let two = Two::start()?;
        let (node, pause) = (two.node()?, two.pause()?);
        for kind in ["net", "ipc", "uts", "user"] {
            new(pause, kind)?;
            let inner = pause.namespace(kind)?;
            expect(format!("the pod's {kind} namespace"), "not the node's", node.namespace(kind)? != inner, &inner)?;
        }
        for (point, kind, options) in [("/", "tmpfs", "nosuid,nodev"), ("/proc", "proc", "nosuid,nodev,noexec")] {
            let mount = node.mount_at(point)?;
            let right = mount.as_ref().is_some_and(|it| it.kind == kind && options.split(',').all(|o| it.has(o)));
            expect(format!("{point} of the node"), format!("{kind} with {options}"), right, format!("{mount:?}"))?;
        }
        for kind in ["pid", "mnt"] {
            let name = if kind == "pid" { "PID" } else { "mount" };
            expect_eq(
                format!("the {name} namespace of pause, which is the node's"),
                node.namespace(kind)?,
                pause.namespace(kind)?,
            )?;
            let other = Process::me().namespace(kind)? != node.namespace(kind)?;
            expect(format!("the {name} namespace of the node"), "not the machine's", other, "the machine's")?;
        }
        Ok(())
    })
}

/// The hostname is the pod's name in there, and nowhere else.
pub fn hostname_of_the_pod() -> Result {
    looked_at("nsenter -t $(pgrep -u $(id -u) -x pause) -U -u hostname", || {
        let name =
            || nix::unistd::gethostname().map_or_else(|it| it.to_string(), |it| it.to_string_lossy().into_owned());
        let outside = name();
        let two = Two::start()?;
        let pause = two.pause()?;
        new(pause, "uts")?;
        let inside = Namespaces::default().of(pause, "user")?.of(pause, "uts")?.see(name)?;
        expect_eq("hostname in the pod", "two", inside)?;
        expect_eq("hostname of the machine", outside, name())
    })
}

/// 127.0.0.1 answers; there is no other device.
pub fn loopback_is_up() -> Result {
    looked_at("nsenter -t $(pgrep -u $(id -u) -x pause) -U -n ip addr", || {
        let connect = || {
            let there = TcpListener::bind("127.0.0.1:0").and_then(|it| TcpStream::connect(it.local_addr()?));
            there.map_or_else(|it| it.to_string(), |_| "connected".to_string())
        };
        expect_eq("a connection to 127.0.0.1 outside", "connected", connect())?;
        let two = Two::start()?;
        let pause = two.pause()?;
        new(pause, "net")?;
        let inside = Namespaces::default().of(pause, "user")?.of(pause, "net")?.see(connect)?;
        expect_eq("a connection to 127.0.0.1 in the pod", "connected", inside)?;
        let table = pause.read("net/dev")?;
        let devices: Vec<&str> = table.lines().filter_map(|it| it.split_once(':')).map(|it| it.0.trim()).collect();
        expect_eq("network devices of the pod", vec!["lo"], devices)
    })
}

/// A pod has the ids of its node.
pub fn a_pod_has_all_ids() -> Result {
    let two = Two::start()?;
    let node = two.node()?;
    expect_eq("lines in the node's uid_map", 2, node.id_map("uid_map")?.len())?;
    for file in ["uid_map", "gid_map"] {
        expect_eq(format!("{file} of the pod"), node.id_map(file)?, two.pause()?.id_map(file)?)?;
    }
    let ran = pod!("run", "owner.yaml").run()?;
    ran.expect_code(0)?;
    ran.expect_eq("the file's owner in the container", vec!["[owner] 1000:1001"], ran.stdout_lines())?;
    // And where the node has one, the pod has one.
    let two = Two::of(pod!("run", "two.yaml").single_id())?;
    let (uid, gid) = ids();
    expect_eq("uid_map of the pod of one id", vec![[0, uid, 1]], two.pause()?.id_map("uid_map")?)?;
    expect_eq("gid_map of the pod of one id", vec![[0, gid, 1]], two.pause()?.id_map("gid_map")?)
}
