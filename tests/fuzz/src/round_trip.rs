//! A message to JSON and back, between our writer and parser and prost-reflect's, each with each. Where bytes are plain
//! text, which prost-reflect does not know, its JSON is made of ours.

use etcd_json_gateway::transcode::to_json::{Style, ToJson};
use etcd_json_gateway::transcode::{BytesAs, from_json};
use prost::Message as _;
use prost_reflect::{DynamicMessage, SerializeOptions, Value};

use crate::input::Input;
use crate::oracle::{TYPES, Type};
use crate::pieces::Cut;
use crate::{plain, wire};

/// How deep messages nest.
const DEPTH: usize = 8;

/// Bound of an encoded message, in bytes.
const LIMIT: usize = 1 << 20;

pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let of = &TYPES[input.below(TYPES.len())];
    let (choices, mut cut) = (input.byte(), Cut::from(input.byte()));
    let mut described = Vec::new();
    wire::write(of.ours, DEPTH, &mut input, &mut described);
    let mut message = of
        .decode(&described)
        .expect("a described message is a message");
    remove_unknown(&mut message);

    let style = Style {
        escape_html: choices & 1 != 0,
        ..Style::default()
    };
    let bytes = message.encode_to_vec();
    let message = of.decode(&bytes).expect("an encoded message is a message"); // without what is default
    plain::check(of, &message, style, cut.clone());
    let text = write(of, &bytes, style, &mut cut);
    assert_eq!(read(of, &text), message, "our text, our parser");
    let theirs = serde_json::from_slice(&text).expect("the text is JSON");
    let theirs: serde_json::Value = theirs;
    let theirs = DynamicMessage::deserialize(of.theirs.clone(), theirs);
    assert_eq!(theirs.expect("our text, their parser"), message);

    let options = SerializeOptions::new()
        .use_proto_field_name(choices & 2 != 0)
        .stringify_64_bit_integers(choices & 4 != 0)
        .use_enum_numbers(choices & 8 != 0)
        .skip_default_fields(choices & 16 != 0);
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut text);
    message
        .serialize_with_options(&mut serializer, &options)
        .expect("their writer");
    assert_eq!(read(of, &text), message, "their text, our parser");
}

/// What our writer makes of a message that comes in pieces.
pub fn write(of: &Type, bytes: &[u8], style: Style, cut: &mut Cut) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).expect("no input is so long");
    let mut to_json = ToJson::streaming(of.ours, length, style);
    let mut text = Vec::new();
    for piece in cut.pieces(bytes).into_iter().chain([&[][..]]) {
        to_json
            .push(piece, &mut text)
            .expect("prost writes fields in order");
    }
    text
}

/// What our parser makes of a text.
fn read(of: &Type, text: &[u8]) -> DynamicMessage {
    let mut bytes = Vec::new();
    from_json(of.ours, text, BytesAs::Base64, LIMIT, &mut bytes).expect("the text is a message's");
    of.decode(&bytes).expect("what we write is the message")
}

/// Removes what no JSON can say.
fn remove_unknown(message: &mut DynamicMessage) {
    message.take_unknown_fields().for_each(drop);
    for (_, value) in message.fields_mut() {
        match value {
            Value::Message(message) => remove_unknown(message),
            Value::List(list) => {
                let messages = list.iter_mut().filter_map(Value::as_message_mut);
                messages.for_each(remove_unknown);
            }
            _ => {}
        }
    }
}
