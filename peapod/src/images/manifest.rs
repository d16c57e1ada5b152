//! What an archive says it holds: images, each with its names, its configuration and its layers.
//!
//! Two forms. What `docker save` and `podman save` write has `manifest.json`, a list of images. The OCI layout has
//! `index.json`, a list of manifests by digest, which may lead to further lists, one manifest for each platform.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::archive::{Archive, Blob};
use super::digest;
use super::names::hex;

/// An image as an archive has it.
#[derive(Debug)]
pub struct Found {
    /// As they are written there; perhaps none.
    pub names: Vec<String>,
    /// `sha256:...` of the configuration: who the image is.
    pub id: String,
    /// `sha256:...` of the manifest, where there is one: what a name with `@` asks for.
    pub digest: Option<String>,
    pub config: Config,
    /// The lowest one first.
    pub layers: Vec<Layer>,
}

#[derive(Debug)]
pub struct Layer {
    pub blob: Blob,
    /// `sha256:...` of what it is when it is unpacked.
    pub unpacked: String,
}

/// An image's configuration (OCI image specification), as far as it counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Config {
    pub architecture: String,
    pub os: String,
    pub created: Option<String>,
    pub config: Option<Execution>,
    pub rootfs: RootFs,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RootFs {
    pub diff_ids: Vec<String>,
}

/// How to run it. Docker writes `null` for what is not there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Execution {
    pub user: Option<String>,
    pub env: Option<Vec<String>>,
    pub entrypoint: Option<Vec<String>>,
    pub cmd: Option<Vec<String>>,
    pub working_dir: Option<String>,
    pub stop_signal: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: String,
    repo_tags: Option<Vec<String>>,
    layers: Option<Vec<String>>,
}

/// An OCI index, or an OCI manifest: they have no field in common that would be different.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Listed {
    manifests: Option<Vec<Descriptor>>,
    config: Option<Descriptor>,
    layers: Vec<Descriptor>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Descriptor {
    digest: String,
    size: u64,
    platform: Option<Platform>,
    annotations: Option<std::collections::BTreeMap<String, String>>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Platform {
    architecture: String,
    os: String,
}

/// Lists of lists of lists; and how many manifests in all of them.
const DEEPEST: usize = 4;
const MOST: usize = 1000;
/// Overlays of the kernel have at most 500; docker allows 127.
const MOST_LAYERS: usize = 500;

/// This machine's, in the words of images.
pub fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    }
}

/// All images of an archive.
///
/// # Errors
/// It holds none, or one of them is not complete.
pub fn images(archive: &Archive) -> Result<Vec<Found>, String> {
    let (found, mut others) = if archive.has("manifest.json") {
        (saved(archive)?, Vec::new())
    } else if archive.has("index.json") {
        let index: Listed = json(&archive.blob("index.json")?)?;
        let mut search = Search { archive, found: Vec::new(), passed_over: Vec::new(), count: 0 };
        for one in index.manifests.unwrap_or_default() {
            search.follow(&one, &[], 1)?;
        }
        (search.found, search.passed_over)
    } else {
        let forms = "neither a manifest.json (`docker save`, `podman save`) nor an index.json (OCI)";
        return Err(format!("holds no image: {forms}"));
    };
    // An entry of an index need not say its platform. The image itself does.
    let is_ours = |it: &Found| it.config.architecture.is_empty() || it.config.architecture == architecture();
    let (ours, strange): (Vec<Found>, Vec<Found>) = found.into_iter().partition(is_ours);
    others.extend(strange.iter().map(|it| format!("linux/{}", it.config.architecture)));
    match ours.is_empty() {
        false => Ok(ours),
        true if others.is_empty() => Err("holds no image".to_owned()),
        true => Err(format!("holds no image for linux/{}, only for {}", architecture(), others.join(", "))),
    }
}

fn json<T: DeserializeOwned>(blob: &Blob) -> Result<T, String> {
    serde_json::from_slice(&blob.text()?).map_err(|error| format!("{}: {error}", blob.name))
}

