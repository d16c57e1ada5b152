//! Who a container's program is.

use super::{Contexts, config_error, create_error};
use crate::engine::StartError;
use crate::image::{Accounts, Image};

/// A user and its groups, as numbers of the pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    pub user: u32,
    pub group: u32,
    pub groups: Vec<u32>,
    pub home: String,
}

/// The user of the securityContext, else the image's. Its own group comes from the image's /etc/passwd, if
/// the securityContext has no runAsGroup.
///
/// # Errors
/// runAsNonRoot is broken, the image has no such user, or the number is not mapped on this node.
pub fn who(contexts: &Contexts, (image, accounts): (&Image, &Accounts), ids: u32) -> Result<Who, StartError> {
    let run_as_user = contexts.either(|it| it.run_as_user);
    if contexts.either(|it| it.run_as_non_root) == Some(true) {
        not_root(contexts, run_as_user, &image.user)?;
    }
    let wanted = run_as_user.map_or_else(|| image.user.clone(), |user| user.to_string());
    let account = accounts.find(&wanted).map_err(|message| create_error(&message))?;
    let (user, image_group) = (number(account.uid.into(), ids)?, account.gid);
    let group = number(contexts.either(|it| it.run_as_group).unwrap_or(image_group.into()), ids)?;
    let shared = contexts.shared;
    let mut groups = vec![group];
    if shared.is_none_or(|it| it.supplemental_groups_policy.as_deref() != Some("Strict")) {
        // What the image says is not the manifest's wish: what is not mapped is left out.
        groups.extend(account.groups.into_iter().filter(|&it| it < ids));
    }
    for group in shared.into_iter().flat_map(|it| it.fs_group.iter().chain(&it.supplemental_groups)) {
        groups.push(number(*group, ids)?);
    }
    let mut seen = Vec::new();
    // Where there is a single group, there is no setting of groups either.
    groups.retain(|group| {
        ids > 1 && !seen.contains(group) && {
            seen.push(*group);
            true
        }
    });
    // As the runtimes have it: whose home nobody knows has the root directory.
    Ok(Who { user, group, groups, home: account.home.unwrap_or_else(|| "/".to_owned()) })
}

/// The kubelet's rule, in its words.
fn not_root(contexts: &Contexts, run_as_user: Option<i64>, image_user: &str) -> Result<(), StartError> {
    let place = contexts.place();
    let of_image = image_user.split(':').next().unwrap_or_default();
    match (run_as_user, of_image.parse::<u64>()) {
        (Some(0), _) => Err(config_error(&format!("container's runAsUser breaks non-root policy {place}"))),
        (Some(_), _) => Ok(()),
        (None, Ok(0)) => Err(config_error(&format!("container has runAsNonRoot and image will run as root {place}"))),
        (None, Ok(_)) => Ok(()),
        (None, Err(_)) if of_image.is_empty() => {
            Err(config_error(&format!("container has runAsNonRoot and image will run as root {place}")))
        }
        (None, Err(_)) => Err(config_error(&format!(
            "container has runAsNonRoot and image has non-numeric user ({of_image}), cannot verify user is non-root {place}"
        ))),
    }
}

