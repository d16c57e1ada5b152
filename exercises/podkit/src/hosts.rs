//! What a pod is called: its hostname, its domain, and its /etc/hosts.

use std::fmt::Write;

use crate::environment::{LOOPBACK, namespace};
use crate::pod::Pod;

/// What names in this cluster end with, as a kubelet is configured by default.
pub const CLUSTER_DOMAIN: &str = "cluster.local";

/// The most bytes of a hostname that the kernel keeps.
const LONGEST: usize = 64;

/// `HOST.SUBDOMAIN.NAMESPACE.svc.DOMAIN`, of a pod that has a subdomain.
pub fn fqdn(pod: &Pod) -> Option<String> {
    let subdomain =
        pod.spec.subdomain.as_deref().filter(|it| !it.is_empty() && pod.spec.hostname_override.is_none())?;
    Some(format!("{}.{subdomain}.{}.svc.{CLUSTER_DOMAIN}", short(pod), namespace(pod)))
}

/// The pod's name for itself (`hostname`): the short one, unless the manifest asks for the long one.
///
/// # Errors
/// It is longer than the kernel keeps. A kubelet makes no sandbox for such a pod, which stays Pending.
pub fn hostname(pod: &Pod) -> Result<String, String> {
    let Some(fqdn) = fqdn(pod).filter(|_| pod.spec.set_hostname_as_fqdn == Some(true)) else {
        return Ok(short(pod).to_owned());
    };
    match fqdn.len() {
        0..=LONGEST => Ok(fqdn),
        length => Err(format!(
            "failed to construct FQDN from pod hostname and cluster domain, FQDN {fqdn} is too long \
             ({LONGEST} characters is the max, {length} characters requested)"
        )),
    }
}

fn short(pod: &Pod) -> &str {
    pod.spec.hostname_override.as_deref().unwrap_or_else(|| pod.hostname())
}

/// The pod's /etc/hosts, as the kubelet writes it. The pod's address is the
/// loopback's until pods have a network between them.
pub fn file(pod: &Pod) -> String {
    let mut text = "# Kubernetes-managed hosts file.\n\
         127.0.0.1\tlocalhost\n\
         ::1\tlocalhost ip6-localhost ip6-loopback\n\
         fe00::0\tip6-localnet\n\
         fe00::0\tip6-mcastprefix\n\
         fe00::1\tip6-allnodes\n\
         fe00::2\tip6-allrouters\n"
        .to_owned();
    let names: Vec<String> = fqdn(pod).into_iter().chain([short(pod).to_owned()]).collect();
    // Writing into a String cannot fail.
    let _ = writeln!(text, "{LOOPBACK}\t{}", names.join("\t"));
    if !pod.spec.host_aliases.is_empty() {
        text += "\n# Entries added by HostAliases.\n";
    }
    for alias in &pod.spec.host_aliases {
        let _ = writeln!(text, "{}\t{}", alias.ip, alias.hostnames.join("\t"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Document;

    fn pod(spec: &str) -> Pod {
        let text = format!("metadata: {{name: web, namespace: shop}}\nspec: {{{spec}}}\n");
        Document::parse(&text).unwrap()[0].decode::<Pod>().unwrap().value
    }

    #[test]
    fn a_subdomain_makes_a_long_name() {
        assert_eq!(fqdn(&pod("")), None);
        assert_eq!(fqdn(&pod("hostname: a")), None);
        let long = pod("hostname: a, subdomain: b");
        assert_eq!(fqdn(&long).as_deref(), Some("a.b.shop.svc.cluster.local"));
        assert_eq!(hostname(&long).unwrap(), "a");
        assert!(file(&long).ends_with("127.0.0.1\ta.b.shop.svc.cluster.local\ta\n"), "{}", file(&long));
        assert!(file(&pod("")).ends_with("\n127.0.0.1\tweb\n"));
    }

    #[test]
    fn the_long_name_as_hostname_has_64_bytes_at_most() {
        let of = |length: usize| {
            hostname(&pod(&format!("subdomain: s, setHostnameAsFQDN: true, hostname: {}", "h".repeat(length))))
        };
        assert_eq!(hostname(&pod("setHostnameAsFQDN: true")).unwrap(), "web");
        let rest = ".s.shop.svc.cluster.local".len();
        assert_eq!(of(64 - rest).unwrap().len(), 64);
        let why = of(65 - rest).unwrap_err();
        assert!(why.contains("(64 characters is the max, 65 characters requested)"), "{why}");
        assert_eq!(hostname(&pod("hostnameOverride: other, subdomain: s, setHostnameAsFQDN: true")).unwrap(), "other");
    }

    #[test]
    fn aliases_come_last_one_line_each() {
        let text = file(&pod("hostAliases: [{ip: 10.0.0.1, hostnames: [a, b]}, {ip: 10.0.0.2, hostnames: [c]}]"));
        assert!(text.ends_with("\n\n# Entries added by HostAliases.\n10.0.0.1\ta\tb\n10.0.0.2\tc\n"), "{text}");
    }
}
