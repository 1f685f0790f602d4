//! Random messages become the JSON that another implementation, prost-reflect, makes of them.
// A test may panic: that is how it fails. The functions that tests share count as no test to clippy.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]

use std::collections::BTreeMap;

use etcd_json_gateway::schema::{Kind, Message, tables::ROUTES};
use etcd_json_gateway::transcode::to_json::{Style, ToJson};
use prost::Message as _;
use prost::encoding::{WireType, encode_key, encode_varint};
use prost_reflect::{DynamicMessage, MessageDescriptor, SerializeOptions};
use serde_json::Value;

/// How many messages of each type are tried.
const ROUNDS: usize = 100;

/// How deep messages nest: enough for a transaction in a transaction.
const DEPTH: usize = 6;

#[test]
fn a_message_with_its_fields_in_any_order_means_the_same() {
    let (pool, mut noise) = (testbed::api::descriptors().unwrap(), Noise::new(7));
    for (name, message) in messages() {
        let descriptor = pool.get_message_by_name(name).unwrap();
        for _ in 0..ROUNDS {
            let bytes = noise.message(message, DEPTH);
            let expected = theirs(&decode(&descriptor, &bytes));
            assert_eq!(
                ours(ToJson::new, message, &bytes, &mut noise),
                expected,
                "{name}: {bytes:?}"
            );
        }
    }
}

#[test]
fn a_message_with_its_fields_in_order_can_stream() {
    let (pool, mut noise) = (testbed::api::descriptors().unwrap(), Noise::new(8));
    for (name, message) in messages() {
        let descriptor = pool.get_message_by_name(name).unwrap();
        for _ in 0..ROUNDS {
            let decoded = decode(&descriptor, &noise.message(message, DEPTH));
            let bytes = decoded.encode_to_vec();
            let text = ours(ToJson::streaming, message, &bytes, &mut noise);
            assert_eq!(text, theirs(&decoded), "{name}: {bytes:?}");
        }
    }
}

/// All that a route takes or answers.
fn messages() -> BTreeMap<&'static str, &'static Message> {
    let methods = ROUTES.iter().map(|route| route.method);
    let messages = methods.flat_map(|method| [method.request, method.response]);
    messages.map(|message| (message.name, message)).collect()
}

fn ours(
    make: fn(&'static Message, u32, Style) -> ToJson,
    message: &'static Message,
    bytes: &[u8],
    noise: &mut Noise,
) -> Value {
    let escape_html = noise.below(2) == 0;
    let style = Style {
        escape_html,
        ..Style::default()
    };
    let mut to_json = make(message, bytes.len() as u32, style);
    let (mut text, mut rest) = (Vec::new(), bytes);
    while !to_json.is_done() {
        let (piece, after) = rest.split_at(noise.below(rest.len() + 1));
        to_json.push(piece, &mut text).unwrap();
        rest = after;
    }
    serde_json::from_slice(&text).unwrap()
}

fn theirs(message: &DynamicMessage) -> Value {
    let options = SerializeOptions::new()
        .use_proto_field_name(true)
        .stringify_64_bit_integers(true)
        .skip_default_fields(true);
    message
        .serialize_with_options(serde_json::value::Serializer, &options)
        .unwrap()
}

fn decode(descriptor: &MessageDescriptor, bytes: &[u8]) -> DynamicMessage {
    DynamicMessage::decode(descriptor.clone(), bytes).unwrap()
}

/// Deterministic noise.
struct Noise(fastrand::Rng);

impl Noise {
    fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0.usize(..limit)
    }

    /// Some fields in any order, also several times and unknown ones.
    fn message(&mut self, message: &Message, depth: usize) -> Vec<u8> {
        let mut out = Vec::new();
        for _ in 0..self.below(8) {
            match message.fields.get(self.below(message.fields.len() + 1)) {
                Some(field) => {
                    self.field(field.number, field.kind, field.repeated, depth, &mut out)
                }
                None => self.field(1000, Kind::Bytes, false, depth, &mut out),
            }
        }
        out
    }

    fn field(&mut self, number: u32, kind: Kind, list: bool, depth: usize, out: &mut Vec<u8>) {
        let payload = match kind {
            Kind::Message(_) if depth == 0 => Vec::new(),
            Kind::Message(message) => self.message(message, depth - 1),
            Kind::Bytes => (0..self.below(9)).map(|_| self.0.u8(..)).collect(),
            Kind::String => self.text().into_bytes(),
            _ if list && self.below(2) == 0 => {
                let mut packed = Vec::new();
                (0..self.below(4)).for_each(|_| encode_varint(self.number(kind), &mut packed));
                packed
            }
            _ => {
                encode_key(number, WireType::Varint, out);
                return encode_varint(self.number(kind), out);
            }
        };
        encode_key(number, WireType::LengthDelimited, out);
        encode_varint(payload.len() as u64, out);
        out.extend(payload);
    }

    fn text(&mut self) -> String {
        const LETTERS: [char; 12] = [
            'a',
            '"',
            '\\',
            '\n',
            '\u{1}',
            '<',
            '&',
            '\u{7f}',
            'é',
            '\u{2028}',
            '日',
            '\u{1f600}',
        ];
        (0..self.below(9))
            .map(|_| LETTERS[self.below(LETTERS.len())])
            .collect()
    }

    /// A number that is small, large or negative, of the bits that the type has.
    fn number(&mut self, kind: Kind) -> u64 {
        let number = self.0.u64(..) >> self.below(64);
        match kind {
            Kind::Bool => number & 1,
            Kind::Uint32 => number & u64::from(u32::MAX),
            Kind::Enum(_) if self.below(4) > 0 => number % 4,
            Kind::Enum(_) => i64::from(number as i32) as u64,
            _ => number,
        }
    }
}
