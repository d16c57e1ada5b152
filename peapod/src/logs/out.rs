//! What is printed of a container's output, and how.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::time::SystemTime;

use super::Logs;

/// What is printed of the lines.
pub struct Out {
    prefix: String,
    timestamps: bool,
    /// As the files have it: such times can be compared as text.
    since: Option<String>,
    /// The newest lines, where only those are asked for, until all that there was has been read.
    tail: Option<(usize, VecDeque<Vec<u8>>)>,
    left: Option<u64>,
    /// The line before this one has not ended.
    is_inside: bool,
    stdout: io::BufWriter<io::Stdout>,
}

impl Out {
    pub fn new(args: &Logs, prefix: String) -> Out {
        let since = args.since.and_then(|length| SystemTime::now().checked_sub(length)).or(args.since_time);
        Out {
            prefix,
            timestamps: args.timestamps,
            since: since.map(|time| humantime::format_rfc3339_nanos(time).to_string()),
            tail: usize::try_from(args.tail).ok().map(|lines| (lines, VecDeque::new())),
            left: args.limit_bytes,
            is_inside: false,
            stdout: io::BufWriter::new(io::stdout()),
        }
    }

    pub fn is_full(&self) -> bool {
        self.left == Some(0)
    }

    /// A line of a file: `TIME STREAM TAG TEXT`.
    pub fn line(&mut self, line: &[u8]) {
        let mut parts = line.splitn(4, |&byte| byte == b' ');
        let (Some(time), Some(_), Some(tag), Some(text)) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return;
        };
        if self.since.as_ref().is_some_and(|since| time < since.as_bytes()) {
            return;
        }
        let begins = !self.is_inside;
        self.is_inside = tag == b"P";
        let mut shown = Vec::with_capacity(line.len());
        if begins {
            shown.extend_from_slice(self.prefix.as_bytes());
            if self.timestamps {
                shown.extend_from_slice(time);
                shown.push(b' ');
            }
        }
        // A part of a line has no end of its own.
        let end = if self.is_inside { text.len().saturating_sub(1) } else { text.len() };
        shown.extend_from_slice(&text[..end]);
        match &mut self.tail {
            None => self.write(&shown),
            Some((0, _)) => {}
            Some((lines, kept)) => {
                match kept.back_mut() {
                    Some(last) if !begins => last.extend_from_slice(&shown),
                    _ => kept.push_back(shown),
                }
                if kept.len() > *lines {
                    kept.pop_front();
                }
            }
        }
    }

    fn write(&mut self, text: &[u8]) {
        let most = self.left.map_or(text.len(), |left| text.len().min(usize::try_from(left).unwrap_or(usize::MAX)));
        if let Some(left) = &mut self.left {
            *left -= most as u64;
        }
        if self.stdout.write_all(&text[..most]).is_err() {
            // Nobody reads any more: as a program that SIGPIPE has ended.
            std::process::exit(141);
        }
    }

    /// What there was has been read; from here on each line is printed as it comes.
    pub fn flush(&mut self) {
        if let Some((_, kept)) = self.tail.take() {
            kept.iter().for_each(|line| self.write(line));
        }
        if self.stdout.flush().is_err() {
            std::process::exit(141);
        }
    }
}
