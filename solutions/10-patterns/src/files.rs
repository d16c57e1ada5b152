//! The files of a volume, of whichever kind it is. Given.

use env::keys::Kind;
use podkit::environment::Missing;
use podkit::pod::Volume;
use podkit::volumes::{Contents, Files};

use crate::downward::{self, wanted};
use crate::keys;

/// Where neither the volume nor the file says otherwise.
const MODE: u32 = 0o644;

/// None, for a volume that does not consist of files.
pub fn files(contents: &Contents, volume: &Volume) -> Result<Files, Missing> {
    let mode = |written| keys::mode(written, MODE);
    if let Some(source) = &volume.config_map {
        keys::files(contents, &wanted(Kind::ConfigMap, source, mode(source.default_mode)))
    } else if let Some(source) = &volume.secret {
        keys::files(contents, &wanted(Kind::Secret, source, mode(source.default_mode)))
    } else if let Some(source) = &volume.downward_api {
        downward::files(contents, &source.items, mode(source.default_mode))
    } else if let Some(source) = &volume.projected {
        downward::projected(contents, &source.sources, mode(source.default_mode))
    } else {
        Ok(Files::new())
    }
}
