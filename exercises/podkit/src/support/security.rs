//! What of a securityContext is not honoured.

use super::List;
use crate::manifest::FieldPath;
use crate::pod::SecurityContext;
use crate::runner::Runner;
use crate::security::capabilities;

/// `at`: that of the pod or of a container.
pub fn gaps(runner: &Runner, context: Option<&SecurityContext>, at: &FieldPath, list: &mut List) {
    let Some(context) = context else { return };
    if !runner.security {
        return list.stop(true, at.clone(), "security contexts come in chapter 10");
    }
    let seccomp = context.seccomp_profile.as_ref();
    list.stop(
        seccomp.is_some_and(|it| it.kind == "Localhost"),
        at.key("seccompProfile").key("type"),
        "profiles of the node's (Localhost) are not supported: RuntimeDefault and Unconfined are",
    );
    list.stop(
        context.proc_mount.as_deref() == Some("Unmasked"),
        at.key("procMount"),
        "/proc stays masked: a container could see through it what is the machine's",
    );
    list.tell(
        context.privileged == Some(true),
        at.key("privileged"),
        "it means all capabilities of the pod's own user namespace, and no seccomp filter: no devices of the machine, \
         and /proc and /sys stay masked",
    );
    for (n, name) in context.capabilities.iter().flat_map(|it| it.add.iter().enumerate()) {
        let is_worthless =
            context.capabilities.as_ref().is_some_and(|it| capabilities::worthless(it).any(|it| it == name));
        list.tell(
            is_worthless,
            at.key("capabilities").key("add").index(n),
            "it is given, and allows nothing: for this one the kernel asks the machine's user namespace, not the pod's",
        );
    }
    let kind = context.app_armor_profile.as_ref().and_then(|it| it.get("type")?.as_str());
    list.tell(
        context.app_armor_profile.is_some() && kind != Some("Unconfined"),
        at.key("appArmorProfile"),
        "who is not root may load no profile of AppArmor's",
    );
    list.tell(
        context.se_linux_options.is_some(),
        at.key("seLinuxOptions"),
        "containers keep the SELinux label of the runner",
    );
    list.stop(context.windows_options.is_some(), at.key("windowsOptions"), "this is Linux");
}