/// An id that the node has.
fn number(id: i64, ids: u32) -> Result<u32, StartError> {
    match u32::try_from(id) {
        Ok(id) if id < ids => Ok(id),
        _ if ids == 1 => Err(config_error(&format!(
            "user or group {id} is not mapped: this node has only 0. It has 65536 ids where newuidmap and newgidmap are \
             installed, and /etc/subuid and /etc/subgid have a range for you"
        ))),
        _ => Err(config_error(&format!("user or group {id} is not mapped: this node has 0 to {}", ids - 1))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Document;
    use crate::pod::Pod;

    fn of(pod_context: &str, own: &str, image_user: &str, ids: u32) -> Result<Who, String> {
        let text = format!(
            "metadata: {{name: p, uid: u}}\nspec:\n  securityContext: {{{pod_context}}}\n  containers:\n  - name: c\n    securityContext: {{{own}}}\n"
        );
        let pod = Document::parse(&text).unwrap()[0].decode::<Pod>().unwrap().value;
        let mut image = Image::of_directory("i", std::path::Path::new("/"));
        image.user = image_user.to_owned();
        let accounts = Accounts {
            passwd: "root:x:0:0::/root:\napp:x:100:101::/srv:\n".into(),
            group: "staff:x:50:app,root\n".into(),
        };
        let contexts = Contexts::of(&pod, &pod.spec.containers[0]);
        who(&contexts, (&image, &accounts), ids).map_err(|error| format!("{}: {}", error.reason, error.message))
    }

    fn is(pod_context: &str, own: &str, image_user: &str) -> (u32, u32, Vec<u32>, String) {
        let Who { user, group, groups, home } = of(pod_context, own, image_user, 65536).unwrap();
        (user, group, groups, home)
    }

    #[test]
    fn the_container_wins_over_the_pod_and_the_pod_over_the_image() {
        assert_eq!(is("", "", ""), (0, 0, vec![0, 50], "/root".into()));
        assert_eq!(is("", "", "app"), (100, 101, vec![101, 50], "/srv".into()));
        assert_eq!(is("runAsUser: 7", "", "app"), (7, 0, vec![0], "/".into()));
        assert_eq!(is("runAsUser: 7, runAsGroup: 8", "runAsUser: 9", ""), (9, 8, vec![8], "/".into()));
        assert_eq!(is("runAsUser: 7", "runAsUser: 0, runAsGroup: 3", ""), (0, 3, vec![3, 50], "/root".into()));
        assert_eq!(is("runAsGroup: 5", "", "app").0, 100);
    }

    #[test]
    fn groups_are_added_once_each() {
        assert_eq!(is("fsGroup: 9, supplementalGroups: [9, 4]", "runAsUser: 100", "").2, [101, 50, 9, 4]);
        assert_eq!(is("supplementalGroupsPolicy: Strict, supplementalGroups: [4]", "", "app").2, [101, 4]);
    }

    #[test]
    fn nobody_runs_as_root_where_that_is_forbidden() {
        for (pod, own, image, says) in [
            (
                "runAsNonRoot: true",
                "runAsUser: 0",
                "",
                "runAsUser breaks non-root policy (pod: \"p_default(u)\", container: c)",
            ),
            ("runAsNonRoot: true", "", "", "image will run as root"),
            ("", "runAsNonRoot: true", "0:5", "image will run as root"),
            ("", "runAsNonRoot: true", "app", "non-numeric user (app), cannot verify user is non-root"),
        ] {
            let error = of(pod, own, image, 65536).unwrap_err();
            assert!(error.starts_with("CreateContainerConfigError: ") && error.contains(says), "{error}");
        }
        assert_eq!(is("runAsNonRoot: true", "", "12").0, 12);
        assert_eq!(is("runAsNonRoot: true, runAsUser: 3", "", "app").0, 3);
        assert_eq!(is("runAsNonRoot: true", "runAsNonRoot: false", "").0, 0);
    }

    #[test]
    fn an_id_that_is_not_mapped_is_refused() {
        assert!(of("", "", "", 1).unwrap().groups.is_empty());
        for wish in ["runAsUser: 1", "runAsGroup: 1", "fsGroup: 1", "supplementalGroups: [1]"] {
            let error = of(wish, "", "", 1).unwrap_err();
            assert!(error.contains("newuidmap"), "{error}");
        }
        assert!(of("runAsUser: 65536", "", "", 65536).unwrap_err().contains("0 to 65535"));
        assert!(of("runAsUser: -1", "", "", 65536).is_err());
        assert!(of("", "", "nobody", 65536).unwrap_err().starts_with("CreateContainerError: unable to find user"));
    }
}
