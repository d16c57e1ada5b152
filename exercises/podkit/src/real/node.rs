//! The node's loop: all its pods in one thread.
//!
//! Namespaces may only be entered by a process with one thread, and pods mostly wait: so there is
//! one place to wait, and a turn for each pod to which something has happened.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::os::fd::AsFd;
use std::rc::Rc;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use nix::sys::signalfd::SignalFd;
use nix::unistd::Pid;

use super::limits::Limits;
use super::poddir::resolver;
use super::reap;
use super::tell::Tell;
use super::world::RealWorld;
use crate::engine::{Engine, Event, Exit, FAILED_MOUNT, Happened, Publish, World};
use crate::pod::Pod;
use crate::security::sysctls;
use crate::time::{Clock, Time};

/// One press of Ctrl-C may arrive twice: from the terminal, and from a wrapper such as
/// `timeout` that passes it on. Two within this time are one.
const ONE_PRESS: Duration = Duration::from_millis(20);

/// A pod on the node.
pub struct PodRun {
    pub engine: Engine,
    pub world: RealWorld,
    pub tell: Rc<RefCell<Tell>>,
    /// When it is to have its next turn, if nothing happens before; on its own clock.
    wake: Option<Time>,
    /// Something has happened since its last turn.
    has_news: bool,
    /// It has had a turn, and nobody has asked for that yet.
    has_turned: bool,
}

impl PodRun {
    pub fn new(engine: Engine, world: RealWorld, tell: Rc<RefCell<Tell>>) -> PodRun {
        PodRun { engine, world, tell, wake: None, has_news: true, has_turned: false }
    }

    /// Takes the pod in, or fails it where there is no room beside the others.
    pub fn admit(&mut self, limits: &Limits, others: &[&Pod]) {
        let now = self.world.now();
        for (reason, message) in resolver(self.engine.pod()).events {
            self.tell.event(now, &Event { reason: reason.to_owned(), container: None, message, warning: true });
        }
        match limits.admit(self.engine.pod(), others).and_then(|()| sysctls::admit(self.engine.pod())) {
            Err(rejection) => self.engine.reject(rejection, now, &mut self.tell),
            Ok(()) => {
                if let Some(message) = limits.lack(self.engine.pod()) {
                    let reason = "ResourcesNotEnforced".to_owned();
                    self.tell.event(now, &Event { reason, container: None, message, warning: true });
                }
            }
        }
    }

    /// Has it had a turn since this was asked last? Only then its status may have changed.
    pub fn has_turned(&mut self) -> bool {
        std::mem::take(&mut self.has_turned)
    }

    /// Changes the pod as [`Engine::amend`] does; it has a turn then.
    pub fn amend(&mut self, amend: impl FnOnce(&mut Pod)) {
        self.engine.amend(amend);
        self.update_volumes();
    }

    /// What its volumes are made of may have changed.
    pub fn update_volumes(&mut self) {
        self.has_news = true;
        self.engine.look_again();
        for message in self.world.update_volumes(self.engine.pod()) {
            let event = Event { reason: FAILED_MOUNT.to_owned(), container: None, message, warning: true };
            self.tell.event(self.world.now(), &event);
        }
    }

    pub fn now(&self) -> Time {
        self.world.now()
    }

    pub fn observe(&mut self, happened: Happened) {
        self.has_news = true;
        self.engine.observe(happened, &mut self.world, &mut self.tell);
    }
}

/// All pods of a node, and what they wait for.
pub struct NodeLoop {
    pub pods: Vec<PodRun>,
    clock: Clock,
    signals: SignalFd,
    /// The first signal that asked for the end, and when.
    asked_to_end: Option<(Signal, Instant)>,
    /// Children of the node that are no pod's, and how they have ended: to be looked at by who started them.
    pub others: BTreeMap<Pid, Option<Exit>>,
}

impl NodeLoop {
    pub fn new(clock: Clock, signals: SignalFd) -> NodeLoop {
        NodeLoop { pods: Vec::new(), clock, signals, asked_to_end: None, others: BTreeMap::new() }
    }

    /// The pods that have a part of what the node can give: not those that have ended, nor those that never got one.
    pub fn taken(&self) -> Vec<&Pod> {
        let is_final = |pod: &Pod| pod.status.as_ref().is_some_and(|status| status.phase.is_final());
        let there = self.pods.iter().filter(|run| !run.engine.is_rejected());
        there.map(|run| run.engine.pod()).filter(|pod| !is_final(pod)).collect()
    }

