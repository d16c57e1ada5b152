//! What a runner is made of.

use std::io;
use std::path::{Path, PathBuf};

use crate::advice::{Advice, Application};
use crate::apps::Helper;
use nix::sys::inotify::AddWatchFlags;

use crate::engine::{Answer, Count, Exit, Known, News, Order, Plan, Status, Store};
use crate::environment::{Around, Given, Missing};
use crate::image::ImageStore;
use crate::manifest::{Document, FieldPath, Problem};
use crate::pod::{Container, Pod, Probe};
use crate::resources::Rules;
use crate::runtime::Runtime;
use crate::volumes::Volumes;

/// What a runner is made of. Each chapter replaces one part and keeps the rest:
///
/// ```text
/// pub fn runner() -> Runner {
///     Runner { plan, ..namespaces::runner() }
/// }
/// ```
///
/// A part that is `None` is filled in by a later chapter; the command line
/// says which one when a manifest or a command needs it.
#[derive(Clone, Copy)]
pub struct Runner {
    /// The chapter this runner stands at: what its binary calls itself.
    pub name: &'static str,
    /// Chapter 1: a document in, a checked pod with defaults out.
    pub read: fn(&Document) -> Read,
    /// Chapter 1: one pod or several?
    pub advise: fn(&Application) -> Result<Vec<Advice>, Vec<Problem>>,
    /// Chapter 2: programs in namespaces.
    pub runtime: Option<Runtime>,
    /// Chapter 3: what to do next. Until then [`first_plan`](crate::engine::first_plan):
    /// each container is started once.
    pub plan: Option<Plan>,
    /// Chapter 3: what to say about it.
    pub status: Option<Status>,
    /// Chapter 4: how containers are looked at.
    pub probes: Option<Probes>,
    /// Chapter 5: `plan` and `status` know of init containers.
    pub init: bool,
    /// Chapter 7: pods out of a directory.
    pub static_pods: Option<StaticPods>,
    /// Chapter 8: what a pod may use of the node.
    pub resources: Option<Rules>,
    /// Chapter 9: what a container's program is given.
    pub env: Option<Environment>,
    /// Chapter 10: what containers share.
    pub volumes: Option<Volumes>,
    /// Chapter 10: a securityContext says who programs are and what they may do. Given.
    pub security: bool,
    /// Chapter 10: small programs that run beside an application.
    pub helpers: &'static [Helper],
    /// The finished runner: where images are that were loaded.
    pub images: Option<ImageStore>,
}

impl Runner {
    /// A runner that reads and advises. All that comes after chapter 1 is still to be filled in.
    pub fn new(
        name: &'static str,
        read: fn(&Document) -> Read,
        advise: fn(&Application) -> Result<Vec<Advice>, Vec<Problem>>,
    ) -> Runner {
        Runner {
            name,
            read,
            advise,
            runtime: None,
            plan: None,
            status: None,
            probes: None,
            init: false,
            static_pods: None,
            resources: None,
            env: None,
            volumes: None,
            security: false,
            helpers: &[],
            images: None,
        }
    }
}

/// What chapter 7 builds.
#[derive(Clone, Copy)]
pub struct StaticPods {
    /// What is in a directory.
    pub listing: fn(&Path) -> io::Result<Listing>,
    /// Who a pod from this file is on the node of this name.
    pub identity: fn(Pod, &Path, &str) -> Pod,
    /// What to start and to end.
    pub sync: fn(&[Pod], &[Known]) -> Vec<Order>,
    /// What inotify is asked to tell of the directory.
    pub events: fn() -> AddWatchFlags,
    /// What news does to the pods that are wanted.
    pub update: fn(&mut Store, News),
    /// What the API is shown of a pod.
    pub mirror: fn(&Pod) -> Pod,
}

/// What chapter 9 builds.
#[derive(Clone, Copy)]
pub struct Environment {
    /// The program, its arguments and its variables.
    pub given: fn(&Around) -> Result<Given, Missing>,
    /// The command of one of the container's exec probes, as it is run.
    pub probe: fn(&Container, &[String]) -> Vec<String>,
}

/// What a manifest directory holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The files to read, sorted.
    pub manifests: Vec<PathBuf>,
    /// What is passed over, and why.
    pub passed_over: Vec<(PathBuf, String)>,
}

/// What chapter 4 builds.
#[derive(Clone, Copy)]
pub struct Probes {
    /// What an answer counts for.
    pub count: Count,
    /// Puts an httpGet, tcpSocket or grpc question. Runs in a process of its own, in the pod's
    /// network; that process is killed when the time is over.
    pub ask: fn(&Question) -> Answer,
    /// What the end of an exec probe's command means; `None`: its time was over.
    pub exec: fn(Option<Exit>, &str) -> Answer,
}

/// One question to a container.
#[derive(Debug)]
pub struct Question<'a> {
    pub container: &'a Container,
    pub probe: &'a Probe,
    /// The pod's address: where to ask if the probe names no host.
    pub pod_ip: &'a str,
}

/// What reading a manifest gave. The pod may be run if `problems` is empty.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// The pod with defaults filled in; as far as it could be read, where there are problems.
    pub pod: Pod,
    /// Rules that the manifest breaks. Kubernetes would refuse it.
    pub problems: Vec<Problem>,
    /// Legal, but likely not what was meant.
    pub warnings: Vec<Problem>,
    /// Fields that are no part of a v1 Pod as this workbook knows it.
    pub unknown: Vec<FieldPath>,
}
