//! What chapter 1 promises, judged from outside: manifests in, problems and pods out.
//!
//! Most checks are tables: many manifests go into one run of `check`.

#[path = "checks/advise.rs"]
mod advise;
#[path = "checks/defaults.rs"]
mod defaults;
#[path = "checks/given.rs"]
mod given;
#[path = "checks/kit.rs"]
mod kit;
#[path = "checks/names.rs"]
mod names;
#[path = "checks/ports.rs"]
mod ports;
#[path = "checks/types.rs"]
mod types;
#[path = "checks/unique.rs"]
mod unique;
#[path = "checks/words.rs"]
mod words;

use advise::{belonging_is_passed_on, mistakes_are_named, reasons_are_given, three_questions};
use defaults::{
    defaults_of_a_container, defaults_of_a_pod, defaults_of_parts, files_of_every_shape, generated_names,
    what_is_required,
};
use given::{labels_and_annotations, probes_and_hooks, the_notes_manifests, variables, volumes};
use names::{a_problem_in_one_line, labels_of_dns, pod_names};
use ports::{host_ports, one_port_space, port_names, port_numbers};
use types::{every_wrong_type_at_once, types_and_rules_together, wrong_entries_of_lists};
use unique::{container_names_are_unique, mounts_name_a_volume, the_notes_message_queue};
use words::{host_namespaces, init_containers_end, ports_and_words, words};

podcheck::checks!("grouping":
    pod_names, labels_of_dns, a_problem_in_one_line,
    defaults_of_a_pod, defaults_of_a_container, defaults_of_parts, generated_names, what_is_required,
    files_of_every_shape, labels_and_annotations, variables, volumes,
    every_wrong_type_at_once, wrong_entries_of_lists, types_and_rules_together,
    container_names_are_unique, mounts_name_a_volume, the_notes_message_queue,
    port_numbers, port_names, host_ports, one_port_space, probes_and_hooks, the_notes_manifests,
    words, host_namespaces, init_containers_end, ports_and_words,
    three_questions, belonging_is_passed_on, reasons_are_given, mistakes_are_named,
);
