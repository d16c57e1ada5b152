//! Task 10.2: a path of the machine.

use std::fs::{self, File};
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use crate::helpers::own;
use crate::kit::SOON;
use crate::shows::{fails_to_mount, pod, printed, run};
use podcheck::{Result, TempDir, expect, expect_eq};

/// A pod that lists `/v`, which is this path of the machine, of this type.
fn place(path: &Path, kind: &str) -> String {
    let volume = format!("- {{ name: v, hostPath: {{ path: {:?}, type: {kind:?} }} }}", path.display().to_string());
    pod(&volume, "command: [stat, -c, \"it is a %F\", /v]\nvolumeMounts: [{ name: v, mountPath: /v }]")
}

/// One of each: a directory, a file, a socket; and links to the first two.
fn room() -> Result<(TempDir, UnixListener)> {
    let dir = own("make a directory", TempDir::new())?;
    own("make a directory", fs::create_dir(dir.path().join("directory")))?;
    own("make a file", fs::write(dir.path().join("file"), "text"))?;
    own("make a link", symlink("directory", dir.path().join("to-directory")))?;
    own("make a link", symlink("nowhere", dir.path().join("to-nowhere")))?;
    let listener = own("make a socket", UnixListener::bind(dir.path().join("socket")))?;
    Ok((dir, listener))
}

fn good(path: &Path, kind: &str, what: &str) -> Result {
    let ran = run(&place(path, kind))?;
    printed(&ran, &format!("a hostPath of type {kind:?}"), &format!("[app] it is a {what}"))
}

fn bad(path: &Path, kind: &str, what: &str) -> Result {
    let message = format!("hostPath type check failed: {} is not a {what}", path.display());
    fails_to_mount(&place(path, kind), &[], &message).map(drop)
}

pub fn what_is_asked_for_is_there() -> Result {
    let (dir, _listener) = room()?;
    let at = |name: &str| dir.path().join(name);
    good(&at("directory"), "Directory", "directory")?;
    good(&at("file"), "File", "regular file")?;
    good(&at("socket"), "Socket", "socket")?;
    good(Path::new("/dev/null"), "CharDevice", "character special file")?;
    if let Some(device) = block_device() {
        good(&device, "BlockDevice", "block special file")?;
    }
    good(&at("directory"), "DirectoryOrCreate", "directory")?;
    good(&at("file"), "FileOrCreate", "regular file")?;
    good(&at("to-directory"), "Directory", "directory")?;
    for name in ["directory", "file", "socket"] {
        let what = if name == "file" { "regular file" } else { name };
        good(&at(name), "", what)?;
    }
    expect_eq(
        "the file's text, which nobody has asked to change",
        Some("text"),
        fs::read_to_string(at("file")).ok().as_deref(),
    )
}

/// Not every machine shows one.
fn block_device() -> Option<std::path::PathBuf> {
    let entries = fs::read_dir("/dev").ok()?.filter_map(|entry| entry.ok());
    let mut devices = entries.filter(|entry| entry.file_type().is_ok_and(|it| it.is_block_device()));
    devices.next().map(|entry| entry.path())
}

pub fn the_type_is_looked_at() -> Result {
    let (dir, _listener) = room()?;
    let at = |name: &str| dir.path().join(name);
    for (name, kind, what) in [
        ("file", "Directory", "directory"),
        ("directory", "File", "file"),
        ("socket", "File", "file"),
        ("file", "Socket", "socket file"),
        ("file", "CharDevice", "character device"),
        ("nothing", "Directory", "directory"),
        ("to-nowhere", "File", "file"),
    ] {
        bad(&at(name), kind, what)?;
    }
    bad(Path::new("/dev/null"), "BlockDevice", "block device")?;
    expect("what was not there", "is not there", !at("nothing").exists(), "it is")
}

pub fn what_is_missing_is_made() -> Result {
    let (dir, _listener) = room()?;
    let at = |name: &str| dir.path().join(name);
    good(&at("new/newer"), "DirectoryOrCreate", "directory")?;
    good(&at("new/file"), "FileOrCreate", "regular empty file")?;
    for (name, is_dir, bits) in [("new/newer", true, 0o755), ("new/file", false, 0o644)] {
        let about = own("look at what was made", fs::metadata(at(name)))?;
        expect(format!("{name} on the machine"), "is a directory", about.is_dir() == is_dir, format!("{about:?}"))?;
        let more = about.permissions().mode() & 0o777 & !bits;
        expect(format!("the mode of {name}"), format!("at most {bits:o}"), more == 0, format!("{more:o} more"))?;
    }
    Ok(())
}

/// And a directory is made for no file.
pub fn what_is_there_is_not_replaced() -> Result {
    let (dir, _listener) = room()?;
    let at = |name: &str| dir.path().join(name);
    bad(&at("file"), "DirectoryOrCreate", "directory")?;
    bad(&at("directory"), "FileOrCreate", "file")?;
    let lost = at("nowhere/file");
    let message = format!("making {}: No such file or directory (os error 2)", lost.display());
    fails_to_mount(&place(&lost, "FileOrCreate"), &[], &message)?;
    expect("the directory of a file that could not be made", "is not there", !at("nowhere").exists(), "it is")
}

/// Half a second lies between the first two tries.
pub fn it_waits_and_tries_again() -> Result {
    let (dir, _listener) = room()?;
    let path = dir.path().join("later");
    let message = format!("hostPath type check failed: {} is not a file", path.display());
    let mut running = fails_to_mount(&place(&path, "File"), &["--speed", "5"], &message)?;
    let waits = |line: &podcheck::Value| {
        let status = &line["pod"]["status"];
        status["phase"] == "Pending"
            && status["containerStatuses"][0]["state"]["waiting"]["reason"] == "ContainerCreating"
    };
    let seen = running.stdout().lines().any(|line| podcheck::serde_json::from_str(line).is_ok_and(|line| waits(&line)));
    if !seen {
        running.wait_for_json("the pod is Pending, its container waits: ContainerCreating", SOON, waits)?;
    }
    own("make a file", File::create(&path).map(drop))?;
    let ran = running.wait(SOON)?;
    ran.expect_code(0)?;
    let is = ran.stdout().contains("it is a regular empty file");
    ran.expect("what it prints when the file has come", "it is a regular empty file", is, ran.stdout()).map(|_| ())
}
