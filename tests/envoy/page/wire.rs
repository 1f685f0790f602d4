//! What lies between a browser and Envoy, and can be cut.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// The ends of all connections; None while it is cut.
type Ends = Option<Vec<TcpStream>>;

/// A port that leads to another one.
pub struct Wire {
    address: SocketAddr,
    ends: Arc<Mutex<Ends>>,
}

impl Wire {
    pub fn to(gateway: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ends = Arc::new(Mutex::new(Some(Vec::new())));
        let shared = Arc::clone(&ends);
        thread::spawn(move || {
            for browser in listener.incoming().flatten() {
                // While it is cut the connection ends here.
                let mut ends = shared.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(ends) = ends.as_mut() {
                    // A gateway that has gone refuses too.
                    let _ = join(browser, gateway, ends);
                }
            }
        });
        Self { address, ends }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends every connection, and each that comes.
    pub fn cut(&self) {
        for end in self.lock().take().unwrap_or_default() {
            // It may have ended by itself.
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    pub fn mend(&self) {
        *self.lock() = Some(Vec::new());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Ends> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn join(browser: TcpStream, gateway: SocketAddr, ends: &mut Vec<TcpStream>) -> io::Result<()> {
    let gateway = TcpStream::connect(gateway)?;
    for (from, to) in [(&browser, &gateway), (&gateway, &browser)] {
        ends.push(from.try_clone()?);
        let (mut from, mut to) = (from.try_clone()?, to.try_clone()?);
        thread::spawn(move || {
            // However it ends, the other side is told.
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
    }
    Ok(())
}
