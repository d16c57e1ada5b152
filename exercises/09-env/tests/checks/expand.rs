//! Task 9.1: `$(NAME)`.

use crate::kit::{env, pod, printed, run, show, text};
use podcheck::Result;

/// The variables of all vectors.
const VALUES: [(&str, &str); 4] = [("A", "apple"), ("B", "pear"), ("EMPTY", ""), ("A$B", "odd")];

/// Each text as an argument of its own; what the program gets in its place.
fn vectors(vectors: &[(&str, &str)]) -> Result {
    let args: String = vectors.iter().map(|(text, _)| format!("- {text:?}\n")).collect();
    let shown = show(&pod(&format!("{}command: [echo]\nargs:\n{args}", env(&VALUES))))?;
    let about = shown.of("app")?;
    for (n, (text, expected)) in vectors.iter().enumerate() {
        let observed = about["argv"][n + 1].as_str().unwrap_or("(nothing)");
        let what = format!("`{text}`, where A is apple, B is pear and EMPTY is empty");
        shown.ran.expect(what, expected, observed == *expected, observed)?;
    }
    Ok(())
}

pub fn a_value_is_put_in() -> Result {
    vectors(&[
        ("$(A)", "apple"),
        ("$(A)-1", "apple-1"),
        ("-$(A)-", "-apple-"),
        ("1-$(B)", "1-pear"),
        ("$(A)$(B)", "applepear"),
        ("$(A)_$(B)_$(A)", "apple_pear_apple"),
        ("foo$(EMPTY)bar", "foobar"),
        ("$(EMPTY)", ""),
        ("$(A$B)", "odd"),
        ("über $(B)!", "über pear!"),
        (" $(A) ", " apple "),
    ])?;
    // What was put in is not read again. When REF is made there is no LATER yet, so it holds a reference.
    let values = [("REF", "$(LATER)"), ("LATER", "late")];
    let shown = show(&pod(&format!("{}command: [echo, \"$(REF)\", \"$(LATER)\"]", env(&values))))?;
    shown.runs(&["echo", "$(LATER)", "late"])
}

pub fn two_dollars_are_one() -> Result {
    vectors(&[
        ("$$(B)_$(A)", "$(B)_apple"),
        ("$$(A)_$$(B)", "$(A)_$(B)"),
        ("$$", "$"),
        ("$$$", "$$"),
        ("$$$$", "$$"),
        ("f000-$$A", "f000-$A"),
        ("$$$(A)", "$apple"),
        ("$$$$$$(A)", "$$$(A)"),
        ("$$$$$$$(A)", "$$$apple"),
        ("$$$$$$(BIG_MONEY)", "$$$(BIG_MONEY)"),
        ("$$$$$$$(GOOD_ODDS)", "$$$$(GOOD_ODDS)"),
        ("foo$$(A", "foo$(A"),
    ])
}

pub fn what_is_unknown_stays() -> Result {
    vectors(&[
        ("$(DNE)", "$(DNE)"),
        ("a $(DNE) and $(A)", "a $(DNE) and apple"),
        ("$(a)", "$(a)"),
        ("$( A)", "$( A)"),
        ("$()", "$()"),
        ("$(A)$(DNE)", "apple$(DNE)"),
    ])
}

/// No braces, no bare names, no nesting, no backslash.
pub fn it_is_no_shell() -> Result {
    vectors(&[
        ("$A ${A}", "$A ${A}"),
        ("$(A", "$(A"),
        ("foo$(Awhoops!", "foo$(Awhoops!"),
        ("$(A $(B)", "$(A $(B)"),
        ("$(A$(B))", "$(A$(B))"),
        ("$(A))", "apple)"),
        ("(A)$", "(A)$"),
        ("100$ $(A)$", "100$ apple$"),
        ("\\$(A)", "\\apple"),
        ("foo\\\\$(B)bar", "foo\\\\pearbar"),
        ("$ (A)", "$ (A)"),
        ("$(A$$B)", "$(A$$B)"),
    ])
}

pub fn in_command_and_args() -> Result {
    let lines = format!("{}command: [\"$(A)\", x$(B)]\nargs: [$(B), $$(A)]", env(&VALUES));
    show(&pod(&lines))?.runs(&["apple", "xpear", "pear", "$(A)"])
}

pub fn a_real_program_gets_it() -> Result {
    let ran = run(text!("greet.yaml"))?;
    printed(&ran, "what echo was given", "[app] Hello world, this costs 5 $(no more), says $(NOBODY).")
}
