//! Volumes (chapter 10). Chapter 1 needs their names.

use std::collections::BTreeMap;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{FieldRef, Quantity, ResourceFieldRef};

/// Declares [`Volume`] and what it can tell of its sources.
macro_rules! volume {
    (here: { $($(#[$meta:meta])* $field:ident: $type:ty = $name:literal,)+ } elsewhere: { $($other:ident = $other_name:literal,)+ }) => {
        /// v1 Volume: a name and at most one source; no source means emptyDir.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        pub struct Volume {
            pub name: String,
            $($(#[$meta])* #[serde(skip_serializing_if = "Option::is_none", rename = $name)] pub $field: Option<$type>,)+
            // Known, so that none of them is taken for an emptyDir.
            $(#[serde(skip_serializing_if = "Option::is_none", rename = $other_name)] pub $other: Option<Value>,)+
        }

        impl Volume {
            /// Names of the sources that are set; more than one is refused by the API.
            pub fn sources(&self) -> Vec<&'static str> {
                let here = [$(($name, self.$field.is_some()),)+];
                let here = here.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name);
                let mut set: Vec<&'static str> = here.chain(self.elsewhere()).collect();
                set.sort_unstable();
                set
            }

            /// The same of those that need a cluster, or a driver of its own: there are none here.
            pub fn elsewhere(&self) -> Vec<&'static str> {
                let set = [$(($other_name, self.$other.is_some()),)+];
                set.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name).collect()
            }
        }
    };
}

volume! {
    here: {
        empty_dir: EmptyDir = "emptyDir",
        host_path: HostPath = "hostPath",
        config_map: ObjectVolume = "configMap",
        secret: ObjectVolume = "secret",
        downward_api: DownwardApi = "downwardAPI",
        projected: Projected = "projected",
    }
    elsewhere: {
        persistent_volume_claim = "persistentVolumeClaim",
        ephemeral = "ephemeral",
        csi = "csi",
        nfs = "nfs",
        image = "image",
        iscsi = "iscsi",
        fc = "fc",
        cephfs = "cephfs",
        rbd = "rbd",
        glusterfs = "glusterfs",
        git_repo = "gitRepo",
        cinder = "cinder",
        azure_disk = "azureDisk",
        azure_file = "azureFile",
        aws_elastic_block_store = "awsElasticBlockStore",
        gce_persistent_disk = "gcePersistentDisk",
        vsphere_volume = "vsphereVolume",
        flex_volume = "flexVolume",
        flocker = "flocker",
        photon_persistent_disk = "photonPersistentDisk",
        portworx_volume = "portworxVolume",
        quobyte = "quobyte",
        scale_io = "scaleIO",
        storageos = "storageos",
    }
}

impl Volume {
    /// Its files are made by the kubelet, from objects or from the pod itself.
    pub fn is_of_files(&self) -> bool {
        self.config_map.is_some() || self.secret.is_some() || self.downward_api.is_some() || self.projected.is_some()
    }
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

/// A ConfigMap or Secret as files. As a volume of its own, a Secret has a `secretName`; in a projected one, a `name`.
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

/// Several sources in one directory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Projected {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Projection>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "mode")]
    pub default_mode: Option<i64>,
}

/// One source of a projected volume: one of these.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Projection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map: Option<ObjectVolume>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<ObjectVolume>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "downwardAPI")]
    pub downward_api: Option<DownwardApi>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account_token: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_trust_bundle: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_certificate: Option<Value>,
}

impl Projection {
    /// Names of the sources that are set: exactly one is.
    pub fn sources(&self) -> Vec<&'static str> {
        let set = BTreeMap::from([
            ("configMap", self.config_map.is_some()),
            ("secret", self.secret.is_some()),
            ("downwardAPI", self.downward_api.is_some()),
        ]);
        let here = set.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name);
        here.chain(self.elsewhere()).collect()
    }

    /// The same of those that only a cluster can give.
    pub fn elsewhere(&self) -> Vec<&'static str> {
        let set = [
            ("serviceAccountToken", self.service_account_token.is_some()),
            ("clusterTrustBundle", self.cluster_trust_bundle.is_some()),
            ("podCertificate", self.pod_certificate.is_some()),
        ];
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
