//! The filter of system calls that container runtimes set by default, as a program for the kernel.
//!
//! It is a list of what is allowed. The rest fails with EPERM, as if the caller lacked a right; a call that is
//! newer than the list fails with ENOSYS, so that libraries fall back to an older one. A program for another
//! processor (32 bits, say) has other numbers for the same calls, and is killed with its first one.

#[rustfmt::skip]
mod calls;

use std::collections::BTreeSet;

use libc::{
    AF_VSOCK, BPF_ABS, BPF_ALU, BPF_AND, BPF_JEQ, BPF_JGE, BPF_JGT, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W,
    CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, CLONE_NEWUTS, EPERM,
    SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, SECCOMP_RET_KILL_PROCESS, SYS_clone, SYS_clone3, SYS_personality, SYS_socket,
    c_long,
};

use crate::sys::capability::{Capability, SYS_ADMIN};
use crate::sys::seccomp::{Filter, Instruction};

/// What linux/audit.h calls this processor: its number in ELF, and that it has 64 bits and the low byte first.
const PROCESSOR: Option<u32> = match cfg!(target_arch = "x86_64") {
    true => Some(0xc000_003e),
    false if cfg!(target_arch = "aarch64") => Some(0xc000_00b7),
    false => None,
};

/// Where in what a filter looks at (struct seccomp_data) the number is, the processor, and the low half of the first
/// argument.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const FIRST: u32 = 16;

/// A process with new namespaces is root of something. It is for the runner to make these.
const NAMESPACES: u32 =
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
        .cast_unsigned();

/// The ways of behaving like older systems that do no harm (personality(2)), and the question which one it is.
const PERSONALITIES: [u32; 5] = [0, 0x0008, 0x0002_0000, 0x0002_0008, u32::MAX];

/// The filter for a container that keeps these capabilities.
///
/// # Errors
/// There is no list for this machine's processor.
pub fn runtime_default(kept: &[Capability]) -> Result<Filter, String> {
    let processor =
        PROCESSOR.ok_or_else(|| format!("no RuntimeDefault seccomp profile for {}", std::env::consts::ARCH))?;
    let mut program = Program::default();
    program.load(ARCHITECTURE);
    program.add(BPF_JMP | BPF_JEQ | BPF_K, (1, 0), processor);
    program.give(SECCOMP_RET_KILL_PROCESS);
    program.load(NUMBER);
    for (first, last) in ranges(&allowed(kept)) {
        program.if_between(first, last);
        program.give(SECCOMP_RET_ALLOW);
    }
    if !kept.contains(&SYS_ADMIN) {
        // Its flags lie in memory, where a filter cannot look. Who is told that there is none takes clone.
        program.if_equal(number(SYS_clone3), |it| it.give(error(libc::ENOSYS)));
        program.if_equal(number(SYS_clone), |it| {
            it.load(FIRST);
            it.add(BPF_ALU | BPF_AND | BPF_K, (0, 0), NAMESPACES);
            it.add(BPF_JMP | BPF_JEQ | BPF_K, (0, 1), 0);
            it.give(SECCOMP_RET_ALLOW);
            it.give(error(EPERM));
        });
    }
    program.if_equal(number(SYS_personality), |it| {
        it.load(FIRST);
        for allowed in PERSONALITIES {
            it.if_equal(allowed, |it| it.give(SECCOMP_RET_ALLOW));
        }
        it.give(error(EPERM));
    });
    // Sockets to the host of a virtual machine are in no network namespace.
    program.if_equal(number(SYS_socket), |it| {
        it.load(FIRST);
        it.if_equal(AF_VSOCK.cast_unsigned(), |it| it.give(error(EPERM)));
        it.give(SECCOMP_RET_ALLOW);
    });
    program.add(BPF_JMP | BPF_JGT | BPF_K, (0, 1), number(calls::NEWEST));
    program.give(error(libc::ENOSYS));
    program.give(error(EPERM));
    Ok(Filter(program.0))
}

/// The numbers of all calls that are allowed as they are.
fn allowed(kept: &[Capability]) -> BTreeSet<u32> {
    let with = calls::WITH.iter().filter(|(capability, _)| kept.contains(capability)).flat_map(|(_, calls)| *calls);
    let always = [calls::ALLOWED, calls::NEWER, calls::OF_PROCESSOR].into_iter().flatten();
    always.chain(with).map(|&call| number(call)).collect()
}

/// Neighbours together: a filter is asked at every call, so it had better be short.
fn ranges(numbers: &BTreeSet<u32>) -> Vec<(u32, u32)> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    ranges
}

/// A call's number; no number is as large as what the kernel does not have.
fn number(call: c_long) -> u32 {
    u32::try_from(call).unwrap_or(u32::MAX)
}

/// The call is not made, and fails with this.
fn error(errno: i32) -> u32 {
    SECCOMP_RET_ERRNO | errno.cast_unsigned()
}

#[derive(Default)]
struct Program(Vec<Instruction>);

impl Program {
    fn add(&mut self, code: u32, (yes, no): (u8, u8), value: u32) {
        // All codes of classic BPF have 16 bits.
        self.0.push(Instruction { code: code as u16, yes, no, value });
    }

    fn load(&mut self, offset: u32) {
        self.add(BPF_LD | BPF_W | BPF_ABS, (0, 0), offset);
    }

