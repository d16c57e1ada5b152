//! The kernel's settings.

use std::ffi::CString;
use std::fs;
use std::path::Path;

use crate::common::User;
use crate::kit::{Attackers, Outcomes, is_root, on_machine, reached, refused};

const ATTACKS: [&str; 13] =
    ["proc-sys", "sys", "sysrq", "kcore", "kmsg", "log", "module", "bpf", "key", "hostname", "perf", "clock", "swap"];

fn attacked(user: &User, name: &str, context: &str, facts: &[(&str, String)]) -> Outcomes {
    let context = format!("    securityContext: {{ {context} }}\n");
    let pod = Attackers {
        containers: vec![("app", ATTACKS.to_vec(), &context)],
        facts: facts.to_vec(),
        ..Attackers::default()
    };
    pod.attack(user, name).remove("app").unwrap_or_default()
}

/// A key of whoever runs the test, in a session keyring that the runner gets from it. A kernel, or a container around
/// this test, may have none.
fn key(name: &str) -> bool {
    let (kind, name) = (c"user", CString::new(name).expect("a name"));
    // SAFETY: a null pointer asks for a session keyring without a name.
    unsafe { libc::syscall(libc::SYS_keyctl, libc::KEYCTL_JOIN_SESSION_KEYRING, 0_usize) };
    let session = libc::KEY_SPEC_SESSION_KEYRING;
    // SAFETY: C strings, bytes of the length that is said, and a number.
    let made = unsafe { libc::syscall(libc::SYS_add_key, kind.as_ptr(), name.as_ptr(), b"x".as_ptr(), 1, session) };
    made > 0
}

/// Is the kernel's log for everybody, on this machine?
fn log_is_open() -> bool {
    fs::read_to_string("/proc/sys/kernel/dmesg_restrict").is_ok_and(|it| it.trim() == "0")
}

#[test]
fn nothing_of_the_kernel_is_changed_or_read() {
    let user = User::new();
    let name = format!("hostile-{}", std::process::id());
    let has_keys = key(&name);
    let facts = [("KEY", name)];
    if has_keys {
        reached(&["key"], &on_machine(&["key"], &facts));
    }
    refused(&ATTACKS, &attacked(&user, "filtered", "seccompProfile: { type: RuntimeDefault }", &facts));
    let attacks: Vec<&str> = ATTACKS.iter().copied().filter(|it| *it != "log" || !log_is_open()).collect();
    refused(&attacks, &attacked(&user, "usual", "runAsUser: 0", &facts));
    let all = attacked(&user, "all", "capabilities: { add: [ALL] }", &facts);
    let of_machine: Vec<&str> = attacks.iter().copied().filter(|it| *it != "hostname").collect();
    refused(&of_machine, &all);
    // The control: what belongs to the pod alone, root of the pod may change, if it is let.
    reached(&["hostname"], &all);
    if is_root() {
        let mut controls = vec!["proc-sys", "sys", "swap", "log"];
        // Some kernels have no modules.
        controls.extend(Path::new("/proc/modules").exists().then_some("module"));
        reached(&controls, &on_machine(&controls, &facts));
    }
}
