//! Sources that are none, or not the reader's own.

use std::os::unix::fs::symlink;

use crate::WRONG;
use crate::common::{Submission, root};

#[test]
fn nothing_at_all() {
    let submission = Submission::new("empty");
    std::fs::remove_dir_all(&submission.dir).unwrap();
    std::fs::create_dir_all(&submission.dir).unwrap();
    let graded = submission.grade(&[]);
    assert_eq!((graded.points(), graded.out_of()), (0, 10), "{}", graded.text);
    assert_eq!(graded.status, 1);
    assert!(graded.text.contains("nothing was handed in"));
}

#[test]
fn not_rust() {
    let submission = Submission::new("not-rust");
    let word = [0xff, 0xfe, 0, b'W', 0, b'o', 0, b'r', 0, b'd'];
    std::fs::write(submission.dir.join("01-one/src/lib.rs"), word).unwrap();
    let graded = submission.grade(&[]);
    assert_eq!((graded.points(), graded.out_of()), (0, 10));
    assert!(graded.text.contains("src/lib.rs is not text"), "{}", graded.text);
}

#[test]
fn a_link_out_of_the_tree() {
    let submission = Submission::new("link").word("\"bean\"");
    let lib = submission.dir.join("01-one/src/lib.rs");
    std::fs::remove_file(&lib).unwrap();
    // The reference answer itself: it would have had all points.
    symlink(root().join("solutions/01-one/src/lib.rs"), &lib).unwrap();
    let graded = submission.grade(&[]);
    assert_eq!((graded.points(), graded.out_of()), (0, 10));
    assert!(graded.text.contains("src/lib.rs is a link that leads out"), "{}", graded.text);
    // So would a directory.
    let src = submission.dir.join("01-one/src");
    std::fs::remove_dir_all(&src).unwrap();
    symlink(root().join("solutions/01-one/src"), &src).unwrap();
    let graded = submission.grade(&[]);
    assert_eq!(graded.points(), 0, "{}", graded.text);
}

#[test]
fn a_pipe_for_a_source() {
    let submission = Submission::new("pipe");
    let pipe = submission.dir.join("01-one/src/extra.rs");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let graded = submission.grade(&[]);
    assert_eq!(graded.points(), 0);
    assert!(graded.text.contains("is not a regular file"), "{}", graded.text);
}

#[test]
fn another_binary_of_the_same_name() {
    // `src/bin/one.rs` would be a second target of that name.
    let graded = Submission::new("bins")
        .word("\"bean\"")
        .file("01-one/src/bin/one.rs", "fn main() { println!(\"pea\") }")
        .grade(&[]);
    graded.fails("says_pea", "bean");
    assert_eq!(graded.points(), WRONG);
}

#[test]
fn a_shared_target_directory_gives_no_false_pass() {
    // The solution is graded, then a wrong answer with old dates in the same directory.
    let submission = Submission::new("dates");
    assert_eq!(submission.grade(&[]).points(), 10);
    let submission = submission.word("\"bean\"");
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let lib = std::fs::File::options().write(true).open(submission.dir.join("01-one/src/lib.rs")).unwrap();
    lib.set_modified(old).unwrap();
    let graded = submission.grade(&[]);
    graded.fails("says_pea", "bean");
}
