//! Kernel settings of a pod's own namespaces.

use crate::pod::{Pod, Sysctl};
use crate::resources::Rejection;
use crate::runtime::Setting;
use crate::security::defaults;

/// What a kubelet lets any pod set: each belongs to a namespace of the pod's, and harms nobody else
/// (pkg/kubelet/sysctl/safe_sysctls.go).
const SAFE: [&str; 12] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
];

/// The pod's settings: what bounds it first, then what it asks for.
pub fn of(pod: &Pod) -> Vec<Setting> {
    let needed = wanted(pod).map(|Sysctl { name, value }| Setting { name, value, is_needed: true });
    memory_of_ipc().into_iter().chain(of_users()).chain(needed).collect()
}

/// What each user of the pod may have of things that take the kernel's memory, or that the machine's user has only so
/// many of. (The namespaces of the pod itself are the node's, and do not count here.)
fn of_users() -> impl Iterator<Item = Setting> {
    let bounds = defaults::OF_USERS.iter();
    bounds.map(|(name, most)| Setting { name: format!("user.{name}"), value: most.to_string(), is_needed: false })
}

/// Shared memory of System V outlives its processes, so that to kill these does not give it back.
fn memory_of_ipc() -> Option<Setting> {
    let value = defaults::shared_pages()?.to_string();
    Some(Setting { name: "kernel.shmall".to_owned(), value, is_needed: false })
}

/// With dots: a manifest may have slashes, as file names.
fn wanted(pod: &Pod) -> impl Iterator<Item = Sysctl> {
    let wanted = pod.spec.security_context.iter().flat_map(|context| &context.sysctls);
    wanted.map(|it| Sysctl { name: dotted(&it.name), value: it.value.clone() })
}

/// The node takes no pod that asks for another one.
pub fn admit(pod: &Pod) -> Result<(), Rejection> {
    match wanted(pod).find(|sysctl| !SAFE.contains(&sysctl.name.as_str())) {
        Some(Sysctl { name, .. }) => Err(Rejection {
            reason: "SysctlForbidden".to_owned(),
            message: format!("forbidden sysctl: {name:?} not allowlisted"),
        }),
        None => Ok(()),
    }
}

/// As sysctl(8) has it: what the first separator is, the other one stands for a part of a name.
fn dotted(name: &str) -> String {
    match name.find(['.', '/']).map(|at| &name[at..=at]) {
        Some("/") => name
            .chars()
            .map(|it| match it {
                '/' => '.',
                '.' => '/',
                it => it,
            })
            .collect(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pod::SecurityContext;

    fn pod(name: &str) -> Pod {
        let sysctls = vec![Sysctl { name: name.into(), value: "1".into() }];
        let mut pod = Pod::default();
        pod.spec.security_context = Some(SecurityContext { sysctls, ..SecurityContext::default() });
        pod
    }

    #[test]
    fn only_what_belongs_to_the_pod_may_be_set() {
        assert_eq!(admit(&Pod::default()), Ok(()));
        assert_eq!(admit(&pod("net.ipv4.tcp_syncookies")), Ok(()));
        assert_eq!(admit(&pod("net/ipv4/tcp_syncookies")), Ok(()));
        let rejection = admit(&pod("kernel.msgmax")).unwrap_err();
        assert_eq!(rejection.reason, "SysctlForbidden");
        assert_eq!(rejection.message, "forbidden sysctl: \"kernel.msgmax\" not allowlisted");
        assert!(admit(&pod("net.ipv4.tcp_syncookies/../../../vm.swappiness")).is_err());
    }
}
