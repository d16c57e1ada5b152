//! Task 8.4: the QoS class.

use crate::kit::{Pod, both, of_type, one, text_of};
use podcheck::{Cli, Failure, Result};

/// Each pod has this class.
fn class(expected: &str, cases: &[(&str, Pod)]) -> Result {
    for (what, pod) in cases {
        pod.seen()?.expect(&format!("the QoS class of {what}"), "/qosClass", expected)?;
    }
    Ok(())
}

/// Of each class one, so that nobody who says the same of all is right.
fn controls(but: &str) -> Result {
    let sure = both("{cpu: 1, memory: 1Gi}");
    for (name, pod) in
        [("Guaranteed", one(&sure)), ("Burstable", one("{requests: {cpu: 1}}")), ("BestEffort", one("{}"))]
    {
        if name != but {
            class(name, &[("the control", pod)])?;
        }
    }
    Ok(())
}

pub fn guaranteed() -> Result {
    let sure = both("{cpu: 1, memory: 1Gi}");
    class(
        "Guaranteed",
        &[
            ("a pod with requests like limits", one(&sure)),
            ("a pod with limits alone", one("{limits: {cpu: 1, memory: 1Gi}}")),
            (
                "a pod with the same amounts, written differently",
                one("{requests: {cpu: 1000m, memory: 1024Mi}, limits: {cpu: 1, memory: 1Gi}}"),
            ),
            ("a pod with two such containers", one(&sure).app("other", &both("{cpu: 10m, memory: 1}"))),
            (
                "a pod with other resources, too",
                one("{limits: {cpu: 1, memory: 1Gi, ephemeral-storage: 2Gi}, requests: {ephemeral-storage: 1Gi}}"),
            ),
        ],
    )?;
    controls("Guaranteed")
}

pub fn burstable() -> Result {
    let sure = both("{cpu: 1, memory: 1Gi}");
    class(
        "Burstable",
        &[
            ("a pod with a request", one("{requests: {cpu: 1m}}")),
            ("a pod with a memory request", one("{requests: {memory: 1}}")),
            ("a pod with one limit", one("{limits: {cpu: 1}}")),
            ("a pod with the other limit", one("{limits: {memory: 1Gi}}")),
            ("a pod whose cpu request is below its limit", one("{requests: {cpu: 1}, limits: {cpu: 2, memory: 1Gi}}")),
            (
                "a pod whose memory request is below its limit",
                one("{requests: {memory: 1}, limits: {cpu: 2, memory: 1Gi}}"),
            ),
            ("a pod with one container that has nothing", one(&sure).app("other", "{}")),
            ("a pod with one container that has no memory limit", one(&sure).app("other", &both("{cpu: 1}"))),
            (
                "a pod with one container that has a cpu limit of 0",
                one(&sure).app("other", &both("{cpu: 0, memory: 1}")),
            ),
            (
                "a pod in which the sums are equal, and one container has no limits",
                one("{requests: {cpu: 1, memory: 1}, limits: {cpu: 2, memory: 2}}")
                    .app("other", "{requests: {cpu: 1, memory: 1}}"),
            ),
            ("a pod that requests 0 and has a limit", one("{requests: {cpu: 0}, limits: {cpu: 1}}")),
            (
                "a pod that requests 0 of both and has both limits",
                one("{requests: {cpu: 0, memory: 0}, limits: {cpu: 1, memory: 1Gi}}"),
            ),
            ("a pod with requests alone", one("{requests: {cpu: 1, memory: 1Gi}}")),
        ],
    )?;
    controls("Burstable")
}

pub fn best_effort() -> Result {
    class(
        "BestEffort",
        &[
            ("a pod with nothing", one("{}")),
            ("a pod that asks for 0", one("{requests: {cpu: 0}, limits: {memory: 0}}")),
            ("a pod with other resources only", one(&both("{ephemeral-storage: 1Gi}"))),
        ],
    )?;
    controls("BestEffort")
}

pub fn init_containers_count_too() -> Result {
    let sure = both("{cpu: 1, memory: 1Gi}");
    class(
        "Burstable",
        &[
            ("a pod whose init container alone asks for something", one("{}").init("first", "{requests: {cpu: 1}}")),
            ("a pod whose sidecar alone asks for something", one("{}").sidecar("side", "{requests: {memory: 1}}")),
            ("a pod whose init container has no limits", one(&sure).init("first", "{}")),
            ("a pod whose sidecar has no limits", one(&sure).sidecar("side", "{}")),
            (
                "a pod whose sidecar has a request below its limit",
                one(&sure).sidecar("side", "{requests: {cpu: 1}, limits: {cpu: 2, memory: 1}}"),
            ),
        ],
    )?;
    class("Guaranteed", &[("a pod with limits everywhere", one(&sure).init("first", &sure).sidecar("side", &sure))])
}

pub fn the_status_says_the_class() -> Result {
    let expected = [
        ("Guaranteed", both("{cpu: 1m, memory: 64Mi}")),
        ("Burstable", "{requests: {cpu: 1m}}".into()),
        ("BestEffort", "{}".into()),
    ];
    for (class, resources) in expected {
        let run = Cli::new("run").args(["-", "--format", "json"]).stdin(one(&resources).text()).run()?;
        run.expect_code(0)?;
        let lines = of_type(&run.json_lines()?, "status");
        let last = lines.last().ok_or_else(|| Failure::new("statuses printed", "one at least", 0))?;
        for status in lines.iter().take(1).chain([last]) {
            let observed = text_of(&status["pod"]["status"]["qosClass"]);
            run.expect(format!("status.qosClass with {resources}"), class, observed == class, observed)?;
        }
    }
    Ok(())
}
