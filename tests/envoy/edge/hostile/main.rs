//! Clients and upstreams that mean harm: nothing they send can trap, hang or bloat the filter.
//!
//! Every case is played against a gateway of each mode and dialect: the client must get an answer or an end, and a
//! normal request must work afterwards. The gateways look for traps as they are dropped.

mod bodies;
mod calls;
mod closes;
mod floods;
mod http1;
mod http1_requests;
mod http2;
mod http2_bodies;
mod limits;
mod memory;
mod raw_client;
mod raw_upstream;
mod requests;
mod upstream;
mod upstream_ends;
mod upstream_frames;
mod upstream_heads;
mod upstream_statuses;
mod verdict;
mod world;

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
    world::play_all(&cases, scripts);
}

#[test]
fn a_hostile_upstream_is_an_error_to_the_client_and_the_next_call_works() {
    let mut rows = upstream_frames::rows();
    rows.extend(upstream_heads::rows());
    rows.extend(upstream_statuses::rows());
    rows.extend(upstream_ends::rows());
    let (cases, scripts) = upstream::cases(rows);
    world::play_all(&cases, scripts);
}