    fn give(&mut self, action: u32) {
        self.add(BPF_RET | BPF_K, (0, 0), action);
    }

    /// The next instruction is for numbers from `first` to `last`.
    fn if_between(&mut self, first: u32, last: u32) {
        if first == last {
            self.add(BPF_JMP | BPF_JEQ | BPF_K, (0, 1), first);
        } else {
            self.add(BPF_JMP | BPF_JGE | BPF_K, (0, 2), first);
            self.add(BPF_JMP | BPF_JGT | BPF_K, (1, 0), last);
        }
    }

    /// What `then` adds is for this value, and ends with an answer.
    fn if_equal(&mut self, value: u32, then: impl FnOnce(&mut Program)) {
        let at = self.0.len();
        self.add(BPF_JMP | BPF_JEQ | BPF_K, (0, 0), value);
        then(self);
        let skipped = self.0.len() - at - 1;
        self.0[at].no = u8::try_from(skipped).unwrap_or(u8::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::capability::{SYS_CHROOT, USUAL};

    /// What the kernel does with a filter, for the instructions that are used here.
    fn run(filter: &Filter, processor: u32, number: u32, first: u32) -> u32 {
        let (mut at, mut value) = (0, 0);
        loop {
            let Instruction { code, yes, no, value: with } = filter.0[at];
            at += 1;
            let mut jump = |holds: bool| at += usize::from(if holds { yes } else { no });
            match u32::from(code) {
                it if it == BPF_LD | BPF_W | BPF_ABS => {
                    value = match with {
                        NUMBER => number,
                        ARCHITECTURE => processor,
                        FIRST => first,
                        other => panic!("nothing is at {other}"),
                    }
                }
                it if it == BPF_ALU | BPF_AND | BPF_K => value &= with,
                it if it == BPF_JMP | BPF_JEQ | BPF_K => jump(value == with),
                it if it == BPF_JMP | BPF_JGE | BPF_K => jump(value >= with),
                it if it == BPF_JMP | BPF_JGT | BPF_K => jump(value > with),
                it if it == BPF_RET | BPF_K => return with,
                other => panic!("no instruction: {other}"),
            }
        }
    }

    fn answer(kept: &[Capability], call: c_long, first: u32) -> u32 {
        run(&runtime_default(kept).unwrap(), PROCESSOR.unwrap(), number(call), first)
    }

    #[test]
    fn everyday_calls_pass_and_the_machines_do_not() {
        for call in
            [libc::SYS_read, libc::SYS_openat, libc::SYS_execve, libc::SYS_futex, libc::SYS_ptrace, libc::SYS_mseal]
        {
            assert_eq!(answer(&USUAL, call, 0), SECCOMP_RET_ALLOW, "{call}");
        }
        for call in [
            libc::SYS_keyctl,
            libc::SYS_bpf,
            libc::SYS_mount,
            libc::SYS_unshare,
            libc::SYS_userfaultfd,
            libc::SYS_io_uring_setup,
            libc::SYS_kexec_load,
            libc::SYS_setns,
            libc::SYS_open_by_handle_at,
        ] {
            assert_eq!(answer(&USUAL, call, 0), error(EPERM), "{call}");
        }
        assert_eq!(answer(&USUAL, calls::NEWEST + 1, 0), error(libc::ENOSYS));
    }

    #[test]
    fn a_capability_opens_what_it_is_for() {
        assert_eq!(answer(&USUAL, libc::SYS_chroot, 0), SECCOMP_RET_ALLOW);
        assert_eq!(answer(&[], libc::SYS_chroot, 0), error(EPERM));
        assert_eq!(answer(&[SYS_CHROOT], libc::SYS_mount, 0), error(EPERM));
        for call in [libc::SYS_mount, SYS_clone, SYS_clone3] {
            assert_eq!(answer(&[SYS_ADMIN], call, NAMESPACES), SECCOMP_RET_ALLOW, "{call}");
        }
    }

    #[test]
    fn arguments_are_looked_at() {
        assert_eq!(answer(&USUAL, SYS_clone, 0x0120_0011), SECCOMP_RET_ALLOW);
        for flag in [CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWNET] {
            assert_eq!(answer(&USUAL, SYS_clone, flag.cast_unsigned()), error(EPERM));
        }
        assert_eq!(answer(&USUAL, SYS_clone3, 0), error(libc::ENOSYS));
        assert_eq!(answer(&USUAL, SYS_socket, 1), SECCOMP_RET_ALLOW);
        assert_eq!(answer(&USUAL, SYS_socket, AF_VSOCK.cast_unsigned()), error(EPERM));
        assert_eq!(answer(&USUAL, SYS_personality, 8), SECCOMP_RET_ALLOW);
        assert_eq!(answer(&USUAL, SYS_personality, 0x0040_0000), error(EPERM));
    }

    #[test]
    fn other_processors_and_their_numbers_are_not_for_it() {
        let filter = runtime_default(&USUAL).unwrap();
        assert_eq!(run(&filter, 0x4000_0003, 3, 0), SECCOMP_RET_KILL_PROCESS);
        // The numbers of x32 are those of x86_64, with this bit.
        assert_eq!(run(&filter, PROCESSOR.unwrap(), 0x4000_0000, 0), error(libc::ENOSYS));
        assert!(filter.0.len() < crate::sys::seccomp::LONGEST);
    }
}
