//! Run: every check in a supervisor of its own, several at a time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};

use crate::programs::Program;
use crate::supervise::damage::Stamp;
use crate::supervise::{self, Answer, NoRoom, Spec, count, leaks, limits, tree};
use crate::verdict::{A_BOMB, CheckResult, Verdict, judge};

/// One check to run: where its result goes, what runs it, what it judges.
pub struct Job<'a> {
    pub result: usize,
    pub program: &'a Program,
    pub binary: Held,
    pub timeout: u64,
}

/// A copy of a binary, as it was made.
#[derive(Clone)]
pub struct Held {
    path: PathBuf,
    stamp: Stamp,
}

/// The directory of one grading: copies of the binaries, and a directory a check.
pub struct RunDir {
    dir: tempfile::TempDir,
}

impl RunDir {
    pub fn make(cache: &Path) -> Result<RunDir> {
        // Short and in the temporary directory, where sockets' paths fit; unless nothing may
        // be executed there.
        let temp = std::env::temp_dir();
        let place = match nix::sys::statvfs::statvfs(&temp) {
            Ok(it) if it.flags().contains(nix::sys::statvfs::FsFlags::ST_NOEXEC) => cache,
            _ => &temp,
        };
        let dir = tempfile::Builder::new()
            .prefix("peas-run-")
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .tempdir_in(place)
            .with_context(|| format!("failed to make a directory in {}", place.display()))?;
        std::fs::create_dir(dir.path().join("bin"))?;
        Ok(RunDir { dir })
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Copies a binary, so that building again meanwhile changes nothing.
    pub fn hold(&self, binary: &Path, name: &str) -> Result<Held> {
        let path = self.dir.path().join("bin").join(name);
        let copied = std::fs::copy(binary, &path).and_then(|_| Stamp::of(&path));
        let stamp = copied.with_context(|| format!("failed to copy {}", binary.display()))?;
        Ok(Held { path, stamp })
    }
}

impl Drop for RunDir {
    fn drop(&mut self) {
        // A submission may have taken away its own permission to enter a directory.
        let _ = make_removable(self.dir.path());
    }
}

fn make_removable(dir: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            let _ = std::fs::set_permissions(entry.path(), open);
            let _ = make_removable(&entry.path());
        }
    }
    Ok(())
}

