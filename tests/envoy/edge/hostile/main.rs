//! Clients that mean harm: nothing they send can trap, hang or bloat the filter.
//!
//! Every case is played against a gateway of each mode and dialect: the client must get an answer or an end, and a
//! normal request must work afterwards. The gateways look for traps as they are dropped.

mod bodies;
mod closes;
mod http1;
mod http1_requests;
mod http2;
mod http2_bodies;
mod limits;
mod requests;

use envoy_tests::world::play_all;

#[test]
fn a_hostile_client_is_answered_or_cut_off_and_the_next_request_works() {
    let mut cases = requests::cases();
    cases.extend(bodies::cases());
    cases.extend(http1::cases());
    cases.extend(http1_requests::cases());
    cases.extend(http2::cases());
    cases.extend(http2_bodies::cases());
    let scripts = closes::scripts();
    cases.extend(closes::cases(scripts.len()));
    play_all(&cases, scripts);
}
