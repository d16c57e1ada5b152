//! What chapter 8 promises, judged from outside: quantities, classes, the node's answer, and the kernel's files.

#[path = "checks/admit.rs"]
mod admit;
#[path = "checks/cgroups.rs"]
mod cgroups;
#[path = "checks/effective.rs"]
mod effective;
#[path = "checks/kit.rs"]
mod kit;
#[path = "checks/limits.rs"]
mod limits;
#[path = "checks/oom.rs"]
mod oom;
#[path = "checks/qos.rs"]
mod qos;
#[path = "checks/quantities.rs"]
mod quantities;
#[path = "checks/real.rs"]
mod real;

use admit::*;
use cgroups::*;
use effective::*;
use limits::*;
use oom::*;
use qos::*;
use quantities::*;
use real::{a_cpu_limit_slows_down, in_the_kernels_files, no_cgroup_is_left};

podcheck::checks!("resources":
    // 8.1
    every_suffix,
    exponents,
    fractions_are_exact,
    what_is_finer_is_rounded_up,
    what_is_no_quantity,
    more_than_can_be_counted,
    // 8.2
    no_fraction_and_the_largest_suffix,
    binary_where_it_fits,
    an_exponent_stays_one,
    read_again_it_is_the_same,
    // 8.3
    a_request_above_its_limit,
    a_request_up_to_its_limit,
    less_than_nothing,
    nothing_finer_than_thousandths,
    // 8.4
    guaranteed,
    burstable,
    best_effort,
    init_containers_count_too,
    the_status_says_the_class,
    // 8.5
    one_after_another,
    all_beside_each_other,
    sidecars_stay,
    each_resource_for_itself,
    // 8.6
    up_to_the_last_bit,
    beside_others,
    the_first_reason,
    who_asks_for_nothing,
    a_rejected_pod,
    a_full_node,
    // 8.7
    the_weight_of_a_pod,
    the_weight_of_a_container,
    time_and_bytes,
    a_pods_own_limits,
    the_number_of_processes,
    in_the_kernels_files,
    a_cpu_limit_slows_down,
    no_cgroup_is_left,
    // 8.8
    who_goes_first,
    never_first_and_never_last,
    a_sidecar_goes_with_its_pod,
    the_process_has_its_score,
    the_reason_is_oom_killed,
    not_every_137,
    too_much_memory,
);
