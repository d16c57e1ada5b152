//! What an image is called: `busybox` is `docker.io/library/busybox:latest`.

use std::fmt;

/// A name that is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// With the registry: `docker.io/library/busybox`.
    pub repository: String,
    /// `None` where only a digest is named.
    pub tag: Option<String>,
    /// `sha256:...`
    pub digest: Option<String>,
}

const DOCKER: &str = "docker.io";

impl Name {
    /// Reads a name as docker does: what comes before the first slash is a registry if it has a dot or a colon in it, or is
    /// `localhost`; else the registry is docker.io, and there a name without a slash is in `library`.
    ///
    /// # Errors
    /// It is no name of an image.
    pub fn read(text: &str) -> Result<Name, String> {
        let wrong = |why: &str| Err(format!("{text:?} is no name of an image: {why}"));
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        if digest.is_some_and(|digest| hex(digest).is_none()) {
            return wrong("after the `@` there must be `sha256:` and 64 hexadecimal digits");
        }
        // A colon after the last slash starts a tag; one before it, a registry's port.
        let (path, tag) = match rest.rfind(':') {
            Some(colon) if !rest[colon..].contains('/') => (&rest[..colon], Some(&rest[colon + 1..])),
            _ => (rest, None),
        };
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return wrong(
                "a tag has letters, digits, `_`, `.` and `-`, at most 128, and begins with none of the last two",
            );
        }
        let (registry, path) = match path.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (first, rest.to_owned()),
            _ => (DOCKER, path.to_owned()),
        };
        let registry = if registry == "index.docker.io" { DOCKER } else { registry };
        let path = if registry == DOCKER && !path.contains('/') { format!("library/{path}") } else { path };
        let is_in = |c: char, more: &str| c.is_ascii_alphanumeric() || more.contains(c);
        if !registry.starts_with(|c| is_in(c, "[")) || !registry.chars().all(|c| is_in(c, ".-:[]")) {
            return wrong("before the first slash there must be a registry's address");
        }
        let is_part = |part: &str| {
            let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
            let chars = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
            ends(part.chars().next()) && ends(part.chars().last()) && part.chars().all(chars)
        };
        if path.len() > 255 || !path.split('/').all(is_part) {
            return wrong("it has lower-case letters, digits, `.`, `_` and `-` between slashes");
        }
        let tag = tag.or(if digest.is_none() { Some("latest") } else { None });
        Ok(Name {
            repository: format!("{registry}/{path}"),
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// The same below `localhost`, if the name said no registry: what podman builds is called that.
    pub fn on_localhost(text: &str) -> Option<Name> {
        let first = text.split('/').next().unwrap_or(text);
        let has_registry = text.contains('/') && (first.contains(['.', ':']) || first == "localhost");
        if has_registry { None } else { Name::read(&format!("localhost/{text}")).ok() }
    }

    /// As people write it.
    pub fn familiar(&self) -> String {
        let whole = self.to_string();
        let short = whole.strip_prefix("docker.io/").unwrap_or(&whole);
        short.strip_prefix("library/").unwrap_or(short).to_owned()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// The digits of `sha256:...`.
pub fn hex(digest: &str) -> Option<&str> {
    let digits = digest.strip_prefix("sha256:")?;
    let is_hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
    (digits.len() == 64 && digits.bytes().all(is_hex)).then_some(digits)
}

fn is_tag(tag: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (1..=128).contains(&tag.len())
        && tag.chars().next().is_some_and(is_word)
        && tag.chars().all(|c| is_word(c) || c == '.' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed_as_docker_does_it() {
        let cases = [
            ("busybox", "docker.io/library/busybox:latest", "busybox:latest"),
            ("busybox:1.36", "docker.io/library/busybox:1.36", "busybox:1.36"),
            ("docker.io/busybox", "docker.io/library/busybox:latest", "busybox:latest"),
            ("index.docker.io/a/b", "docker.io/a/b:latest", "a/b:latest"),
            ("a/b:v1", "docker.io/a/b:v1", "a/b:v1"),
            ("localhost/app", "localhost/app:latest", "localhost/app:latest"),
            ("localhost:5000/app", "localhost:5000/app:latest", "localhost:5000/app:latest"),
            ("registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10"),
        ];
        for (text, whole, familiar) in cases {
            let name = Name::read(text).unwrap();
            assert_eq!((name.to_string().as_str(), name.familiar().as_str()), (whole, familiar), "{text}");
        }
    }

    #[test]
    fn a_digest_stands_instead_of_a_tag_or_beside_it() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let name = Name::read(&format!("busybox@{digest}")).unwrap();
        assert_eq!((name.tag, name.digest.as_deref()), (None, Some(digest.as_str())));
        assert_eq!(Name::read(&format!("busybox:1@{digest}")).unwrap().tag.as_deref(), Some("1"));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", "A", "a b", "a:", "a:-x", "a//b", "../x", "a/../b", "-a", "a@sha256:00", ":x", "a/", "é"] {
            assert!(Name::read(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_short_name_may_be_one_of_podmans() {
        assert_eq!(Name::on_localhost("app:1").unwrap().to_string(), "localhost/app:1");
        assert_eq!(Name::on_localhost("me/app").unwrap().to_string(), "localhost/me/app:latest");
        assert_eq!(Name::on_localhost("quay.io/app"), None);
    }
}
