//! Where the rules put what they find.

use podkit::manifest::{FieldPath, Problem};
use podkit::pod::{Container, PodSpec};

/// Everything found so far. A rule adds to it and goes on: the reader of a
/// manifest wants to see all problems at once, not one in each attempt.
#[derive(Debug, Default)]
pub struct Findings {
    /// Broken rules. Kubernetes would refuse the pod.
    pub problems: Vec<Problem>,
    /// Legal, but likely not what was meant.
    pub warnings: Vec<Problem>,
}

impl Findings {
    /// `field` breaks `rule`, a sentence such as "must be unique".
    pub fn problem(&mut self, field: FieldPath, rule: impl Into<String>) {
        self.problems.push(Problem::new(field, rule));
    }

    /// `field` is legal, but `rule` is worth a thought.
    pub fn warning(&mut self, field: FieldPath, rule: impl Into<String>) {
        self.warnings.push(Problem::new(field, rule));
    }

    /// Holds `value` to a rule of [`crate::names`]; an empty value is required first.
    pub fn name(&mut self, field: FieldPath, value: &str, rule: fn(&str) -> Result<(), &'static str>) {
        if value.is_empty() {
            self.problem(field, "is required");
        } else if let Err(broken) = rule(value) {
            self.problem(field, broken);
        }
    }
}

/// One container of the pod, and where it stands in the manifest.
pub struct Place<'a> {
    pub field: FieldPath,
    pub container: &'a Container,
    /// Stands in `spec.initContainers`.
    pub init: bool,
}

impl Place<'_> {
    /// An init container with `restartPolicy: Always` is a sidecar: it keeps running
    /// beside the regular containers.
    pub fn is_sidecar(&self) -> bool {
        self.init && self.container.restart_policy.as_deref() == Some("Always")
    }

    /// Has a hook or a probe.
    pub fn is_handled(&self) -> bool {
        let c = self.container;
        c.lifecycle.is_some() || c.liveness_probe.is_some() || c.readiness_probe.is_some() || c.startup_probe.is_some()
    }

    /// Runs at the same time as the regular containers.
    pub fn stays(&self) -> bool {
        !self.init || self.is_sidecar()
    }
}

/// All containers in the order in which Kubernetes validates them: regular ones first.
pub fn places(spec: &PodSpec) -> Vec<Place<'_>> {
    let mut places = Vec::new();
    for (name, containers, init) in
        [("containers", &spec.containers, false), ("initContainers", &spec.init_containers, true)]
    {
        let list = FieldPath::of("spec").key(name);
        for (n, container) in containers.iter().enumerate() {
            places.push(Place { field: list.index(n), container, init });
        }
    }
    places
}
