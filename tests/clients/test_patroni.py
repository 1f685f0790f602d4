"""Patroni's etcd3 backend: from /version to the members' clientURLs, the leader's lease, the cache that a watch keeps,
and every error that it takes by its text."""

import time
import uuid

import pytest
from patroni.dcs import etcd3 as patroni
from patroni.dcs import get_dcs

SOON = 10


@pytest.fixture
def scope():
    return str(uuid.uuid4())


@pytest.fixture
def member(port, scope):
    """Makes a member of the test's cluster as Patroni makes itself one at its start."""

    def make(name, **options):
        config = {"host": f"127.0.0.1:{port}", **options}
        return get_dcs(
            {"scope": scope, "name": name, "ttl": 30, "loop_wait": 10, "retry_timeout": 10, "etcd3": config}
        )

    return make


def eventually(look):
    """Patroni reads a cluster from the cache that its watch fills: what was just written may not be there yet."""
    deadline = time.monotonic() + SOON
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def led_by(dcs, name):
    """The cluster as `dcs` sees it, once it sees `name` lead it."""

    def led():
        cluster = dcs.get_cluster()
        return cluster.leader and cluster.leader.name == name and cluster

    cluster = eventually(led)
    assert cluster, f"{dcs._name} does not see {name} lead"
    return cluster


def test_discovery_ends_at_the_members_own_urls(member, url):
    client = member("a")._client
    assert client.version_prefix == "/v3"
    assert client._cluster_version[:2] >= (3, 4)
    assert client.machines_cache == [url]
    assert client._base_uri == url


def test_a_cluster_is_made_led_and_left(member):
    leader, replica = member("a"), member("b")
    assert leader.initialize(create_new=True, sysid="12345")
    assert not replica.initialize(create_new=True, sysid="54321")
    for dcs in (leader, replica):
        assert dcs.touch_member({"conn_url": f"postgres://{dcs._name}", "state": "running"})
    assert leader.attempt_to_acquire_leader()
    assert not replica.attempt_to_acquire_leader()

    def complete():
        cluster = replica.get_cluster()
        return cluster.leader and len(cluster.members) == 2 and cluster

    cluster = eventually(complete)
    assert cluster.initialize == "12345"
    assert cluster.leader.name == "a"
    assert cluster.leader.member.conn_url == "postgres://a"
    assert leader.update_leader(led_by(leader, "a"), 1234, {"slot": 5})
    assert eventually(lambda: replica.get_cluster().status.last_lsn) == 1234
    assert leader.delete_leader(led_by(leader, "a").leader)
    assert eventually(lambda: replica.get_cluster().is_unlocked())
    assert replica.attempt_to_acquire_leader()
    assert replica.delete_cluster()
    assert eventually(lambda: not leader.get_cluster().members)


def test_a_replica_is_woken_when_the_leader_changes(member):
    leader, replica = member("a"), member("b")
    replica.get_cluster()
    assert not replica.watch(None, 0.2)
    assert leader.attempt_to_acquire_leader()
    started = time.monotonic()
    assert replica.watch(None, SOON)
    assert time.monotonic() - started < SOON / 2


def test_a_leader_keeps_its_lease_alive(member):
    dcs = member("a")
    assert dcs.attempt_to_acquire_leader()
    assert int(dcs._client.lease_keepalive(dcs._lease)) == 30
    first = dcs._lease
    assert dcs.update_leader(led_by(dcs, "a"), None)
    assert dcs._lease == first


def test_a_leader_whose_lease_is_gone_takes_a_new_one(member):
    dcs = member("a")
    assert dcs.attempt_to_acquire_leader()
    lost = dcs._lease
    dcs._client.call_rpc("/lease/revoke", {"ID": lost})
    assert dcs._client.lease_keepalive(lost) is None
    assert eventually(lambda: dcs.get_cluster().is_unlocked())
    assert not dcs.touch_member({"state": "running"})
    assert dcs.touch_member({"state": "running"})
    assert dcs._lease != lost
    assert dcs.attempt_to_acquire_leader()


def test_a_put_under_a_lost_lease_is_known_as_such(member):
    dcs = member("a")
    with pytest.raises(patroni.LeaseNotFound) as caught:
        dcs._client.put(dcs.leader_path, "a", lease="4711")
    assert (caught.value.code, caught.value.status) == (5, 404)
    assert caught.value.as_dict()["error"] == "etcdserver: requested lease not found"


