//! What Kubernetes demands of ConfigMaps, Secrets and Services.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::base64;
use super::types::{ConfigMap, Secret, Service, ServicePort};
use crate::manifest::{FieldPath, Problem};
use crate::pod::Metadata;

/// The most that all values of a ConfigMap or Secret may hold together (1 MiB).
const MAX_SIZE: usize = 1 << 20;

const NO_BASE64: &str = "must be base64 (as `printf %s TEXT | base64` prints it)";

/// Everything that was found so far.
pub struct Found(pub Vec<Problem>);

impl Found {
    fn add(&mut self, field: FieldPath, rule: impl Into<String>) {
        self.0.push(Problem::new(field, rule));
    }
}

pub fn config_map(map: &ConfigMap, found: &mut Found) {
    metadata(&map.metadata, false, found);
    keys("data", &map.data, found);
    keys("binaryData", &map.binary_data, found);
    for (key, text) in &map.binary_data {
        let field = FieldPath::of("binaryData").key(key.clone());
        if map.data.contains_key(key) {
            found.add(field.clone(), "must not be in data, too");
        }
        if base64::decode(text).is_none() {
            found.add(field, NO_BASE64);
        }
    }
    size(map.bytes().values().map(Vec::len).sum(), found);
}

pub fn secret(secret: &Secret, found: &mut Found) {
    metadata(&secret.metadata, false, found);
    keys("data", &secret.data, found);
    keys("stringData", &secret.string_data, found);
    for (key, text) in &secret.data {
        if base64::decode(text).is_none() {
            let field = FieldPath::of("data").key(key.clone());
            found.add(field, format!("{NO_BASE64}; stringData takes plain text"));
        }
    }
    let texts = secret.string_data.values().map(String::len);
    size(secret.bytes().values().map(Vec::len).chain(texts).sum(), found);
}

pub fn service(service: &Service, found: &mut Found) {
    metadata(&service.metadata, true, found);
    let spec = FieldPath::of("spec");
    if let Some(ip) = service.cluster_ip()
        && ip.parse::<IpAddr>().is_err()
    {
        found.add(spec.key("clusterIP"), "must be an IP address, or None for a service without one");
    }
    let list = spec.key("ports");
    let has_address =
        service.spec.of_type.as_deref() != Some("ExternalName") && service.spec.cluster_ip.as_deref() != Some("None");
    if service.spec.ports.is_empty() && has_address {
        found.add(list.clone(), "is required: a service with an address has at least one port");
    }
    let mut names = BTreeSet::new();
    for (n, port) in service.spec.ports.iter().enumerate() {
        let name = port.name.as_deref().unwrap_or_default();
        let field = list.index(n);
        if name.is_empty() && service.spec.ports.len() > 1 {
            found.add(field.key("name"), "is required where there are several ports");
        } else if !name.is_empty() && !names.insert(name) {
            found.add(field.key("name"), "must be unique");
        }
        service_port(port, &field, found);
    }
}

fn service_port(port: &ServicePort, field: &FieldPath, found: &mut Found) {
    if let Some(name) = port.name.as_deref().filter(|name| !name.is_empty()) {
        label(name, field.key("name"), found);
    }
    if !(1..=65535).contains(&port.port) {
        found.add(field.key("port"), "must be a port, from 1 to 65535");
    }
    if port.protocol.as_deref().is_some_and(|it| !["TCP", "UDP", "SCTP"].contains(&it)) {
        found.add(field.key("protocol"), "must be TCP, UDP or SCTP");
    }
}

fn metadata(metadata: &Metadata, is_service: bool, found: &mut Found) {
    let field = FieldPath::of("metadata.name");
    match metadata.name.as_str() {
        "" => found.add(field, "is required"),
        name if is_service => {
            // Its name becomes the name of variables (RFC 1035): it begins with a letter.
            if name.starts_with(|c: char| c.is_ascii_digit()) {
                found.add(field, "must begin with a letter (RFC 1035 label)");
            } else {
                label(name, field, found);
            }
        }
        name if name.len() > 253 => found.add(field, "must be at most 253 characters (RFC 1123 subdomain)"),
        name => {
            if !name.split('.').all(is_label) {
                let rule = "must be lower-case letters, digits, '-' or '.', with a letter or digit at both ends of each part (RFC 1123)";
                found.add(field, rule);
            }
        }
    }
    if let Some(namespace) = metadata.namespace.as_deref().filter(|it| !it.is_empty()) {
        label(namespace, FieldPath::of("metadata.namespace"), found);
    }
}

fn label(name: &str, field: FieldPath, found: &mut Found) {
    if name.len() > 63 || !is_label(name) {
        let rule = "must be at most 63 lower-case letters, digits or '-', with a letter or digit at both ends";
        found.add(field, rule);
    }
}

fn is_label(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.chars().all(fits) && !text.starts_with('-') && !text.ends_with('-')
}

/// A key becomes the name of a file or of a variable.
fn keys(list: &str, data: &BTreeMap<String, String>, found: &mut Found) {
    for key in data.keys() {
        let field = FieldPath::of(list).key(key.clone());
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if key.is_empty() || key.len() > 253 || !key.chars().all(allowed) {
            found.add(field, "must have a key of at most 253 letters, digits, '-', '_' or '.'");
        } else if key == "." || key.starts_with("..") {
            found.add(field, "must have a key that is not '.' and does not begin with '..'");
        }
    }
}

fn size(bytes: usize, found: &mut Found) {
    if bytes > MAX_SIZE {
        found.add(FieldPath::root(), format!("must hold at most {MAX_SIZE} bytes, and holds {bytes}"));
    }
}
