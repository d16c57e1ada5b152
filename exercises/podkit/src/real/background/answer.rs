//! What the node does about each question.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use super::super::machine::on_the_machine;
use super::super::node::PodRun;
use super::super::poddir::PodDir;
use super::super::tell::Tell;
use super::super::world::{Ground, RealWorld};
use super::clients::{Client, Wants};
use super::keep::Keep;
use super::{Daemon, Entry, change, exec};
use crate::cli;
use crate::control::{LOGS, Reply, Request, Window, log_directory};
use crate::engine::{Engine, Happened};
use crate::environment::bind;
use crate::objects::Object;
use crate::pod::{Container, Pod};
use crate::time::Clock;

/// What has become of a pod, and what its owner should know; or why it is refused.
type Applied = Result<(&'static str, Option<String>), String>;

/// How long a pod may take to end, in seconds, if nobody says otherwise. Less than a second is a second.
pub fn own_grace(pod: &Pod) -> u64 {
    pod.spec.termination_grace_period_seconds.unwrap_or(30).max(1).unsigned_abs()
}

impl Daemon<'_> {
    pub(super) fn answer(&mut self, client: &mut Client, request: Request) {
        match request {
            Request::Apply { pod, directories, speed } => {
                let reply = match self.apply(*pod, &directories, speed) {
                    Ok((what, warning)) => Reply::Applied { what: what.to_owned(), warning },
                    Err(message) => Reply::Refused { message },
                };
                client.tell_last(&reply);
            }
            Request::Put { object } => client.tell_last(&self.put(*object)),
            Request::Get { namespace, name, watch } => self.get(client, namespace, name, watch),
            Request::GetObjects { kind, namespace, name } => self.get_objects(client, &kind, &namespace, &name),
            Request::Delete { namespace, name, grace } => self.delete(client, &namespace, &name, grace),
            Request::Remove { kind, namespace, name } => {
                let kind = ["ConfigMap", "Secret", "Service"].into_iter().find(|it| *it == kind);
                let removed = kind.is_some_and(|kind| self.objects.borrow_mut().remove(kind, &namespace, &name));
                self.update_volumes();
                let missing = || not_found(kind.unwrap_or("object"), &name);
                client.tell_last(&if removed { Reply::Deleted } else { missing() });
            }
            Request::Exec { namespace, name, container, command, stdin, terminal } => {
                let started = self.exec(&namespace, &name, &container, command, (stdin, terminal.as_ref()));
                match started {
                    Err(reply) => client.tell_last(&reply),
                    Ok((pid, fds)) => {
                        self.pods.others.insert(pid, None);
                        client.wants = Wants::Exit(pid);
                        client.is_gone |= client.hand_over(&Reply::Started, &fds).is_err();
                    }
                }
            }
        }
    }

    fn place(&self, namespace: &str, name: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.namespace == namespace && entry.name == name)
    }

    fn apply(&mut self, mut pod: Pod, directories: &[(String, PathBuf)], speed: f64) -> Applied {
        // What `get -o yaml` shows may be applied again, and names the node.
        pod.spec.node_name.take_if(|name| *name == self.ground.facts.name);
        if self.pods.asked_to_end().is_some() {
            return Err("the node is ending: apply again when it is gone".to_owned());
        }
        let name = pod.metadata.name.clone();
        let namespace = pod.metadata.namespace.clone().filter(|it| !it.is_empty()).unwrap_or_else(|| "default".into());
        let Some(at) = self.place(&namespace, &name) else {
            let warning = self.create(pod, namespace, directories, speed)?;
            return Ok(("created", warning));
        };
        if self.entries[at].deletion.is_some() {
            return Err(format!("pod {name:?}: is being deleted: apply it again when it is gone"));
        }
        let is_changed = change::judge(&self.entries[at].applied, &pod).map_err(|reasons| {
            reasons.iter().map(|why| format!("pod {name:?}: {why}")).collect::<Vec<String>>().join("\n")
        })?;
        if !is_changed {
            return Ok(("unchanged", None));
        }
        self.change_images(at, &pod, directories)?;
        self.pods.pods[at].amend(|running| change::amend(running, &pod));
        self.entries[at].applied = pod;
        Ok(("configured", None))
    }

    fn change_images(&mut self, at: usize, new: &Pod, directories: &[(String, PathBuf)]) -> Result<(), String> {
        let old = self.entries[at].applied.clone();
        let changed: Vec<&Container> = change::images(&old, new).collect();
        if changed.is_empty() {
            return Ok(());
        }
        let name = &new.metadata.name;
        let run = &mut self.pods.pods[at];
        let is_init = |it: &&&Container| new.spec.init_containers.iter().any(|init| init.name == it.name);
        if let Some(init) = changed.iter().find(|it| is_init(it) && run.world.is_running(&it.name)) {
            let why = "runs, and an init container that runs takes up no new image here: delete the pod first";
            return Err(format!("pod {name:?}: spec.initContainers: {} {why}", init.name));
        }
        let images = on_the_machine(|| cli::images(self.runner, new, directories));
        run.world.set_images(images.map_err(|error| format!("pod {name:?}: looking for its images: {error}"))?);
        for container in changed {
            let (container, image) = (container.name.clone(), container.image.clone());
            run.observe(Happened::ImageChanged { container, image });
        }
        Ok(())
    }

    fn create(
        &mut self,
        applied: Pod,
        namespace: String,
        directories: &[(String, PathBuf)],
        speed: f64,
    ) -> Result<Option<String>, String> {
        let name = applied.metadata.name.clone();
        let clock = Clock::start(speed);
        let mut pod = applied.clone();
        // Who a pod is, the API server says: a uid in a manifest is passed over.
        pod.metadata.uid = None;
        pod.metadata.namespace = Some(namespace.clone());
        bind(&mut pod, &self.ground.facts.name);
        pod.metadata.creation_timestamp = Some(clock.now().rfc3339());
        let images = on_the_machine(|| cli::images(self.runner, &pod, directories));
        let images = images.map_err(|error| format!("pod {name:?}: looking for its images: {error}"))?;
        let dir = PodDir::create(&pod).map_err(|error| format!("pod {name:?}: making its directory: {error}"))?;
        let uid = pod.metadata.uid.clone().unwrap_or_default();
        let keep = Keep::new(self.state.join(LOGS).join(log_directory(&pod)));
        keep.begin().map_err(|error| {
            dir.remove();
            format!("pod {name:?}: making the directory of its logs: {error}")
        })?;
        let tell = Rc::new(RefCell::new(Tell::kept(&pod, keep)));
        let ground = Ground { clock, ..self.ground.clone() };
        let world = RealWorld::new(ground, dir, images, tell.clone());
        let engine = Engine::new(self.runner, pod, clock.now()).patient();
        let mut run = PodRun::new(engine, world, tell);
        run.admit(&self.ground.limits, &self.pods.taken());
        let lack = self.ground.limits.lack(run.engine.pod()).filter(|_| !run.engine.is_rejected());
        self.pods.pods.push(run);
        self.entries.push(Entry { uid, namespace, name, applied, deletion: None });
        Ok(lack)
    }

    fn put(&mut self, mut object: Object) -> Reply {
        let old = self.objects.borrow().get(object.kind(), object.namespace(), object.name()).cloned();
        // When an object was made, the API server says: what a manifest says of that is passed over.
        let made = old.as_ref().and_then(|old| old.metadata().creation_timestamp.clone());
        object.metadata_mut().creation_timestamp = made.or_else(|| Some(self.now().rfc3339()));
        let what = match &old {
            None => "created",
            Some(old) if *old == object => "unchanged",
            Some(_) => "configured",
        };
        let put = self.objects.borrow_mut().put(object);
        self.update_volumes();
        match put {
            Ok(()) => Reply::Applied { what: what.to_owned(), warning: None },
            Err(message) => Reply::Refused { message },
        }
    }

    /// An object has changed: its pods' files follow at once. (The kubelet's do within a minute or so.)
    fn update_volumes(&mut self) {
        self.pods.pods.iter_mut().for_each(PodRun::update_volumes);
    }

    fn get(&mut self, client: &mut Client, namespace: Option<String>, name: Option<String>, watch: bool) {
        let mut told = BTreeMap::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let is_wanted = |wanted: &Option<String>, is: &String| wanted.as_ref().is_none_or(|wanted| wanted == is);
            if is_wanted(&namespace, &entry.namespace) && is_wanted(&name, &entry.name) {
                let shown = self.shown(at);
                told.insert(entry.uid.clone(), shown.pod.to_json());
                client.tell(&Reply::Pod { shown: Box::new(shown), is_gone: false });
            }
        }
        match &name {
            Some(name) if told.is_empty() => client.tell_last(&not_found("pods", name)),
            _ if watch => {
                client.tell(&Reply::Listed);
                client.wants = Wants::Changes { namespace, name, told };
            }
            _ => client.tell_last(&Reply::Listed),
        }
    }

    fn get_objects(&self, client: &mut Client, kind: &str, namespace: &Option<String>, name: &Option<String>) {
        let mut any = false;
        for object in self.objects.borrow().all() {
            let is_wanted = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|wanted| wanted == is);
            if object.kind() == kind && is_wanted(namespace, object.namespace()) && is_wanted(name, object.name()) {
                any = true;
                client.tell(&Reply::Object { object: Box::new(object.clone()) });
            }
        }
        match name {
            Some(name) if !any => client.tell_last(&not_found(kind, name)),
            _ => client.tell_last(&Reply::Listed),
        }
    }

    fn delete(&mut self, client: &mut Client, namespace: &str, name: &str, grace: Option<u64>) {
        let Some(at) = self.place(namespace, name) else { return client.tell_last(&not_found("pods", name)) };
        let (entry, pod) = (&mut self.entries[at], &mut self.pods.pods[at]);
        let asked = grace.unwrap_or_else(|| own_grace(pod.engine.pod()));
        // A grace period that has begun can only become shorter.
        if entry.deletion.as_ref().is_none_or(|(_, grace)| asked < *grace) {
            let until = pod.now() + Duration::from_secs(asked);
            entry.deletion = Some((until.rfc3339(), asked));
            pod.observe(match asked {
                0 => Happened::KillNow,
                _ => Happened::DeletionAsked { grace: grace.map(Duration::from_secs) },
            });
        }
        client.wants = Wants::TheEnd(entry.uid.clone());
        client.tell(&Reply::Deleted);
    }

    fn exec(
        &self,
        namespace: &str,
        name: &str,
        container: &str,
        command: Vec<String>,
        (stdin, window): (bool, Option<&Window>),
    ) -> Result<(nix::unistd::Pid, Vec<std::os::fd::OwnedFd>), Reply> {
        let at = self.place(namespace, name).ok_or_else(|| not_found("pods", name))?;
        let pod = &self.pods.pods[at];
        let all: Vec<&Container> = pod.engine.pod().all_containers().collect();
        let refused = |message: String| Reply::Refused { message };
        if !all.iter().any(|it| it.name == container) {
            let names: Vec<&str> = all.iter().map(|it| it.name.as_str()).collect();
            let message = format!("container {container:?} is not in pod {name:?}, which has: {}", names.join(", "));
            return Err(refused(message));
        }
        if !pod.world.is_running(container) {
            return Err(refused(format!("container {container:?} of pod {name:?} is not running")));
        }
        exec::start(&pod.world, container, command, stdin, window)
            .map_err(|error| refused(format!("container {container:?} of pod {name:?}: {error}")))
    }
}

fn not_found(kind: &str, name: &str) -> Reply {
    Reply::NotFound { message: format!("{kind} {name:?} not found") }
}
