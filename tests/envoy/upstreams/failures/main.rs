//! What a client sees of an upstream that errs, is lost, ends or means harm: an error, never a hang, never wrong JSON.

mod callouts;
mod etcd_loss;
mod hostile;
mod loss;
mod stream_losses;
mod streams;
mod unary;
