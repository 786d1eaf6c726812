//! What every image is made with: the files of `images/base/`, the resolver's
//! version, and the extra certificates.

use super::ImageError;
use crate::domain::ids::Digest;
use sha2::Digest as _;
use std::io;
use std::path::Path;

/// The resolver and installer, from the package index.
pub(super) const UV_VERSION: &str = "0.13.8";

/// Raised when images made so far must be made anew for another reason than a
/// change of the files below.
const BUILDER_VERSION: u32 = 1;

const FILES: [(&str, &str); 4] = [
    (
        "runbay_gate.py",
        include_str!("../../images/base/runbay_gate.py"),
    ),
    (
        "00-runbay.pth",
        include_str!("../../images/base/00-runbay.pth"),
    ),
    ("install.sh", include_str!("../../images/base/install.sh")),
    (
        "environment.sh",
        include_str!("../../images/base/environment.sh"),
    ),
];

/// The folder of an image where the files are.
pub(super) const FOLDER: &str = "opt/runbay";

/// Everything of ours that goes into images.
#[derive(Debug)]
pub struct Recipe {
    extra_ca: Option<Vec<u8>>,
    pub(super) digest: Digest,
}

impl Recipe {
    /// Reads the extra certificates, if there are any. Blocks: a bundle is some
    /// 200 KB, and all of it is hashed.
    ///
    /// # Errors
    /// `Io` when it cannot be read.
    pub fn load(extra_ca: Option<&Path>) -> Result<Self, ImageError> {
        let extra_ca = extra_ca.map(std::fs::read).transpose().map_err(|source| {
            let path = extra_ca.unwrap_or(Path::new("")).display();
            ImageError::Io {
                what: format!("the certificates in {path} could not be read"),
                source,
            }
        })?;
        let mut hash = sha2::Sha256::new();
        hash.update(format!("{BUILDER_VERSION} {UV_VERSION}\0"));
        for (name, text) in FILES {
            hash.update(format!("{name} {}\0{text}", text.len()));
        }
        hash.update(extra_ca.as_deref().unwrap_or_default());
        Ok(Self {
            extra_ca,
            digest: Digest::from_hash(&hash.finalize()),
        })
    }

    /// Whether images trust more than the certificates they came with.
    pub(super) fn has_extra_ca(&self) -> bool {
        self.extra_ca.is_some()
    }

    /// The files as a tar, to be unpacked at `/`.
    pub(super) fn tar(&self) -> io::Result<Vec<u8>> {
        let mut tar = tar::Builder::new(Vec::new());
        let mut add = |name: &str, bytes: &[u8]| {
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o644);
            header.set_size(bytes.len() as u64);
            tar.append_data(&mut header, format!("{FOLDER}/{name}"), bytes)
        };
        for (name, text) in FILES {
            add(name, text.as_bytes())?;
        }
        if let Some(bundle) = &self.extra_ca {
            add("extra-ca.crt", bundle)?;
        }
        tar.into_inner()
    }

    /// The environment variables that every image of ours has.
    pub(super) fn env(&self) -> Vec<String> {
        let mut env: Vec<String> = [
            "PATH=/opt/venv/bin:/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
            "VIRTUAL_ENV=/opt/venv",
            "HOME=/task",
            "USER=runbay",
            "LOGNAME=runbay",
            "LANG=C.UTF-8",
            "TMPDIR=/tmp",
            "PYTHONUNBUFFERED=1",
            "PYTHONDONTWRITEBYTECODE=1",
            "MPLCONFIGDIR=/tmp/matplotlib",
            "XDG_CACHE_HOME=/tmp/cache",
        ]
        .map(str::to_owned)
        .to_vec();
        if self.has_extra_ca() {
            // Python packages bring bundles of their own; these variables are
            // how they are told to use the system's.
            for name in [
                "SSL_CERT_FILE",
                "REQUESTS_CA_BUNDLE",
                "CURL_CA_BUNDLE",
                "PIP_CERT",
            ] {
                env.push(format!("{name}=/etc/ssl/certs/ca-certificates.crt"));
            }
        }
        env
    }
}