/// Runs all jobs, `at_a_time` of them in parallel, and fills in their results.
pub fn run(run_dir: &RunDir, jobs: &[Job], results: &mut [CheckResult], at_a_time: usize, factor: f64) {
    // What a killed supervisor leaves comes to this process.
    let _ = nix::sys::prctl::set_child_subreaper(true);
    let children = tree::children();
    let tasks = count::tasks_of_the_machine();
    let progress = progress(jobs.len());
    let answers = Mutex::new(BTreeMap::new());
    let next = AtomicUsize::new(0);
    let shared: &[CheckResult] = results;
    let work = || {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if crate::grade::cancelled() {
                return;
            }
            let check = &shared[job.result].check;
            progress.set_message(check.clone());
            let answer = ask(run_dir, job, check, factor, "");
            let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
            answers.insert(job.result, answer);
            progress.inc(1);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..at_a_time.min(jobs.len()) {
            // Where there is no room for another thread, those that are there do its work.
            let _ = std::thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    let mut answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Before anything runs alone, it is alone.
    if answers.values().any(Result::is_err) {
        tree::end_strays(&children);
    }
    again_alone(run_dir, jobs, results, &mut answers, tasks, factor);
    if answers.values().any(Result::is_err) {
        tree::end_strays(&children);
        limits::remove_stale_cgroups();
    }
    let _ = nix::sys::prctl::set_child_subreaper(false);
    progress.finish_and_clear();
    for (index, answer) in answers {
        let result = &mut results[index];
        match answer {
            Ok(answer) => judge(result, &answer),
            Err(error) if error.is::<NoRoom>() => {
                result.set(Verdict::GraderError, &format!("{error:#}"), "", "");
            }
            Err(error) => {
                // Twice: nothing but a process of this user kills a supervisor.
                let observed = format!("{error:#}");
                result.set(Verdict::Fail, "the check's supervisor", "an answer", &observed);
            }
        }
    }
}

/// Runs again what is in doubt, one check at a time, once.
fn again_alone(
    run_dir: &RunDir,
    jobs: &[Job],
    results: &[CheckResult],
    answers: &mut BTreeMap<usize, Result<Answer>>,
    tasks: Option<usize>,
    factor: f64,
) {
    let beside_a_bomb = answers.values().flatten().any(is_bomb);
    for job in jobs {
        if crate::grade::cancelled() {
            return;
        }
        let result = &results[job.result];
        let Some(answer) = answers.get(&job.result) else { continue };
        if in_doubt(result, answer.as_ref().ok(), beside_a_bomb) {
            count::wait_until_calm(tasks);
            let mut answer = ask(run_dir, job, &result.check, factor, "-again");
            if let Ok(answer) = &mut answer {
                // It appeared again, and there was nobody else.
                let suspects = std::mem::take(&mut answer.suspects);
                answer.leaks.extend(suspects);
            }
            answers.insert(job.result, answer);
        }
    }
}

fn is_bomb(answer: &Answer) -> bool {
    answer.most > A_BOMB
}

/// Some results mean nothing as long as the check had neighbours.
fn in_doubt(result: &CheckResult, answer: Option<&Answer>, beside_a_bomb: bool) -> bool {
    // No answer: its supervisor was killed.
    let Some(answer) = answer else { return true };
    let mut result = result.clone();
    judge(&mut result, answer);
    match result.verdict {
        // Someone else may have left that.
        Verdict::Pass => !answer.suspects.is_empty(),
        // Points that are not counted because a neighbour took the room, for a thread say.
        Verdict::GraderError | Verdict::NotHere => true,
        // A bomb takes its neighbours' time and room, also one of another grading.
        Verdict::Fail | Verdict::Blocked => (beside_a_bomb || answer.crowded) && !is_bomb(answer),
    }
}

fn ask(run_dir: &RunDir, job: &Job, check: &str, factor: f64, suffix: &str) -> Result<Answer> {
    let dir = run_dir.path().join(format!("{}{suffix}", job.result));
    leaks::make_dirs(&dir).with_context(|| format!("failed to make {}", dir.display()))?;
    let spec = Spec {
        check: check.to_string(),
        binary: job.binary.path.clone(),
        stamp: job.binary.stamp.clone(),
        dir: dir.clone(),
        run: run_dir.path().to_path_buf(),
        timeout: Duration::from_secs(job.timeout).mul_f64(factor),
        factor,
    };
    let answer = supervise::ask(&spec, &job.program.file);
    let _ = make_removable(&dir);
    let _ = std::fs::remove_dir_all(&dir);
    answer
}

fn progress(length: usize) -> ProgressBar {
    use std::io::IsTerminal;
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

/// How much slower this machine is right now than the one the limits were written on:
/// measured by what checks mostly do, starting programs. Never below 1.
pub fn machine_factor() -> f64 {
    const REFERENCE: Duration = Duration::from_micros(1500);
    let mut best = Duration::from_secs(1);
    for _ in 0..5 {
        let started = Instant::now();
        let done = std::process::Command::new("/bin/true").status();
        if done.is_ok() {
            best = best.min(started.elapsed());
        }
    }
    (best.as_secs_f64() / REFERENCE.as_secs_f64()).clamp(1.0, 20.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supervise::End;

    #[test]
    fn what_neighbours_may_have_caused_is_in_doubt() {
        let result = CheckResult::new(1, "1.1", "c", 2);
        let answer = |verdict: &str| Answer {
            report: format!(r#"{{"check":"c","verdict":"{verdict}"}}"#),
            end: End::Exit(0),
            ..Answer::default()
        };
        let doubt = |answer: &Answer, beside_a_bomb| in_doubt(&result, Some(answer), beside_a_bomb);
        assert!(in_doubt(&result, None, false));
        // Points that would not count, whatever was beside.
        assert!(doubt(&answer("error"), false) && doubt(&answer("not_here"), false));
        assert!(!doubt(&answer("pass"), true));
        assert!(!doubt(&answer("fail"), false) && doubt(&answer("fail"), true));
        assert!(doubt(&Answer { crowded: true, ..answer("fail") }, false));
        // The bomb itself: its failure is its own.
        for verdict in ["fail", "error"] {
            assert!(!doubt(&Answer { crowded: true, most: A_BOMB + 1, ..answer(verdict) }, true));
        }
        assert!(doubt(&Answer { suspects: vec!["/tmp/x stays".to_owned()], ..answer("pass") }, false));
    }
}
