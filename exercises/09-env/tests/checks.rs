//! What chapter 9 promises, judged from outside: what the program is given, as `env` shows it, and as the kernel
//! has it.

#[path = "checks/amounts.rs"]
mod amounts;
#[path = "checks/expand.rs"]
mod expand;
#[path = "checks/fields.rs"]
mod fields;
#[path = "checks/keys.rs"]
mod keys;
#[path = "checks/kit.rs"]
mod kit;
#[path = "checks/program.rs"]
mod program;
#[path = "checks/services.rs"]
mod services;
#[path = "checks/variables.rs"]
mod variables;

use amounts::*;
use expand::*;
use fields::*;
use keys::*;
use program::*;
use services::*;
use variables::*;

podcheck::checks!("env":
    // 9.1
    a_value_is_put_in,
    two_dollars_are_one,
    what_is_unknown_stays,
    it_is_no_shell,
    in_command_and_args,
    a_real_program_gets_it,
    // 9.2
    only_what_is_there_by_now,
    the_last_of_one_name_counts,
    a_value_is_not_read_again,
    neither_value_nor_source,
    the_images_variables_are_unknown,
    each_container_has_its_own,
    // 9.3
    who_the_pod_is,
    labels_and_annotations,
    where_it_runs,
    its_service_account,
    taken_as_it_is,
    an_empty_value_gives_way,
    a_real_pod_knows_itself,
    // 9.4
    rounded_up,
    exact_and_never_a_float,
    no_limit_is_the_node,
    no_request_is_nothing,
    of_another_container,
    of_a_container_that_is_not_there,
    only_round_divisors,
    // 9.5
    one_key,
    a_secret_is_only_base64,
    what_is_missing_is_waited_for,
    optional_means_absent,
    only_of_its_own_namespace,
    it_waits_and_tries_again,
    // 9.6
    every_key_becomes_a_variable,
    with_a_prefix,
    the_later_entry_counts,
    env_goes_over_env_from,
    an_object_that_is_not_there,
    // 9.7
    address_and_port,
    every_port_of_a_service,
    which_services,
    kubernetes_is_always_there,
    they_lie_below_all_others,
    // 9.8
    entrypoint_and_cmd,
    path_and_hostname,
    a_probe_sees_plain_values,
    the_kernel_says_the_same,
    a_real_probe_and_a_hook,
    the_notes_pod_runs,
);
