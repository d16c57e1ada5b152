//! Keys that the kernel keeps for processes (keyrings(7)).

use nix::errno::Errno;

use super::Result;

/// A new session keyring, with nothing in it. The old one came along from whoever started the runner, and all that
/// is in it could be read by who holds it, whatever namespaces it is in. A kernel without keys has nothing to hide.
/// A user has 200 keys and keyrings; if there are no more, the old one stays: that of the node, which has begun its own.
pub fn begin_session() -> Result<()> {
    // SAFETY: takes numbers and a null pointer, which asks for a keyring without a name.
    let done = unsafe { libc::syscall(libc::SYS_keyctl, libc::KEYCTL_JOIN_SESSION_KEYRING, 0_usize) };
    match Errno::result(done) {
        Err(Errno::ENOSYS | Errno::EDQUOT) => Ok(()),
        done => done.map(drop),
    }
}
