//! What a container's program may do.

use podcheck::{Result, expect, expect_eq};

use crate::kit::{Two, looked_at};

/// containerd's default set (its oci/spec.go): chown to audit_write, 14 in all.
const DEFAULT: u64 = 0xa804_25fb;

/// Root in a container has fourteen capabilities, in every set that counts.
pub fn fourteen_capabilities() -> Result {
    looked_at("grep Cap /proc/$(pgrep -u $(id -u) -fx \"sleep 61\")/status", || {
        let two = Two::start()?;
        let hex = |set: u64| format!("{set:016x}");
        // The control: the node's root has more to lose.
        let node = two.node()?.capabilities("CapEff")?;
        expect(
            "CapEff of the node",
            "more than a container's",
            node & DEFAULT == DEFAULT && node != DEFAULT,
            hex(node),
        )?;
        for container in [two.left, two.right] {
            for field in ["CapEff", "CapPrm", "CapBnd"] {
                expect_eq(format!("{field} of the container"), hex(DEFAULT), hex(container.capabilities(field)?))?;
            }
            for field in ["CapInh", "CapAmb"] {
                expect_eq(format!("{field} of the container"), hex(0), hex(container.capabilities(field)?))?;
            }
        }
        Ok(())
    })
}

/// No program it execs gets more.
pub fn no_new_privileges() -> Result {
    looked_at(
        "grep -E 'NoNewPrivs|Sig' /proc/$(pgrep -u $(id -u) -fx \"sleep 61\")/status; ls -l /proc/$(pgrep -u $(id -u) -fx \"sleep 61\")/fd",
        || {
            let two = Two::start()?;
            expect_eq("NoNewPrivs of the node", "0", two.node()?.status("NoNewPrivs")?)?;
            expect_eq("NoNewPrivs of the container", "1", two.left.status("NoNewPrivs")?)?;
            // Nothing of the runner's own is handed on.
            let mut open: Vec<u32> = std::fs::read_dir(two.left.path("fd"))
                .map(|it| it.flatten().filter_map(|it| it.file_name().to_str()?.parse().ok()).collect())
                .unwrap_or_default();
            open.sort_unstable();
            expect_eq("open file descriptors of the container", vec![0, 1, 2], open)?;
            for field in ["SigBlk", "SigIgn"] {
                expect_eq(format!("{field} of the container"), "0000000000000000", two.left.status(field)?)?;
            }
            let stat = two.left.read("stat")?;
            let session = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(3));
            expect_eq("the session of the container's program", two.left.0.to_string(), session.unwrap_or("none"))
        },
    )
}
