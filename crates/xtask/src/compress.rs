//! Brotli and gzip variants, made once, as small as they get.

use crate::Outcome;
use std::io::Write;

/// A file as gzip at its best level.
pub fn gzip(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// A file as brotli at its best quality.
pub fn brotli(mut bytes: &[u8]) -> Outcome<Vec<u8>> {
    let settings =
        brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: bytes.len(), ..Default::default() };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut bytes, &mut out, &settings)?;
    Ok(out)
}

/// Is the variant worth its place? A few bytes less are not worth a header and a file.
pub fn pays(plain: &[u8], variant: &[u8]) -> bool {
    variant.len() + 64 < plain.len()
}
