//! Unit tests of the watch, in a directory that looks like a workbook.

use super::*;

fn workbook() -> (tempfile::TempDir, Changes) {
    let dir = tempfile::tempdir().unwrap();
    for chapter in ["01-a", "02-b"] {
        make(dir.path(), chapter);
    }
    std::fs::create_dir_all(dir.path().join("book/src")).unwrap();
    std::fs::create_dir_all(dir.path().join("book/book")).unwrap();
    std::fs::create_dir_all(dir.path().join("exercises/target")).unwrap();
    let changes = Changes::begin(dir.path()).unwrap();
    (dir, changes)
}

fn make(root: &Path, chapter: &str) {
    let src = root.join("exercises").join(chapter).join("src");
    std::fs::create_dir_all(&src).unwrap();
    std::fs::write(src.join("lib.rs"), "").unwrap();
    std::fs::write(root.join("exercises").join(chapter).join("checks.yaml"), "").unwrap();
}

/// All that is seen until nothing more comes.
fn seen(changes: &mut Changes) -> Touched {
    let mut all = changes.touched(&[]);
    let until = Instant::now() + Duration::from_millis(1500);
    while Instant::now() < until {
        let now = changes.next();
        all.chapters.retain(|chapter| !now.gone.contains(chapter));
        all.gone.retain(|chapter| !now.chapters.contains(chapter));
        all.chapters.extend(now.chapters);
        all.gone.extend(now.gone);
        all.book |= now.book;
        all.saved = all.saved.max(now.saved);
    }
    all
}

fn of(touched: &Touched) -> (Vec<&str>, Vec<&str>, bool) {
    (
        touched.chapters.iter().map(String::as_str).collect(),
        touched.gone.iter().map(String::as_str).collect(),
        touched.book,
    )
}

#[test]
fn a_save_is_of_its_chapter_or_of_the_book() {
    let (dir, mut changes) = workbook();
    assert_eq!(of(&seen(&mut changes)), (vec![], vec![], false));
    let before = SystemTime::now();
    std::fs::write(dir.path().join("exercises/02-b/src/lib.rs"), "// x").unwrap();
    let touched = seen(&mut changes);
    assert_eq!(of(&touched), (vec!["02-b"], vec![], false));
    assert!(touched.saved >= before - Duration::from_millis(20));
    std::fs::write(dir.path().join("book/src/page.md"), "# x").unwrap();
    assert_eq!(of(&seen(&mut changes)), (vec![], vec![], true));
    // Many editors write another file and move it over the old one.
    std::fs::write(dir.path().join("exercises/01-a/src/.lib.rs.swp"), "").unwrap();
    std::fs::write(dir.path().join("exercises/01-a/src/4913"), "").unwrap();
    assert_eq!(of(&seen(&mut changes)), (vec![], vec![], false));
    let beside = dir.path().join("exercises/01-a/src/lib.rs~");
    std::fs::write(&beside, "// y").unwrap();
    std::fs::rename(beside, dir.path().join("exercises/01-a/src/lib.rs")).unwrap();
    assert_eq!(of(&seen(&mut changes)), (vec!["01-a"], vec![], false));
}

#[test]
fn what_is_built_or_read_is_no_change() {
    let (dir, mut changes) = workbook();
    std::fs::write(dir.path().join("book/book/index.html"), "").unwrap();
    std::fs::write(dir.path().join("exercises/target/lib.rs"), "").unwrap();
    std::fs::read(dir.path().join("exercises/01-a/src/lib.rs")).unwrap();
    assert_eq!(of(&seen(&mut changes)), (vec![], vec![], false));
}

#[test]
fn a_chapter_that_is_deleted_is_seen_to_go_and_to_return() {
    let (dir, mut changes) = workbook();
    let chapter = dir.path().join("exercises/01-a");
    for _ in 0..2 {
        std::fs::remove_dir_all(&chapter).unwrap();
        let touched = seen(&mut changes);
        assert_eq!((of(&touched).0, of(&touched).1), (vec![], vec!["01-a"]));
        make(dir.path(), "01-a");
        let touched = seen(&mut changes);
        assert_eq!((of(&touched).0, of(&touched).1), (vec!["01-a"], vec![]));
        // It is the new directory that is watched.
        std::fs::write(chapter.join("src/lib.rs"), "// x").unwrap();
        assert_eq!(of(&seen(&mut changes)).0, ["01-a"]);
    }
    // Moved away, it is the same directory under another name.
    let away = dir.path().join("away");
    std::fs::rename(&chapter, &away).unwrap();
    assert_eq!(of(&seen(&mut changes)).1, ["01-a"]);
    std::fs::write(away.join("src/lib.rs"), "// y").unwrap();
    assert_eq!(of(&seen(&mut changes)).0, [""; 0]);
    std::fs::rename(&away, &chapter).unwrap();
    assert_eq!(of(&seen(&mut changes)).0, ["01-a"]);
}

#[test]
fn all_of_exercises_may_go_and_return() {
    let (dir, mut changes) = workbook();
    std::fs::remove_dir_all(dir.path().join("exercises")).unwrap();
    assert_eq!(of(&seen(&mut changes)).1, ["01-a", "02-b"]);
    make(dir.path(), "02-b");
    assert_eq!(of(&seen(&mut changes)).0, ["02-b"]);
    std::fs::write(dir.path().join("exercises/02-b/src/new.rs"), "").unwrap();
    assert_eq!(of(&seen(&mut changes)).0, ["02-b"]);
}

#[test]
fn without_the_kernels_help_files_are_looked_at() {
    let (dir, mut changes) = workbook();
    changes.only_look(&notify::Error::generic("a test"));
    assert_eq!(of(&seen(&mut changes)), (vec![], vec![], false));
    std::fs::write(dir.path().join("exercises/02-b/src/lib.rs"), "// longer").unwrap();
    assert_eq!(of(&seen(&mut changes)).0, ["02-b"]);
    std::fs::remove_dir_all(dir.path().join("exercises/01-a")).unwrap();
    assert_eq!(of(&seen(&mut changes)).1, ["01-a"]);
}
