//! Master keys in memory, and what they seal.

use super::Bound;
use crate::domain::ids::Digest;
use crate::domain::secret::{KeyId, Sealed, Secret};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::{Zeroize as _, Zeroizing};

/// The bytes of a key, and of a nonce.
pub(super) const KEY: usize = 32;
const NONCE: usize = 24;
/// The first byte of everything sealed: how it was.
const FORM: u8 = 1;

/// Why a value stays shut. What was tried is the caller's to say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotOpen {
    /// Another master key sealed it.
    #[error("it was sealed with the key {0}, which is not in the key file")]
    OtherKey(KeyId),
    /// The bytes are not what was sealed, or belong elsewhere.
    #[error("it is damaged, or was moved here from another place")]
    Damaged,
    /// The system gives no random numbers to seal with.
    #[error("the system gives no random numbers: {0}")]
    Random(String),
}

/// One master key.
#[derive(Clone)]
pub(super) struct MasterKey {
    pub(super) id: KeyId,
    pub(super) bytes: Zeroizing<[u8; KEY]>,
}

impl MasterKey {
    pub(super) fn new(bytes: Zeroizing<[u8; KEY]>) -> Self {
        // A digest of 256 random bits tells nothing of them.
        let mut named = Zeroizing::new(b"runbay master key".to_vec());
        named.extend_from_slice(bytes.as_slice());
        let id = KeyId(Digest::of(&named).0[..16].to_owned());
        Self { id, bytes }
    }

    pub(super) fn random() -> Result<Self, CannotOpen> {
        let mut bytes = Zeroizing::new([0; KEY]);
        fill(bytes.as_mut_slice())?;
        Ok(Self::new(bytes))
    }
}

/// The master keys of a key file in its order: one seals, all open. There are
/// several only while one takes the place of another.
#[derive(Clone)]
pub struct Ring {
    pub(super) keys: Vec<MasterKey>,
    /// The place of the one that seals.
    seals: usize,
}

impl std::fmt::Debug for Ring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.keys.iter().map(|key| &key.id))
            .finish()
    }
}

impl Ring {
    /// A ring of these keys, sealing with the last of them; none without a key.
    pub(super) fn of(keys: Vec<MasterKey>) -> Option<Self> {
        let seals = keys.len().checked_sub(1)?;
        Some(Self { keys, seals })
    }

    /// A ring of one new key.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub(super) fn random() -> Result<Self, CannotOpen> {
        Ok(Self {
            keys: vec![MasterKey::random()?],
            seals: 0,
        })
    }

    /// The key that seals.
    #[must_use]
    pub fn id(&self) -> &KeyId {
        &self.leader().id
    }

    fn leader(&self) -> &MasterKey {
        &self.keys[self.seals]
    }

    /// The same keys, sealing with this one if it is among them.
    #[must_use]
    pub fn led_by(&self, id: &KeyId) -> Self {
        let place = self.keys.iter().position(|key| key.id == *id);
        Self {
            keys: self.keys.clone(),
            seals: place.unwrap_or(self.seals),
        }
    }

    /// Only the key that seals.
    #[must_use]
    pub fn alone(&self) -> Self {
        Self {
            keys: vec![self.leader().clone()],
            seals: 0,
        }
    }

    /// The same keys, sealing with the last of them; none if that seals already.
    /// What is newer stands further down in a key file.
    #[must_use]
    pub fn newest(&self) -> Option<Self> {
        let newest = Self::of(self.keys.clone())?;
        (newest.seals != self.seals).then_some(newest)
    }

    /// These keys and a new one at their end, which seals.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn renewed(&self) -> Result<Self, CannotOpen> {
        let mut keys = self.keys.clone();
        keys.push(MasterKey::random()?);
        let seals = self.keys.len();
        Ok(Self { keys, seals })
    }

    /// Seals a value with a new key of its own.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn seal(&self, bound: &Bound, value: &Secret) -> Result<Sealed, CannotOpen> {
        let own = MasterKey::random()?;
        Ok(Sealed {
            key: self.id().clone(),
            wrapped: close(self.leader(), bound, own.bytes.as_slice())?,
            sealed: close(&own, bound, value.reveal().as_bytes())?,
        })
    }

    /// Opens a value.
    ///
    /// # Errors
    /// When the key is another, or what was sealed is not this.
    pub fn open(&self, bound: &Bound, sealed: &Sealed) -> Result<Secret, CannotOpen> {
        let own = self.unwrap(bound, sealed)?;
        let mut bytes = open(&own, bound, &sealed.sealed)?;
        let text = String::from_utf8(std::mem::take(&mut *bytes));
        text.map(Secret::new).map_err(|error| {
            error.into_bytes().zeroize();
            CannotOpen::Damaged
        })
    }

    /// The same value under the key that seals now. The value itself stays shut.
    ///
    /// # Errors
    /// As [`Ring::open`].
    pub fn rewrap(&self, bound: &Bound, sealed: &Sealed) -> Result<Sealed, CannotOpen> {
        let own = self.unwrap(bound, sealed)?;
        Ok(Sealed {
            key: self.id().clone(),
            wrapped: close(self.leader(), bound, own.bytes.as_slice())?,
            sealed: sealed.sealed.clone(),
        })
    }

    fn unwrap(&self, bound: &Bound, sealed: &Sealed) -> Result<MasterKey, CannotOpen> {
        let master = self.keys.iter().find(|key| key.id == sealed.key);
        let master = master.ok_or_else(|| CannotOpen::OtherKey(sealed.key.clone()))?;
        let bytes = open(master, bound, &sealed.wrapped)?;
        let mut own = Zeroizing::new([0; KEY]);
        if bytes.len() != KEY {
            return Err(CannotOpen::Damaged);
        }
        own.copy_from_slice(&bytes);
        Ok(MasterKey::new(own))
    }
}

fn cipher(key: &MasterKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key.bytes))
}

fn close(key: &MasterKey, bound: &Bound, plain: &[u8]) -> Result<Vec<u8>, CannotOpen> {
    let mut nonce = [0; NONCE];
    fill(&mut nonce)?;
    let payload = Payload {
        msg: plain,
        aad: bound.as_bytes(),
    };
    let shut = cipher(key).encrypt(&XNonce::from(nonce), payload);
    // The cipher refuses only what is larger than any memory.
    let shut = shut.map_err(|_| CannotOpen::Damaged)?;
    Ok([&[FORM], nonce.as_slice(), &shut].concat())
}

fn open(key: &MasterKey, bound: &Bound, shut: &[u8]) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
    let damaged = CannotOpen::Damaged;
    let rest = shut.strip_prefix(&[FORM]).ok_or(damaged)?;
    let Some((nonce, msg)) = rest.split_first_chunk::<NONCE>() else {
        return Err(CannotOpen::Damaged);
    };
    let payload = Payload {
        msg,
        aad: bound.as_bytes(),
    };
    let plain = cipher(key).decrypt(&XNonce::from(*nonce), payload);
    plain.map(Zeroizing::new).map_err(|_| CannotOpen::Damaged)
}

fn fill(bytes: &mut [u8]) -> Result<(), CannotOpen> {
    getrandom::fill(bytes).map_err(|error| CannotOpen::Random(error.to_string()))
}
