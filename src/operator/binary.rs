//! Binary: bytes written in base64, standard alphabet, canonical padding.
//!
//! Canonical base64 is one-to-one, so two canonical texts are equal exactly when their bytes are: values are checked,
//! then compared as texts, and nothing is decoded for keeps.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Whether a text is canonical base64.
pub fn is_canonical(text: &str) -> bool {
    const CHUNK: usize = 1024;
    let bytes = text.as_bytes();
    let body = bytes.len().saturating_sub(2);
    if bytes.iter().take(body).any(|byte| *byte == b'=') {
        return false;
    }
    let mut decoded = [0u8; CHUNK];
    bytes.chunks(CHUNK).all(|chunk| STANDARD.decode_slice(chunk, &mut decoded).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_base64_only() {
        for (text, expected) in [
            ("", true),
            ("QUJD", true),
            ("QQ==", true),
            ("QUI=", true),
            ("QQ", false),
            ("QQ=", false),
            ("QR==", false),
            ("QQ==QUJD", false),
            ("QU-_", false),
            ("QU JD", false),
            ("QUJD\n", false),
        ] {
            assert_eq!(is_canonical(text), expected, "{text}");
        }
        assert!(is_canonical(&"QUJD".repeat(2_000)));
        assert!(!is_canonical(&format!("{}QQ==QUJD", "QUJD".repeat(255))));
    }
}
