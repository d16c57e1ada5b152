//! One thing that a pod may need, tried in a process of its own. What fails is said on standard error.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use podkit::Runner;
use podkit::environment::NodeFacts;
use podkit::real::{Wanted, as_root};
use podkit::resources::NodeResources;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Probe {
    Ids,
    Overlay,
    Cgroup,
}

pub const OVERLAY: &str = "overlay";
pub const CGROUP: &str = "cgroup";

/// Returns the exit status.
pub fn probe(runner: &Runner, what: Probe) -> u8 {
    let Some(runtime) = runner.runtime else { return 1 };
    match what {
        Probe::Cgroup => said(cgroup(runner)),
        // The node's own processes see its map.
        Probe::Ids => {
            as_root(runtime, |_| said(fs::read_to_string("/proc/self/uid_map").map(|map| print!("{map}"))), || {})
        }
        Probe::Overlay => {
            // On the file system where temporary files are; who is root in the node may do there what this user may.
            let dir = std::env::temp_dir().join(format!("peapod-doctor-{}", std::process::id()));
            let tried =
                || DirBuilder::new().mode(0o700).create(&dir).map_err(|it| it.to_string()).and_then(|()| overlay(&dir));
            as_root(runtime, |_| said(tried()), || drop(fs::remove_dir_all(&dir)))
        }
    }
}

fn said<E: std::fmt::Display>(done: Result<(), E>) -> u8 {
    match done {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("{error}");
            1
        }
    }
}

/// Takes a cgroup, as a pod with limits would, and gives it back.
fn cgroup(runner: &Runner) -> Result<(), String> {
    let facts = NodeFacts::of_machine("node");
    let wanted = Wanted::new(runner.resources, NodeResources::new(facts.allocatable, None), false);
    if let Some(delegated) = wanted.take(true)? {
        delegated.give_back();
    }
    Ok(())
}

/// Mounts an overlay as containers have it, and does in it what needs one: changing and removing what lies below.
fn overlay(dir: &Path) -> Result<(), String> {
    let step = |what: &'static str| move |error: &dyn std::fmt::Display| format!("{what}: {error}");
    let lower = dir.join("lower");
    let made = fs::create_dir(&lower).and_then(|()| fs::write(lower.join("changed"), "1"));
    made.and_then(|()| fs::write(lower.join("removed"), "1")).map_err(|error| step("making files")(&error))?;
    // What a container writes is on a file system of the node's own.
    let top = dir.join("top");
    let none = None::<&str>;
    fs::create_dir(&top).map_err(|error| step("making a directory")(&error))?;
    mount(Some("tmpfs"), &top, Some("tmpfs"), MsFlags::empty(), none).map_err(|errno| step("mount tmpfs")(&errno))?;
    let [upper, work, merged] = ["upper", "work", "merged"].map(|name| top.join(name));
    let done = layers(&lower, [&upper, &work, &merged]);
    let _ = umount2(&merged, MntFlags::MNT_DETACH);
    let _ = umount2(&top, MntFlags::MNT_DETACH);
    done
}

fn layers(lower: &Path, [upper, work, merged]: [&PathBuf; 3]) -> Result<(), String> {
    for dir in [upper, work, merged] {
        fs::create_dir(dir).map_err(|error| format!("making a directory: {error}"))?;
    }
    let data =
        format!("lowerdir={},upperdir={},workdir={},userxattr", lower.display(), upper.display(), work.display());
    mount(Some("overlay"), merged, Some("overlay"), MsFlags::empty(), Some(data.as_str()))
        .map_err(|errno| format!("mount overlay: {errno}"))?;
    fs::write(merged.join("changed"), "2").map_err(|error| format!("changing a file in an overlay: {error}"))?;
    fs::remove_file(merged.join("removed")).map_err(|error| format!("removing a file in an overlay: {error}"))?;
    let kept = fs::read_to_string(lower.join("changed")).unwrap_or_default();
    match kept == "1" && !merged.join("removed").exists() {
        true => Ok(()),
        false => Err("an overlay does not keep what is above apart from what is below".to_owned()),
    }
}
