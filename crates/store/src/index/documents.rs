//! Documents as they are kept: compressed against a dictionary of what manifests and configurations have in common.
//!
//! They are small and much alike, so that a compressor without a dictionary spends most of its output on words that every
//! one of them has. The first byte says how the rest is packed; a new dictionary gets a new number.

use crate::Error;
use std::{cell::RefCell, io::Read as _, sync::OnceLock};
use zstd::{
    bulk::Compressor,
    dict::{DecoderDictionary, EncoderDictionary},
};

const PLAIN: u8 = 0;
const WITH_DICTIONARY: u8 = 1;
/// Beyond this, more effort gains nothing worth its time on documents of some kilobytes.
const LEVEL: i32 = 7;
/// Nothing that was ever let in is larger: configurations end at 8 MiB.
const LARGEST: u64 = 16 * 1024 * 1024;

/// A document of the usual size has at most so many bytes.
const USUAL: usize = 64 * 1024;

/// What most documents contain, the most frequent last: matches at the end are the cheapest.
const DICTIONARY: &[u8] = include_bytes!("dictionary.txt");

/// A compressor with the dictionary.
fn packer() -> std::io::Result<Compressor<'static>> {
    static ENCODER: OnceLock<EncoderDictionary<'static>> = OnceLock::new();
    let dictionary = ENCODER.get_or_init(|| EncoderDictionary::copy(DICTIONARY, LEVEL));
    let mut packer = Compressor::with_prepared_dictionary(dictionary)?;
    packer.include_contentsize(false)?;
    packer.include_dictid(false)?;
    Ok(packer)
}

thread_local! {
    /// Making one costs more than packing a manifest: each thread keeps its own.
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
}

/// Packs a document.
pub(super) fn pack(bytes: &[u8]) -> Vec<u8> {
    let packed = PACKER.with_borrow_mut(|kept| {
        let mut one = kept.take().map_or_else(packer, Ok)?;
        let packed = one.compress(bytes);
        // Large ones make it grow; that is not kept.
        *kept = Some(one).filter(|_| packed.is_ok() && bytes.len() <= USUAL);
        packed
    });
    match packed {
        Ok(packed) if packed.len() < bytes.len() => [&[WITH_DICTIONARY], packed.as_slice()].concat(),
        _ => [&[PLAIN], bytes].concat(),
    }
}

/// Unpacks what [`pack`] made.
pub(super) fn unpack(packed: &[u8]) -> Result<Vec<u8>, Error> {
    static DECODER: OnceLock<DecoderDictionary<'static>> = OnceLock::new();
    let broken = || Error::Broken("a document in the index".to_owned());
    match packed.split_first().ok_or_else(broken)? {
        (&PLAIN, bytes) => Ok(bytes.to_vec()),
        (&WITH_DICTIONARY, bytes) => {
            let dictionary = DECODER.get_or_init(|| DecoderDictionary::copy(DICTIONARY));
            let mut unpacked = Vec::with_capacity(bytes.len() * 4);
            let mut reader = zstd::Decoder::with_prepared_dictionary(bytes, dictionary).map_err(|_| broken())?;
            reader.by_ref().take(LARGEST).read_to_end(&mut unpacked).map_err(|_| broken())?;
            Ok(unpacked)
        }
        _ => Err(broken()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:9f1e4c1a3f0d5b8e7c6a2d4f8b0e1c3a5d7f9b2e4c6a8d0f1b3e5c7a9d2f4b6e","size":1469},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:1b2c3d4e5f60718293a4b5c6d7e8f90112233445566778899aabbccddeeff001","size":3208942}]}"#;

    #[test]
    fn a_document_comes_back_byte_by_byte() {
        for bytes in [MANIFEST.as_bytes(), b"", b"x", &[0, 255, 7], "ü".repeat(100_000).as_bytes()] {
            assert_eq!(unpack(&pack(bytes)).expect("it unpacks"), bytes);
        }
    }

    #[test]
    fn the_dictionary_saves_more_than_half_of_a_manifest() {
        assert!(pack(MANIFEST.as_bytes()).len() * 2 < MANIFEST.len());
    }

    #[test]
    fn what_is_no_document_is_an_error_and_no_panic() {
        for bytes in [&[][..], &[9, 9, 9], &[WITH_DICTIONARY, 1, 2, 3]] {
            unpack(bytes).expect_err("nothing that was packed here");
        }
    }
}
