//! The arguments of libtest that people use.

pub struct Args {
    filters: Vec<String>,
    exact: bool,
    pub list: bool,
    /// How many checks run at a time.
    pub jobs: usize,
}

impl Args {
    pub fn parse(args: impl Iterator<Item = String>) -> Result<Args, String> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut parsed = Args { filters: Vec::new(), exact: false, list: false, jobs: cores };
        let mut args = args.peekable();
        while let Some(arg) = args.next() {
            let value = arg.split_once('=').map(|(_, value)| value.to_string());
            match arg.split('=').next().unwrap_or("") {
                "--exact" => parsed.exact = true,
                "--list" => parsed.list = true,
                "--nocapture" | "--no-capture" | "--show-output" | "-q" | "--quiet" => {}
                "--test-threads" => {
                    let number = value.or_else(|| args.next()).unwrap_or_default();
                    let number = number.parse().ok().filter(|&n| n > 0);
                    parsed.jobs = number.ok_or("--test-threads wants a number")?;
                }
                "--format" | "--color" => {
                    if value.is_none() {
                        args.next();
                    }
                }
                flag if flag.starts_with('-') => return Err(format!("unknown flag {flag}")),
                _ => parsed.filters.push(arg),
            }
        }
        Ok(parsed)
    }

    pub fn chooses(&self, name: &str) -> bool {
        let hit = |filter: &String| match self.exact {
            true => filter == name,
            false => name.contains(filter.as_str()),
        };
        self.filters.is_empty() || self.filters.iter().any(hit)
    }
}
