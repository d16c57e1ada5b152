//! A command as a reader types it.

/// A longer command, with the texts it carries, is not for a person to copy; and it must fit
/// into the pipe that carries a failure.
pub const MOST_COMMAND: usize = 32 << 10;

/// A check's own directory (tempfile names it `.tmp` and six letters) is gone when the command
/// is read.
pub fn without_temporary(mut command: String) -> String {
    let start = std::env::temp_dir().join(".tmp").display().to_string();
    while let Some(at) = command.find(&start) {
        let name = at + start.len();
        let end = command[name..].find(|c: char| !c.is_ascii_alphanumeric()).map_or(command.len(), |it| name + it);
        command.replace_range(at..end, "DIRECTORY");
    }
    command
}

/// The last lines of what was printed, for a failure. A status line of `--format json` holds a whole pod: it says
/// less in many words than the logs and events around it.
pub fn last_lines(printed: &str, most: usize) -> Vec<&str> {
    let is_status = |line: &&str| line.starts_with("{\"pod\":") && line.ends_with("\"type\":\"status\"}");
    let mut last: Vec<&str> = printed.lines().rev().filter(|line| !is_status(line)).take(most).collect();
    last.reverse();
    last
}

/// An argument as a shell reads it.
pub fn quoted(arg: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !arg.is_empty() && arg.chars().all(plain) {
        arg.to_string()
    } else {
        format!("'{}'", arg.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_no_last_word() {
        let printed = "{\"type\":\"log\"}\n{\"pod\":{},\"type\":\"status\"}\nend";
        assert_eq!(last_lines(printed, 2), ["{\"type\":\"log\"}", "end"]);
        assert_eq!(last_lines("a\nb\nc", 2), ["b", "c"]);
    }

    #[test]
    fn a_command_names_no_temporary_directory() {
        let dir = std::env::temp_dir().join(".tmpAb12xY").display().to_string();
        let command = without_temporary(format!("PATH={dir}:/bin cargo run -- --image mine={dir}"));
        assert_eq!(command, "PATH=DIRECTORY:/bin cargo run -- --image mine=DIRECTORY");
    }
}