fn saved(archive: &Archive) -> Result<Vec<Found>, String> {
    let all: Vec<Saved> = json(&archive.blob("manifest.json")?)?;
    if all.is_empty() || all.len() > MOST {
        return Err(format!("manifest.json: names {} images", all.len()));
    }
    let image = |saved: Saved| {
        let blob = archive.blob(&saved.config)?;
        let id = digest::of(&blob.text()?);
        // `DIGEST.json`, or `blobs/sha256/DIGEST`.
        let stem = saved.config.rsplit('/').next().unwrap_or_default().trim_end_matches(".json");
        if let Some(expected) = hex(&format!("sha256:{stem}")).map(|digits| format!("sha256:{digits}")) {
            blob.verify(&expected)?;
        }
        let names = saved.repo_tags.unwrap_or_default();
        let blobs = saved.layers.unwrap_or_default().iter().map(|name| archive.blob(name)).collect::<Result<_, _>>()?;
        found(names, id, None, &blob, blobs)
    };
    all.into_iter().map(image).collect()
}

fn found(
    names: Vec<String>,
    id: String,
    digest: Option<String>,
    config: &Blob,
    blobs: Vec<Blob>,
) -> Result<Found, String> {
    let (name, config) = (&config.name, json::<Config>(config)?);
    let ids = &config.rootfs.diff_ids;
    if ids.len() != blobs.len() {
        return Err(format!("{name}: lists {} layers, and there are {}", ids.len(), blobs.len()));
    }
    if ids.len() > MOST_LAYERS {
        return Err(format!("{name}: has {} layers; {MOST_LAYERS} is the most", ids.len()));
    }
    if let Some(wrong) = ids.iter().find(|id| hex(id).is_none()) {
        return Err(format!("{name}: rootfs.diff_ids: {wrong:?} is no digest that is known"));
    }
    if !config.os.is_empty() && config.os != "linux" {
        return Err(format!("{name}: is an image for {}, not for linux", config.os));
    }
    let layers = blobs.into_iter().zip(ids).map(|(blob, id)| Layer { blob, unpacked: id.clone() }).collect();
    Ok(Found { names, id, digest, config, layers })
}

/// On the way through an index.
struct Search<'a> {
    archive: &'a Archive,
    found: Vec<Found>,
    passed_over: Vec<String>,
    count: usize,
}

impl Search<'_> {
    fn follow(&mut self, one: &Descriptor, names: &[String], depth: usize) -> Result<(), String> {
        self.count += 1;
        if depth > DEEPEST || self.count > MOST {
            return Err(format!("index.json: leads deeper than {DEEPEST} lists, or to more than {MOST} manifests"));
        }
        if let Some(platform) = &one.platform
            && (platform.os != "linux" || platform.architecture != architecture())
        {
            // What builders know about an image is said to be for the platform unknown/unknown.
            if platform.os != "unknown" {
                self.passed_over.push(format!("{}/{}", platform.os, platform.architecture));
            }
            return Ok(());
        }
        let own = names_of(one);
        let names = if own.is_empty() { names } else { &own };
        let blob = self.blob(one)?;
        let listed: Listed = json(&blob)?;
        if let Some(manifests) = listed.manifests {
            return manifests.iter().try_for_each(|one| self.follow(one, names, depth + 1));
        }
        let config = listed.config.ok_or_else(|| format!("{}: is neither an index nor a manifest", blob.name))?;
        let blobs = listed.layers.iter().map(|layer| self.blob(layer)).collect::<Result<_, _>>()?;
        let (id, config) = (config.digest.clone(), self.blob(&config)?);
        self.found.push(found(names.to_vec(), id, Some(one.digest.clone()), &config, blobs)?);
        Ok(())
    }

    /// What a descriptor means, looked through.
    fn blob(&self, one: &Descriptor) -> Result<Blob, String> {
        let wrong = || format!("{:?} is no digest that is known", one.digest);
        let blob = self.archive.blob(&format!("blobs/sha256/{}", hex(&one.digest).ok_or_else(wrong)?))?;
        if blob.length != one.size {
            return Err(format!("{}: must be {} bytes long, and is {}", blob.name, one.size, blob.length));
        }
        blob.verify(&one.digest)?;
        Ok(blob)
    }
}

/// The name that annotations give. What builders and docker write is complete; the other may be a tag alone.
fn names_of(one: &Descriptor) -> Vec<String> {
    let said = |key: &str| one.annotations.as_ref().and_then(|all| all.get(key));
    said("io.containerd.image.name")
        .or_else(|| said("org.opencontainers.image.ref.name"))
        .cloned()
        .into_iter()
        .collect()
}
