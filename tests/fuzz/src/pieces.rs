//! Bytes cut into pieces, as a network might deliver them.

/// About how many pieces there are at most.
const MOST: usize = 2048;

/// How to cut.
#[derive(Clone)]
pub enum Cut {
    /// Not at all.
    Whole,
    /// Into single bytes, or where that is too many pieces into larger ones.
    Bytes,
    /// Anywhere, also into pieces of nothing.
    Anywhere(fastrand::Rng),
}

impl Cut {
    /// The way that a byte of the input chooses.
    pub fn from(choice: u8) -> Self {
        match choice {
            0 => Self::Whole,
            1 => Self::Bytes,
            seed => Self::Anywhere(fastrand::Rng::with_seed(u64::from(seed))),
        }
    }

    /// The pieces of these bytes: one at least.
    pub fn pieces<'a>(&mut self, mut bytes: &'a [u8]) -> Vec<&'a [u8]> {
        match self {
            Self::Whole => vec![bytes],
            Self::Bytes if bytes.is_empty() => vec![bytes],
            Self::Bytes => bytes.chunks(bytes.len().div_ceil(MOST)).collect(),
            Self::Anywhere(noise) => {
                let mut pieces = Vec::new();
                let most = (1 << noise.u8(..8)).max(bytes.len() / MOST * 2);
                while bytes.len() > most {
                    let (piece, rest) = bytes.split_at(noise.usize(..=most));
                    pieces.push(piece);
                    bytes = rest;
                }
                pieces.push(bytes);
                pieces
            }
        }
    }
}
