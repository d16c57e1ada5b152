//! Chapter 8: cpu and memory.
//!
//! - [`quantity`]: `500m` and `1Gi` (tasks 8.1 and 8.2)
//! - [`limits`]: what requests and limits may say (task 8.3)
//! - [`qos`]: how sure a pod can be of them (task 8.4)
//! - [`effective`], [`admit`]: what a pod asks for, and whether there is room (tasks 8.5 and 8.6)
//! - [`cgroups`]: what the kernel is told (task 8.7)
//! - [`oom`]: when memory is short (task 8.8)

pub mod admit;
pub mod amounts;
pub mod cgroups;
pub mod effective;
pub mod limits;
pub mod oom;
pub mod qos;
pub mod quantity;

use podkit::Runner;
use podkit::resources::Rules;

use amounts::{List, written};

/// The runner as of chapter 8: what a pod may use.
pub fn runner() -> Runner {
    let rules = Rules {
        canonical: |quantity| Ok(quantity::Quantity::read(quantity)?.to_string()),
        qos: qos::qos,
        effective: |pod| written(&effective::effective(pod, List::Requests)),
        admit: admit::admit,
        tier: cgroups::tier,
        pod: cgroups::pod,
        container: cgroups::container,
        oom_score_adj: oom::score,
        is_oom_killed: oom::is_killed,
    };
    Runner { name: "resources", read: limits::read, resources: Some(rules), ..static_pods::runner() }
}
