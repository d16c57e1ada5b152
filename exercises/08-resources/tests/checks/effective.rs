//! Task 8.5: what a pod asks for.

use crate::kit::Pod;
use podcheck::Result;

fn asks(pod: Pod, what: &str, expected: &[(&str, &str)]) -> Result {
    let seen = pod.seen()?;
    for (resource, amount) in expected {
        let at = format!("/effectiveRequests/{}", resource.replace('/', "~1"));
        seen.expect_amount(&format!("the effective request of {resource} with {what}"), &at, amount)?;
    }
    Ok(())
}

fn cpu(amount: &str) -> String {
    format!("{{requests: {{cpu: {amount}}}}}")
}

pub fn one_after_another() -> Result {
    let pod = |first: &str, second: &str, app: &str| {
        Pod::default().init("first", &cpu(first)).init("second", &cpu(second)).app("app", &cpu(app))
    };
    asks(pod("1", "2", "500m"), "init containers of 1 and 2, then one of 500m", &[("cpu", "2")])?;
    asks(pod("3", "2", "500m"), "init containers of 3 and 2, then one of 500m", &[("cpu", "3")])?;
    asks(pod("1", "2", "2500m"), "init containers of 1 and 2, then one of 2500m", &[("cpu", "2500m")])?;
    asks(pod("2", "2", "2"), "three containers of 2, none beside another", &[("cpu", "2")])
}

pub fn all_beside_each_other() -> Result {
    let pod = Pod::default().app("a", &cpu("1")).app("b", &cpu("250m")).app("c", "{}");
    asks(pod, "regular containers of 1, 250m and nothing", &[("cpu", "1250m")])?;
    let pod = Pod::default().init("first", &cpu("2")).app("a", &cpu("1")).app("b", &cpu("1500m"));
    asks(pod, "an init container of 2, then two of 1 and 1500m", &[("cpu", "2500m")])?;
    let limits = Pod::default().app("a", "{limits: {cpu: 2}, requests: {cpu: 1}}");
    asks(limits, "a request of 1 and a limit of 2", &[("cpu", "1")])
}

/// An init container runs beside the sidecars that stand before it; the regular ones beside all.
pub fn sidecars_stay() -> Result {
    let pod = Pod::default().sidecar("side", &cpu("1")).app("app", &cpu("2"));
    asks(pod, "a sidecar of 1 beside a container of 2", &[("cpu", "3")])?;
    let pod = Pod::default().sidecar("side", &cpu("1")).init("first", &cpu("4")).app("app", &cpu("2"));
    asks(pod, "a sidecar of 1, then an init container of 4, then one of 2", &[("cpu", "5")])?;
    let pod = Pod::default().init("first", &cpu("4")).sidecar("side", &cpu("1")).app("app", &cpu("2"));
    asks(pod, "an init container of 4, then a sidecar of 1, then one of 2", &[("cpu", "4")])?;
    let pod = Pod::default()
        .sidecar("one", &cpu("1"))
        .init("first", &cpu("3"))
        .sidecar("two", &cpu("2"))
        .init("second", &cpu("2"))
        .app("app", &cpu("1"));
    asks(
        pod,
        "a sidecar of 1, an init container of 3, a sidecar of 2, an init container of 2, then one of 1",
        &[("cpu", "5")],
    )?;
    let pod = Pod::default().sidecar("one", &cpu("1")).sidecar("two", &cpu("2")).app("app", "{}");
    asks(pod, "sidecars of 1 and 2", &[("cpu", "3")])
}

/// The most of cpu and the most of memory may be at different times.
pub fn each_resource_for_itself() -> Result {
    let pod = Pod::default()
        .init("first", "{requests: {cpu: 2, memory: 1Mi, ephemeral-storage: 5}}")
        .app("app", "{requests: {cpu: 1, memory: 1Gi, example.com/gpu: 1}}");
    let expected = [("cpu", "2"), ("memory", "1Gi"), ("ephemeral-storage", "5"), ("example.com/gpu", "1")];
    asks(pod, "most cpu first, and most memory later", &expected)
}
