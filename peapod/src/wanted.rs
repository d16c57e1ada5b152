//! What a command line asks for: `pods`, `pod web`, `pod/web configmap/settings`.

use podkit::pod::Pod;

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Pod,
    ConfigMap,
    Secret,
    Service,
}

/// One thing to look for. Without a name it is all of the kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub kind: Kind,
    pub name: Option<String>,
}

impl Kind {
    /// As the API writes it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Pod => "Pod",
            Kind::ConfigMap => "ConfigMap",
            Kind::Secret => "Secret",
            Kind::Service => "Service",
        }
    }

    /// As kubectl prints it.
    pub fn lower(self) -> String {
        self.word().to_lowercase()
    }

    fn read(text: &str) -> Result<Kind, String> {
        match text.to_lowercase().as_str() {
            "pod" | "pods" | "po" => Ok(Kind::Pod),
            "configmap" | "configmaps" | "cm" => Ok(Kind::ConfigMap),
            "secret" | "secrets" => Ok(Kind::Secret),
            "service" | "services" | "svc" => Ok(Kind::Service),
            _ => Err(format!(
                "{text:?} is no kind that there is here (pods, configmaps, secrets, services; for `get` events, too): \
                 a pod of that name is `pod {text}`"
            )),
        }
    }
}

/// Everything that these words ask for.
pub fn wanted(words: &[String]) -> Result<Vec<Wanted>, String> {
    let Some(first) = words.first() else { return Err("say of what kind, and perhaps the names: pod web".to_owned()) };
    if first.contains('/') {
        return words.iter().map(|word| pair(word)).collect();
    }
    if let Some(word) = words[1..].iter().find(|word| word.contains('/')) {
        return Err(format!("{word:?}: either a kind and names, or KIND/NAME each"));
    }
    // As kubectl has it: ConfigMaps and Secrets are not among `all`.
    let all = |word| if word == "all" { vec!["pods", "services"] } else { vec![word] };
    let kinds = first.split(',').flat_map(all).map(Kind::read).collect::<Result<Vec<Kind>, String>>()?;
    let mut all = Vec::new();
    for kind in kinds {
        match &words[1..] {
            [] => all.push(Wanted { kind, name: None }),
            names => all.extend(names.iter().map(|name| Wanted { kind, name: Some(name.clone()) })),
        }
    }
    Ok(all)
}

fn pair(word: &str) -> Result<Wanted, String> {
    match word.split_once('/') {
        Some((kind, name)) if !name.is_empty() => Ok(Wanted { kind: Kind::read(kind)?, name: Some(name.to_owned()) }),
        _ => Err(format!("{word:?}: must be KIND/NAME, as the first one is")),
    }
}

/// A pod: `web`, or `pod/web`.
pub fn pod(word: &str) -> Result<String, String> {
    match word.contains('/') {
        false => Ok(word.to_owned()),
        true => match pair(word)? {
            Wanted { kind: Kind::Pod, name: Some(name) } => Ok(name),
            _ => Err(format!("{word:?} is no pod")),
        },
    }
}

/// The container that is meant: the one that is named, else the pod's own choice, else its first one.
/// Who has named none is told which one it is.
pub fn container(pod: &Pod, named: Option<&str>) -> Result<String, String> {
    let all: Vec<String> = pod.spec.containers.iter().map(|it| it.name.clone()).collect();
    let init: Vec<String> = pod.spec.init_containers.iter().map(|it| it.name.clone()).collect();
    let (pod_name, names) = (&pod.metadata.name, || [all.clone(), init.clone()].concat().join(", "));
    if let Some(name) = named {
        return match all.iter().chain(&init).any(|it| it == name) {
            true => Ok(name.to_owned()),
            false => Err(format!("container {name:?} is not in pod {pod_name:?}, which has: {}", names())),
        };
    }
    let chosen = pod.metadata.annotations.get("kubectl.kubernetes.io/default-container");
    if let Some(name) = chosen.filter(|name| all.contains(name)) {
        return Ok(name.clone());
    }
    let first = all.first().cloned().ok_or_else(|| format!("pod {pod_name:?} has no container"))?;
    if all.len() + init.len() > 1 {
        let init = init.iter().map(|name| format!("{name} (init)"));
        let list: Vec<String> = all.into_iter().chain(init).collect();
        eprintln!("Defaulted container {first:?} out of: {}", list.join(", "));
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn kubectls_ways_to_say_it() {
        let web = Wanted { kind: Kind::Pod, name: Some("web".into()) };
        assert_eq!(wanted(&words("pod web")), Ok(vec![web.clone()]));
        assert_eq!(wanted(&words("po/web")), Ok(vec![web.clone()]));
        assert_eq!(wanted(&words("pods")), Ok(vec![Wanted { kind: Kind::Pod, name: None }]));
        let all = wanted(&words("pods,cm")).unwrap();
        assert_eq!(all.iter().map(|it| it.kind).collect::<Vec<_>>(), [Kind::Pod, Kind::ConfigMap]);
        let all = wanted(&words("all,cm")).unwrap();
        assert_eq!(all.iter().map(|it| it.kind).collect::<Vec<_>>(), [Kind::Pod, Kind::Service, Kind::ConfigMap]);
        for wrong in ["deployment web", "pod/", "pod/web web", "pod a/b"] {
            assert!(wanted(&words(wrong)).is_err(), "{wrong}");
        }
        assert_eq!(pod("pod/web"), Ok("web".into()));
        assert!(pod("cm/web").is_err());
    }
}
