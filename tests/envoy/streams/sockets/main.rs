//! Calls over WebSocket: real etcds, what ends a socket, clients that mean harm, and what many sockets cost.

mod browser;
mod ends;
mod etcd;
mod handshakes;
mod hostile;
mod memory;
mod plain;
mod policy;
mod scripted;
