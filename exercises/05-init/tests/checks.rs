//! What chapter 5 promises, judged from outside: rules about time in the simulator, effects
//! on real processes.

#[path = "checks/end.rs"]
mod end;
#[path = "checks/finish.rs"]
mod finish;
#[path = "checks/phase.rs"]
mod phase;
#[path = "checks/ready.rs"]
mod ready;
#[path = "checks/real.rs"]
mod real;
#[path = "checks/sandbox.rs"]
mod sandbox;
#[path = "checks/sidecars.rs"]
mod sidecars;
#[path = "checks/sim.rs"]
mod sim;
#[path = "checks/turn.rs"]
mod turn;

use end::*;
use finish::*;
use phase::*;
use ready::*;
use real::*;
use sandbox::*;
use sidecars::*;
use turn::*;

podcheck::checks!("init":
    // 5.1
    one_after_another,
    a_failed_one_is_tried_again,
    it_runs_until_it_succeeds,
    never_tries_once,
    a_start_that_fails,
    a_restart_of_the_app_runs_no_init,
    the_last_one_started_decides,
    the_notes_pod_runs,
    the_queue_in_order,
    it_waits_for_the_outside,
    a_real_failure_by_policy,
    // 5.2
    a_sidecar_runs_on,
    a_startup_probe_holds_up_the_next,
    other_probes_hold_up_nobody,
    a_hook_holds_up_the_next,
    it_is_restarted_always,
    a_crash_holds_up_nobody,
    it_must_come_up_once,
    a_failed_startup_probe_kills_it,
    a_failed_liveness_probe_kills_it,
    // 5.3
    a_sidecar_keeps_no_pod_alive,
    a_restart_to_come_keeps_it_alive,
    no_restart_at_the_end,
    a_failed_init_ends_the_sidecars,
    an_init_containers_own_policy,
    a_real_job_ends,
    // 5.4
    sidecars_end_last_and_in_reverse,
    every_pre_stop_runs_at_once,
    they_share_one_grace_period,
    a_sidecar_gets_what_is_left,
    a_shorter_period_ends_the_wait,
    a_deletion_while_it_initialises,
    no_restart_while_it_ends,
    the_same_order_at_every_end,
    a_real_end_in_order,
    a_real_deletion_while_it_initialises,
    // 5.5
    a_new_sandbox_begins_anew,
    from_the_first_one_on,
    what_has_succeeded_stays_so,
    never_gets_no_second_sandbox,
    runs_are_counted_on,
    a_missing_image_in_a_new_sandbox,
    a_real_sandbox_dies,
    // 5.6
    pending_until_the_app_runs,
    a_failed_init_fails_the_pod,
    a_sidecars_exit_code_counts_for_nothing,
    running_while_a_sidecar_runs,
    deleted_before_the_app_ran,
    a_deleted_pod,
    pending_again_in_a_new_sandbox,
    // 5.7
    ready_means_ended_well,
    a_sidecars_readiness_counts,
    initialized_when_all_are_over,
    it_stays_initialized,
    a_failed_pod_was_not_initialized,
    kubectl_shows_how_far,
);
