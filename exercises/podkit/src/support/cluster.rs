//! Fields that speak of a cluster: of other nodes, of who runs them, of objects that only an API server has.

use super::List;
use crate::manifest::FieldPath;
use crate::pod::PodSpec;

const NO_CLUSTER: &str = "there is no cluster here";
const ONE_NODE: &str = "there is one node here, and every pod is on it";
const NO_ACCOUNTS: &str = "there is no API server here that a pod could talk to";

pub fn gaps(spec: &PodSpec, at: &FieldPath, list: &mut List) {
    list.tell(spec.node_name.is_some(), at.key("nodeName"), NO_CLUSTER);
    list.tell(!spec.node_selector.is_empty(), at.key("nodeSelector"), NO_CLUSTER);
    list.tell(!spec.tolerations.is_empty(), at.key("tolerations"), NO_CLUSTER);
    list.tell(spec.affinity.is_some(), at.key("affinity"), ONE_NODE);
    list.tell(!spec.topology_spread_constraints.is_empty(), at.key("topologySpreadConstraints"), ONE_NODE);
    list.tell(spec.scheduler_name.is_some(), at.key("schedulerName"), ONE_NODE);
    list.tell(!spec.scheduling_gates.is_empty(), at.key("schedulingGates"), ONE_NODE);
    let priority = "no pod is ended here to make room for another one";
    list.tell(spec.priority.is_some(), at.key("priority"), priority);
    list.tell(spec.priority_class_name.is_some(), at.key("priorityClassName"), priority);
    list.tell(spec.preemption_policy.is_some(), at.key("preemptionPolicy"), priority);
    list.tell(spec.overhead.is_some(), at.key("overhead"), "a pod costs nothing here beside its containers");

    list.tell(spec.service_account_name.is_some(), at.key("serviceAccountName"), NO_CLUSTER);
    list.tell(spec.service_account.is_some(), at.key("serviceAccount"), NO_CLUSTER);
    // False is how it is.
    list.tell(spec.automount_service_account_token == Some(true), at.key("automountServiceAccountToken"), NO_ACCOUNTS);
    let nothing_pulled = "nothing is downloaded";
    list.tell(!spec.image_pull_secrets.is_empty(), at.key("imagePullSecrets"), nothing_pulled);
    let no_gates = "nobody sets such conditions here: a pod is ready when its containers are";
    list.tell(!spec.readiness_gates.is_empty(), at.key("readinessGates"), no_gates);
    let added_later = "Kubernetes adds them to pods that run; here `exec` does what they are for";
    list.tell(!spec.ephemeral_containers.is_empty(), at.key("ephemeralContainers"), added_later);
    list.tell(spec.runtime_class_name.is_some(), at.key("runtimeClassName"), "there is one runtime here");

    // False is how it is.
    let own_users = "a rootless pod always has a user namespace of its own";
    list.tell(spec.host_users == Some(true), at.key("hostUsers"), own_users);
    let os = spec.os.as_ref().and_then(|os| os.get("name")?.as_str());
    list.stop(os.is_some_and(|name| name != "linux"), at.key("os"), "this is Linux");
    list.stop(!spec.resource_claims.is_empty(), at.key("resourceClaims"), "no driver gives out devices here");
    let per_container = "requests and limits of a pod as a whole are not honoured: give them to its containers";
    list.stop(spec.resources.is_some(), at.key("resources"), per_container);
}

#[cfg(test)]
mod tests {
    use super::super::gaps as all;
    use crate::manifest::Document;
    use crate::pod::Pod;
    use crate::{Read, Runner};

    /// The fields that are not honoured by a runner with all parts that have to do with security, each with whether it stops.
    fn of(spec: &str) -> Vec<(String, bool)> {
        let text = format!("spec: {{{spec}}}\n");
        let pod = Document::parse(&text).unwrap()[0].decode::<Pod>().unwrap().value;
        let mut runner = Runner::new("test", |_| Read::default(), |_| Ok(Vec::new()));
        runner.security = true;
        all(&runner, &pod).into_iter().map(|gap| (gap.field.to_string(), gap.stops)).collect()
    }

    #[test]
    fn each_field_is_named_and_what_changes_the_pod_stops_it() {
        for (spec, field, stops) in [
            ("affinity: {}", "spec.affinity", false),
            ("topologySpreadConstraints: [{}]", "spec.topologySpreadConstraints", false),
            ("schedulerName: x", "spec.schedulerName", false),
            ("schedulingGates: [{}]", "spec.schedulingGates", false),
            ("priority: 1", "spec.priority", false),
            ("priorityClassName: x", "spec.priorityClassName", false),
            ("preemptionPolicy: Never", "spec.preemptionPolicy", false),
            ("overhead: {}", "spec.overhead", false),
            ("serviceAccount: x", "spec.serviceAccount", false),
            ("automountServiceAccountToken: true", "spec.automountServiceAccountToken", false),
            ("imagePullSecrets: [{}]", "spec.imagePullSecrets", false),
            ("readinessGates: [{}]", "spec.readinessGates", false),
            ("ephemeralContainers: [{}]", "spec.ephemeralContainers", false),
            ("runtimeClassName: x", "spec.runtimeClassName", false),
            ("hostUsers: true", "spec.hostUsers", false),
            ("os: {name: windows}", "spec.os", true),
            ("resourceClaims: [{}]", "spec.resourceClaims", true),
            ("resources: {}", "spec.resources", true),
            ("containers: [{resizePolicy: [{}]}]", "spec.containers[0].resizePolicy", false),
            ("containers: [{restartPolicyRules: [{}]}]", "spec.containers[0].restartPolicyRules", true),
            ("securityContext: {seLinuxOptions: {}}", "spec.securityContext.seLinuxOptions", false),
            (
                "securityContext: {appArmorProfile: {type: RuntimeDefault}}",
                "spec.securityContext.appArmorProfile",
                false,
            ),
            ("securityContext: {windowsOptions: {}}", "spec.securityContext.windowsOptions", true),
            ("securityContext: {seccompProfile: {type: Localhost}}", "spec.securityContext.seccompProfile.type", true),
            (
                "containers: [{securityContext: {procMount: Unmasked}}]",
                "spec.containers[0].securityContext.procMount",
                true,
            ),
            (
                "containers: [{securityContext: {privileged: true}}]",
                "spec.containers[0].securityContext.privileged",
                false,
            ),
            (
                "containers: [{securityContext: {capabilities: {add: [KILL, CAP_SYS_TIME]}}}]",
                "spec.containers[0].securityContext.capabilities.add[1]",
                false,
            ),
        ] {
            assert_eq!(of(spec), [(field.to_owned(), stops)], "{spec}");
        }
    }

    #[test]
    fn what_is_so_anyway_is_no_gap() {
        for spec in [
            "os: {name: linux}",
            "hostUsers: false",
            "automountServiceAccountToken: false",
            "hostAliases: [{ip: 1.1.1.1}], subdomain: s, setHostnameAsFQDN: true, dnsPolicy: None",
            "securityContext: {runAsUser: 1, fsGroup: 1, appArmorProfile: {type: Unconfined}, seccompProfile: {type: RuntimeDefault}}",
            "containers: [{securityContext: {privileged: false, procMount: Default, capabilities: {add: [KILL]}}}]",
        ] {
            assert!(of(spec).is_empty(), "{spec}: {:?}", of(spec));
        }
    }
}
