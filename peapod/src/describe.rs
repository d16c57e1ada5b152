//! `describe`: all that is known of a pod, for people.

use std::fmt::Write;

use podkit::control::{Shown, Told};
use podkit::manifest::to_yaml;
use podkit::pod::{Container, ContainerState, ContainerStatus, Probe, Quantity, shown};

use crate::cli::{Around, print};
use crate::columns::age;
use crate::get::all_pods;
use crate::wanted::{Kind, Wanted, wanted};

#[derive(clap::Args)]
pub struct Describe {
    /// A kind and perhaps names, or KIND/NAME: `pods`, `pod web`, `pod/web`
    #[arg(required = true, value_name = "WHAT")]
    what: Vec<String>,
}

pub fn describe(around: &Around, args: &Describe) -> Result<(), String> {
    let mut missing = Vec::new();
    let mut texts = Vec::new();
    for Wanted { kind, name } in wanted(&args.what)? {
        if kind != Kind::Pod {
            missing.push(format!("{}: pods are described; `get {0} -o yaml` shows the others", kind.lower()));
            continue;
        }
        match all_pods(around, name.as_deref(), false) {
            Ok(pods) => texts.extend(pods.iter().map(text)),
            Err(message) => missing.push(message),
        }
    }
    if texts.is_empty() && missing.is_empty() {
        eprintln!("No resources found in {} namespace.", around.namespace);
    }
    if !texts.is_empty() {
        print(texts.join("\n\n").trim_end());
    }
    if missing.is_empty() { Ok(()) } else { Err(missing.join("\n")) }
}

fn text(it: &Shown) -> String {
    let (meta, spec) = (&it.pod.metadata, &it.pod.spec);
    let status = it.pod.status.clone().unwrap_or_default();
    let mut out = Text(String::new());
    out.pair("Name", &meta.name);
    out.pair("Namespace", meta.namespace.as_deref().unwrap_or("default"));
    out.pair("Node", spec.node_name.as_deref().unwrap_or("<none>"));
    out.pair("Start Time", status.start_time.as_deref().unwrap_or("<unknown>"));
    out.list("Labels", meta.labels.iter().map(|(key, value)| format!("{key}={value}")));
    out.list("Annotations", meta.annotations.iter().map(|(key, value)| format!("{key}: {value}")));
    match (&meta.deletion_timestamp, meta.deletion_grace_period_seconds) {
        (Some(until), grace) => {
            out.pair("Status", &format!("{} (until {until})", shown(&it.pod)));
            out.pair("Termination Grace Period", &format!("{}s", grace.unwrap_or_default()));
        }
        (None, _) => out.pair("Status", &status.phase.to_string()),
    }
    if let Some(reason) = &status.reason {
        out.pair("Reason", reason);
    }
    if let Some(message) = &status.message {
        out.pair("Message", message);
    }
    out.pair("IP", status.pod_ip.as_deref().unwrap_or("<none>"));
    for (head, containers, statuses) in [
        ("Init Containers", &spec.init_containers, &status.init_container_statuses),
        ("Containers", &spec.containers, &status.container_statuses),
    ] {
        if !containers.is_empty() {
            out.line(&format!("{head}:"));
        }
        for container in containers {
            out.container(container, statuses.iter().find(|status| status.name == container.name));
        }
    }
    out.line("Conditions:");
    out.line("  Type                        Status");
    for condition in &status.conditions {
        let why = condition.reason.as_ref().map(|reason| format!("  {reason}")).unwrap_or_default();
        out.line(&format!("  {:<26}  {}{why}", condition.kind, condition.status));
    }
    if !spec.volumes.is_empty() {
        out.line("Volumes:");
        to_yaml(&spec.volumes).lines().for_each(|line| out.line(&format!("  {line}")));
    }
    if let Some(class) = &status.qos_class {
        out.pair("QoS Class", class);
    }
    out.events(&it.events, &it.now);
    out.0
}

struct Text(String);

