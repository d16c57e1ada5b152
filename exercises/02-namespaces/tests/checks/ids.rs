//! Which ids exist in the node and in a pod.

use std::fs;
use std::os::unix::fs::PermissionsExt;

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
    let ran = Cli::new("unshare").single_id().run()?;
    ran.expect_code(2)?;
    ran.expect_stderr("how to use it", predicates::str::contains("Usage: namespaces unshare"))?;
    let (_running, process) = in_node(Cli::new("unshare").single_id())?;
    let all = process.capabilities("CapBnd")?;
    expect_eq("CapEff of the node's root", format!("{all:x}"), format!("{:x}", process.capabilities("CapEff")?))
}

/// An ordinary user with a range of ids: me, or, where the check is root, the first that
/// /etc/subuid names.
fn ordinary_user() -> Result<User> {
    let me = Uid::effective();
    let named = |name: &str| match name.parse() {
        Ok(uid) => User::from_uid(Uid::from_raw(uid)).ok().flatten(),
        Err(_) => User::from_name(name).ok().flatten(),
    };
    let text = fs::read_to_string("/etc/subuid").unwrap_or_default();
    let mut users = text.lines().filter_map(|it| named(it.split(':').next()?));
    let found = users.find(|it| if me.is_root() { !it.uid.is_root() } else { it.uid == me });
    found.ok_or_else(|| Failure::not_here("no ordinary user has a range in /etc/subuid"))
}

/// The ranges that /etc/subuid or /etc/subgid gives to a user.
fn ranges(file: &str, user: &User) -> Result<Vec<(u32, u32)>> {
    let text = fs::read_to_string(file).map_err(|error| Failure::grader(format!("{file}: {error}")))?;
    let line = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let numbers = (fields.next()?.parse().ok()?, fields.next()?.trim().parse().ok()?);
        (name == user.name || name == user.uid.to_string()).then_some(numbers)
    };
    Ok(text.lines().filter_map(line).collect())
}

fn as_user(cli: Cli, user: &User) -> Cli {
    match Uid::effective().is_root() {
        true => cli.user(user.uid.as_raw(), user.gid.as_raw()),
        false => cli,
    }
}

/// With newuidmap, ids 1 to 65535 of the node are of my range; without, there are none.
pub fn ids_of_a_range() -> Result {
    let user = ordinary_user()?;
    let (uid, gid) = (user.uid.as_raw(), user.gid.as_raw());
    let (_running, process) = in_node(as_user(Cli::new("unshare"), &user))?;
    for (file, me, ranges) in
        [("uid_map", uid, ranges("/etc/subuid", &user)?), ("gid_map", gid, ranges("/etc/subgid", &user)?)]
    {
        let map = process.id_map(file)?;
        let mine = |line: &[u32; 3]| {
            let within = |(first, n): &(u32, u32)| line[1] >= *first && line[1] - first + 65535 <= *n;
            line[0] == 1 && line[2] == 65535 && ranges.iter().any(within)
        };
        let right = matches!(&map[..], [first, second] if *first == [0, me, 1] && mine(second));
        let expected = format!("two lines: 0 {me} 1, and 1 FIRST 65535 of a range in {ranges:?}");
        expect(format!("{file} of the node"), expected, right, format!("{map:?}"))?;
    }
    let setgroups = process.read("setgroups")?;
    expect_eq("setgroups of the node", "allow", setgroups.trim())?;

    let (_running, process) = in_node(as_user(Cli::new("unshare"), &user).env("PATH", "/nonexistent"))?;
    expect_eq("uid_map of the node, without newuidmap", vec![[0, uid, 1]], process.id_map("uid_map")?)?;
    expect_eq("gid_map of the node, without newgidmap", vec![[0, gid, 1]], process.id_map("gid_map")?)?;

    // Somebody who has no range does not try to take one. Only root can be somebody else.
    const NOBODY: u32 = 65534;
    let none = ["/etc/subuid", "/etc/subgid"].iter().all(|it| {
        let text = fs::read_to_string(it).unwrap_or_default();
        !text.lines().any(|line| line.starts_with("nobody:") || line.starts_with("65534:"))
    });
    if Uid::effective().is_root() && none {
        let ran = Cli::new("unshare").user(NOBODY, NOBODY).args(["/bin/cat", "/proc/self/uid_map"]).run()?;
        ran.expect_code(0)?;
        let map: Vec<String> = ran.stdout().split_whitespace().map(str::to_string).collect();
        ran.expect_eq("uid_map for a user without a range", vec!["0", "65534", "1"], map)?;
        ran.expect_eq("stderr for a user without a range", "", ran.stderr())?;
    }
    Ok(())
}

/// A newuidmap that may not be started.
fn a_helper_that_is_no_program(user: &User) -> Result {
    let made = tempfile::tempdir().and_then(|dir| {
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755))?;
        fs::write(dir.path().join("newuidmap"), "")?;
        Ok(dir)
    });
    let dir = made.map_err(|error| Failure::grader(format!("write a helper: {error}")))?;
    let cli = Cli::new("unshare").args(["/bin/echo", "it ran"]).env("PATH", dir.path());
    let ran = as_user(cli, user).run()?;
    ran.expect_code(2)?;
    ran.expect_stderr("what is said", predicates::str::contains("start newuidmap: Permission denied"))?;
    Ok(())
}

/// newuidmap and newgidmap that do not work are told about. If neither does, a single id is
/// left; if only one map is written, there is no way on.
pub fn a_helper_that_fails() -> Result {
    let user = ordinary_user()?;
    for bad in [&["newuidmap"][..], &["newgidmap"], &["newuidmap", "newgidmap"]] {
        let made = tempfile::tempdir().and_then(|dir| {
            let mode = || fs::Permissions::from_mode(0o755);
            fs::set_permissions(dir.path(), mode())?;
            for name in bad {
                let path = dir.path().join(name);
                fs::write(&path, "#!/bin/sh\necho no such range >&2\nexit 1\n")?;
                fs::set_permissions(&path, mode())?;
            }
            Ok(dir)
        });
        let dir = made.map_err(|error| Failure::grader(format!("write a helper: {error}")))?;
        let path = format!("{}:/usr/bin:/bin:/usr/sbin:/sbin", dir.path().display());
        let ran = as_user(Cli::new("unshare").args(["/bin/echo", "it ran"]), &user).env("PATH", path).run()?;
        let (code, printed) = if bad.len() == 2 { (0, "it ran\n") } else { (2, "") };
        ran.expect_code(code)?;
        ran.expect_eq("the command's output", printed, ran.stdout())?;
        let word = format!("run {}: no such range", bad[0]);
        ran.expect_stderr("what is said", predicates::str::contains(word))?;
    }
    a_helper_that_is_no_program(&user)
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
