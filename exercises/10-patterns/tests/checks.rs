//! What chapter 10 promises, judged from outside: what containers find in their volumes, and what the helpers do
//! beside an application.

#[path = "checks/adapter.rs"]
mod adapter;
#[path = "checks/ambassador.rs"]
mod ambassador;
#[path = "checks/helpers.rs"]
mod helpers;
#[path = "checks/kit.rs"]
mod kit;
#[path = "checks/shipper.rs"]
mod shipper;

use adapter::*;
use ambassador::*;
use shipper::*;

fn containers_share_a_directory() -> podcheck::Result {
    podcheck::expect("this check", "is written", false, "not yet")
}
fn the_type_is_looked_at() -> podcheck::Result {
    podcheck::expect("this check", "is written", false, "not yet")
}
fn keys_become_files() -> podcheck::Result {
    podcheck::expect("this check", "is written", false, "not yet")
}
fn labels_become_a_file() -> podcheck::Result {
    podcheck::expect("this check", "is written", false, "not yet")
}
fn a_link_is_turned() -> podcheck::Result {
    podcheck::expect("this check", "is written", false, "not yet")
}
podcheck::checks!("patterns":
    // 10.1
    containers_share_a_directory,
    // 10.2
    the_type_is_looked_at,
    // 10.3
    keys_become_files,
    // 10.4
    labels_become_a_file,
    // 10.5
    a_link_is_turned,
    // 10.6
    only_whole_lines,
    waits_for_the_file,
    each_line_once,
    a_file_that_is_emptied,
    a_file_that_is_moved_away,
    nothing_is_lost_in_between,
    the_last_lines_come_too,
    a_sidecar_ships,
    // 10.7
    bytes_pass_both_ways,
    half_a_connection_may_end,
    many_at_once,
    a_server_that_is_away,
    what_is_over_is_given_back,
    an_ambassador_passes_on,
    // 10.8
    two_ways_to_say_it,
    counters_are_sums,
    values_are_escaped,
    each_metric_has_a_type,
    what_says_nothing_is_ignored,
    counters_never_go_down,
    an_adapter_speaks_one_format,
);
