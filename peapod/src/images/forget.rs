//! `image rm`: a name goes, and with its last name the image. Not while a pod has it.

use std::fs;

use podkit::real::as_root;
use podkit::runtime::Runtime;

use super::locked::{Locked, remove};
use super::names::Name;
use super::store::{Named, Store};
use crate::cli::print;

#[derive(clap::Args)]
pub struct Forget {
    /// Names, or ids as `image ls` shows them
    #[arg(required = true, value_name = "NAME", conflicts_with = "all")]
    names: Vec<String>,
    /// All images
    #[arg(long)]
    all: bool,
}

/// An id need not be written in full, but more than this.
const SHORTEST_ID: usize = 6;

/// Returns the exit status of the program.
pub fn forget(runtime: Runtime, args: &Forget) -> Result<u8, String> {
    let store = Store::of_this_user()?;
    let names = match args.all {
        true => store.names()?.into_iter().map(|it| it.name).collect(),
        false => args.names.clone(),
    };
    if !store.path.exists() {
        return match names.first() {
            Some(name) => Err(format!("no such image: {name}")),
            None => Ok(0),
        };
    }
    store.make()?;
    let work = |_| {
        let locked = match store.lock() {
            Ok(locked) => locked,
            Err(why) => {
                eprintln!("{why}");
                return 1;
            }
        };
        let mut status = 0;
        for name in &names {
            if let Err(why) = one(&locked, name) {
                eprintln!("{why}");
                status = 1;
            }
        }
        if let Err(why) = locked.sweep() {
            eprintln!("warning: {why}");
        }
        status
    };
    Ok(as_root(runtime, work, || {}))
}

fn one(locked: &Locked, wanted: &str) -> Result<(), String> {
    let all = locked.store.names()?;
    let (gone, rest): (Vec<Named>, Vec<Named>) = match locked.store.find(wanted)?.filter(|it| it.id != wanted) {
        Some(named) => all.into_iter().partition(|it| it.name == named.name),
        None => {
            let digits = wanted.strip_prefix("sha256:").unwrap_or(wanted);
            let begins = |it: &Named| it.id.strip_prefix("sha256:").is_some_and(|id| id.starts_with(digits));
            all.into_iter().partition(|it| digits.len() >= SHORTEST_ID && begins(it))
        }
    };
    let Some(first) = gone.first() else { return Err(format!("no such image: {wanted}")) };
    if gone.iter().any(|it| it.id != first.id) {
        return Err(format!("{wanted}: is the beginning of several ids"));
    }
    let is_last = !rest.iter().any(|it| it.id == first.id);
    // Held until the image is out of the way, so that no pod takes it meanwhile.
    let taken = locked.take(&first.id);
    if is_last && taken.is_none() && locked.store.dir(&first.id).exists() {
        return Err(format!("image {wanted} is in use by a pod: delete the pod first"));
    }
    locked.write_names(&rest)?;
    for named in &gone {
        let name = Name::read(&named.name).map_or_else(|_| named.name.clone(), |name| name.familiar());
        print(format_args!("Untagged: {name}"));
    }
    if is_last {
        let dir = locked.store.dir(&first.id);
        let aside = locked.store.path.join(format!(".gone-{}", std::process::id()));
        match fs::rename(&dir, &aside) {
            Ok(()) => remove(&aside),
            Err(_) => remove(&dir),
        }
        print(format_args!("Deleted: {}", first.id));
    }
    Ok(())
}