impl Text {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn pair(&mut self, name: &str, value: &str) {
        let _ = writeln!(self.0, "{:<17} {value}", format!("{name}:"));
    }

    fn list(&mut self, name: &str, values: impl Iterator<Item = String>) {
        let mut any = false;
        for (n, value) in values.enumerate() {
            any = true;
            match n {
                0 => self.pair(name, &value),
                _ => self.line(&format!("{:<17} {value}", "")),
            }
        }
        if !any {
            self.pair(name, "<none>");
        }
    }

    fn field(&mut self, depth: usize, name: &str, value: &str) {
        let _ = writeln!(self.0, "{:depth$}{:<15} {value}", "", format!("{name}:"));
    }

    fn container(&mut self, container: &Container, status: Option<&ContainerStatus>) {
        self.line(&format!("  {}:", container.name));
        self.field(4, "Image", container.image.as_deref().unwrap_or("<none>"));
        let port = |port: &podkit::pod::ContainerPort| {
            format!("{}/{}", port.container_port, port.protocol.as_deref().unwrap_or("TCP"))
        };
        let ports: Vec<String> = container.ports.iter().map(port).collect();
        self.field(4, "Ports", &if ports.is_empty() { "<none>".to_owned() } else { ports.join(", ") });
        for (name, words) in [("Command", &container.command), ("Args", &container.args)] {
            if !words.is_empty() {
                self.line(&format!("    {name}:"));
                words.iter().flat_map(|word| word.lines()).for_each(|word| self.line(&format!("      {word}")));
            }
        }
        if let Some(status) = status {
            self.state(4, "State", &status.state);
            if !status.last_state.is_unset() {
                self.state(4, "Last State", &status.last_state);
            }
            self.field(4, "Ready", if status.ready { "True" } else { "False" });
            self.field(4, "Restart Count", &status.restart_count.to_string());
        }
        if let Some(resources) = &container.resources {
            for (name, amounts) in [("Limits", &resources.limits), ("Requests", &resources.requests)] {
                if !amounts.is_empty() {
                    self.line(&format!("    {name}:"));
                    amounts.iter().for_each(|(resource, amount)| self.field(6, resource, &quantity(amount)));
                }
            }
        }
        for (name, probe) in [
            ("Liveness", &container.liveness_probe),
            ("Readiness", &container.readiness_probe),
            ("Startup", &container.startup_probe),
        ] {
            if let Some(it) = probe {
                self.field(4, name, &about_probe(it));
            }
        }
        self.environment(container);
        if !container.volume_mounts.is_empty() {
            self.line("    Mounts:");
            for mount in &container.volume_mounts {
                let mode = if mount.read_only == Some(true) { "ro" } else { "rw" };
                self.line(&format!("      {} from {} ({mode})", mount.mount_path, mount.name));
            }
        }
    }

    fn environment(&mut self, container: &Container) {
        for from in &container.env_from {
            let (kind, name) = match (&from.config_map_ref, &from.secret_ref) {
                (Some(map), _) => ("ConfigMap", map.name.as_str()),
                (None, Some(secret)) => ("Secret", secret.name.as_str()),
                (None, None) => continue,
            };
            self.field(4, "Environment from", &format!("{name} ({kind})"));
        }
        if container.env.is_empty() {
            return self.field(4, "Environment", "<none>");
        }
        self.line("    Environment:");
        for variable in &container.env {
            let value = match (&variable.value, &variable.value_from) {
                (Some(value), _) => value.clone(),
                (None, Some(from)) => {
                    let key = |kind: &str, it: &podkit::pod::KeyRef| {
                        format!("<set to the key '{}' in {kind} '{}'>", it.key, it.name)
                    };
                    let field = from.field_ref.as_ref().map(|it| format!("(v1:{})", it.field_path));
                    let resource = from.resource_field_ref.as_ref().map(|it| format!("({})", it.resource));
                    let map = from.config_map_key_ref.as_ref().map(|it| key("config map", it));
                    let secret = from.secret_key_ref.as_ref().map(|it| key("secret", it));
                    field.or(resource).or(map).or(secret).unwrap_or_default()
                }
                (None, None) => String::new(),
            };
            self.field(6, &variable.name, &value);
        }
    }

