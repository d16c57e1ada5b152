//! ConfigMaps, Secrets and Services: what pods refer to (chapter 9).
//!
//! In a cluster they live in the API server. Here they stand in the same file as the pod, as documents
//! of their own. [`read()`] makes an [`Object`] of a document; [`Objects`] keeps them.

mod base64;
mod read;
mod rules;
mod types;

pub use read::{ReadObject, is_object, read};
pub use types::{ConfigMap, Object, Secret, Service, ServicePort, ServiceSpec};

use std::collections::BTreeMap;

/// Kind, namespace and name.
type Key = (&'static str, String, String);

/// Objects of all namespaces.
#[derive(Clone, Debug, Default)]
pub struct Objects(BTreeMap<Key, Object>);

impl Objects {
    /// Takes an object up; one of the same kind and name is replaced, as `apply` does it.
    ///
    /// # Errors
    /// The old one is `immutable`, and the new one is another.
    pub fn put(&mut self, object: Object) -> Result<(), String> {
        let key = (object.kind(), object.namespace().to_owned(), object.name().to_owned());
        if let Some(old) = self.0.get(&key)
            && old.is_immutable()
            && *old != object
        {
            return Err(format!("{} {:?} is immutable: delete it first", object.kind(), object.name()));
        }
        self.0.insert(key, object);
        Ok(())
    }

    /// Whether it was there.
    pub fn remove(&mut self, kind: &'static str, namespace: &str, name: &str) -> bool {
        self.0.remove(&(kind, namespace.to_owned(), name.to_owned())).is_some()
    }

    pub fn get(&self, kind: &'static str, namespace: &str, name: &str) -> Option<&Object> {
        self.0.get(&(kind, namespace.to_owned(), name.to_owned()))
    }

    /// By kind, namespace and name.
    pub fn all(&self) -> impl Iterator<Item = &Object> {
        self.0.values()
    }

    pub fn config_map(&self, namespace: &str, name: &str) -> Option<&ConfigMap> {
        match self.get("ConfigMap", namespace, name)? {
            Object::ConfigMap(map) => Some(map),
            _ => None,
        }
    }

    pub fn secret(&self, namespace: &str, name: &str) -> Option<&Secret> {
        match self.get("Secret", namespace, name)? {
            Object::Secret(secret) => Some(secret),
            _ => None,
        }
    }

    /// The services of all namespaces, by namespace and name.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.all().filter_map(|object| match object {
            Object::Service(service) => Some(service),
            _ => None,
        })
    }
}
