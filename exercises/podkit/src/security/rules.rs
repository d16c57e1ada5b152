//! What a manifest may say of security, of names and of name servers: the API server's rules.

use crate::manifest::{FieldPath, Problem};
use crate::pod::{Container, Pod, PodSpec, SecurityContext};

/// Whatever is wrong with it.
pub fn problems(pod: &Pod) -> Vec<Problem> {
    let mut found = Vec::new();
    let at = FieldPath::of("spec");
    if let Some(context) = &pod.spec.security_context {
        of_pod(context, &at.key("securityContext"), &mut found);
    }
    for (name, containers) in [("initContainers", &pod.spec.init_containers), ("containers", &pod.spec.containers)] {
        for (n, container) in containers.iter().enumerate() {
            of_container(container, &at.key(name).index(n).key("securityContext"), &mut found);
        }
    }
    of_names(&pod.spec, &at, &mut found);
    found
}

fn of_pod(context: &SecurityContext, at: &FieldPath, found: &mut Vec<Problem>) {
    shared(context, at, found);
    id(context.fs_group, at.key("fsGroup"), found);
    for (n, group) in context.supplemental_groups.iter().enumerate() {
        id(Some(*group), at.key("supplementalGroups").index(n), found);
    }
    word(
        context.fs_group_change_policy.as_deref(),
        &["Always", "OnRootMismatch"],
        at.key("fsGroupChangePolicy"),
        found,
    );
    let policy = context.supplemental_groups_policy.as_deref();
    word(policy, &["Merge", "Strict"], at.key("supplementalGroupsPolicy"), found);
    for (name, is_set) in of_containers_alone(context) {
        if is_set {
            found.push(Problem::new(at.key(name), "is a field of containers, not of pods"));
        }
    }
    let mut names = Vec::new();
    for (n, sysctl) in context.sysctls.iter().enumerate() {
        let field = at.key("sysctls").index(n).key("name");
        if sysctl.name.is_empty() {
            found.push(Problem::new(field, "is required"));
        } else if !is_sysctl(&sysctl.name) {
            found.push(Problem::new(field, "must be lower case letters, digits, - and _ in parts with . or / between"));
        } else if names.contains(&&sysctl.name) {
            found.push(Problem::new(field, format!("must be unique: {} is there twice", sysctl.name)));
        }
        names.push(&sysctl.name);
    }
}

fn of_container(container: &Container, at: &FieldPath, found: &mut Vec<Problem>) {
    let Some(context) = &container.security_context else { return };
    shared(context, at, found);
    word(context.proc_mount.as_deref(), &["Default", "Unmasked"], at.key("procMount"), found);
    if context.allow_privilege_escalation == Some(false) {
        let field = at.key("allowPrivilegeEscalation");
        if context.privileged == Some(true) {
            found.push(Problem::new(field, "must not be false together with privileged: true"));
        } else if context.capabilities.iter().flat_map(|it| &it.add).any(|name| name == "CAP_SYS_ADMIN") {
            found.push(Problem::new(
                field,
                "must not be false together with CAP_SYS_ADMIN among the capabilities to add",
            ));
        }
    }
    let of_pods_alone = [
        ("fsGroup", context.fs_group.is_some()),
        ("fsGroupChangePolicy", context.fs_group_change_policy.is_some()),
        ("supplementalGroups", !context.supplemental_groups.is_empty()),
        ("supplementalGroupsPolicy", context.supplemental_groups_policy.is_some()),
        ("sysctls", !context.sysctls.is_empty()),
    ];
    for (name, is_set) in of_pods_alone {
        if is_set {
            found.push(Problem::new(at.key(name), "is a field of pods, not of containers"));
        }
    }
}

