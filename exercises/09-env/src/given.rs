//! The parts of this chapter, put together. Given.

use podkit::environment::{Around, Given, Missing};

use crate::{expand, program, variables};

/// What a container's program is given: command and arguments with the variables put in, and the variables.
pub fn given(around: &Around) -> Result<Given, Missing> {
    let own = variables(around)?;
    let put_in = |words: &[String]| -> Vec<String> {
        words.iter().map(|word| expand(word, &|name| own.get(name).cloned())).collect()
    };
    let (command, args) = (put_in(&around.container.command), put_in(&around.container.args));
    let argv = program::argv(&command, &args, around.image);
    Ok(Given { argv, variables: program::environment(around, own) })
}
