//! The v1 Pod, as far as chapters 1 to 10 need it.
//!
//! Every field a manifest leaves out is empty here, also the ones Kubernetes
//! requires: saying "required" with a line number is validation's work
//! (chapter 1), not the parser's. What the types do not know is not lost:
//! see [`crate::manifest::Document::decode`].

mod container;
mod meta;
mod probe;
mod security;
mod shown;
mod spec;
mod status;
mod volume;

pub use container::*;
pub use meta::*;
pub use probe::*;
pub use security::*;
pub use shown::shown;
pub use spec::*;
pub use status::*;
pub use volume::*;

use serde::{Deserialize, Serialize};

/// A v1 Pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Pod {
    pub api_version: String,
    pub kind: String,
    pub metadata: Metadata,
    pub spec: PodSpec,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<PodStatus>,
}

impl Pod {
    /// The pod as JSON. Equal pods have equal text, however their files are written.
    pub fn to_json(&self) -> String {
        // A map whose keys are no strings is all that could fail, and there is none.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Init containers first, then the regular ones, in the order of the manifest.
    pub fn all_containers(&self) -> impl Iterator<Item = &Container> {
        self.spec.init_containers.iter().chain(&self.spec.containers)
    }

    /// The container of that name, whether it is an init container or a regular one.
    pub fn container(&self, name: &str) -> Option<&Container> {
        self.all_containers().find(|c| c.name == name)
    }

    /// `NAMESPACE/NAME`: what a node may have only once.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.metadata.namespace.as_deref().unwrap_or("default"), self.metadata.name)
    }

    /// `spec.hostname`, else the pod's name, cut to the 63 bytes a hostname
    /// label may have, without a trailing `-` or `.` (kubelet: GeneratePodHostNameAndDomain).
    pub fn hostname(&self) -> &str {
        let name = self.spec.hostname.as_deref().unwrap_or(&self.metadata.name);
        let end = (0..=name.len().min(63)).rev().find(|&i| name.is_char_boundary(i));
        name[..end.unwrap_or(0)].trim_end_matches(['-', '.'])
    }
}
