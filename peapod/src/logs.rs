//! `logs`: what a container has said, from the node's files.

mod out;
mod source;

use std::os::fd::AsFd;
use std::time::{Duration, SystemTime};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use podkit::control::{Reply, Request, Shown};
use podkit::pod::{ContainerState, ContainerStatus};

use crate::cli::Around;
use crate::get;
use crate::talk::{self, Talk};
use crate::wanted;
use out::Out;
use source::Source;

#[derive(clap::Args)]
pub struct Logs {
    /// The pod: `web`, or `pod/web`
    pod: String,
    /// The container, as with -c
    #[arg(value_name = "CONTAINER", conflicts_with = "container")]
    only: Option<String>,
    /// The container, if the pod has more than one
    #[arg(short, long, value_name = "NAME")]
    container: Option<String>,
    /// Those of all containers, each line after the container's name
    #[arg(long, conflicts_with_all = ["container", "only", "follow"])]
    all_containers: bool,
    /// Go on until the container ends
    #[arg(short, long)]
    follow: bool,
    /// Only the last N lines; -1 is all
    #[arg(long, value_name = "N", default_value = "-1", allow_negative_numbers = true)]
    tail: i64,
    /// Only what is not older than this: 10s, 5m, 1h30m
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    since: Option<Duration>,
    /// Only what was said at this time or later: 2026-01-31T09:00:00Z
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_rfc3339_weak, conflicts_with = "since")]
    since_time: Option<SystemTime>,
    /// The time before each line
    #[arg(long)]
    timestamps: bool,
    /// At most this many bytes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit_bytes: Option<u64>,
    /// Those of the run before this one
    #[arg(short, long)]
    previous: bool,
}

pub fn logs(around: &Around, args: &Logs) -> Result<(), String> {
    let name = wanted::pod(&args.pod)?;
    let namespace = Some(around.namespace.clone());
    let request = Request::Get { namespace, name: Some(name.clone()), watch: args.follow };
    let not_found = || get::missing(around, &name);
    let mut talk = talk::ask(&request)?.ok_or_else(not_found)?;
    let mut shown = match talk.next()? {
        Some(Reply::Pod { shown, .. }) => shown,
        Some(Reply::Refused { message }) => return Err(message),
        _ => return Err(not_found()),
    };
    if args.all_containers {
        let names: Vec<String> = shown.pod.all_containers().map(|it| it.name.clone()).collect();
        for name in names {
            if let Ok(attempt) = attempt(&shown, &name, args.previous) {
                let mut out = Out::new(args, format!("[{name}] "));
                Source::new(&shown, &name, attempt).read_all(&mut out)?;
                out.flush();
            }
        }
        return Ok(());
    }
    let container = wanted::container(&shown.pod, args.container.as_deref().or(args.only.as_deref()))?;
    let attempt = loop {
        match attempt(&shown, &container, args.previous) {
            Ok(attempt) => break attempt,
            // It is still to start, and then there is something to follow.
            Err(message) if args.follow && !args.previous && may_start(&shown) => match talk.next()? {
                Some(Reply::Pod { shown: newer, is_gone: false }) => shown = newer,
                Some(Reply::Listed) => {}
                _ => return Err(message),
            },
            Err(message) => return Err(message),
        }
    };
    let mut out = Out::new(args, String::new());
    let mut source = Source::new(&shown, &container, attempt);
    if !args.follow || args.previous {
        source.read_all(&mut out)?;
        out.flush();
        return Ok(());
    }
    follow(&mut source, &mut out, talk, *shown, (&container, attempt))
}

fn may_start(shown: &Shown) -> bool {
    let is_final = shown.pod.status.as_ref().is_some_and(|status| status.phase.is_final());
    !is_final && shown.pod.metadata.deletion_timestamp.is_none()
}

/// The run to show.
fn attempt(shown: &Shown, container: &str, previous: bool) -> Result<u32, String> {
    let name = &shown.pod.metadata.name;
    let status = status(shown, container);
    let count = status.map_or(0, |status| status.restart_count);
    if previous {
        let none = || format!("previous terminated container {container:?} in pod {name:?} not found");
        // While the next run waits, the newest one that ended is the one before it.
        let is_waiting = status.is_some_and(|status| matches!(status.state, ContainerState::Waiting(_)));
        return match status {
            Some(status) if is_waiting && !status.last_state.is_unset() => Ok(count),
            Some(_) if !is_waiting => count.checked_sub(1).ok_or_else(none),
            _ => Err(none()),
        };
    }
    match status.map(|status| (&status.state, &status.last_state)) {
        Some((ContainerState::Running(_) | ContainerState::Terminated(_), _)) => Ok(count),
        Some((_, ContainerState::Terminated(_))) => Ok(count),
        Some((ContainerState::Waiting(waiting), _)) => {
            Err(format!("container {container:?} in pod {name:?} is waiting to start: {}", waiting.reason))
        }
        _ => Err(format!("container {container:?} in pod {name:?} has not started")),
    }
}

fn status<'a>(shown: &'a Shown, container: &str) -> Option<&'a ContainerStatus> {
    let status = shown.pod.status.as_ref()?;
    status.init_container_statuses.iter().chain(&status.container_statuses).find(|it| it.name == container)
}

/// Does this run still go on?
fn goes_on(shown: &Shown, container: &str, attempt: u32) -> bool {
    status(shown, container)
        .is_some_and(|it| it.restart_count == attempt && matches!(it.state, ContainerState::Running(_)))
}

/// Reads on until the run has ended: what has been written before its end was told is all.
fn follow(
    source: &mut Source,
    out: &mut Out,
    mut talk: Talk,
    shown: Shown,
    (container, attempt): (&str, u32),
) -> Result<(), String> {
    let failed = |errno: nix::errno::Errno| format!("watching {}: {errno}", source.dir.display());
    let watch = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK).map_err(failed)?;
    let events = AddWatchFlags::IN_MODIFY | AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVED_TO;
    // A container that has said nothing yet has no directory: so now and then we look all the same.
    let mut is_watched = false;
    let mut goes_on = goes_on(&shown, container, attempt);
    loop {
        if !is_watched {
            is_watched = watch.add_watch(&source.dir, events).is_ok();
        }
        let is_last = !goes_on;
        source.read_all(out)?;
        out.flush();
        if is_last || out.is_full() {
            out.flush();
            return Ok(());
        }
        let mut fds = [PollFd::new(talk.as_fd(), PollFlags::POLLIN), PollFd::new(watch.as_fd(), PollFlags::POLLIN)];
        let timeout = if is_watched { PollTimeout::NONE } else { PollTimeout::from(50u8) };
        let _ = poll(&mut fds, timeout);
        let has_told = fds[0].any() == Some(true);
        while watch.read_events().is_ok_and(|events| !events.is_empty()) {}
        if has_told && !talk.read()? {
            goes_on = false;
        }
        while let Some(reply) = talk.told()? {
            match reply {
                Reply::Pod { is_gone: true, .. } => goes_on = false,
                Reply::Pod { shown, .. } => goes_on &= self::goes_on(&shown, container, attempt),
                _ => {}
            }
        }
    }
}
