//! Terminals: a pair of ends, the program's and the one of who types and looks on.

use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};

use nix::errno::Errno;

use super::Result;

/// Gives the caller's session this terminal: its keys become signals for it from now on.
/// The caller must lead a session that has no terminal.
pub fn take(terminal: &impl AsFd) -> Result<()> {
    // SAFETY: TIOCSCTTY takes a number; 0: not from another session.
    let done = unsafe { libc::ioctl(terminal.as_fd().as_raw_fd(), libc::TIOCSCTTY, 0) };
    Errno::result(done).map(drop)
}

/// The program's end of the pair that opening /dev/ptmx has made.
///
/// # Errors
/// `master` is no such thing.
pub fn other_end(master: &File) -> Result<OwnedFd> {
    let unlocked: libc::c_int = 0;
    // SAFETY: TIOCSPTLCK reads one int, which outlives the call.
    let done = unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCSPTLCK, &raw const unlocked) };
    Errno::result(done)?;
    // Not by its path: in the node that would be another terminal.
    // SAFETY: TIOCGPTPEER takes flags for the descriptor it opens.
    let end =
        unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCGPTPEER, libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC) };
    let end = Errno::result(end)?;
    // SAFETY: the kernel has just opened it, for nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(end) })
}

/// Tells the terminal how large the window is. Its program gets SIGWINCH if that is news.
pub fn resize(terminal: &impl AsFd, rows: u16, columns: u16) -> Result<()> {
    let size = libc::winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCSWINSZ reads one winsize, which outlives the call.
    let done = unsafe { libc::ioctl(terminal.as_fd().as_raw_fd(), libc::TIOCSWINSZ, &raw const size) };
    Errno::result(done).map(drop)
}

/// How large the window of a terminal is: rows and columns.
pub fn size(terminal: &impl AsFd) -> Result<(u16, u16)> {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCGWINSZ writes one winsize, which outlives the call.
    let done = unsafe { libc::ioctl(terminal.as_fd().as_raw_fd(), libc::TIOCGWINSZ, &raw mut size) };
    Errno::result(done)?;
    Ok((size.ws_row, size.ws_col))
}
