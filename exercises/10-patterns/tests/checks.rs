//! What chapter 10 promises, judged from outside: what containers find in their volumes, and what the helpers do
//! beside an application.

#[path = "checks/adapter.rs"]
mod adapter;
#[path = "checks/ambassador.rs"]
mod ambassador;
#[path = "checks/downward.rs"]
mod downward;
#[path = "checks/helpers.rs"]
mod helpers;
#[path = "checks/host_path.rs"]
mod host_path;
#[path = "checks/keys.rs"]
mod keys;
#[path = "checks/kit.rs"]
mod kit;
#[path = "checks/mounts.rs"]
mod mounts;
#[path = "checks/shipper.rs"]
mod shipper;
#[path = "checks/shows.rs"]
mod shows;
#[path = "checks/writer.rs"]
mod writer;

use adapter::*;
use ambassador::*;
use downward::*;
use host_path::*;
use keys::*;
use mounts::*;
use shipper::*;
use writer::*;

podcheck::checks!("patterns":
    // 10.1
    each_mount_has_its_place,
    read_only_where_it_must_be,
    the_outer_one_first,
    a_part_with_a_variable,
    a_part_that_nobody_has_meant,
    of_init_containers_too,
    containers_share_a_directory,
    a_container_sees_it_so,
    memory_has_its_bounds,
    // 10.2
    what_is_asked_for_is_there,
    the_type_is_looked_at,
    what_is_missing_is_made,
    what_is_there_is_not_replaced,
    it_waits_and_tries_again,
    // 10.3
    every_key_is_a_file,
    only_the_items,
    each_file_has_its_mode,
    what_is_missing_is_waited_for,
    optional_means_none,
    // 10.4
    fields_are_files,
    all_labels_in_one,
    amounts_of_a_container,
    modes_of_fields,
    several_sources_in_one,
    the_later_source_counts,
    each_source_is_waited_for,
    what_cannot_be_is_refused,
    // 10.5
    links_lead_to_the_files,
    what_is_there_is_left_alone,
    a_link_is_turned,
    names_come_and_go,
    a_container_reads_them,
    // 10.6
    only_whole_lines,
    waits_for_the_file,
    what_is_no_file_is_told,
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
