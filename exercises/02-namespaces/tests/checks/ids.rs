//! Which ids exist in the node and in a pod.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use nix::unistd::{Gid, Uid, User};
use podcheck::{Cli, Failure, Process, Result, expect, expect_eq};

use crate::errors::contains;
use crate::kit::program;

pub fn ids() -> (u32, u32) {
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
    contains(&ran, "how to use it", &["Usage: namespaces unshare"])?;
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

/// Programs in the place of newuidmap and newgidmap, which the returned directory holds.
fn helpers(scripts: &[(&str, &str)]) -> Result<tempfile::TempDir> {
    let made = tempfile::tempdir().and_then(|dir| {
        let mode = || fs::Permissions::from_mode(0o755);
        fs::set_permissions(dir.path(), mode())?;
        for (name, script) in scripts {
            let path = dir.path().join(name);
            fs::write(&path, format!("#!/bin/sh\n{script}\n"))?;
            fs::set_permissions(&path, mode())?;
        }
        Ok(dir)
    });
    made.map_err(|error| Failure::grader(format!("write a helper: {error}")))
}

/// With made-up files and helpers that only say what they are asked for: who is asked (the
/// last one that says it fails, so that the runner repeats it), and for which first id.
fn asked_for(user: &User, helper: &str, subuid: &str, subgid: &str) -> Result<Option<u32>> {
    const ASKED: &str = "echo \"asked: $*\" >&2; exit 1";
    let other = if helper == "newuidmap" { ("newgidmap", "exit 1") } else { ("newuidmap", "exit 0") };
    let dir = helpers(&[(helper, ASKED), other])?;
    let path = format!("{}:/usr/bin:/bin", dir.path().display());
    let cli = Cli::new("unshare").args(["/bin/true"]).env("PATH", path);
    let cli = cli.user(user.uid.as_raw(), user.gid.as_raw()).over("/etc/subuid", subuid).over("/etc/subgid", subgid);
    let ran = cli.run()?;
    let said = ran.stderr();
    let Some((_, asked)) = said.split_once("asked: ") else {
        // Nobody was asked, and so nothing failed.
        return ran.expect_code(0).map(|_| None);
    };
    let numbers: Vec<u32> = asked.split([' ', ';', '\n']).map_while(|it| it.parse().ok()).collect();
    Ok(numbers.get(5).copied())
}

/// Which line of /etc/subuid and /etc/subgid counts: by what newuidmap is asked for.
pub fn the_line_that_fits() -> Result {
    let user = ordinary_user()?;
    let (name, number) = (&user.name, user.uid);
    let cases = [
        (
            "a line of somebody else's before mine",
            format!("{name}x:100000:65536\n{name}:200000:65536\n"),
            Some(200_000),
        ),
        ("my number in place of my name", format!("1{number}:100000:65536\n{number}:300000:65536\n"), Some(300_000)),
        ("a range that is just long enough", format!("{name}:400000:65535\n"), Some(400_000)),
        ("a range that is one too short", format!("{name}:500000:65534\n"), None),
        ("a short range before a long one", format!("{name}:500000:1\n{name}:600000:65536\n"), Some(600_000)),
        (
            "lines that make no sense before mine",
            format!("what\n\n{name}:\n{name}:x:65536\n{name}:1:y\n{name}:700000:65536\n"),
            Some(700_000),
        ),
        ("two lines that fit", format!("{name}:800000:100000\n{name}:900000:65536\n"), Some(800_000)),
        ("only a line of somebody else's", format!("x{name}:100000:65536\n"), None),
    ];
    if !["/etc/subuid", "/etc/subgid"].iter().all(|it| fs::exists(it).unwrap_or(false)) {
        return Err(Failure::not_here("there is no /etc/subuid or no /etc/subgid to put another file over"));
    }
    let good = format!("{name}:100000:65536\n");
    let said =
        |first: Option<u32>| first.map_or("nobody is asked for ids".to_string(), |it| format!("ids from {it} on"));
    for (what, text, expected) in cases {
        for (file, helper) in [("/etc/subuid", "newuidmap"), ("/etc/subgid", "newgidmap")] {
            let (subuid, subgid) = if helper == "newuidmap" { (&text, &good) } else { (&good, &text) };
            let observed = asked_for(&user, helper, subuid, subgid)?;
            let what = format!("what {helper} is asked for, with {what} in {file}:\n{}", text.trim_end());
            expect_eq(what, said(expected), said(observed))?;
        }
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
    contains(&ran, "what is said", &["start newuidmap: Permission denied"])
}

/// newuidmap and newgidmap that do not work are told about. If neither does, a single id is
/// left; if only one map is written, there is no way on.
pub fn a_helper_that_fails() -> Result {
    let user = ordinary_user()?;
    for bad in [&["newuidmap"][..], &["newgidmap"], &["newuidmap", "newgidmap"]] {
        let scripts: Vec<_> = bad.iter().map(|name| (*name, "echo no such range >&2; exit 1")).collect();
        let dir = helpers(&scripts)?;
        let path = format!("{}:/usr/bin:/bin:/usr/sbin:/sbin", dir.path().display());
        let ran = as_user(Cli::new("unshare").args(["/bin/echo", "it ran"]), &user).env("PATH", path).run()?;
        let (code, printed) = if bad.len() == 2 { (0, "it ran\n") } else { (2, "") };
        ran.expect_code(code)?;
        ran.expect_eq("the command's output", printed, ran.stdout())?;
        let word = format!("run {}: no such range", bad[0]);
        contains(&ran, "what is said", &[word.as_str()])?;
    }
    a_helper_that_is_no_program(&user)
}
