//! Numbers of the pod that must lie in a range. Given.

use podkit::manifest::FieldPath;
use podkit::pod::PodSpec;

use crate::findings::Findings;

/// The deadline and the grace period.
pub fn pod(spec: &PodSpec, found: &mut Findings) {
    let at = FieldPath::of("spec");
    if spec.active_deadline_seconds.is_some_and(|seconds| !(1..=i64::from(i32::MAX)).contains(&seconds)) {
        found.problem(at.key("activeDeadlineSeconds"), "must be between 1 and 2147483647");
    }
    if spec.termination_grace_period_seconds.is_some_and(|seconds| seconds < 0) {
        found.warning(at.key("terminationGracePeriodSeconds"), "is negative, and is treated as 1 second");
    }
    if spec.dns_policy.as_deref() == Some("None")
        && spec.dns_config.as_ref().is_none_or(|config| config.nameservers.is_empty())
    {
        found.problem(at.key("dnsConfig"), "must have at least one of nameservers when dnsPolicy is None");
    }
}
