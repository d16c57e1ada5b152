//! Which ids exist in the node and in a pod.

use std::fs;

use nix::unistd::{Gid, Uid, User};
use podcheck::{Cli, Failure, Process, Result, expect, expect_eq};

use crate::kit::{Two, pod, program};

fn ids() -> (u32, u32) {
    (Uid::effective().as_raw(), Gid::effective().as_raw())
}

fn in_node(cli: Cli) -> Result<(podcheck::Running, Process)> {
    let mut running = cli.args(["/bin/sleep", "60"]).spawn()?;
    let process = program(&mut running, "/bin/sleep 60")?;
    Ok((running, process))
}

/// Without newuidmap, root inside is me outside, and there is nobody else.
pub fn root_is_me() -> Result {
    let (uid, gid) = ids();
    let (_running, process) = in_node(Cli::new("unshare").single_id())?;
    expect_eq("uid_map of the node", vec![[0, uid, 1]], process.id_map("uid_map")?)?;
    expect_eq("gid_map of the node", vec![[0, gid, 1]], process.id_map("gid_map")?)?;
    let setgroups = process.read("setgroups")?;
    expect_eq("setgroups of the node", "deny", setgroups.trim())?;
    let other = process.namespace("user")? != Process::me().namespace("user")?;
    expect("the user namespace", "another one than outside", other, "the same")
}

/// The node's root is root for the kernel too: it has all capabilities, and files of mine are root's.
pub fn a_command_in_the_node() -> Result {
    let ran =
        Cli::new("unshare").single_id().args(["/bin/sh", "-c", "/usr/bin/id -u; /usr/bin/id -g; exit 3"]).run()?;
    ran.expect_code(3)?;
    ran.expect_eq("user and group in the node", "0\n0\n", ran.stdout())?;
    let (_running, process) = in_node(Cli::new("unshare").single_id())?;
    let all = process.capabilities("CapBnd")?;
    expect_eq("CapEff of the node's root", format!("{all:x}"), format!("{:x}", process.capabilities("CapEff")?))
}

/// The range that /etc/subuid gives to this user.
fn range(file: &str) -> Result<Vec<(u32, u32)>> {
    let name = User::from_uid(Uid::effective()).ok().flatten().map(|it| it.name).unwrap_or_default();
    let uid = Uid::effective().to_string();
    let text = fs::read_to_string(file).map_err(|error| Failure::grader(format!("{file}: {error}")))?;
    let line = |line: &str| {
        let mut fields = line.split(':');
        let user = fields.next()?;
        let numbers = (fields.next()?.parse().ok()?, fields.next()?.trim().parse().ok()?);
        (user == name || user == uid).then_some(numbers)
    };
    Ok(text.lines().filter_map(line).collect())
}

/// With newuidmap, ids 1 to 65535 of the node are of my range.
pub fn ids_of_a_range() -> Result {
    let (uid, gid) = ids();
    if uid == 0 {
        return Err(Failure::not_here("root maps its ids itself, without a helper: judged as an ordinary user only"));
    }
    let (_running, process) = in_node(Cli::new("unshare"))?;
    for (file, me, ranges) in [("uid_map", uid, range("/etc/subuid")?), ("gid_map", gid, range("/etc/subgid")?)] {
        let map = process.id_map(file)?;
        let mine = |line: &[u32; 3]| {
            line[0] == 1
                && line[2] == 65535
                && ranges.iter().any(|(first, n)| line[1] >= *first && n - (line[1] - first) >= 65535)
        };
        let right = matches!(&map[..], [first, second] if *first == [0, me, 1] && mine(second));
        let expected = format!("two lines: 0 {me} 1, and 1 FIRST 65535 of a range in {ranges:?}");
        expect(format!("{file} of the node"), expected, right, format!("{map:?}"))?;
    }
    let setgroups = process.read("setgroups")?;
    expect_eq("setgroups of the node", "allow", setgroups.trim())
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
