//! Task 9.2: the order, and what goes over what.

use crate::kit::{env, pod, show};
use podcheck::Result;

pub fn only_what_is_there_by_now() -> Result {
    let shown = show(&pod(&env(&[
        ("EARLY", "$(LATE)"),
        ("LATE", "x"),
        ("AFTER", "$(LATE)/$(LATE)"),
        ("SELF", "$(SELF)!"),
        ("TWICE", "$(AFTER)-"),
    ])))?;
    shown.have(&[("EARLY", "$(LATE)"), ("AFTER", "x/x"), ("SELF", "$(SELF)!"), ("TWICE", "x/x-")])
}

pub fn the_last_of_one_name_counts() -> Result {
    let shown = show(&pod(&env(&[
        ("MODE", "one"),
        ("BETWEEN", "$(MODE)"),
        ("MODE", "$(MODE),two"),
        ("AT_THE_END", "$(MODE)"),
        ("GONE", "x"),
        ("GONE", ""),
    ])))?;
    shown.have(&[("BETWEEN", "one"), ("MODE", "one,two"), ("AT_THE_END", "one,two"), ("GONE", "")])
}

/// What was put in is not looked at again.
pub fn a_value_is_not_read_again() -> Result {
    let values =
        [("A", "apple"), ("REF", "$$(A)"), ("TEXT", "%$(REF)-$(REF)%"), ("MONEY", "$$$$"), ("MORE", "$(MONEY)(A)")];
    let shown = show(&pod(&format!("{}command: [echo, $(REF)]", env(&values))))?;
    shown.have(&[("REF", "$(A)"), ("TEXT", "%$(A)-$(A)%"), ("MONEY", "$$"), ("MORE", "$$(A)")])?;
    shown.runs(&["echo", "$(A)"])
}

/// Such a variable is there, and empty.
pub fn neither_value_nor_source() -> Result {
    let lines =
        "env:\n- { name: BARE }\n- { name: EMPTY, value: \"\" }\n- { name: BOTH, value: \"<$(BARE)$(EMPTY)>\" }";
    show(&pod(lines))?.have(&[("BARE", ""), ("EMPTY", ""), ("BOTH", "<>")])
}

/// PATH is the image's, and HOSTNAME the runtime's: the kubelet knows neither.
pub fn the_images_variables_are_unknown() -> Result {
    let values = [("BIN", "/opt"), ("WHERE", "$(BIN):$(PATH)"), ("WHO", "$(BIN) $(HOSTNAME)")];
    let shown = show(&pod(&env(&values)))?;
    shown.have(&[("WHERE", "/opt:$(PATH)"), ("WHO", "/opt $(HOSTNAME)")])
}

pub fn each_container_has_its_own() -> Result {
    let text = pod(&format!("{}\n-END", env(&[("MINE", "a"), ("SEEN", "$(THEIRS) $(MINE)")])));
    let other = "  - name: other\n    image: host\n    env:\n    - { name: THEIRS, value: b }\n    - { name: SEEN, value: \"$(MINE) $(THEIRS)\" }\n";
    let shown = show(&text.replace("    -END\n", other))?;
    shown.have(&[("SEEN", "$(THEIRS) a")])?;
    shown.has("THEIRS", None)?;
    shown.container_has("other", "SEEN", Some("$(MINE) b"))?;
    shown.container_has("other", "MINE", None)
}
