//! Seccomp: a small program in the kernel looks at every system call of a process, and of all that it starts.

use nix::errno::Errno;

use super::Result;

/// The most instructions that the kernel takes (BPF_MAXINSNS).
pub const LONGEST: usize = 4096;

/// One instruction of classic BPF: what to do, how far to jump if it holds and if not, and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    pub code: u16,
    pub yes: u8,
    pub no: u8,
    pub value: u32,
}

/// A whole program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter(pub Vec<Instruction>);

/// From here on every system call of this process is asked about; there is no way back. Needs SYS_ADMIN or
/// no_new_privs: who could run set-user-ID programs under a filter of their own could confuse them.
pub fn install(filter: &Filter) -> Result<()> {
    let code = |it: &Instruction| libc::sock_filter { code: it.code, jt: it.yes, jf: it.no, k: it.value };
    let mut program: Vec<libc::sock_filter> = filter.0.iter().map(code).collect();
    let len = u16::try_from(program.len()).map_err(|_| Errno::E2BIG)?;
    let program = libc::sock_fprog { len, filter: program.as_mut_ptr() };
    // SAFETY: `program` is a valid sock_fprog, its instructions outlive the call, and the kernel copies them.
    let done = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const program) };
    Errno::result(done).map(drop)
}
