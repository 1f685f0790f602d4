//! SHA-1 (RFC 3174) of the few bytes of a handshake. It proves nothing but that the server has read the key.
//!
//! Of our own, for crates of it take ten times as much of the module.

/// Bytes of a block, and where in the last one the length begins.
const BLOCK: usize = 64;
const LENGTH_AT: usize = 56;

/// The digest of a text.
pub(super) fn sha1(text: &[u8]) -> [u8; 20] {
    let mut state = [
        0x6745_2301_u32,
        0xefcd_ab89,
        0x98ba_dcfe,
        0x1032_5476,
        0xc3d2_e1f0,
    ];
    let mut padded = text.to_vec();
    padded.push(0x80);
    while padded.len() % BLOCK != LENGTH_AT {
        padded.push(0);
    }
    let bits = (text.len() as u64).wrapping_mul(8);
    padded.extend_from_slice(&bits.to_be_bytes());
    for block in padded.chunks_exact(BLOCK) {
        add(block, &mut state);
    }
    let mut digest = [0; 20];
    let bytes = state.iter().flat_map(|word| word.to_be_bytes());
    digest
        .iter_mut()
        .zip(bytes)
        .for_each(|(to, byte)| *to = byte);
    digest
}

/// Digests a block. Of the words that it is stretched to, the last sixteen are kept.
fn add(block: &[u8], state: &mut [u32; 5]) {
    let mut words = [0_u32; 16];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes
            .iter()
            .fold(0, |word, byte| word << 8 | u32::from(*byte));
    }
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    for round in 0..80_u8 {
        let (f, k) = match round {
            0..20 => (b & c | !b & d, 0x5a82_7999),
            20..40 => (b ^ c ^ d, 0x6ed9_eba1),
            40..60 => (b & c | b & d | c & d, 0x8f1b_bcdc_u32),
            _ => (b ^ c ^ d, 0xca62_c1d6),
        };
        let [word, _, second, .., _, _] = words;
        let [.., third, _, _, _, _, _, _, _] = words;
        let [.., last, _, _] = words;
        let sum = [a.rotate_left(5), f, e, k, word];
        let next = sum.into_iter().fold(0, u32::wrapping_add);
        (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        let mut stretched = (word ^ second ^ third ^ last).rotate_left(1);
        for word in words.iter_mut().rev() {
            std::mem::swap(word, &mut stretched);
        }
    }
    for (sum, word) in state.iter_mut().zip([a, b, c, d, e]) {
        *sum = sum.wrapping_add(word);
    }
}

#[cfg(test)]
mod tests {
    use super::sha1;

    fn hex(text: &[u8]) -> String {
        sha1(text)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    #[test]
    fn the_texts_of_the_rfc_have_its_digests() {
        assert_eq!(hex(b"abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(hex(b""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        let two = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        assert_eq!(hex(two), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
        let blocks = b"0123456701234567012345670123456701234567012345670123456701234567".repeat(10);
        assert_eq!(hex(&blocks), "dea356a2cddd90c7a7ecedc5ebb563934f460452");
    }
}
