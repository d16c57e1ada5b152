//! The pod's /etc/resolv.conf (pkg/kubelet/network/dns).

use crate::pod::{DnsConfig, DnsOption, Pod};

/// The most name servers, search domains, and characters of search domains that a kubelet writes.
const LIMITS: (usize, usize, usize) = (3, 32, 2048);

/// A resolv.conf, and what there was to say about it: the reason and the message of each event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolver {
    pub text: String,
    pub events: Vec<(&'static str, String)>,
}

/// The pod's, from its dnsPolicy, its dnsConfig and the machine's own file. There is no name server for a
/// cluster here, so ClusterFirst is Default, as it is with a kubelet that knows of none.
pub fn resolver(pod: &Pod, of_machine: &str) -> Resolver {
    let mut events = Vec::new();
    let policy = pod.spec.dns_policy.as_deref().unwrap_or("ClusterFirst");
    let mut config = if policy == "None" { DnsConfig::default() } else { parse(of_machine) };
    if let Some(own) = &pod.spec.dns_config {
        if policy.starts_with("ClusterFirst") {
            // A kubelet says so of every pod. Here it is said where the manifest adds to what is not there.
            events.push(("MissingClusterDNS", missing(pod, policy)));
        }
        config.nameservers = once(config.nameservers.iter().chain(&own.nameservers));
        config.searches = once(config.searches.iter().chain(&own.searches));
        for option in &own.options {
            config.options.retain(|it| it.name != option.name);
            config.options.push(option.clone());
        }
    }
    limit(&mut config, &mut events);
    Resolver { text: format(&config), events }
}

fn missing(pod: &Pod, policy: &str) -> String {
    let about = &pod.metadata;
    let (namespace, uid) = (crate::environment::namespace(pod), about.uid.as_deref().unwrap_or_default());
    format!(
        "pod: \"{}_{namespace}({uid})\". kubelet does not have ClusterDNS IP configured and cannot create Pod using \
         {policy:?} policy. Falling back to \"Default\" policy.",
        about.name
    )
}

/// Each once, in the order of their first places.
fn once<'a>(all: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for one in all {
        if !list.contains(one) {
            list.push(one.clone());
        }
    }
    list
}

fn limit(config: &mut DnsConfig, events: &mut Vec<(&'static str, String)>) {
    let (servers, domains, characters) = LIMITS;
    if config.nameservers.len() > servers {
        config.nameservers.truncate(servers);
        let line = config.nameservers.join(" ");
        let says =
            "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is";
        events.push(("DNSConfigForming", format!("{says}: {line}")));
    }
    let before = config.searches.len();
    config.searches.truncate(domains);
    while config.searches.join(" ").len() > characters {
        config.searches.pop();
    }
    if config.searches.len() < before {
        let line = config.searches.join(" ");
        let says = "Search Line limits were exceeded, some search paths have been omitted, the applied search line is";
        events.push(("DNSConfigForming", format!("{says}: {line}")));
    }
}

/// What a resolv.conf says; of lines that exclude each other the last counts (resolv.conf(5)).
fn parse(text: &str) -> DnsConfig {
    let mut config = DnsConfig::default();
    for line in text.lines().filter(|line| !line.starts_with(['#', ';'])) {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("nameserver") => config.nameservers.extend(words.next().map(str::to_owned)),
            Some("search") => config.searches = words.map(|it| it.to_owned()).collect(),
            Some("options") => config.options = words.map(option).collect(),
            _ => {}
        }
    }
    config
}

fn option(word: &str) -> DnsOption {
    match word.split_once(':') {
        Some((name, value)) => DnsOption { name: name.to_owned(), value: Some(value.to_owned()) },
        None => DnsOption { name: word.to_owned(), value: None },
    }
}

