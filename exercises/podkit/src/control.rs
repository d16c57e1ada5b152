//! What commands and the node in the background say to each other: one JSON object a line, over a
//! socket in this user's state directory.
//!
//! A command asks one thing ([`Request`]) and reads answers ([`Reply`]) until it has what it wants. With the
//! answer [`Reply::Started`] come descriptors: the ends of a program's pipes, or of its terminal.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::objects::Object;
use crate::pod::Pod;

/// The socket's name in the state directory.
pub const SOCKET: &str = "node.sock";
/// What the node has said, in the state directory: where to look when it is gone.
pub const SAID: &str = "node.log";
/// The output of containers, in the state directory: `NAMESPACE_POD_UID/CONTAINER/RUN.log`.
pub const LOGS: &str = "logs";
/// The line on standard output that says that the socket is there.
pub const READY: &str = "ready";

/// What can be asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Request {
    /// Take up a pod, or a change of one.
    Apply {
        pod: Box<Pod>,
        /// Directories that are images, by the image's name.
        directories: Vec<(String, PathBuf)>,
        speed: f64,
    },
    /// The same for a ConfigMap, a Secret or a Service.
    Put { object: Box<Object> },
    /// Show pods. `None` is all.
    Get { namespace: Option<String>, name: Option<String>, watch: bool },
    /// Show ConfigMaps, Secrets and Services of one kind.
    GetObjects { kind: String, namespace: Option<String>, name: Option<String> },
    /// End a pod. Its end is told, too.
    Delete {
        namespace: String,
        name: String,
        /// Seconds; `None`: the pod's own.
        grace: Option<u64>,
    },
    /// Forget a ConfigMap, a Secret or a Service.
    Remove { kind: String, namespace: String, name: String },
    /// Run a program in a container.
    Exec {
        namespace: String,
        name: String,
        container: String,
        command: Vec<String>,
        stdin: bool,
        terminal: Option<Window>,
    },
}

/// A terminal to run a program in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Window {
    pub rows: u16,
    pub columns: u16,
    /// What kind it is: the variable TERM.
    pub kind: Option<String>,
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Reply {
    /// What has become of what was applied: `created`, `configured` or `unchanged`.
    Applied {
        what: String,
        /// What the owner should know.
        warning: Option<String>,
    },
    /// A pod, as it is now.
    Pod {
        shown: Box<Shown>,
        is_gone: bool,
    },
    Object {
        object: Box<Object>,
    },
    /// All that there is has been shown. Who watches is told more later.
    Listed,
    /// The pod has been told to end, or the object is forgotten.
    Deleted,
    /// The pod is gone.
    Gone,
    /// The program runs. Descriptors come along: the terminal's end, or those of the pipes for its
    /// input (if it was asked for), its output and its errors.
    Started,
    /// The program has ended with this status.
    Exited {
        code: i32,
    },
    NotFound {
        message: String,
    },
    Refused {
        message: String,
    },
}

/// A pod and what else there is to say about it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shown {
    pub pod: Pod,
    /// What time it is on the pod's clock, RFC 3339.
    pub now: String,
    pub events: Vec<Told>,
}

/// An event, and how often it has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub reason: String,
    pub container: Option<String>,
    pub message: String,
    pub warning: bool,
    pub count: u32,
    /// RFC 3339.
    pub first: String,
    pub last: String,
}

/// A pod's directory in [`LOGS`]. Names hold no underscore.
pub fn log_directory(pod: &Pod) -> String {
    let meta = &pod.metadata;
    let namespace = meta.namespace.as_deref().unwrap_or("default");
    let uid = meta.uid.as_deref().unwrap_or_default();
    let name = format!("{namespace}_{}_{uid}", meta.name);
    // Together they may be longer than a file's name can be; the uid alone says whose it is.
    if name.len() > 255 { format!("__{uid}") } else { name }
}

/// The name of a container's newest output of run `attempt`; [`older`] ones have a number at the end.
pub fn log_file(attempt: u32) -> String {
    format!("{attempt}.log")
}

/// The name of the file that was the newest `n` rotations before.
pub fn older(attempt: u32, n: usize) -> String {
    format!("{attempt}.log.{n}")
}

/// How many older files there may be.
pub const OLDER: usize = 4;
