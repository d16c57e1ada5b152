//! What chapter 10 promises, judged from outside: what containers find in their volumes, and what the helpers do
//! beside an application.

#[path = "checks/kit.rs"]
mod kit;

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
fn a_sidecar_ships() -> podcheck::Result {
    podcheck::expect("this check", "is written", false, "not yet")
}
fn an_ambassador_passes_on() -> podcheck::Result {
    podcheck::expect("this check", "is written", false, "not yet")
}
fn an_adapter_speaks_one_format() -> podcheck::Result {
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
    a_sidecar_ships,
    // 10.7
    an_ambassador_passes_on,
    // 10.8
    an_adapter_speaks_one_format,
);
