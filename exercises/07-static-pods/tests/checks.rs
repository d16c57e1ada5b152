//! What chapter 7 promises, judged from outside: a directory, a kubelet, and what its pods do.

#[path = "checks/identity.rs"]
mod identity;
#[path = "checks/listing.rs"]
mod listing;
#[path = "checks/mirror.rs"]
mod mirror;
#[path = "checks/news.rs"]
mod news;
#[path = "checks/node.rs"]
mod node;
#[path = "checks/sync.rs"]
mod sync;
#[path = "checks/together.rs"]
mod together;

use identity::*;
use listing::*;
use mirror::*;
use news::*;
use sync::*;
use together::*;

podcheck::checks!("static_pods":
    // 7.1
    every_file_is_a_manifest,
    hidden_files_are_passed_over,
    a_directory_is_not_entered,
    a_fifo_blocks_nobody,
    links_are_followed,
    broken_files_are_reported,
    in_the_order_of_their_names,
    // 7.2
    the_nodes_name_is_at_the_end,
    a_namespace_of_its_own,
    it_is_marked_as_static,
    a_uid_in_the_file_stays,
    the_uid_is_made_first,
    the_nodes_name_counts,
    many_pods_at_once,
    ctrl_c_ends_all,
    killed_and_started_again,
    // 7.3
    the_same_content_is_the_same_pod,
    every_edit_is_another_pod,
    file_and_node_are_a_part_of_it,
    the_uid_is_fnv_1a_of_three_texts,
    // 7.4
    a_removed_file_ends_its_pod,
    an_edit_replaces_the_pod,
    with_its_full_grace_period,
    only_the_last_of_many_edits_runs,
    removed_and_added_again,
    two_files_with_one_name,
    one_name_in_two_namespaces,
    a_pod_that_has_ended_stays,
    the_listing_sees_what_inotify_cannot,
    a_directory_that_goes_and_comes_back,
    // 7.5
    a_written_file_is_seen_at_once,
    a_half_written_file_is_not_read,
    a_moved_file_is_seen_at_once,
    a_deleted_file_is_seen_at_once,
    a_new_link_is_seen_at_once,
    a_broken_edit_ends_the_pod_at_the_next_listing,
    mended_in_time,
    a_stream_of_broken_files,
    // 7.6
    get_shows_a_mirror,
    a_deleted_mirror_comes_back,
    an_unknown_image_is_shown,
);
