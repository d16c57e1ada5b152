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

use errors::{a_limit_of_the_kernel, a_missing_program, other_steps, success_is_silent};
use files::{
    devices, devices_work, files_do_not_leak, host_files_are_out_of_reach, own_processes_only, proc_is_guarded,
    programs_are_read_only, the_old_root_is_gone, they_meet_in_dev_shm,
};
use gone::{gone_after_ctrl_c, gone_after_sigkill, gone_after_the_end};
use ids::{a_command_in_the_node, a_helper_that_fails, a_pod_has_all_ids, ids_of_a_range, root_is_me};
use images::an_image_stays_as_it_is;
use privileges::{fourteen_capabilities, no_new_privileges};
use sandbox::{hostname_of_the_pod, loopback_is_up, namespaces_of_the_pod};
use sharing::{
    containers_do_not_share, containers_share, one_port_space, orphans_end_with_their_container, they_meet_at_a_queue,
    they_meet_in_memory, two_pods_do_not_meet,
};

podcheck::checks!("namespaces":
    root_is_me, a_command_in_the_node,
    ids_of_a_range, a_helper_that_fails, a_pod_has_all_ids,
    a_missing_program, other_steps, a_limit_of_the_kernel, success_is_silent,
    namespaces_of_the_pod, hostname_of_the_pod, loopback_is_up, gone_after_ctrl_c, gone_after_sigkill,
    containers_share, containers_do_not_share, one_port_space, they_meet_at_a_queue, they_meet_in_memory,
    two_pods_do_not_meet, orphans_end_with_their_container, gone_after_the_end,
    the_old_root_is_gone, host_files_are_out_of_reach, programs_are_read_only, files_do_not_leak,
    an_image_stays_as_it_is, own_processes_only, proc_is_guarded, devices, devices_work, they_meet_in_dev_shm,
    fourteen_capabilities, no_new_privileges,
);
