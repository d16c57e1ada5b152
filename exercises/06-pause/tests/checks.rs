//! What chapter 6 promises, judged from outside: by what the kernel says about the pod's processes.

#[path = "checks/anew.rs"]
mod anew;
#[path = "checks/infra.rs"]
mod infra;
#[path = "checks/kit.rs"]
mod kit;
#[path = "checks/pid_1.rs"]
mod pid_1;
#[path = "checks/reap.rs"]
mod reap;
#[path = "checks/sharing.rs"]
mod sharing;
#[path = "checks/signals.rs"]
mod signals;

use anew::*;
use infra::*;
use pid_1::*;
use reap::*;
use sharing::*;
use signals::*;

podcheck::checks!("pause":
    // 6.1
    pause_is_pid_1,
    containers_are_not_in_there,
    an_app_dies_and_the_pod_stays,
    // 6.2
    sigterm_ends_it_at_once,
    sigint_ends_it_at_once,
    other_signals_do_nothing,
    it_sleeps,
    everything_begins_anew,
    never_gets_no_second_pause,
    what_has_succeeded_is_left_alone,
    // 6.3
    one_space_of_processes,
    they_see_each_other,
    only_if_the_manifest_says_so,
    sigterm_has_its_default_action,
    the_node_comes_back,
    an_app_dies_beside_another,
    a_dead_pause_takes_all_with_it,
    from_inside,
    // 6.4
    orphans_are_collected,
    one_signal_for_many_children,
    however_they_end,
    not_the_children_of_others,
    it_hears_beside_its_children,
    // 6.5
    another_program_holds_the_pod,
    it_lives_in_the_machines_files,
    its_first_argument_is_its_name,
    it_lets_go_of_the_pipes,
    a_bad_pause_leaves_zombies,
    when_it_ends_the_pod_begins_anew,
    what_cannot_be_run_is_said,
);
