//! Sealing secrets: an AEAD whose associated data binds the registry, the field and the address, under a key in a file
//! of its own. A sealed secret moved to another place, or read with another key, does not open.

use crate::{Error, open::make_file};
use domain::{Address, Id, Secret};
use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom as _, SystemRandom},
};
use std::path::Path;

const KEY_ID_LEN: usize = 8;
/// The first byte of everything sealed: which way of sealing it was.
const FORMAT: u8 = 1;

/// The key at hand.
pub(crate) struct Keys {
    id: [u8; KEY_ID_LEN],
    key: LessSafeKey,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", hex::encode(self.id))
    }
}

/// What a sealed secret belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bound<'a> {
    pub(crate) registry: Id,
    pub(crate) field: &'static str,
    pub(crate) address: &'a Address,
}

impl Bound<'_> {
    /// Each part with its length before it, so that no two bindings have the same bytes.
    fn associated_data(self) -> Vec<u8> {
        let registry = self.registry.to_string();
        let address = self.address.to_string();
        let mut data = b"wharfinger registry secret".to_vec();
        for part in [registry.as_str(), self.field, address.as_str()] {
            data.extend((part.len() as u64).to_be_bytes());
            data.extend(part.as_bytes());
        }
        data
    }
}

impl Keys {
    /// Reads the key file, or makes one where there is none.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        if !path.exists() {
            create(path)?;
        }
        let text = std::fs::read_to_string(path).map_err(Error::file(path))?;
        let bytes = hex::decode(text.trim()).map_err(|_| Error::KeyFile(path.to_owned()))?;
        Self::from_bytes(&bytes).ok_or_else(|| Error::KeyFile(path.to_owned()))
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, bytes).ok()?);
        let mut sum = ring::digest::Context::new(&ring::digest::SHA256);
        sum.update(b"wharfinger key id");
        sum.update(bytes);
        let mut id = [0; KEY_ID_LEN];
        id.copy_from_slice(&sum.finish().as_ref()[..KEY_ID_LEN]);
        Some(Self { id, key })
    }

    /// Seals `secret`: format, key id, nonce, then what the AEAD made.
    pub(crate) fn seal(&self, bound: Bound<'_>, secret: &Secret) -> Result<Vec<u8>, Error> {
        self.seal_to(&bound.associated_data(), secret.reveal().as_bytes())
            .ok_or(Error::Unreadable { field: bound.field })
    }

    /// Seals bytes that belong to whatever `associated` names. Begin it with words that nothing else begins with.
    pub(crate) fn seal_to(&self, associated: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        let nonce = random::<NONCE_LEN>();
        let mut text = plain.to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        self.key.seal_in_place_append_tag(unique, Aad::from(associated), &mut text).ok()?;
        Some([&[FORMAT][..], &self.id, &nonce, &text].concat())
    }

    /// Opens what [`Keys::seal`] made for the same registry, field and address.
    pub(crate) fn unseal(&self, bound: Bound<'_>, sealed: &[u8]) -> Result<Secret, Error> {
        self.try_unseal(bound, sealed).ok_or(Error::Unreadable { field: bound.field })
    }

    fn try_unseal(&self, bound: Bound<'_>, sealed: &[u8]) -> Option<Secret> {
        let plain = self.unseal_of(&bound.associated_data(), sealed)?;
        Some(Secret::new(std::str::from_utf8(&plain).ok()?))
    }

    /// Opens what [`Keys::seal_to`] made for the same `associated`.
    pub(crate) fn unseal_of(&self, associated: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        if !self.sealed(sealed) {
            return None;
        }
        let (nonce, text) = sealed.get(1 + KEY_ID_LEN..)?.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = text.to_vec();
        let plain = self.key.open_in_place(nonce, Aad::from(associated), &mut text).ok()?;
        Some(plain.to_vec())
    }

    /// Was this sealed with the key at hand?
    pub(crate) fn sealed(&self, sealed: &[u8]) -> bool {
        sealed.first() == Some(&FORMAT) && sealed.get(1..=KEY_ID_LEN) == Some(&self.id)
    }
}

/// A new key, whole on the disk before it has its name: half a key would lock everything sealed later.
fn create(path: &Path) -> Result<(), Error> {
    let draft = path.with_extension(format!("key.{}", hex::encode(random::<4>())));
    make_file(&draft)?;
    let write = || {
        std::fs::write(&draft, format!("{}\n", hex::encode(random::<32>())))?;
        std::fs::File::open(&draft)?.sync_all()?;
        // A link, not a rename: of two programs that start at once, the second must not replace the first one's key.
        // Some file systems have no links; then a rename must do.
        match std::fs::hard_link(&draft, path) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => std::fs::rename(&draft, path),
            _ => std::fs::remove_file(&draft),
        }
    };
    write().map_err(Error::file(path))
}

/// Bytes that nobody can guess.
///
/// # Panics
/// When the system has no randomness to give: nothing safe can be done then.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the system gives random bytes");
    bytes
}
