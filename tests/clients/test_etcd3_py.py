"""etcd3-py, as Salt uses it: its own models of answers, errors by their text, the watcher and the stateful lease."""

import asyncio
import threading
import time

import etcd3
import pytest
from etcd3 import errors

SOON = 10


@pytest.fixture
def client(port):
    with etcd3.Client("127.0.0.1", port) as client:
        yield client


def test_the_version_decides_the_prefix(client):
    assert client.api_prefix == "/v3"
    assert client.status().version == client.server_version
    assert client.cluster_version == ".".join(client.server_version.split(".")[:2] + ["0"])


def test_keys_are_written_read_and_deleted(client, key):
    assert client.put(key, "1").header.revision > 1
    client.put(f"{key}/a", b"\x00\xff")
    found = client.range(key, prefix=True).kvs
    assert [(kv.key, kv.value) for kv in found] == [(key.encode(), b"1"), (f"{key}/a".encode(), b"\x00\xff")]
    assert client.range(key, prefix=True, count_only=True).count == 2
    assert client.delete_range(key, prefix=True, prev_kv=True).deleted == 2
    assert client.range(key).kvs is None


def test_a_transaction_takes_one_of_its_branches(client, key):
    client.put(key, "old")
    for wanted, succeeded in (("old", True), ("other", False)):
        txn = client.Txn()
        txn.If(txn.key(key).value == wanted)
        txn.Then(txn.put(key, "new"))
        txn.Else(txn.range(key))
        answer = txn.commit()
        assert bool(answer.succeeded) == succeeded
    assert answer.responses[0].response_range.kvs[0].value == b"new"


def test_errors_are_known_by_their_text(client, key):
    with pytest.raises(errors.ErrLeaseNotFound) as caught:
        client.lease_revoke(4711)
    assert caught.value.code == 5
    lease = client.lease_grant(60).ID
    with pytest.raises(errors.ErrLeaseExist):
        client.lease_grant(60, lease)
    client.lease_revoke(lease)
    with pytest.raises(errors.ErrFutureRev):
        client.range(key, revision=1 << 40)
    with pytest.raises(errors.ErrEmptyKey):
        client.put("", "x")


def test_a_lease_is_kept_alive_and_takes_its_keys_along(client, key):
    with client.Lease(ttl=60) as lease:
        client.put(key, "leased", lease=lease.ID)
        assert lease.keepalive_once().TTL == 60
        assert 0 < lease.ttl() <= 60
        assert lease.time_to_live(keys=True).keys == [key.encode()]
    assert client.range(key).kvs is None


def test_keepalive_of_a_lease_that_is_gone_has_no_ttl(client):
    assert not client.lease_keep_alive_once(4711).TTL


def test_a_watcher_is_told_what_happens(client, key):
    watcher = client.Watcher(key=key, prefix=True, prev_kv=True, max_retries=0)
    events, enough = [], threading.Event()

    def take(event):
        events.append((event.type.name, event.key, event.value))
        if len(events) == 3:
            enough.set()

    watcher.onEvent(take)
    watcher.runDaemon()
    deadline = time.monotonic() + SOON
    while watcher.watch_id is None and watcher.start_revision is None and time.monotonic() < deadline:
        time.sleep(0.02)
    client.put(key, "1")
    client.put(f"{key}/x", "2" * 70_000)
    client.delete_range(key)
    told = enough.wait(SOON)
    watcher.stop()
    assert told, events
    assert events == [
        ("PUT", key.encode(), b"1"),
        ("PUT", f"{key}/x".encode(), b"2" * 70_000),
        ("DELETE", key.encode(), None),
    ]


def test_a_watcher_replays_from_a_revision(client, key):
    revision = client.put(key, "1").header.revision
    client.put(key, "2")
    watcher = client.Watcher(key=key, start_revision=revision, max_retries=0)
    assert watcher.watch_once(lambda event: event.value == b"2", timeout=SOON).value == b"2"


def test_a_watch_of_what_is_compacted_is_canceled(client, key):
    first = client.put(key, "1").header.revision
    last = client.put(key, "2").header.revision
    client.compact(last)
    watcher = client.Watcher(key=key, start_revision=first, max_retries=0)
    with pytest.raises(errors.Etcd3WatchCanceled, match="compacted"):
        watcher.watch_once(timeout=SOON)


def test_a_lock_excludes_others(client, key):
    with client.Lock(key, lock_ttl=20) as lock:
        assert lock.acquired
        other = client.Lock(key, lock_ttl=20)
        assert other.acquire(block=False) is None
    assert other.acquire(block=False).acquired
    other.release()


def test_a_snapshot_is_streamed(client, key):
    client.put(key, "x" * 1_000_000)
    received, left = 0, None
    for part in client.snapshot():
        received += len(part.blob or b"")
        left = part.remaining_bytes
    assert received > 1_000_000
    assert not left


def test_the_asynchronous_client_calls(port, key):
    # Its streams do not work with today's aiohttp, whatever answers.
    async def run():
        client = etcd3.AioClient("127.0.0.1", port)
        try:
            await client.put(key, "1")
            assert (await client.range(key)).kvs[0].value == b"1"
            with pytest.raises(errors.ErrLeaseNotFound):
                await client.lease_revoke(4711)
        finally:
            await client.close()

    asyncio.run(run())