    /// The first signal that asked for the end.
    pub fn asked_to_end(&self) -> Option<Signal> {
        self.asked_to_end.map(|(signal, _)| signal)
    }

    /// A turn for every pod to which something has happened, or whose time has come. Returns when
    /// the next one is due if nothing happens before.
    pub fn turn(&mut self) -> Result<Option<Time>, String> {
        for pod in &mut self.pods {
            if pod.has_news || pod.wake.is_some_and(|wake| wake <= pod.world.now()) {
                pod.has_news = false;
                pod.wake = pod.engine.turn(&mut pod.world, &mut pod.tell)?;
                pod.has_turned = true;
            }
        }
        Ok(self.pods.iter().filter_map(|pod| Some(self.on_my_clock(pod, pod.wake?))).min())
    }

    /// A pod's clock may run at another speed.
    fn on_my_clock(&self, pod: &PodRun, at: Time) -> Time {
        self.clock.now() + self.clock.real(pod.world.clock().until(at))
    }

    /// Waits until something happens to a pod, something can be done with one of `others`, or `until`
    /// has come; the pods have observed it then.
    pub fn wait(&mut self, until: Option<Time>, others: &[PollFd]) {
        let due = self.pods.iter().filter_map(|pod| Some(self.on_my_clock(pod, pod.world.due()?))).min();
        let until = [until, due].into_iter().flatten().min();
        loop {
            let left = until.map(|at| self.clock.until(at));
            let any = self.collect();
            if any && others.is_empty() {
                return;
            }
            let timeout = if any { Some(Duration::ZERO) } else { left };
            if self.poll(timeout, others) || timeout.is_some_and(|left| left.is_zero()) {
                return;
            }
        }
    }

    /// Everything that has happened so far. Returns whether anything has.
    fn collect(&mut self) -> bool {
        let mut any = false;
        for pod in &mut self.pods {
            for happened in pod.world.collect() {
                pod.observe(happened);
                any = true;
            }
        }
        while let Some(signal) = reap::next(&self.signals) {
            if reap::ENDING.contains(&signal) {
                any |= self.end_asked(signal);
            }
        }
        while let Some((pid, exit)) = reap::ended_child() {
            if let Some(other) = self.others.get_mut(&pid) {
                *other = Some(exit);
                any = true;
                continue;
            }
            for pod in &mut self.pods {
                let happened = pod.world.child_ended(pid, exit);
                if !happened.is_empty() {
                    happened.into_iter().for_each(|happened| pod.observe(happened));
                    any = true;
                    break;
                }
            }
        }
        // Nobody reads what the containers say: what a closed terminal means.
        if self.asked_to_end.is_none() && self.pods.iter().any(|pod| pod.tell.borrow().broken) {
            any |= self.end_asked(Signal::SIGPIPE);
        }
        any
    }

    /// Tells all pods to end, as a signal does.
    pub fn end(&mut self, signal: Signal) {
        self.end_asked(signal);
    }

    fn end_asked(&mut self, signal: Signal) -> bool {
        let happened = match self.asked_to_end {
            None => {
                self.asked_to_end = Some((signal, Instant::now()));
                Happened::DeletionAsked { grace: None }
            }
            Some((_, at)) if at.elapsed() < ONE_PRESS => return false,
            Some(_) => Happened::KillNow,
        };
        self.pods.iter_mut().for_each(|pod| pod.observe(happened.clone()));
        true
    }

    /// Sleeps until a signal, output, or the end of `left`. Returns whether something can be done with one of `others`.
    fn poll(&self, left: Option<Duration>, others: &[PollFd]) -> bool {
        // Rounded up: waking a moment early would spin until the time has come.
        let timeout = left.map_or(PollTimeout::NONE, |left| {
            let millis = left.as_nanos().div_ceil(1_000_000);
            i32::try_from(millis).ok().and_then(|millis| PollTimeout::try_from(millis).ok()).unwrap_or(PollTimeout::MAX)
        });
        let pods = self.pods.iter().flat_map(|pod| pod.world.fds());
        let own = [self.signals.as_fd()].into_iter().chain(pods).map(|fd| PollFd::new(fd, PollFlags::POLLIN));
        let mut fds: Vec<PollFd> = others.iter().cloned().chain(own).collect();
        // An interrupted wait only means another look.
        let _ = poll(&mut fds, timeout);
        fds[..others.len()].iter().any(|fd| fd.any() == Some(true))
    }
}
