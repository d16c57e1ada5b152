//! What a container is made of: the chapters' answers about its variables, its volumes and its privileges.

use super::super::program;
use super::RealWorld;
use crate::engine::StartError;
use crate::environment::{Around, Given, LOOPBACK, Missing, Variables, size};
use crate::hosts;
use crate::image::{Accounts, Image};
use crate::pod::{Container, Pod};
use crate::security::{self, Privileges};
use crate::volumes::{Contents, Mount};

impl RealWorld {
    /// Who the program is, and what it may do.
    pub(super) fn privileges(
        &self,
        pod: &Pod,
        container: &Container,
        image: &Image,
        variables: &mut Variables,
    ) -> Result<Privileges, StartError> {
        if !self.ground.security {
            return Ok(Privileges::default());
        }
        let of_image = (image, &Accounts::of(&image.root));
        let (privileges, home) = security::privileges(pod, container, of_image, self.ground.node.ids)?;
        variables.entry("HOME".to_owned()).or_insert(home);
        if pod.spec.set_hostname_as_fqdn == Some(true) && !container.env.iter().any(|it| it.name == "HOSTNAME") {
            variables.extend(hosts::hostname(pod).ok().map(|name| ("HOSTNAME".to_owned(), name)));
        }
        Ok(privileges)
    }

    /// What the program is given: chapter 9's word, or until then the plain values.
    pub(super) fn given(&self, pod: &Pod, container: &Container, image: &Image) -> Result<Given, StartError> {
        let Some(env) = self.ground.env else { return Ok(program::plainly_given(pod, container, image)) };
        self.ask((pod, container, image), |around| size::check(around).and_then(|()| (env.given)(around)))
    }

    /// What it sees of the pod's volumes.
    pub(super) fn mounts(&self, pod: &Pod, container: &Container, image: &Image) -> Result<Vec<Mount>, StartError> {
        let Some(volumes) = self.ground.volumes else { return Ok(Vec::new()) };
        self.ask((pod, container, image), volumes.mounts)
    }

    fn ask<T>(
        &self,
        (pod, container, image): (&Pod, &Container, &Image),
        question: impl FnOnce(&Around) -> Result<T, Missing>,
    ) -> Result<T, StartError> {
        let objects = self.ground.objects.borrow();
        let pod_ips = [LOOPBACK.to_owned()];
        let node = &self.ground.facts;
        let around = Around { pod, container, image, node, pod_ips: &pod_ips, objects: &objects };
        let answer = question(&around);
        answer
            .map_err(|missing| StartError { reason: "CreateContainerConfigError".into(), message: missing.to_string() })
    }

    /// Makes the pod's volumes, as far as they are not there yet.
    pub(super) fn set_up_volumes(&mut self, pod: &Pod) -> Result<(), StartError> {
        let Some(parts) = self.ground.volumes else { return Ok(()) };
        let objects = self.ground.objects.borrow();
        let contents = Contents { pod, node: &self.ground.facts, objects: &objects };
        self.volumes.set_up(&parts, &contents, self.ground.node.ids)
    }

    /// Brings the files of its volumes up to date. Returns what went wrong.
    pub fn update_volumes(&self, pod: &Pod) -> Vec<String> {
        let Some(parts) = self.ground.volumes else { return Vec::new() };
        let objects = self.ground.objects.borrow();
        let contents = Contents { pod, node: &self.ground.facts, objects: &objects };
        self.volumes.update(&parts, &contents, self.ground.node.ids)
    }
}
