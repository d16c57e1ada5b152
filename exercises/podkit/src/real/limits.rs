//! What the node holds its pods to: chapter 8's answers, written into files.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use nix::sys::signalfd::SignalFd;
use nix::unistd::Pid;

use super::cgroup::{self, Delegated};
use super::outside;
use crate::image::in_node;
use crate::pod::{Container, Pod};
use crate::resources::{Files, NodeResources, Qos, Rejection, Rules, asks};

/// What a run wants of the machine's cgroups, and what it has been given.
pub struct Wanted {
    /// Chapter 8's, if it is there.
    pub rules: Option<Rules>,
    pub node: NodeResources,
    /// Rather not at all than without limits.
    pub strict: bool,
    /// This command may be started once more, in a scope of systemd's: nothing was read from standard input.
    pub may_start_again: bool,
    /// A cgroup, nothing (nobody asked), or why there is none.
    pub given: Result<Option<Delegated>, String>,
}

impl Wanted {
    pub fn new(rules: Option<Rules>, node: NodeResources, strict: bool) -> Wanted {
        Wanted { rules, node, strict, may_start_again: true, given: Ok(None) }
    }

    /// Runs outside, before there is a node: a cgroup, if the pods ask for one.
    pub fn take(&self, is_asked: bool) -> Result<Option<Delegated>, String> {
        match self.rules {
            Some(_) if is_asked => match Delegated::take() {
                Err(why) => {
                    if self.may_start_again {
                        cgroup::ask_systemd();
                    }
                    Err(why)
                }
                taken => taken.map(Some),
            },
            _ => Ok(None),
        }
    }

    /// The same for the pods in the node.
    pub fn limits(&self) -> Limits {
        let root = self.given.as_ref().ok().and_then(|given| Some(given.as_ref()?.root.as_path()));
        self.rules.map_or_else(Limits::default, |rules| {
            Limits::new(rules, self.node.clone(), root, self.given.as_ref().err().cloned())
        })
    }

    /// Runs outside, to the node's end. Returns its exit status.
    pub fn watch(&self, node: Pid, signals: &SignalFd) -> u8 {
        let status = outside::watch(node, signals);
        if let Ok(Some(delegated)) = &self.given {
            delegated.give_back();
        }
        status
    }
}

/// What a node's pods have in common.
#[derive(Clone, Default)]
pub struct Limits(Option<Rc<Shared>>);

struct Shared {
    rules: Rules,
    node: NodeResources,
    /// The runner's cgroup, as a path in the node; `None` where nothing is delegated.
    root: Option<PathBuf>,
    /// Why not.
    lack: Option<String>,
    /// The pods that have a cgroup, by uid and name.
    pods: RefCell<Vec<Pod>>,
}

impl Limits {
    /// `root` as the machine names it.
    fn new(rules: Rules, node: NodeResources, root: Option<&Path>, lack: Option<String>) -> Limits {
        let root = root.map(in_node);
        Limits(Some(Rc::new(Shared { rules, node, root, lack, pods: RefCell::default() })))
    }

    /// Is there room for the pod beside these?
    pub fn admit(&self, pod: &Pod, others: &[&Pod]) -> Result<(), Rejection> {
        match &self.0 {
            Some(shared) => (shared.rules.admit)(pod, others, &shared.node),
            None => Ok(()),
        }
    }

    /// Why nobody sees to what this pod asks for, if so.
    pub fn lack(&self, pod: &Pod) -> Option<String> {
        let why = self.0.as_ref()?.lack.as_ref()?;
        asks(pod).then(|| format!("The pod's requests and limits are not enforced: {why}"))
    }

    /// How many processes a pod may have, if that was said (`--pod-pids-limit`).
    pub fn pod_pids(&self) -> Option<u64> {
        self.0.as_ref()?.node.pod_pids
    }

    pub fn oom_score_adj(&self, pod: &Pod, container: &Container) -> Option<i128> {
        let shared = self.0.as_ref()?;
        Some((shared.rules.oom_score_adj)(pod, container, &shared.node))
    }

    /// Makes the pod's cgroup; none where nothing is delegated.
    pub fn pod(&self, pod: &Pod) -> io::Result<Option<PodCgroup>> {
        let Some(shared) = &self.0 else { return Ok(None) };
        let Some(root) = &shared.root else { return Ok(None) };
        let class = (shared.rules.qos)(pod);
        let path = root.join(class.pod(pod));
        fs::create_dir_all(&path)?;
        // From the top: a cgroup can only give what it was given.
        let below_root = path.strip_prefix(root).unwrap_or(&path);
        let mut dir = root.clone();
        for name in below_root {
            dir.push(name);
            cgroup::give_controllers(&dir)?;
        }
        write(&path, &(shared.rules.pod)(pod, &shared.node))?;
        shared.pods.borrow_mut().push(pod.clone());
        shared.weigh_tiers();
        Ok(Some(PodCgroup { shared: Rc::clone(shared), path, used: BTreeSet::new() }))
    }
}

impl Shared {
    /// What a tier weighs depends on all its pods.
    fn weigh_tiers(&self) {
        let pods = self.pods.borrow();
        let pods: Vec<&Pod> = pods.iter().collect();
        for class in [Qos::Burstable, Qos::BestEffort] {
            if let Some(dir) = self.root.as_ref().map(|root| root.join(class.tier())).filter(|dir| dir.is_dir()) {
                let _ = write(&dir, &(self.rules.tier)(class, &pods));
            }
        }
    }
}

/// A pod's cgroup.
pub struct PodCgroup {
    shared: Rc<Shared>,
    path: PathBuf,
    used: BTreeSet<String>,
}

impl PodCgroup {
    /// A fresh cgroup for a run of a container.
    pub fn container(&mut self, container: &Container) -> io::Result<PathBuf> {
        let path = self.path.join(&container.name);
        // That of the run before tells of its memory, not of this one's.
        cgroup::remove(&path);
        fs::create_dir(&path)?;
        write(&path, &(self.shared.rules.container)(container))?;
        // As the kubelet has it by default: a container that may not have more memory does not get swap instead.
        let _ = fs::write(path.join("memory.swap.max"), "0");
        self.used.insert(container.name.clone());
        Ok(path)
    }

    /// The process that holds the pod's namespaces is a part of the pod, too.
    pub fn hold_pause(&self, pause: Pid) {
        // No container's name has a dot.
        let path = self.path.join("pod.pause");
        // It needs next to nothing: where this fails, it stays with the runner.
        let _ = fs::create_dir_all(&path).and_then(|()| fs::write(path.join("cgroup.procs"), pause.to_string()));
    }

    /// A container has ended: what is told of its memory. What is left of it ends too.
    pub fn ended(&mut self, container: &str) -> Option<String> {
        if !self.used.remove(container) {
            return None;
        }
        let path = self.path.join(container);
        let events = fs::read_to_string(path.join("memory.events")).ok();
        cgroup::remove(&path);
        events
    }
}

/// The pod is over.
impl Drop for PodCgroup {
    fn drop(&mut self) {
        cgroup::remove(&self.path);
        let is_this = |pod: &Pod| self.path.ends_with((self.shared.rules.qos)(pod).pod(pod));
        self.shared.pods.borrow_mut().retain(|pod| !is_this(pod));
        self.shared.weigh_tiers();
    }
}

fn write(cgroup: &Path, files: &Files) -> io::Result<()> {
    for (name, value) in files {
        fs::write(cgroup.join(name), value)
            .map_err(|error| io::Error::new(error.kind(), format!("writing {value:?} to {name}: {error}")))?;
    }
    Ok(())
}
