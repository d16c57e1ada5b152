//! Unmounting all that is mounted below a directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use nix::mount::{MntFlags, umount2};

/// Unmounts what is mounted in a directory of the node's own, however deep. What is in a directory may be removed only
/// after that has succeeded: it might be the machine's.
///
/// # Errors
/// Something is still mounted there.
pub fn unmount_below(dir: &Path) -> io::Result<()> {
    for point in points(dir)?.iter().rev() {
        umount2(point, MntFlags::MNT_DETACH | MntFlags::UMOUNT_NOFOLLOW)?;
    }
    match points(dir)?.first() {
        None => Ok(()),
        Some(point) => Err(io::Error::other(format!("{} is still mounted", point.display()))),
    }
}

/// In the order in which they were mounted. The names below the node's directory of pods need no escapes.
fn points(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mounts = fs::read_to_string("/proc/self/mountinfo")?;
    let points = mounts.lines().filter_map(|line| line.split(' ').nth(4)).map(PathBuf::from);
    Ok(points.filter(|point| point.starts_with(dir)).collect())
}