def test_values_are_compared_by_their_revision(member):
    dcs = member("a")
    assert dcs.set_config_value('{"ttl": 30}')
    version = eventually(lambda: dcs.get_cluster().config).version
    assert dcs.set_config_value('{"ttl": 31}', version)
    assert not dcs.set_config_value('{"ttl": 32}', version)
    written = dcs.set_sync_state_value('{"leader": "a"}', "0")
    assert written.isdecimal()
    assert not dcs.delete_sync_state("1")
    assert dcs.delete_sync_state(written)
    assert dcs.set_failover_value('{"leader": "a"}')
    assert dcs.set_history_value("[[1,2]]")
    assert eventually(lambda: dcs.get_cluster().history).lines == [[1, 2]]


def test_the_cache_lives_on_when_its_watch_is_cut(member):
    leader, replica = member("a"), member("b")
    replica.get_cluster()
    replica._client._kv_cache.kill_stream()
    assert leader.attempt_to_acquire_leader()
    led_by(replica, "a")


def test_a_watch_of_what_is_compacted_is_canceled(member):
    dcs = member("a")
    revision = dcs._client.put("/x", "1")["header"]["revision"]
    last = dcs._client.put("/x", "2")["header"]["revision"]
    dcs._client.call_rpc("/kv/compaction", {"revision": last})
    cache = dcs._client._kv_cache
    with pytest.raises(patroni.Etcd3WatchCanceled):
        for message in patroni.iter_response_objects(dcs._client.watchprefix("/", revision, read_timeout=SOON)):
            cache._process_message(message)


def test_an_error_in_a_watch_is_known_by_its_code(member):
    dcs = member("a")
    client, cache = dcs._client, dcs._client._kv_cache
    headers = client._get_headers
    client._get_headers = lambda: {**headers(), "Grpc-Timeout": "1S"}
    with pytest.raises(patroni.DeadlineExceeded) as caught:
        for message in patroni.iter_response_objects(client.watchprefix("/", read_timeout=SOON)):
            cache._process_message(message)
    assert caught.value.code == 4


def test_a_bad_request_is_known_by_its_code(member):
    client = member("a")._client
    with pytest.raises(patroni.InvalidArgument) as caught:
        client.put("", "x")
    assert caught.value.as_dict() == {
        "error": "etcdserver: key is not provided",
        "code": 3,
        "codeText": "InvalidArgument",
        "status": 400,
    }
    with pytest.raises(patroni.Etcd3ClientError) as caught:
        client.call_rpc("/kv/range", {"key": "L3g=", "revision": str(1 << 40)})
    assert (caught.value.code, caught.value.status) == (11, 400)
    with pytest.raises(patroni.AuthNotEnabled):
        client.call_rpc("/auth/authenticate", {"name": "root", "password": "x"})


@pytest.fixture
def root(member):
    """The options of a user root; auth is on from here to the end of this file."""
    options = {"username": "root", "password": "secret"}
    client = member("admin", **options)._client
    if client._token:
        return options
    for method, fields in (
        ("user/add", {"name": "root", "password": "secret"}),
        ("user/add", {"name": "guest", "password": "guest"}),
        ("role/add", {"name": "root"}),
        ("user/grant", {"user": "root", "role": "root"}),
        ("enable", {}),
    ):
        client.call_rpc(f"/auth/{method}", fields)
    return options


def test_a_user_logs_in_and_does_so_again_when_its_token_is_bad(member, root):
    dcs = member("a", **root)
    assert dcs._client._token
    assert dcs.attempt_to_acquire_leader()
    dcs._client._token = "nobody.1"
    with pytest.raises(patroni.InvalidAuthToken):
        dcs._client.call_rpc("/kv/put", {"key": "L3g="})
    assert dcs.touch_member({"state": "running"})
    assert dcs._client._token != "nobody.1"
    replica = member("b", **root)
    led_by(replica, "a")


def test_refusals_are_known_by_their_text(member, root):
    client = member("a", **root)._client
    client._token = None
    with pytest.raises(patroni.UserEmpty):
        client.call_rpc("/kv/put", {"key": "L3g="})
    with pytest.raises(patroni.AuthFailed):
        client.call_rpc("/auth/authenticate", {"name": "root", "password": "wrong"})
    client._token = client.call_rpc("/auth/authenticate", {"name": "guest", "password": "guest"})["token"]
    with pytest.raises(patroni.PermissionDenied):
        client.call_rpc("/kv/put", {"key": "L3g="})
