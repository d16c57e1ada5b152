//! What chapter 3 promises, judged from outside: rules about time in the simulator, effects
//! on real processes.

#[path = "checks/message.rs"]
mod message;
#[path = "checks/phase.rs"]
mod phase;
#[path = "checks/real.rs"]
mod real;
#[path = "checks/sim.rs"]
mod sim;
#[path = "checks/start.rs"]
mod start;
#[path = "checks/state.rs"]
mod state;
#[path = "checks/stop.rs"]
mod stop;

use message::*;
use phase::*;
use real::*;
use start::*;
use state::*;
use stop::*;

podcheck::checks!("lifecycle":
    // 3.1
    a_new_container_waits,
    without_an_image_it_says_so,
    running_says_since_when,
    ended_says_how_and_when,
    a_signal_is_128_plus_its_number,
    // 3.2
    a_failed_start_is_a_start_error,
    exit_code_128_is_a_failure,
    a_wait_moves_the_end_to_last_state,
    a_containers_policy_beats_the_pods,
    // 3.3
    pending_then_running,
    one_that_waits_makes_it_pending,
    the_phase_by_policy_and_exit_code,
    never_waits_for_the_last,
    succeeded_means_all_of_them,
    on_failure_goes_on_until_all_is_well,
    always_never_ends,
    a_failed_start_can_end_a_pod,
    the_exit_status_is_the_phase,
    // 3.4
    five_conditions,
    ready_to_start_is_the_sandbox,
    ready_means_every_container,
    a_pod_that_is_over_is_not_ready,
    // 3.5
    the_file_is_the_message,
    the_last_4096_bytes,
    the_log_is_only_a_fallback,
    eighty_lines_and_2048_bytes,
    bytes_that_are_no_text,
    the_pod_shares_12_kib,
    real_last_words,
    // 3.6
    in_the_order_of_the_manifest,
    the_first_restart_is_immediate,
    restarts_by_policy_and_exit_code,
    the_sandbox_ends_with_the_last_container,
    post_start_holds_up_the_next,
    post_start_holds_up_restarts,
    post_start_runs_for_every_run,
    an_error_does_not_stop_the_next,
    without_an_image_the_pod_stays_pending,
    the_deadline_wakes_the_plan,
    a_dead_sandbox_is_made_anew,
    a_real_program_is_restarted,
    a_real_hook_comes_first,
    // 3.7
    restarts_at_0_0_10_30_70_150_310,
    no_restart_waits_longer_than_300_s,
    the_delay_counts_from_the_end,
    exit_code_0_is_held_back_too,
    each_container_has_its_own,
    ten_good_minutes_are_forgiven,
    crash_loop_back_off_is_a_reason,
    a_real_crash_loop_is_held_back,
    // 3.8
    delete_sends_sigterm,
    sigkill_ends_the_grace_period,
    who_ends_in_time_is_not_killed,
    two_seconds_at_least,
    pre_stop_takes_from_the_grace_period,
    a_failed_pre_stop_stops_nothing,
    no_hook_after_an_end_of_its_own,
    all_containers_in_parallel,
    nothing_is_started_while_it_ends,
    nothing_waits_in_a_pod_that_ends,
    a_deleted_pod_succeeds_if_all_end_well,
    the_grace_period_only_shrinks,
    a_failed_post_start_stops_its_container,
    the_deadline_fails_the_pod,
    a_dead_sandbox_moves_the_pod,
    a_dead_sandbox_starts_no_finished_container,
    never_gets_no_second_sandbox,
    ctrl_c_ends_the_pod_gracefully,
    sigterm_ends_the_pod_gracefully,
    who_ignores_sigterm_is_killed,
    a_second_ctrl_c_kills_at_once,
);
