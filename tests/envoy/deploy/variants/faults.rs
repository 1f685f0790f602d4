//! A member that is killed, and one that hangs, under load: what clients notice of it.

use std::thread;
use std::time::Duration;

use crate::load;
use serde_json::json;

use crate::place::{Place, post, run};

/// What share of the calls is good, whatever becomes of a member.
const SHARE: f64 = 0.99;
/// How many calls a load has at least, of which one in a hundred is a number.
const CALLS: usize = 3000;
/// How long a member is away: health checks and keepalives have noticed it long before.
const AWAY: Duration = Duration::from_secs(12);

/// The leader, whose loss is the worst, is killed and comes back, and then the leader hangs and comes back.
fn survives(example: &'static str) {
    let _alone = testbed::alone();
    let mut place = Place::start(example);
    let killed = load::run(&mut place, "killed", CALLS, |place| {
        let leader = place.members().leader().unwrap();
        place.members().kill(leader).unwrap();
        thread::sleep(AWAY);
        place.members().restart(leader).unwrap();
    });
    load::assert_each_put_once(&place, &killed);
    killed.assert_share(SHARE, &format!("{example}, the leader killed"));

    let hung = load::run(&mut place, "hung", CALLS, |place| {
        let leader = place.members().leader().unwrap();
        place.members().pause(leader).unwrap();
        thread::sleep(AWAY);
        place.members().resume(leader).unwrap();
    });
    load::assert_each_put_once(&place, &hung);
    hung.assert_share(SHARE, &format!("{example}, the leader hung"));
}

#[test]
fn clients_of_three_members_hardly_notice_the_loss_of_one() {
    survives("three-members.yaml");
}

#[test]
fn clients_of_the_edge_hardly_notice_the_loss_of_a_member() {
    survives("edge-three-members.yaml");
}

/// Whatever clients ask for: etcd's errors are theirs, and so are deadlines that pass.
#[test]
fn clients_cannot_put_a_member_out_of_use() {
    const EACH: usize = 30;
    let place = Place::start("three-members.yaml");
    let (url, agent) = (place.url(), place.agent());
    let lock = json!({"name": "bA=="});
    let first = post(&agent, &format!("{url}/v3/lock/lock"), &lock).unwrap();
    assert_eq!(first.0, 200, "{first:?}");
    for _ in 0..EACH {
        let waits = agent
            .post(format!("{url}/v3/lock/lock"))
            .header("Grpc-Timeout", "50m");
        let status = waits.send(lock.to_string()).unwrap().status();
        assert_eq!(status, 504);
    }
    for _ in 0..EACH {
        let mut curl = place.curl();
        curl.args(["--http2-prior-knowledge", "--output", "/dev/null"]);
        curl.args([
            "--header",
            "content-type: application/grpc",
            "--data-binary",
            "",
        ]);
        curl.args([&format!("{url}/etcdserverpb.KV/Nope")]);
        run(curl);
    }
    let asked = place.envoy.admin_stat("cluster.etcd.upstream_rq_total");
    assert!(asked.unwrap() >= 2 * EACH as u64);
    let ejections = "cluster.etcd.outlier_detection.ejections_enforced_total";
    assert_eq!(place.envoy.admin_stat(ejections).unwrap(), 0);
}
