//! What chapter 2 promises, judged from outside: by what the kernel says about
//! the processes of a run.

#[path = "checks/errors.rs"]
mod errors;
#[path = "checks/files.rs"]
mod files;
#[path = "checks/gone.rs"]
mod gone;
#[path = "checks/ids.rs"]
mod ids;
#[path = "checks/images.rs"]
mod images;
#[path = "checks/kit.rs"]
mod kit;
#[path = "checks/privileges.rs"]
mod privileges;
#[path = "checks/sandbox.rs"]
mod sandbox;
#[path = "checks/sharing.rs"]
mod sharing;

/// Makes a check of each function, which says whose task it is if a step of the start fails.
macro_rules! judge {
    ($($module:ident: $($name:ident),+;)+) => {
        mod judged {
            $($(pub fn $name() -> podcheck::Result {
                crate::kit::blamed(crate::$module::$name)
            })+)+
        }
        use judged::{$($($name),+),+};
        podcheck::checks!("namespaces": $($($name),+),+);
    };
}

judge! {
    ids: root_is_me, a_command_in_the_node, ids_of_a_range, the_line_that_fits, a_helper_that_fails;
    errors: a_missing_program, other_steps, a_limit_of_the_kernel, success_is_silent;
    gone: gone_after_ctrl_c, gone_after_the_end, gone_after_sigkill;
    sandbox: namespaces_of_the_pod, a_pod_has_all_ids, hostname_of_the_pod, loopback_is_up;
    sharing: containers_share, containers_do_not_share, one_port_space, they_meet_at_a_queue, they_meet_in_memory,
        two_pods_do_not_meet, orphans_end_with_their_container;
    files: the_old_root_is_gone, host_files_are_out_of_reach, programs_are_read_only, files_do_not_leak,
        own_processes_only, proc_is_guarded, devices, devices_work, they_meet_in_dev_shm;
    images: an_image_stays_as_it_is;
    privileges: fourteen_capabilities, no_new_privileges;
}
