//! A thousand clients, of each kind of connection.

use std::net::SocketAddr;

use testbed::client::{Body, Request, h1, h2};
use testbed::wire::frame;

use crate::CLIENTS;

/// Streams on one HTTP/2 connection: as many as the example allows.
pub const STREAMS: usize = 100;

/// How a client speaks.
#[derive(Clone, Copy, Debug)]
pub enum Protocol {
    Http1,
    Http2,
    Grpc,
}

impl Protocol {
    pub const ALL: [Protocol; 3] = [Protocol::Http1, Protocol::Http2, Protocol::Grpc];
}

/// What a client asks for, as JSON and as gRPC.
pub struct Asked {
    pub path: &'static str,
    pub json: String,
    pub grpc_path: &'static str,
    pub message: Vec<u8>,
}

/// Clients that have asked and do not read.
#[derive(Default)]
pub struct Crowd {
    http1: Vec<h1::Connection>,
    streams: Vec<h2::Stream>,
    connections: Vec<h2::Connection>,
}

impl Crowd {
    /// Clients of this kind, none of whom reads what comes. The request's body stays open where `open`.
    pub fn of(protocol: Protocol, address: SocketAddr, asked: &Asked, open: bool) -> Self {
        let mut crowd = Self::default();
        match protocol {
            Protocol::Http1 => {
                for _ in 0..CLIENTS {
                    let mut connection = h1::Connection::open(address).unwrap();
                    let request = Request::new("POST", asked.path).body(Body::Pieces(Vec::new()));
                    connection.send_head(&request).unwrap();
                    connection.send_chunk(asked.json.as_bytes()).unwrap();
                    if !open {
                        connection.finish(&[]).unwrap();
                    }
                    crowd.http1.push(connection);
                }
            }
            Protocol::Http2 => {
                let request = Request::new("POST", asked.path);
                crowd.open(address, &request, asked.json.as_bytes(), open);
            }
            Protocol::Grpc => {
                let request = Request::new("POST", asked.grpc_path)
                    .header("content-type", "application/grpc")
                    .header("te", "trailers");
                crowd.open(address, &request, &frame(&asked.message), open);
            }
        }
        crowd
    }

    fn open(&mut self, address: SocketAddr, request: &Request, body: &[u8], open: bool) {
        for _ in 0..CLIENTS / STREAMS {
            let connection = h2::Connection::open(address).unwrap();
            for _ in 0..STREAMS {
                let request = request.clone().body(Body::Pieces(Vec::new()));
                let mut stream = connection.begin(&request).unwrap();
                stream.send_data(body, !open).unwrap();
                self.streams.push(stream);
            }
            self.connections.push(connection);
        }
    }
}
