//! What a container's program may be and do: its user, its capabilities, its filter of system calls.
//!
//! Chapter 2 gives every container the same ([`Privileges::default`]); from chapter 10 on the securityContext
//! of the pod and of the container says what is different ([`privileges`]). Here that is only data: chapter 2's
//! code does it.
//!
//! - [`user`]: who it is; [`capabilities`]: which of root's powers it has; [`seccomp`]: which system calls it may make
//! - [`sysctls`]: kernel settings of the pod's namespaces
//! - [`rules`]: what a manifest may say of all that
//! - [`defaults`]: how much a pod may take of the machine where nothing else counts it

pub mod capabilities;
pub mod defaults;
pub mod rules;
pub mod seccomp;
pub mod sysctls;
pub mod user;

use crate::engine::StartError;
use crate::image::{Accounts, Image};
use crate::pod::{Container, Pod, SecurityContext};
use crate::sys::capability::{self, Capability};
use crate::sys::seccomp::Filter;

/// What a process becomes, the last thing before its program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Privileges {
    /// Ids of the pod's user namespace.
    pub user: u32,
    pub group: u32,
    /// Supplementary groups.
    pub groups: Vec<u32>,
    /// All capabilities that it, and whatever it starts, can ever have. A program of another user than 0 has none of
    /// them until it execs one that is set-user-ID.
    pub kept: Vec<Capability>,
    /// No exec gives more than there was before it.
    pub no_new_privs: bool,
    /// Which system calls it may make; `None`: all.
    pub seccomp: Option<Filter>,
}

impl Default for Privileges {
    /// Root of the pod, with what the runtimes leave it.
    fn default() -> Privileges {
        let kept = capability::USUAL.to_vec();
        Privileges { user: 0, group: 0, groups: Vec::new(), kept, no_new_privs: true, seccomp: None }
    }
}

/// What the securityContexts of the pod and of the container come to: the container's wins, field by field.
/// `ids`: how many user and group ids the node has. The second value is the user's home.
///
/// # Errors
/// The container cannot be as the manifest wants it; it waits with this reason.
pub fn privileges(
    pod: &Pod,
    container: &Container,
    (image, accounts): (&Image, &Accounts),
    ids: u32,
) -> Result<(Privileges, String), StartError> {
    let contexts = Contexts::of(pod, container);
    let user::Who { user, group, groups, home } = user::who(&contexts, (image, accounts), ids)?;
    let own = contexts.own.as_ref();
    let is_privileged = own.is_some_and(|it| it.privileged == Some(true));
    let kept = match is_privileged {
        true => capability::NAMES.iter().map(|(_, it)| *it).collect(),
        false => capabilities::kept(own.and_then(|it| it.capabilities.as_ref()))?,
    };
    let no_new_privs = own.is_some_and(|it| it.allow_privilege_escalation == Some(false));
    let profile = contexts.either(|it| it.seccomp_profile.as_ref());
    let seccomp = match profile.map(|it| it.kind.as_str()) {
        _ if is_privileged => None,
        None | Some("Unconfined") => None,
        Some("RuntimeDefault") => Some(seccomp::runtime_default(&kept).map_err(|message| create_error(&message))?),
        Some(other) => return Err(create_error(&format!("seccomp profiles of type {other} are not supported"))),
    };
    Ok((Privileges { user, group, groups, kept, no_new_privs, seccomp }, home))
}

/// Is nothing of the container's root file system to be written?
pub fn read_only_root(container: &Container) -> bool {
    container.security_context.as_ref().is_some_and(|it| it.read_only_root_filesystem == Some(true))
}

/// The securityContexts that say something of a container.
pub struct Contexts<'a> {
    pod: &'a Pod,
    container: &'a Container,
    shared: Option<&'a SecurityContext>,
    own: Option<&'a SecurityContext>,
}

impl<'a> Contexts<'a> {
    pub fn of(pod: &'a Pod, container: &'a Container) -> Contexts<'a> {
        let (shared, own) = (pod.spec.security_context.as_ref(), container.security_context.as_ref());
        Contexts { pod, container, shared, own }
    }

    /// The container's word, else the pod's.
    pub fn either<T>(&self, field: impl Fn(&'a SecurityContext) -> Option<T>) -> Option<T> {
        self.own.and_then(&field).or_else(|| self.shared.and_then(&field))
    }

    /// `(pod: "NAME_NAMESPACE(UID)", container: NAME)`, as the kubelet says which.
    fn place(&self) -> String {
        let about = &self.pod.metadata;
        let (namespace, uid) = (crate::environment::namespace(self.pod), about.uid.as_deref().unwrap_or_default());
        format!("(pod: \"{}_{namespace}({uid})\", container: {})", about.name, self.container.name)
    }
}

/// The manifest and the image together make no container: the kubelet.
fn config_error(message: &str) -> StartError {
    StartError { reason: "CreateContainerConfigError".to_owned(), message: message.to_owned() }
}

/// There is a configuration, and it cannot be carried out: the runtime.
fn create_error(message: &str) -> StartError {
    StartError { reason: "CreateContainerError".to_owned(), message: message.to_owned() }
}
