//! The hash in the names of assets: equal content keeps its name, other content gets another.

/// Stands for the hash until the content is known, also inside of generated code; as long as what replaces it.
pub const STAND_IN: &str = "xx-hash-to-be-xx";

/// FNV-1a with 64 bits as 16 digits. It tells versions of our own files apart and guards against nobody.
pub fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for byte in parts.into_iter().flatten() {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{state:016x}")
}

/// Puts the hash where the stand-in was. Both have the same length, so a module's sections stay as they are.
pub fn fill_in(bytes: &mut [u8], hash: &str) {
    debug_assert_eq!(hash.len(), STAND_IN.len());
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(STAND_IN.len()).position(|window| window == STAND_IN.as_bytes()) {
        let start = at + found;
        at = start + STAND_IN.len();
        bytes[start..at].copy_from_slice(hash.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_as_long_as_its_stand_in_and_depends_on_the_content() {
        assert_eq!(of([&b"a"[..]]).len(), STAND_IN.len());
        assert_ne!(of([&b"a"[..]]), of([&b"b"[..]]));
    }

    #[test]
    fn every_stand_in_is_replaced() {
        let mut text = format!("app-{STAND_IN}.js{STAND_IN}{STAND_IN}").into_bytes();
        fill_in(&mut text, "0123456789abcdef");
        assert_eq!(text, b"app-0123456789abcdef.js0123456789abcdef0123456789abcdef");
    }
}
