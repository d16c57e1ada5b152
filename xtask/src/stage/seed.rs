//! What a new stage need not compile: the crates that all stages have in common.
//!
//! Crates from the registry are the same in each stage, and they are most of the work: a new
//! stage takes them from another one of this workbook. Of podkit and of the chapters it takes
//! nothing, so no code that was handed in moves from one stage to another.

use std::ffi::OsStr;
use std::fs::{File, FileTimes};
use std::io;
use std::path::{Path, PathBuf};

use crate::dirs;

/// Fills `target`, if it is not there yet, with the crates that a stage in `cache` has compiled.
/// Whatever is in the way of that, cargo compiles them again.
pub fn seed(cache: &Path, target: &Path, members: &[String]) {
    if target.exists() {
        return;
    }
    let Some((donor, _lock)) = donor(cache) else { return };
    let members: Vec<String> = members.iter().map(|name| name.replace('-', "_")).collect();
    if take(&donor, target, &members).is_err() {
        // Half of it might be taken for all of it.
        let _ = std::fs::remove_dir_all(target);
    }
}

/// The target directory that was built last, of those that nobody writes to, and its lock.
fn donor(cache: &Path) -> Option<(PathBuf, File)> {
    let stages = std::fs::read_dir(cache).ok()?.flatten().map(|entry| entry.path());
    // The check programs are made of fewer crates.
    let stages = stages.filter(|it| it.file_name() != Some(OsStr::new("checks")));
    let built = |stage: PathBuf| Some((stage.join("target/debug/deps").metadata().ok()?.modified().ok()?, stage));
    let mut stages: Vec<_> = stages.filter_map(built).collect();
    stages.sort();
    stages.into_iter().rev().find_map(|(_, stage)| {
        let lock = dirs::try_lock_shared(&stage.join("lock"))?;
        Some((stage.join("target"), lock))
    })
}

fn take(donor: &Path, target: &Path, members: &[String]) -> io::Result<()> {
    for dir in ["debug/.fingerprint", "debug/build", "debug/deps"] {
        let (from, to) = (donor.join(dir), target.join(dir));
        std::fs::create_dir_all(&to)?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            if !members.contains(&package(&entry.file_name().to_string_lossy())) {
                copy(&entry.path(), &to.join(entry.file_name()))?;
            }
        }
    }
    Ok(())
}

/// The package that cargo made a file or a directory for: `serde_json` for `serde_json-0123abcd`,
/// `libserde_json-0123abcd.rlib` and `serde-json-0123abcd`.
fn package(name: &str) -> String {
    let (stem, kind) = name.split_once('.').unwrap_or((name, ""));
    let stem = if matches!(kind, "rlib" | "rmeta" | "so") { stem.strip_prefix("lib").unwrap_or(stem) } else { stem };
    stem.rsplit_once('-').map_or(stem, |(package, _hash)| package).replace('-', "_")
}

/// With its dates: by them cargo tells what is older than what it is made of.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let meta = from.symlink_metadata()?;
    if meta.is_dir() {
        std::fs::create_dir_all(to)?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    std::fs::copy(from, to)?;
    File::options().write(true).open(to)?.set_times(FileTimes::new().set_modified(meta.modified()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_what_cargo_makes() {
        for (name, is) in [
            ("serde_json-0123abcd", "serde_json"),
            ("serde-json-0123abcd", "serde_json"),
            ("libserde_json-0123abcd.rlib", "serde_json"),
            ("liblibc-0123abcd.rmeta", "libc"),
            ("libc-0123abcd.d", "libc"),
            ("static_pods-0123abcd.0abc.1-cgu.3.rcgu.o", "static_pods"),
            ("podkit-0123abcd", "podkit"),
        ] {
            assert_eq!(package(name), is, "{name}");
        }
    }

    #[test]
    fn crates_move_and_members_stay() {
        let cache = tempfile::tempdir().unwrap();
        let write = |path: &str| {
            let path = cache.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "x").unwrap();
            path
        };
        let theirs = write("one/target/debug/deps/libnix-01.rlib");
        write("one/target/debug/deps/liblife_cycle-02.rlib");
        write("one/target/debug/.fingerprint/life-cycle-02/lib");
        write("one/target/debug/build/libc-03/output");
        let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1000);
        File::options().write(true).open(theirs).unwrap().set_modified(long_ago).unwrap();
        let target = cache.path().join("two/target");
        seed(cache.path(), &target, &["life-cycle".to_owned()]);
        let found = dirs::files(&target, |_| false).unwrap();
        assert_eq!(found, [PathBuf::from("debug/build/libc-03/output"), "debug/deps/libnix-01.rlib".into()]);
        let meta = target.join("debug/deps/libnix-01.rlib").metadata().unwrap();
        assert_eq!(meta.modified().unwrap(), long_ago);
    }

    #[test]
    fn one_that_is_being_built_gives_nothing() {
        let cache = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(cache.path().join("one/target/debug/deps")).unwrap();
        let held = dirs::lock(&cache.path().join("one/lock")).unwrap();
        assert!(donor(cache.path()).is_none());
        drop(held);
        assert!(donor(cache.path()).is_some());
    }
}
