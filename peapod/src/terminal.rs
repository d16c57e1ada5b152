//! The terminal of who has typed the command: raw while a program in a container has it.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;

use nix::sys::termios::{SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};
use podkit::control::Window;
use podkit::sys::terminal;

/// A terminal that hands on each key as it is; the way it was before comes back when this goes.
pub struct Raw(Termios);

impl Raw {
    /// `None` where standard input is no terminal.
    pub fn begin() -> Option<Raw> {
        let before = tcgetattr(io::stdin()).ok()?;
        let mut raw = before.clone();
        cfmakeraw(&mut raw);
        tcsetattr(io::stdin(), SetArg::TCSADRAIN, &raw).ok()?;
        Some(Raw(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, &self.0);
    }
}

/// The window that the command was typed in.
pub fn window() -> Window {
    let (rows, columns) = size().unwrap_or((24, 80));
    let kind = std::env::var("TERM").ok().filter(|kind| !kind.is_empty());
    Window { rows, columns, kind: kind.or_else(|| Some("xterm".to_owned())) }
}

/// Its rows and columns, if there is one.
pub fn size() -> Option<(u16, u16)> {
    let of = |terminal: &dyn Terminal| terminal.size();
    [of(&io::stdin()), of(&io::stdout()), of(&io::stderr())].into_iter().flatten().find(|size| *size != (0, 0))
}

trait Terminal {
    fn size(&self) -> Option<(u16, u16)>;
}

impl<T: AsFd + IsTerminal> Terminal for T {
    fn size(&self) -> Option<(u16, u16)> {
        if self.is_terminal() { terminal::size(self).ok() } else { None }
    }
}
