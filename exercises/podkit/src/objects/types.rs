//! The v1 types, as far as pods need them.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::base64;
use crate::pod::{IntOrString, Metadata};

/// One of the three.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Object {
    ConfigMap(ConfigMap),
    Secret(Secret),
    Service(Service),
}

impl<'de> Deserialize<'de> for Object {
    /// By its `kind`.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let object = match value.get("kind").and_then(Value::as_str) {
            Some("ConfigMap") => serde_json::from_value(value).map(Object::ConfigMap),
            Some("Secret") => serde_json::from_value(value).map(Object::Secret),
            Some("Service") => serde_json::from_value(value).map(Object::Service),
            _ => return Err(D::Error::custom("kind must be ConfigMap, Secret or Service")),
        };
        object.map_err(D::Error::custom)
    }
}

impl Object {
    pub fn kind(&self) -> &'static str {
        match self {
            Object::ConfigMap(_) => "ConfigMap",
            Object::Secret(_) => "Secret",
            Object::Service(_) => "Service",
        }
    }

    pub fn metadata(&self) -> &Metadata {
        match self {
            Object::ConfigMap(map) => &map.metadata,
            Object::Secret(secret) => &secret.metadata,
            Object::Service(service) => &service.metadata,
        }
    }

    pub fn metadata_mut(&mut self) -> &mut Metadata {
        match self {
            Object::ConfigMap(map) => &mut map.metadata,
            Object::Secret(secret) => &mut secret.metadata,
            Object::Service(service) => &mut service.metadata,
        }
    }

    pub fn name(&self) -> &str {
        &self.metadata().name
    }

    pub fn namespace(&self) -> &str {
        namespace(self.metadata())
    }

    pub fn is_immutable(&self) -> bool {
        match self {
            Object::ConfigMap(map) => map.immutable == Some(true),
            Object::Secret(secret) => secret.immutable == Some(true),
            Object::Service(_) => false,
        }
    }
}

/// v1 ConfigMap: texts by key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ConfigMap {
    pub api_version: String,
    pub kind: String,
    pub metadata: Metadata,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, String>,
    /// In base64. Files can be made of it (chapter 10), variables cannot.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub binary_data: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub immutable: Option<bool>,
}

impl ConfigMap {
    /// What variables can be made of.
    pub fn texts(&self) -> BTreeMap<String, String> {
        self.data.clone()
    }

    /// What files can be made of.
    pub fn bytes(&self) -> BTreeMap<String, Vec<u8>> {
        let texts = self.data.iter().map(|(key, text)| (key.clone(), text.clone().into_bytes()));
        texts.chain(decoded(&self.binary_data)).collect()
    }
}

/// v1 Secret: bytes by key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Secret {
    pub api_version: String,
    pub kind: String,
    pub metadata: Metadata,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub of_type: Option<String>,
    /// In base64, which hides nothing.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, String>,
    /// As text; only ever written: it is a part of `data` once it has been read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub string_data: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub immutable: Option<bool>,
}

impl Secret {
    /// What variables can be made of.
    pub fn texts(&self) -> BTreeMap<String, String> {
        decoded(&self.data).map(|(key, bytes)| (key, String::from_utf8_lossy(&bytes).into_owned())).collect()
    }

    /// What files can be made of.
    pub fn bytes(&self) -> BTreeMap<String, Vec<u8>> {
        decoded(&self.data).collect()
    }

    /// `stringData` goes into `data`, over what is there.
    pub(super) fn merge(&mut self) {
        for (key, text) in std::mem::take(&mut self.string_data) {
            self.data.insert(key, base64::encode(text.as_bytes()));
        }
    }
}

/// v1 Service: an address that stays, for pods that come and go.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Service {
    pub api_version: String,
    pub kind: String,
    pub metadata: Metadata,
    pub spec: ServiceSpec,
}

impl Service {
    pub fn namespace(&self) -> &str {
        namespace(&self.metadata)
    }

    /// Its address; `None` where it has none (`None` in the manifest: a headless service).
    pub fn cluster_ip(&self) -> Option<&str> {
        self.spec.cluster_ip.as_deref().filter(|ip| !ip.is_empty() && *ip != "None")
    }

    /// As the API server does it: a service that asks for no address gets one out of the cluster's range, here always
    /// the same for one name. (Nobody answers there: pods have no network between them.)
    pub(super) fn give_address(&mut self) {
        let asks = self.spec.cluster_ip.as_ref().is_some_and(|ip| !ip.is_empty());
        if asks || self.spec.of_type.as_deref() == Some("ExternalName") {
            return;
        }
        let name = format!("{}/{}", self.namespace(), self.metadata.name);
        let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        self.spec.cluster_ip = Some(match name.as_str() {
            "default/kubernetes" => "10.96.0.1".to_owned(),
            _ => format!("10.96.{}.{}", 1 + (hash >> 8) % 255, 1 + hash % 254),
        });
    }
}

/// v1 ServiceSpec.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ServiceSpec {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub of_type: Option<String>,
    #[serde(rename = "clusterIP", skip_serializing_if = "Option::is_none")]
    pub cluster_ip: Option<String>,
    /// The DNS name behind a service of type ExternalName.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_name: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub selector: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<ServicePort>,
}

/// v1 ServicePort.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ServicePort {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// TCP (the API's default), UDP or SCTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    pub port: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_port: Option<IntOrString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_port: Option<i64>,
}

fn namespace(metadata: &Metadata) -> &str {
    metadata.namespace.as_deref().filter(|it| !it.is_empty()).unwrap_or("default")
}

/// What has been read is base64, so nothing is lost here.
fn decoded(data: &BTreeMap<String, String>) -> impl Iterator<Item = (String, Vec<u8>)> {
    data.iter().filter_map(|(key, text)| Some((key.clone(), base64::decode(text)?)))
}
