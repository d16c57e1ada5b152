//! Which of root's powers a container keeps.

use super::create_error;
use crate::engine::StartError;
use crate::pod::Capabilities;
use crate::sys::capability::{Capability, NAMES, USUAL};

/// Those for which the kernel asks the machine's own user namespace, and never a pod's: a container that has one of
/// these can do no more than before.
const MACHINE_ONLY: [&str; 19] = [
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "BPF",
    "IPC_LOCK",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "PERFMON",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "SYSLOG",
];

/// What is left: the usual ones, with what is added and without what is dropped. `ALL` is done first, as
/// containerd has it: drop ALL and add one means that one.
///
/// # Errors
/// A name that no capability has.
pub fn kept(change: Option<&Capabilities>) -> Result<Vec<Capability>, StartError> {
    let Some(Capabilities { add, drop }) = change else { return Ok(USUAL.to_vec()) };
    let is_all = |names: &[String]| names.iter().any(|name| name.eq_ignore_ascii_case("ALL"));
    let mut kept = match (is_all(drop), is_all(add)) {
        (true, _) => Vec::new(),
        (false, true) => NAMES.iter().map(|(_, capability)| *capability).collect(),
        (false, false) => USUAL.to_vec(),
    };
    for capability in named(add)? {
        if !kept.contains(&capability) {
            kept.push(capability);
        }
    }
    let dropped = named(drop)?;
    kept.retain(|it| !dropped.contains(it));
    Ok(kept)
}

/// Of the capabilities that are added, those that are worth nothing in a pod.
pub fn worthless(change: &Capabilities) -> impl Iterator<Item = &String> {
    change.add.iter().filter(|name| MACHINE_ONLY.contains(&bare(name).as_str()))
}

fn named(names: &[String]) -> Result<Vec<Capability>, StartError> {
    let one = |name: &String| {
        let bare = bare(name);
        let known = NAMES.iter().find(|(known, _)| *known == bare);
        known.map(|(_, it)| *it).ok_or_else(|| create_error(&format!("unknown capability {name:?}")))
    };
    names.iter().filter(|name| !name.eq_ignore_ascii_case("ALL")).map(one).collect()
}

/// `cap_net_raw` is `NET_RAW`.
fn bare(name: &str) -> String {
    let name = name.to_ascii_uppercase();
    name.strip_prefix("CAP_").map(str::to_owned).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::capability::{CHOWN, KILL, NET_ADMIN, SYS_ADMIN};

    fn of(add: &[&str], drop: &[&str]) -> Vec<Capability> {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        kept(Some(&Capabilities { add: owned(add), drop: owned(drop) })).unwrap()
    }

    #[test]
    fn added_and_dropped() {
        assert_eq!(kept(None).unwrap(), USUAL);
        assert_eq!(of(&["NET_ADMIN"], &[]).len(), 15);
        assert!(of(&["CAP_net_admin"], &["ALL"]) == [NET_ADMIN]);
        assert!(!of(&[], &["KILL"]).contains(&KILL) && of(&[], &["KILL"]).contains(&CHOWN));
        assert_eq!(of(&["ALL"], &[]).len(), NAMES.len());
        assert!(!of(&["ALL"], &["SYS_ADMIN"]).contains(&SYS_ADMIN));
        assert_eq!(of(&["ALL", "KILL"], &["all"]), [KILL]);
        assert_eq!(of(&["KILL"], &["KILL"]).len(), 13);
        assert_eq!(of(&["CHOWN"], &[]).len(), 14);
    }

    #[test]
    fn an_unknown_name_is_refused_wherever_it_stands() {
        for change in [
            Capabilities { add: vec!["FLY".into()], drop: vec![] },
            Capabilities { add: vec![], drop: vec!["FLY".into(), "ALL".into()] },
        ] {
            assert_eq!(kept(Some(&change)).unwrap_err().message, "unknown capability \"FLY\"");
        }
    }
}
