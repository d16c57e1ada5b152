//! The users and groups that an image knows: its /etc/passwd and /etc/group.

use std::fs::{self, File};
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::Path;

use nix::fcntl::{OFlag, OpenHow, ResolveFlag, open, openat2};
use nix::sys::stat::Mode;

use crate::runtime::Root;

/// More of such a file is not read.
const MOST: u64 = 4 << 20;

/// The texts of both files; empty where an image has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    pub passwd: String,
    pub group: String,
}

/// Who a program runs as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    pub uid: u32,
    pub gid: u32,
    /// The other groups of the user.
    pub groups: Vec<u32>,
    pub home: Option<String>,
}

impl Accounts {
    /// Runs in the node. What [`Root::Host`] is made with knows root and nobody; so does an image without files, but for
    /// its numbers.
    pub fn of(root: &Root) -> Accounts {
        match root {
            Root::Host => Accounts {
                passwd: "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n".to_owned(),
                group: "root:x:0:\nnogroup:x:65534:\n".to_owned(),
            },
            Root::Dir(dir) => Accounts { passwd: text(dir, "etc/passwd"), group: text(dir, "etc/group") },
        }
    }

    /// `USER[:GROUP]`, each a name or a number; empty: root. A number need not be in the files; then its group is 0. Who
    /// names a group gets that one and no others (the OCI image specification, and what the runtimes make of it).
    ///
    /// # Errors
    /// A name that the image does not know.
    pub fn find(&self, wanted: &str) -> Result<Account, String> {
        let (user, group) = match wanted.split_once(':') {
            Some((user, group)) => (user, Some(group).filter(|it| !it.is_empty())),
            None => (wanted, None),
        };
        let user = if user.is_empty() { "0" } else { user };
        let line = lines(&self.passwd, 4).find(|it| it[0] == user || (is_number(user) && it[2] == user));
        let number = |fields: &[&str], at: usize| fields.get(at).and_then(|text| text.parse::<u32>().ok());
        let mut account = match &line {
            Some(line) => Account {
                uid: number(line, 2).ok_or_else(|| format!("user {user:?}: its line in /etc/passwd has no number"))?,
                gid: number(line, 3).ok_or_else(|| format!("user {user:?}: its line in /etc/passwd has no group"))?,
                groups: Vec::new(),
                home: line.get(5).filter(|home| !home.is_empty()).map(|&home| home.to_owned()),
            },
            None => {
                let uid = user
                    .parse()
                    .map_err(|_| format!("unable to find user {user}: no matching entries in passwd file"))?;
                Account { uid, ..Account::default() }
            }
        };
        if let Some(group) = group {
            let line = lines(&self.group, 3).find(|it| it[0] == group);
            account.gid = match (&line, group.parse()) {
                (Some(line), _) => number(line, 2).ok_or_else(|| format!("group {group:?}: has no number"))?,
                (None, Ok(gid)) => gid,
                (None, Err(_)) => {
                    return Err(format!("unable to find group {group}: no matching entries in group file"));
                }
            };
        } else if let Some(line) = line {
            let has = |fields: &Vec<&str>| fields.get(3).is_some_and(|users| users.split(',').any(|it| it == line[0]));
            account.groups = lines(&self.group, 3).filter(has).filter_map(|it| number(&it, 2)).collect();
        }
        Ok(account)
    }
}

/// Is it a number?
fn is_number(user: &str) -> bool {
    !user.is_empty() && user.bytes().all(|it| it.is_ascii_digit())
}

/// The fields of each line that has so many at least.
fn lines(text: &str, least: usize) -> impl Iterator<Item = Vec<&str>> {
    let fields = |line: &'_ str| -> bool { !line.trim_start().starts_with('#') };
    text.lines()
        .filter(move |line| fields(line))
        .map(|line| line.trim().split(':').collect())
        .filter(move |fields: &Vec<&str>| fields.len() >= least)
}

/// A file of the image. What its symbolic links say, they say within the image.
fn text(dir: &Path, file: &str) -> String {
    let read = || -> Option<String> {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let dir = open(dir, flags, Mode::empty()).ok()?;
        // Without waiting: it may be a pipe.
        let how = OpenHow::new().flags(OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK);
        let file: OwnedFd = openat2(dir, file, how.resolve(ResolveFlag::RESOLVE_IN_ROOT)).ok()?;
        let file = File::from(file);
        if !file.metadata().is_ok_and(|about: fs::Metadata| about.is_file()) {
            return None;
        }
        let mut bytes = Vec::new();
        file.take(MOST).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accounts() -> Accounts {
        Accounts {
            passwd: "root:x:0:0:root:/root:/bin/sh\n# app\napp:x:100:101:an app:/srv/app:/bin/sh\n7:x:8:9::/:\n".into(),
            group: "root:x:0:\nstaff:x:50:app,root\napp:x:101:\nbin:x:1:app\n".into(),
        }
    }

    fn found(wanted: &str) -> (u32, u32, Vec<u32>) {
        let Account { uid, gid, groups, .. } = accounts().find(wanted).unwrap();
        (uid, gid, groups)
    }

    #[test]
    fn names_and_numbers() {
        assert_eq!(found(""), (0, 0, vec![50]));
        assert_eq!(found("app"), (100, 101, vec![50, 1]));
        assert_eq!(found("100"), (100, 101, vec![50, 1]));
        assert_eq!(found("app:bin"), (100, 1, vec![]));
        assert_eq!(found("app:77"), (100, 77, vec![]));
        assert_eq!(found("1234"), (1234, 0, vec![]));
        assert_eq!(found("1234:5"), (1234, 5, vec![]));
        assert_eq!(found(":staff"), (0, 50, vec![]));
        // A name that looks like a number is a name first.
        assert_eq!(found("7"), (8, 9, vec![]));
        assert_eq!(accounts().find("app").unwrap().home.as_deref(), Some("/srv/app"));
    }

    #[test]
    fn a_name_that_is_not_there_is_an_error() {
        assert!(accounts().find("nobody").unwrap_err().contains("unable to find user nobody"));
        assert!(accounts().find("app:nobody").unwrap_err().contains("unable to find group nobody"));
        assert!(Accounts::default().find("app").is_err());
        assert_eq!(Accounts::default().find("12").unwrap().uid, 12);
        assert!(accounts().find("4294967296").is_err());
    }
}
