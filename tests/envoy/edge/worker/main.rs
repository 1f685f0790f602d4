//! A worker that holds as much as it may, whatever it is that clients have it hold: it refuses more, ends nobody's
//! streams, and serves who wants little.

mod bodies;
mod half_sent;
mod heads;
mod values;
