//! Layers that clients can unpack: a tar archive with one file, wrapped in gzip without compressing (which costs nothing
//! and needs no library).

use bytes::Bytes;
use domain::Digest;

/// A layer's bytes with their digest, and the digest of what is inside.
#[derive(Clone)]
pub(super) struct Layer {
    pub(super) bytes: Bytes,
    pub(super) digest: Digest,
    pub(super) diff_id: Digest,
}

/// A layer named `name` of about `size` bytes.
pub(super) fn make(name: &str, size: usize) -> Layer {
    let file: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(80).collect();
    let tar = tar(&format!("layer/{file}"), &noise(name, size));
    let bytes: Bytes = gzip(&tar).into();
    Layer { diff_id: Digest::of(&tar), digest: Digest::of(&bytes), bytes }
}

/// Bytes that look random and follow from the name.
fn noise(name: &str, size: usize) -> Vec<u8> {
    let mut state = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
        | 1;
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

/// A ustar archive with one file.
fn tar(path: &str, content: &[u8]) -> Vec<u8> {
    let mut header = [0_u8; 512];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, path);
    put(100, "0000644\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{:011o}\0", content.len()));
    put(136, "00000000000\0");
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut archive = header.to_vec();
    archive.extend_from_slice(content);
    archive.resize(archive.len().next_multiple_of(512) + 1024, 0);
    archive
}

/// Gzip with stored blocks (RFC 1951, section 3.2.4; RFC 1952).
fn gzip(content: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut blocks = content.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(blocks.peek().is_none()));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    out.extend_from_slice(&crc32(content).to_le_bytes());
    out.extend_from_slice(&u32::try_from(content.len()).unwrap_or(u32::MAX).to_le_bytes());
    out
}

/// The table of CRC-32 for one byte at a time.
const CRC: [u32; 256] = {
    let mut table = [0; 256];
    let mut n = 0_u32;
    while n < 256 {
        let (mut value, mut bit) = (n, 0);
        while bit < 8 {
            value = if value & 1 == 1 { 0xedb8_8320 ^ (value >> 1) } else { value >> 1 };
            bit += 1;
        }
        table[n as usize] = value;
        n += 1;
    }
    table
};

fn crc32(content: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    // A plain loop: twice as fast as a fold in a build without optimisation, where the demo is started most.
    for byte in content {
        crc = CRC[((crc ^ u32::from(*byte)) & 0xff) as usize] ^ (crc >> 8);
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_name_is_always_the_same_layer() {
        assert_eq!(make("a", 70_000).bytes, make("a", 70_000).bytes);
        assert_ne!(make("a", 100).bytes, make("b", 100).bytes);
    }
}