fn of_containers_alone(context: &SecurityContext) -> [(&'static str, bool); 5] {
    [
        ("readOnlyRootFilesystem", context.read_only_root_filesystem.is_some()),
        ("allowPrivilegeEscalation", context.allow_privilege_escalation.is_some()),
        ("privileged", context.privileged.is_some()),
        ("capabilities", context.capabilities.is_some()),
        ("procMount", context.proc_mount.is_some()),
    ]
}

/// What both have.
fn shared(context: &SecurityContext, at: &FieldPath, found: &mut Vec<Problem>) {
    id(context.run_as_user, at.key("runAsUser"), found);
    id(context.run_as_group, at.key("runAsGroup"), found);
    let Some(profile) = &context.seccomp_profile else { return };
    let at = at.key("seccompProfile");
    let has_file = profile.localhost_profile.is_some();
    match profile.kind.as_str() {
        "" => found.push(Problem::new(at.key("type"), "is required")),
        "Localhost" if !has_file => found.push(Problem::new(at.key("localhostProfile"), "is required for Localhost")),
        "Localhost" => {}
        kind => {
            word(Some(kind), &["Localhost", "RuntimeDefault", "Unconfined"], at.key("type"), found);
            if has_file {
                found.push(Problem::new(at.key("localhostProfile"), "is only for type Localhost"));
            }
        }
    }
}

fn of_names(spec: &PodSpec, at: &FieldPath, found: &mut Vec<Problem>) {
    for (n, alias) in spec.host_aliases.iter().enumerate() {
        let at = at.key("hostAliases").index(n);
        if alias.ip.parse::<std::net::IpAddr>().is_err() {
            found.push(Problem::new(at.key("ip"), format!("must be an IP address, and is {:?}", alias.ip)));
        }
        for (n, name) in alias.hostnames.iter().enumerate() {
            host_name(name, at.key("hostnames").index(n), found);
        }
    }
    let Some(config) = &spec.dns_config else { return };
    let at = at.key("dnsConfig");
    if config.nameservers.len() > 3 {
        found.push(Problem::new(at.key("nameservers"), "must not have more than 3"));
    }
    for (n, server) in config.nameservers.iter().enumerate() {
        if server.parse::<std::net::IpAddr>().is_err() {
            let field = at.key("nameservers").index(n);
            found.push(Problem::new(field, format!("must be an IP address, and is {server:?}")));
        }
    }
    if config.searches.len() > 32 {
        found.push(Problem::new(at.key("searches"), "must not have more than 32"));
    }
    if config.searches.join(" ").len() > 2048 {
        found.push(Problem::new(at.key("searches"), "must not have more than 2048 characters"));
    }
    for (n, domain) in config.searches.iter().enumerate().filter(|(_, domain)| *domain != ".") {
        // Labels of services may begin with an underscore.
        let name = domain.strip_suffix('.').unwrap_or(domain).replace('_', "x");
        host_name(&name, at.key("searches").index(n), found);
    }
    for (n, _) in config.options.iter().enumerate().filter(|(_, option)| option.name.is_empty()) {
        found.push(Problem::new(at.key("options").index(n).key("name"), "is required"));
    }
}

fn id(id: Option<i64>, field: FieldPath, found: &mut Vec<Problem>) {
    if id.is_some_and(|id| !(0..=i64::from(i32::MAX)).contains(&id)) {
        found.push(Problem::new(field, "must be between 0 and 2147483647"));
    }
}

fn word(word: Option<&str>, allowed: &[&str], field: FieldPath, found: &mut Vec<Problem>) {
    let Some(word) = word.filter(|word| !allowed.contains(word)) else { return };
    found.push(Problem::new(field, format!("must be {}, and is {word:?}", allowed.join(" or "))));
}

fn host_name(name: &str, field: FieldPath, found: &mut Vec<Problem>) {
    let is_end = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_part = |part: &str| {
        let bytes = part.as_bytes();
        let ends = bytes.first().zip(bytes.last()).is_some_and(|(&first, &last)| is_end(first) && is_end(last));
        ends && bytes.iter().all(|&byte| is_end(byte) || byte == b'-')
    };
    if name.len() > 253 || !name.split('.').all(is_part) {
        found.push(Problem::new(field, format!("must be a name of a host (RFC 1123 subdomain), and is {name:?}")));
    }
}

fn is_sysctl(name: &str) -> bool {
    let is_end = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_part = |part: &str| {
        let bytes = part.as_bytes();
        let ends = bytes.first().zip(bytes.last()).is_some_and(|(&first, &last)| is_end(first) && is_end(last));
        ends && bytes.iter().all(|&byte| is_end(byte) || matches!(byte, b'-' | b'_'))
    };
    name.len() <= 253 && name.split(['.', '/']).all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Document;

    fn of(spec: &str) -> Vec<String> {
        let text = format!("metadata: {{name: p}}\nspec: {{{spec}}}\n");
        let pod = Document::parse(&text).unwrap()[0].decode::<Pod>().unwrap().value;
        problems(&pod).iter().map(|problem| problem.field.to_string()).collect()
    }

    #[test]
    fn what_is_right_is_no_problem() {
        let pod = "securityContext: {runAsUser: 0, fsGroup: 1, supplementalGroups: [2], supplementalGroupsPolicy: Strict, \
             fsGroupChangePolicy: Always, seccompProfile: {type: Localhost, localhostProfile: a}, \
             sysctls: [{name: net.ipv4.ip_local_port_range, value: '1 2'}]}";
        let names = "hostAliases: [{ip: '::1', hostnames: [a, b.c-d]}], dnsConfig: {nameservers: [1.1.1.1], searches: \
             [a.b., ., _tcp.x], options: [{name: a}]}";
        let container = "containers: [{securityContext: {privileged: true, procMount: Default, capabilities: {add: [X]}, \
             seccompProfile: {type: RuntimeDefault}}}]";
        assert!(
            of(&format!("{pod}, {names}, {container}")).is_empty(),
            "{:?}",
            of(&format!("{pod}, {names}, {container}"))
        );
    }

    #[test]
    fn each_rule_names_its_field() {
        let own = "spec.containers[0].securityContext";
        for (spec, field) in [
            ("securityContext: {runAsUser: -1}", "spec.securityContext.runAsUser".to_owned()),
            ("securityContext: {runAsGroup: 2147483648}", "spec.securityContext.runAsGroup".to_owned()),
            ("securityContext: {fsGroup: -1}", "spec.securityContext.fsGroup".to_owned()),
            ("securityContext: {supplementalGroups: [1, -1]}", "spec.securityContext.supplementalGroups[1]".to_owned()),
            ("securityContext: {privileged: true}", "spec.securityContext.privileged".to_owned()),
            ("securityContext: {sysctls: [{name: '', value: a}]}", "spec.securityContext.sysctls[0].name".to_owned()),
            ("securityContext: {sysctls: [{name: a..b, value: a}]}", "spec.securityContext.sysctls[0].name".to_owned()),
            ("securityContext: {sysctls: [{name: a}, {name: a}]}", "spec.securityContext.sysctls[1].name".to_owned()),
            ("securityContext: {seccompProfile: {type: Other}}", "spec.securityContext.seccompProfile.type".to_owned()),
            (
                "containers: [{securityContext: {seccompProfile: {type: Localhost}}}]",
                format!("{own}.seccompProfile.localhostProfile"),
            ),
            (
                "containers: [{securityContext: {seccompProfile: {type: Unconfined, localhostProfile: a}}}]",
                format!("{own}.seccompProfile.localhostProfile"),
            ),
            ("containers: [{securityContext: {fsGroup: 1}}]", format!("{own}.fsGroup")),
            ("containers: [{securityContext: {procMount: Other}}]", format!("{own}.procMount")),
            (
                "containers: [{securityContext: {privileged: true, allowPrivilegeEscalation: false}}]",
                format!("{own}.allowPrivilegeEscalation"),
            ),
            ("hostAliases: [{ip: 1.2.3, hostnames: [a]}]", "spec.hostAliases[0].ip".to_owned()),
            ("hostAliases: [{ip: 1.2.3.4, hostnames: [a, A_]}]", "spec.hostAliases[0].hostnames[1]".to_owned()),
            ("dnsConfig: {nameservers: [1.1.1.1, 2.2.2.2, 3.3.3.3, 4.4.4.4]}", "spec.dnsConfig.nameservers".to_owned()),
            ("dnsConfig: {nameservers: [x]}", "spec.dnsConfig.nameservers[0]".to_owned()),
            ("dnsConfig: {options: [{value: a}]}", "spec.dnsConfig.options[0].name".to_owned()),
        ] {
            assert_eq!(of(spec), [field], "{spec}");
        }
    }
}