fn format(config: &DnsConfig) -> String {
    let mut text = String::new();
    if !config.searches.is_empty() {
        text += &format!("search {}\n", config.searches.join(" "));
    }
    for server in &config.nameservers {
        text += &format!("nameserver {server}\n");
    }
    if !config.options.is_empty() {
        let word = |it: &DnsOption| match it.value.as_deref().filter(|value| !value.is_empty()) {
            Some(value) => format!("{}:{value}", it.name),
            None => it.name.clone(),
        };
        text += &format!("options {}\n", config.options.iter().map(word).collect::<Vec<_>>().join(" "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Document;

    const MACHINE: &str = "# comment\nnameserver 10.0.0.1\nsearch home.example lan\noptions edns0 timeout:1\n";

    fn of(spec: &str) -> Resolver {
        let text = format!("metadata: {{name: p, uid: u}}\nspec: {{{spec}}}\n");
        resolver(&Document::parse(&text).unwrap()[0].decode::<Pod>().unwrap().value, MACHINE)
    }

    #[test]
    fn without_a_cluster_the_machines_own_counts() {
        let own = "search home.example lan\nnameserver 10.0.0.1\noptions edns0 timeout:1\n";
        for spec in ["", "dnsPolicy: Default", "dnsPolicy: ClusterFirst", "dnsPolicy: ClusterFirstWithHostNet"] {
            assert_eq!(of(spec), Resolver { text: own.into(), events: vec![] }, "{spec}");
        }
    }

    #[test]
    fn none_is_what_the_manifest_says_and_nothing_else() {
        let spec = "dnsPolicy: None, dnsConfig: {nameservers: [1.1.1.1, 1.1.1.1], searches: [a.b], options: [{name: ndots, value: '2'}, {name: edns0}]}";
        assert_eq!(of(spec).text, "search a.b\nnameserver 1.1.1.1\noptions ndots:2 edns0\n");
        assert!(of(spec).events.is_empty());
    }

    #[test]
    fn what_the_manifest_adds_comes_behind_and_its_options_win() {
        let spec = "dnsPolicy: Default, dnsConfig: {nameservers: [1.1.1.1, 10.0.0.1], searches: [lan, x], options: [{name: timeout, value: '9'}]}";
        let text = "search home.example lan x\nnameserver 10.0.0.1\nnameserver 1.1.1.1\noptions edns0 timeout:9\n";
        assert_eq!(of(spec).text, text);
        let first = of(&spec.replace("Default", "ClusterFirst"));
        assert_eq!((first.text.as_str(), first.events[0].0), (text, "MissingClusterDNS"));
        assert!(first.events[0].1.contains("pod: \"p_default(u)\"."), "{:?}", first.events);
    }

    #[test]
    fn too_much_is_cut() {
        let many = |n: usize, of: fn(usize) -> String| (0..n).map(of).collect::<Vec<_>>().join(", ");
        let servers = many(4, |n| format!("1.1.1.{n}"));
        let cut = of(&format!("dnsPolicy: None, dnsConfig: {{nameservers: [{servers}]}}"));
        assert_eq!(cut.text.lines().count(), 3);
        assert!(cut.events[0].0 == "DNSConfigForming" && cut.events[0].1.ends_with("1.1.1.0 1.1.1.1 1.1.1.2"));
        let domains = many(33, |n| format!("d{n}"));
        let cut = of(&format!("dnsPolicy: None, dnsConfig: {{nameservers: [1.1.1.1], searches: [{domains}]}}"));
        assert_eq!(cut.text.lines().next().unwrap().split(' ').count(), 33);
        let domains = many(20, |n| format!("{}{n:02}", "x".repeat(126)));
        let cut = of(&format!("dnsPolicy: None, dnsConfig: {{nameservers: [1.1.1.1], searches: [{domains}]}}"));
        let line = cut.text.lines().next().unwrap().strip_prefix("search ").unwrap();
        assert!(line.len() <= 2048 && line.len() > 1900, "{}", line.len());
        assert_eq!(cut.events.len(), 1);
    }
}
