//! What applying a pod again means: nothing, a change that a running pod can take, or a refusal.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::pod::{Container, Pod};

/// What may be changed in a pod that is there, in Kubernetes' words.
const RULE: &str = "pod updates may not change fields other than `spec.containers[*].image`, \
    `spec.initContainers[*].image`, `spec.activeDeadlineSeconds`, `spec.tolerations` (only additions) or \
    `spec.terminationGracePeriodSeconds` (from a negative number to 1)";

/// Whether anything is to be changed.
///
/// # Errors
/// Every field that may not be changed, each with the reason, and then the rule.
pub fn judge(old: &Pod, new: &Pod) -> Result<bool, Vec<String>> {
    let mut refused = Vec::new();
    let value = |pod: &Pod| serde_json::to_value(&pod.spec).unwrap_or_default();
    let mut changed = Vec::new();
    differences("spec", &value(old), &value(new), &mut changed);
    for field in &changed {
        let may = match field.as_str() {
            "spec.activeDeadlineSeconds" => {
                match (old.spec.active_deadline_seconds, new.spec.active_deadline_seconds) {
                    (None, Some(_)) => Ok(()),
                    (Some(old), Some(new)) if new <= old => Ok(()),
                    _ => Err(format!("{field}: must not be removed or made longer")),
                }
            }
            "spec.terminationGracePeriodSeconds"
                if old.spec.termination_grace_period_seconds.is_some_and(|s| s < 0) =>
            {
                match new.spec.termination_grace_period_seconds {
                    Some(1) => Ok(()),
                    _ => Err(format!("{field}: a negative number may only become 1")),
                }
            }
            field if field.starts_with("spec.tolerations") => {
                match new.spec.tolerations.starts_with(&old.spec.tolerations) {
                    true => Ok(()),
                    false => Err("spec.tolerations: existing ones must stay as they are".to_owned()),
                }
            }
            field if is_image(field) => Ok(()),
            field => Err(format!("{field}: may not be changed: delete the pod first")),
        };
        if let Err(why) = may
            && !refused.contains(&why)
        {
            refused.push(why);
        }
    }
    let meta = |pod: &Pod| (pod.metadata.labels.clone(), pod.metadata.annotations.clone());
    match refused.is_empty() {
        true => Ok(!changed.is_empty() || meta(old) != meta(new)),
        false => {
            refused.push(RULE.to_owned());
            Err(refused)
        }
    }
}

/// `spec.containers[0].image`, and the same of an init container.
fn is_image(field: &str) -> bool {
    let rest = ["spec.containers[", "spec.initContainers["].iter().find_map(|start| field.strip_prefix(start));
    rest.and_then(|rest| rest.strip_suffix("].image")).is_some_and(|n| n.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The containers that have another image in `new`.
pub fn images<'a>(old: &'a Pod, new: &'a Pod) -> impl Iterator<Item = &'a Container> {
    let is_changed = |(old, new): &(&Container, &Container)| old.image != new.image;
    old.all_containers().zip(new.all_containers()).filter(is_changed).map(|(_, new)| new)
}

/// Makes the changes that [`judge`] has found good, but for images.
pub fn amend(pod: &mut Pod, new: &Pod) {
    pod.metadata.labels.clone_from(&new.metadata.labels);
    pod.metadata.annotations.clone_from(&new.metadata.annotations);
    pod.spec.active_deadline_seconds = new.spec.active_deadline_seconds;
    pod.spec.termination_grace_period_seconds = new.spec.termination_grace_period_seconds;
    pod.spec.tolerations.clone_from(&new.spec.tolerations);
}

/// The fields that are not the same, as deep as both sides go.
fn differences(at: &str, old: &Value, new: &Value, found: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for key in keys {
                let [old, new] = [old, new].map(|map| map.get(key).unwrap_or(&Value::Null));
                differences(&format!("{at}.{key}"), old, new, found);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (n, (old, new)) in old.iter().zip(new).enumerate() {
                differences(&format!("{at}[{n}]"), old, new, found);
            }
        }
        (old, new) if old != new => found.push(at.to_owned()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(spec: &str) -> Pod {
        serde_json::from_str(&format!(r#"{{"metadata":{{"name":"a"}},"spec":{spec}}}"#)).unwrap()
    }

    #[test]
    fn the_same_is_no_change_and_labels_are_one() {
        let old = pod(r#"{"containers":[{"name":"app","image":"host"}]}"#);
        assert_eq!(judge(&old, &old), Ok(false));
        let mut new = old.clone();
        new.metadata.labels.insert("tier".into(), "web".into());
        assert_eq!(judge(&old, &new), Ok(true));
    }

    #[test]
    fn every_field_that_may_not_be_changed_is_named() {
        let old = pod(r#"{"containers":[{"name":"app","image":"host","command":["a"]}],"restartPolicy":"Never"}"#);
        let new = pod(r#"{"containers":[{"name":"app","image":"host","command":["b"]}],"restartPolicy":"Always"}"#);
        let refused = judge(&old, &new).unwrap_err();
        assert_eq!(refused.len(), 3, "{refused:?}");
        assert!(refused[0].starts_with("spec.containers[0].command[0]: may not be changed"), "{refused:?}");
        assert!(refused[1].starts_with("spec.restartPolicy:"), "{refused:?}");
        let image = pod(r#"{"containers":[{"name":"app","image":"busybox","command":["a"]}],"restartPolicy":"Never"}"#);
        assert_eq!(judge(&old, &image), Ok(true));
        assert_eq!(images(&old, &image).map(|it| it.name.as_str()).collect::<Vec<_>>(), ["app"]);
        let more = pod(r#"{"containers":[{"name":"app"},{"name":"b"}]}"#);
        assert!(judge(&old, &more).unwrap_err().iter().any(|why| why.starts_with("spec.containers:")));
    }

    #[test]
    fn a_deadline_may_only_come_closer() {
        let with = |seconds: i64| pod(&format!(r#"{{"containers":[],"activeDeadlineSeconds":{seconds}}}"#));
        let without = pod(r#"{"containers":[]}"#);
        assert_eq!(judge(&without, &with(5)), Ok(true));
        assert_eq!(judge(&with(5), &with(4)), Ok(true));
        assert!(judge(&with(4), &with(5)).is_err());
        assert!(judge(&with(4), &without).is_err());
    }

    #[test]
    fn tolerations_may_be_added() {
        let with = |list: &str| pod(&format!(r#"{{"containers":[],"tolerations":[{list}]}}"#));
        assert_eq!(judge(&with(r#"{"key":"a"}"#), &with(r#"{"key":"a"},{"key":"b"}"#)), Ok(true));
        assert!(judge(&with(r#"{"key":"a"}"#), &with(r#"{"key":"b"}"#)).is_err());
    }
}
