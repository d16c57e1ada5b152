//! Volumes (chapter 10). Chapter 1 needs their names.

use std::collections::BTreeMap;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{FieldRef, Quantity, ResourceFieldRef};

/// v1 Volume: a name and at most one source; no source means emptyDir.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Volume {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub empty_dir: Option<EmptyDir>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_path: Option<HostPath>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map: Option<ObjectVolume>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<ObjectVolume>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "downwardAPI")]
    pub downward_api: Option<DownwardApi>,
}

/// A directory that lives as long as the pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct EmptyDir {
    /// "" or Memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medium: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_limit: Option<Quantity>,
}

/// A path of the node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct HostPath {
    pub path: String,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// A ConfigMap or Secret as files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ObjectVolume {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<KeyToPath>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "mode")]
    pub default_mode: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

/// One key and the file it becomes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct KeyToPath {
    pub key: String,
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "mode")]
    pub mode: Option<i64>,
}

/// The pod's own fields as files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct DownwardApi {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<DownwardApiFile>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "mode")]
    pub default_mode: Option<i64>,
}

/// One field and the file it becomes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct DownwardApiFile {
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field_ref: Option<FieldRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_field_ref: Option<ResourceFieldRef>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "mode")]
    pub mode: Option<i64>,
}

impl Volume {
    /// Names of the sources that are set; more than one is refused by the API.
    pub fn sources(&self) -> Vec<&'static str> {
        let set: BTreeMap<&'static str, bool> = BTreeMap::from([
            ("emptyDir", self.empty_dir.is_some()),
            ("hostPath", self.host_path.is_some()),
            ("configMap", self.config_map.is_some()),
            ("secret", self.secret.is_some()),
            ("downwardAPI", self.downward_api.is_some()),
        ]);
        set.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name).collect()
    }
}

/// Permission bits. `0400` is octal for Kubernetes, whose YAML is of version 1.1; in
/// version 1.2, which is read here, it arrives as text.
fn mode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    struct Mode;

    impl Visitor<'_> for Mode {
        type Value = Option<i64>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("i64")
        }

        fn visit_i64<E: Error>(self, mode: i64) -> Result<Self::Value, E> {
            Ok(Some(mode))
        }

        fn visit_u64<E: Error>(self, mode: u64) -> Result<Self::Value, E> {
            i64::try_from(mode).map(Some).map_err(|_| E::invalid_type(Unexpected::Unsigned(mode), &self))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            let octal = text.strip_prefix('0').and_then(|digits| i64::from_str_radix(digits, 8).ok());
            octal.map(Some).ok_or_else(|| E::invalid_type(Unexpected::Str(text), &self))
        }
    }

    deserializer.deserialize_any(Mode)
}
