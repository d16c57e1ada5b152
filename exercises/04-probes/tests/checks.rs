//! What chapter 4 promises, judged from outside: rules about time in the simulator, questions
//! put to real servers in real pods.

#[path = "checks/answers.rs"]
mod answers;
#[path = "checks/count.rs"]
mod count;
#[path = "checks/due.rs"]
mod due;
#[path = "checks/exec.rs"]
mod exec;
#[path = "checks/gate.rs"]
mod gate;
#[path = "checks/http.rs"]
mod http;
#[path = "checks/kill.rs"]
mod kill;
#[path = "checks/network.rs"]
mod network;
#[path = "checks/real.rs"]
mod real;
#[path = "checks/sim.rs"]
mod sim;

use count::*;
use due::*;
use exec::*;
use gate::*;
use http::*;
use kill::*;
use network::*;

podcheck::checks!("probes":
    // 4.1
    one_success_makes_it_ready,
    a_row_of_failures_makes_it_unready,
    any_other_answer_begins_a_new_row,
    an_error_counts_as_nothing,
    a_warning_is_a_success,
    a_row_goes_on_in_the_next_run,
    // 4.2
    startup_comes_first,
    it_starts_with_the_probes_success,
    nothing_is_ready_before_it_has_started,
    each_run_starts_anew,
    only_readiness_is_asked_to_the_end,
    a_startup_probe_stops_with_the_pod,
    // 4.3
    liveness_ticks_with_the_pod,
    readiness_is_asked_at_once,
    the_first_tick_after_the_delay,
    the_delay_is_for_every_run,
    readiness_follows_startup_at_once,
    a_slow_answer_delays_the_next_question,
    // 4.4
    a_row_of_failures_kills,
    the_policy_decides_what_is_next,
    a_kill_begins_a_new_row,
    a_failed_startup_kills,
    readiness_never_kills,
    on_hold_until_the_next_run,
    the_probes_own_grace_period,
    a_deletion_has_the_last_word,
    a_hook_runs_before_the_kill,
    only_who_failed_is_killed,
    a_real_program_is_killed_and_restarted,
    // 4.5
    exit_code_0_is_a_success,
    a_command_has_so_much_time,
    what_a_command_says_is_told,
    // 4.6
    a_connection_is_a_success,
    a_port_may_have_a_name,
    only_serving_is_healthy,
    who_does_not_answer_grpc_is_not_healthy,
    // 4.7
    every_status_has_its_meaning,
    redirects_are_followed_on_the_host,
    no_more_than_ten_requests,
    bad_servers_fail,
    odd_servers_are_fine,
    https_without_a_name,
    looks_leave_nothing_behind,
    // 4.8
    what_the_server_sees,
    headers_of_the_manifest,
    the_notes_pod_is_ready,
);
