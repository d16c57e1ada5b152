//! What was left out of an image, said once and not for each file.

use std::path::Path;

use super::entries::Head;

/// How many, and the first one's name.
#[derive(Default)]
struct Count(usize, String);

impl Count {
    fn add(&mut self, name: &Path) {
        if self.0 == 0 {
            self.1 = format!("{name:?}");
        }
        self.0 += 1;
    }

    fn say(&self, what: &str) -> Option<String> {
        match self.0 {
            0 => None,
            1 => Some(format!("{what}: {}", self.1)),
            count => Some(format!("{what}: {} and {} more", self.1, count - 1)),
        }
    }
}

#[derive(Default)]
pub struct Notes {
    devices: Count,
    owners: Count,
    capabilities: Count,
    attributes: Count,
}

impl Notes {
    pub fn device(&mut self, name: &Path) {
        self.devices.add(name);
    }

    /// It belongs to somebody for whom there is no id.
    pub fn owner(&mut self, name: &Path) {
        self.owners.add(name);
    }

    pub fn attributes(&mut self, head: &Head) {
        if head.attributes.iter().any(|name| name == "security.capability") {
            self.capabilities.add(&head.name);
        } else if !head.attributes.is_empty() {
            self.attributes.add(&head.name);
        }
    }

    pub fn lines(&self, ids: u32) -> Vec<String> {
        let owners = match ids {
            1 => "belong to root here, since there is one user id only (`peapod doctor` says how to get more)",
            _ => "belong to root here, since their owner's id is above 65535",
        };
        let said = [
            self.devices.say("device files are left out (a container has its own /dev)"),
            self.owners.say(owners),
            self.capabilities.say("file capabilities are left out"),
            self.attributes.say("extended attributes are left out"),
        ];
        said.into_iter().flatten().collect()
    }
}
