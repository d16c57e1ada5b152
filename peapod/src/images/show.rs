//! `image ls`: what is loaded.

use clap::ValueEnum;

use super::names::Name;
use super::store::{Named, Store};
use crate::cli::print;
use crate::columns::{age, lines, now};

#[derive(clap::Args)]
pub struct Show {
    /// All that is known, or the names only
    #[arg(short, long, value_enum)]
    output: Option<Output>,
    /// No names above the columns
    #[arg(long)]
    no_headers: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    Json,
    Name,
}

pub fn show(args: &Show) -> Result<(), String> {
    let names = Store::of_this_user()?.names()?;
    match args.output {
        Some(Output::Json) => print(serde_json::to_string_pretty(&names).unwrap_or_default()),
        Some(Output::Name) => names.iter().for_each(|it| print(familiar(it))),
        None => table(args, &names),
    }
    Ok(())
}

fn table(args: &Show, names: &[Named]) {
    let mut rows = Vec::new();
    if !args.no_headers {
        rows.push(["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"].map(str::to_owned).to_vec());
    }
    for it in names {
        let name = familiar(it);
        let (repository, tag) = name.rsplit_once(':').unwrap_or((&name, ""));
        let created = match &it.created {
            Some(at) => format!("{} ago", age(Some(at), &now())),
            None => "<none>".to_owned(),
        };
        rows.push(vec![repository.to_owned(), tag.to_owned(), short(&it.id).to_owned(), created, size(it.size)]);
    }
    lines(&rows, &mut Vec::new()).into_iter().for_each(print);
}

fn familiar(named: &Named) -> String {
    Name::read(&named.name).map_or_else(|_| named.name.clone(), |name| name.familiar())
}

/// As docker shows it.
fn short(id: &str) -> &str {
    let digits = id.strip_prefix("sha256:").unwrap_or(id);
    digits.get(..12).unwrap_or(digits)
}

/// In units of a thousand, as docker shows it.
fn size(bytes: u64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let mut size = bytes as f64;
    let mut at = 0;
    while size >= 1000.0 && at + 1 < units.len() {
        size /= 1000.0;
        at += 1;
    }
    match (at, size < 10.0) {
        (0, _) => format!("{bytes}B"),
        (_, true) => format!("{size:.2}{}", units[at]),
        (_, false) => format!("{size:.1}{}", units[at]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_docker_shows_them() {
        assert_eq!([size(0), size(999), size(4_490_000), size(78_100_000)], ["0B", "999B", "4.49MB", "78.1MB"]);
    }
}
