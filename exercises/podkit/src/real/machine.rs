//! The machine's files, from the node.
//!
//! The node's root is a tmpfs, and the machine's lies below it. A path of the machine works below
//! that, too, up to the first symbolic link with an absolute target: it would lead into the
//! node's root. So who reads files that others have put there changes the root for that long.

use std::fs::File;
use std::io;

use nix::unistd::{chdir, chroot, fchdir};

use crate::runtime::HOST;

/// Does `work` with the machine's root directory as `/`.
pub fn on_the_machine<T>(work: impl FnOnce() -> T) -> io::Result<T> {
    let own = File::open("/")?;
    chroot(HOST)?;
    let done = chdir("/").map(|()| work());
    // The way back: a directory that is open lies outside the new root, and stays within reach.
    fchdir(&own)?;
    chroot(".")?;
    Ok(done?)
}
