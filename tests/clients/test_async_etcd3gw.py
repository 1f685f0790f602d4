"""async-etcd3gw: every chunk of a watch is one document, and an error in a stream is known by its `http_code`."""

import asyncio

import aiohttp
import pytest
from async_etcd3gw import async_client
from async_etcd3gw.exceptions import ConnectionTimeoutError, InternalServerError, WatchTimedOut

SOON = 10


def with_client(use):
    """A test that runs `use` in an event loop with a client of its own."""

    def test(port, key):
        async def run():
            async with async_client("127.0.0.1", port, timeout=SOON) as client:
                await asyncio.wait_for(use(client, key), 3 * SOON)

        asyncio.run(run())

    test.__name__ = use.__name__
    test.__qualname__ = use.__name__
    return test


@with_client
async def test_status_and_members(client, key):
    assert (await client.status())["header"]["cluster_id"].isdecimal()
    assert (await client.members())[0]["name"] == "default"


@with_client
async def test_keys_are_written_read_and_deleted(client, key):
    assert await client.create(key, "1")
    assert not await client.create(key, "1")
    assert await client.put(f"{key}/a", b"\x00\xff")
    assert await client.get(key) == [b"1"]
    found = await client.get_prefix(key, sort_order="descend", sort_target="key")
    assert [(value, kv["key"]) for value, kv in found] == [(b"\x00\xff", f"{key}/a".encode()), (b"1", key.encode())]
    assert await client.replace(key, "1", "2")
    assert not await client.replace(key, "1", "3")
    assert await client.delete_prefix(key)
    assert await client.get(key) == []


@with_client
async def test_a_lease_is_refreshed_and_told(client, key):
    lease = await client.lease(ttl=60)
    await client.put(key, "leased", lease=lease)
    assert await lease.refresh() == 60
    assert 0 < await lease.ttl() <= 60
    assert await lease.keys() == [key.encode()]


@with_client
async def test_a_lock_excludes_others(client, key):
    async with await client.lock(key, ttl=60) as lock:
        assert await lock.is_acquired()
        assert await lock.refresh() == 60
        assert not await (await client.lock(key, ttl=60)).acquire()
    assert not await lock.is_acquired()


@with_client
async def test_a_watch_yields_events(client, key):
    events, cancel = await client.watch_prefix(key)
    # Many at once, which may come as several events a document and several documents a packet.
    await asyncio.gather(*(client.put(f"{key}/{number:02}", "x" * 1000) for number in range(50)))
    found = set()
    while len(found) < 50:
        event = await asyncio.wait_for(anext(events), SOON)
        assert event["kv"]["value"] == b"x" * 1000
        found.add(event["kv"]["key"])
    await client.delete(f"{key}/00")
    event = await asyncio.wait_for(anext(events), SOON)
    assert (event["type"], event["kv"]["key"]) == ("DELETE", f"{key}/00".encode())
    await cancel()


@with_client
async def test_a_large_event_is_one_document(client, key):
    events, cancel = await client.watch(key)
    await client.put(key, "x" * 700_000)
    event = await asyncio.wait_for(anext(events), SOON)
    assert len(event["kv"]["value"]) == 700_000
    await cancel()


@with_client
async def test_a_watch_replays_from_a_revision(client, key):
    answer = await client.put(key, "1", metadata=True)
    event = await client.watch_once(key, timeout=SOON, start_revision=int(answer["header"]["revision"]))
    assert event["kv"]["value"] == b"1"


@with_client
async def test_a_quiet_watch_is_left_alone(client, key):
    with pytest.raises(WatchTimedOut):
        await client.watch_once(key, timeout=2)


@with_client
async def test_an_error_in_a_stream_is_known_by_its_http_code(client, key):
    async with aiohttp.ClientSession(headers={"Grpc-Timeout": "1S"}) as impatient:
        usual, client.session = client.session, impatient
        try:
            events, cancel = await client.watch(key)
            # etcd's server and its gateway race for the answer: code 2, which is 500, or 4, which is 504. Behind Envoy it
            # is code 4 whoever is first, and each has its own words.
            with pytest.raises((ConnectionTimeoutError, InternalServerError)) as caught:
                await asyncio.wait_for(anext(events), SOON)
            assert caught.value.args in [("context deadline exceeded",), ("response timeout",)]
            await cancel()
        finally:
            client.session = usual