    fn state(&mut self, depth: usize, name: &str, state: &ContainerState) {
        let deeper = depth + 2;
        match state {
            ContainerState::Unset => {}
            ContainerState::Waiting(waiting) => {
                self.field(depth, name, "Waiting");
                self.field(deeper, "Reason", &waiting.reason);
                if let Some(message) = &waiting.message {
                    self.field(deeper, "Message", message);
                }
            }
            ContainerState::Running(running) => {
                self.field(depth, name, "Running");
                self.field(deeper, "Started", &running.started_at);
            }
            ContainerState::Terminated(end) => {
                self.field(depth, name, "Terminated");
                self.field(deeper, "Reason", &end.reason);
                if let Some(message) = end.message.as_ref().filter(|message| !message.is_empty()) {
                    self.field(deeper, "Message", message.trim_end());
                }
                self.field(deeper, "Exit Code", &end.exit_code.to_string());
                self.field(deeper, "Started", &end.started_at);
                self.field(deeper, "Finished", &end.finished_at);
            }
        }
    }

    fn events(&mut self, events: &[Told], now: &str) {
        if events.is_empty() {
            return self.pair("Events", "<none>");
        }
        self.line("Events:");
        let mut rows = vec![["Type", "Reason", "Age", "From", "Message"].map(str::to_owned).to_vec()];
        rows.push(["----", "------", "----", "----", "-------"].map(str::to_owned).to_vec());
        for told in events {
            let mut when = age(Some(&told.last), now);
            if told.count > 1 {
                when = format!("{when} (x{} over {})", told.count, age(Some(&told.first), now));
            }
            let kind = if told.warning { "Warning" } else { "Normal" };
            let message = told.message.trim().replace('\n', " ");
            rows.push(vec![kind.to_owned(), told.reason.clone(), when, "kubelet".to_owned(), message]);
        }
        for line in crate::columns::lines(&rows, &mut Vec::new()) {
            self.line(&format!("  {line}"));
        }
    }
}

fn quantity(amount: &Quantity) -> String {
    match amount {
        Quantity::Int(n) => n.to_string(),
        Quantity::Float(n) => n.to_string(),
        Quantity::Text(text) => text.clone(),
    }
}

/// As kubectl: `http-get http://:8080/ready delay=0s timeout=1s period=10s #success=1 #failure=3`.
fn about_probe(probe: &Probe) -> String {
    use podkit::pod::IntOrString;
    let port = |port: &IntOrString| match port {
        IntOrString::Int(n) => n.to_string(),
        IntOrString::Text(name) => name.clone(),
    };
    let how = match (&probe.exec, &probe.http_get, &probe.tcp_socket, &probe.grpc) {
        (Some(exec), ..) => format!("exec [{}]", exec.command.join(" ")),
        (_, Some(get), ..) => {
            let scheme = get.scheme.as_deref().unwrap_or("HTTP").to_lowercase();
            let (host, path) = (get.host.as_deref().unwrap_or_default(), get.path.as_deref().unwrap_or("/"));
            format!("http-get {scheme}://{host}:{}{path}", port(&get.port))
        }
        (_, _, Some(socket), _) => format!("tcp-socket :{}", port(&socket.port)),
        (_, _, _, Some(grpc)) => format!("grpc <pod>:{}", grpc.port),
        _ => "unknown".to_owned(),
    };
    let or = |value: Option<i64>, default: i64| value.unwrap_or(default);
    format!(
        "{how} delay={}s timeout={}s period={}s #success={} #failure={}",
        or(probe.initial_delay_seconds, 0),
        or(probe.timeout_seconds, 1),
        or(probe.period_seconds, 10),
        or(probe.success_threshold, 1),
        or(probe.failure_threshold, 3)
    )
}
