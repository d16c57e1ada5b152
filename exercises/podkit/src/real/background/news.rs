//! What the node tells those who wait: of changes, of ends, of exit statuses.

use nix::unistd::Pid;

use super::Daemon;
use super::clients::{Client, Wants};
use crate::control::{Reply, Shown};
use crate::engine::World;

impl Daemon<'_> {
    /// A pod, and what else there is to say about it.
    pub(super) fn shown(&self, at: usize) -> Shown {
        let (entry, pod) = (&self.entries[at], &self.pods.pods[at]);
        let mut shown = pod.engine.pod().clone();
        if let Some((until, grace)) = &entry.deletion {
            shown.metadata.deletion_timestamp = Some(until.clone());
            shown.metadata.deletion_grace_period_seconds = i64::try_from(*grace).ok();
        }
        let events = pod.tell.borrow().keep.as_ref().map(|keep| keep.events.clone()).unwrap_or_default();
        Shown { pod: shown, now: pod.world.now().rfc3339(), events }
    }

    /// Tells those who watch what is new.
    pub(super) fn tell_changes(&mut self) {
        for at in 0..self.entries.len() {
            if self.pods.pods[at].has_turned() {
                let shown = self.shown(at);
                self.tell_change(at, &shown, false);
            }
        }
    }

    fn tell_change(&mut self, at: usize, shown: &Shown, is_gone: bool) {
        let entry = &self.entries[at];
        for client in &mut self.clients {
            let Wants::Changes { namespace, name, told } = &mut client.wants else { continue };
            let is_wanted = |wanted: &Option<String>, is: &String| wanted.as_ref().is_none_or(|wanted| wanted == is);
            if !is_wanted(namespace, &entry.namespace) || !is_wanted(name, &entry.name) {
                continue;
            }
            let text = shown.pod.to_json();
            if is_gone {
                told.remove(&entry.uid);
            } else if told.get(&entry.uid) == Some(&text) {
                continue;
            } else {
                told.insert(entry.uid.clone(), text);
            }
            client.tell(&Reply::Pod { shown: Box::new(shown.clone()), is_gone });
        }
    }

    /// Tells those who have started a program how it has ended.
    pub(super) fn tell_exits(&mut self) {
        let ended: Vec<Pid> = self.pods.others.iter().filter(|(_, exit)| exit.is_some()).map(|(pid, _)| *pid).collect();
        for pid in ended {
            let Some(exit) = self.pods.others.remove(&pid).flatten() else { continue };
            let its = |client: &&mut Client| matches!(client.wants, Wants::Exit(other) if other == pid);
            if let Some(client) = self.clients.iter_mut().find(its) {
                client.wants = Wants::Nothing;
                client.tell_last(&Reply::Exited { code: exit.code() });
            }
        }
    }

    /// Forgets pods that were told to end, and have.
    pub(super) fn forget_ended(&mut self) -> bool {
        let before = self.entries.len();
        for at in (0..before).rev() {
            if self.entries[at].deletion.is_none() || !self.pods.pods[at].engine.is_over() {
                continue;
            }
            let shown = self.shown(at);
            self.tell_change(at, &shown, true);
            let entry = self.entries.remove(at);
            let pod = self.pods.pods.remove(at);
            pod.world.remove();
            if let Some(keep) = &pod.tell.borrow().keep {
                keep.remove();
            }
            for client in &mut self.clients {
                if matches!(&client.wants, Wants::TheEnd(uid) if *uid == entry.uid) {
                    client.tell_last(&Reply::Gone);
                }
            }
        }
        self.entries.len() < before
    }
}
