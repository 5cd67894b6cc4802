//! How digests and kinds stand in the index: short, and so that a beginning of a digest is a range.

use crate::Error;
use domain::{Digest, Kind};

const SHA256: &str = "sha256:";
const SHA512: &str = "sha512:";

/// A digest as its column has it: 1 and a SHA-256 sum, 2 and a SHA-512 sum, 0 and the text of any other.
pub(super) fn packed(digest: &Digest) -> Vec<u8> {
    let text = digest.as_str();
    for (mark, algorithm) in [(1, SHA256), (2, SHA512)] {
        if let Some(sum) = text.strip_prefix(algorithm).and_then(|sum| hex::decode(sum).ok()) {
            return [&[mark], sum.as_slice()].concat();
        }
    }
    [&[0], text.as_bytes()].concat()
}

/// The same in hexadecimal digits, for lists that go into statements as JSON (`unhex` takes them back).
pub(super) fn packed_hex(digest: &Digest) -> String {
    hex::encode(packed(digest))
}

/// Several digests as one JSON array of hexadecimal digits.
pub(super) fn packed_array<'d>(digests: impl IntoIterator<Item = &'d Digest>) -> String {
    super::array(digests.into_iter().map(packed_hex))
}

/// Reads what [`packed`] wrote.
pub(super) fn unpacked(bytes: &[u8]) -> Result<Digest, Error> {
    let broken = || Error::Broken("a digest in the index".to_owned());
    match bytes.split_first().ok_or_else(broken)? {
        (1, sum) => sum.try_into().map(Digest::sha256).map_err(|_| broken()),
        (2, sum) => sum.try_into().map(Digest::sha512).map_err(|_| broken()),
        (_, text) => Ok(std::str::from_utf8(text).map_err(|_| broken())?.parse()?),
    }
}

/// The range of columns whose digest begins with these hexadecimal digits (SHA-256 and SHA-512), both ends included.
/// Nothing where they are no digits or too many.
pub(super) fn ranges(beginning: &str) -> Option<[(Vec<u8>, Vec<u8>); 2]> {
    let digits = beginning.to_ascii_lowercase();
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let range = |mark: u8, length: usize| {
        let filled = |with: &str| {
            let text: String = digits.chars().chain(with.repeat(length * 2).chars()).take(length * 2).collect();
            hex::decode(text).ok().map(|sum| [&[mark], sum.as_slice()].concat())
        };
        (digits.len() <= length * 2).then_some(())?;
        Some((filled("0")?, filled("f")?))
    };
    // A text of more than 64 digits begins no SHA-256 sum: an empty range stands for it.
    let nothing = || (vec![1], vec![0]);
    Some([range(1, 32).unwrap_or_else(nothing), range(2, 64)?])
}

/// The number of a kind. They are fixed: files that exist have them.
pub(super) fn kind_number(kind: Kind) -> i64 {
    match kind {
        Kind::Image => 1,
        Kind::Index => 2,
        Kind::HelmChart => 3,
        Kind::Signature => 4,
        Kind::Sbom => 5,
        Kind::Attestation => 6,
        Kind::BuildCache => 7,
        Kind::Artifact => 8,
        Kind::Schema1 => 9,
        Kind::Unknown => 10,
    }
}

/// The kind of a number.
pub(super) fn kind_of(number: i64) -> Kind {
    Kind::ALL.iter().copied().find(|kind| kind_number(*kind) == number).unwrap_or(Kind::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(text: &str) -> Digest {
        text.parse().expect("a digest")
    }

    #[test]
    fn every_digest_reads_back() {
        for text in [
            format!("sha256:{}", "ab".repeat(32)),
            format!("sha512:{}", "0f".repeat(64)),
            "blake3:0123456789abcdef0123456789abcdef".to_owned(),
        ] {
            assert_eq!(unpacked(&packed(&digest(&text))).expect("it reads"), digest(&text));
        }
        assert_eq!(packed(&digest(&format!("sha256:{}", "ab".repeat(32)))).len(), 33);
        unpacked(&[]).expect_err("nothing is no digest");
    }

    #[test]
    fn a_beginning_is_a_range_even_with_an_odd_number_of_digits() {
        let whole = packed(&digest(&format!("sha256:abc{}", "7".repeat(61))));
        let other = packed(&digest(&format!("sha256:abd{}", "0".repeat(61))));
        let [(from, to), _] = ranges("aBc").expect("digits");
        assert!(from <= whole && whole <= to);
        assert!(!(from <= other && other <= to));
        assert_eq!(ranges("xyz"), None);
        assert_eq!(ranges(""), None);
        let [(from, to), _] = ranges(&"a".repeat(65)).expect("a SHA-512 sum may begin so");
        assert!(from > to, "but no SHA-256 sum");
    }

    #[test]
    fn every_kind_has_its_own_number() {
        for kind in Kind::ALL {
            assert_eq!(kind_of(kind_number(*kind)), *kind);
        }
    }
}
