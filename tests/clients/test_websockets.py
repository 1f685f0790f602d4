"""Python's websockets: all that RFC 6455 gives a client, on watches and leases of etcd's JSON API."""

import asyncio
import base64
import json
import re

import pytest
from sockets import SOON, call, create, opened, put, result, value
from websockets.asyncio.client import connect

LARGE = 1_400_000


def test_watches_are_created_told_of_changes_asked_and_cancelled(port, key):
    with opened(port) as socket:
        for number in range(3):
            socket.send(create(f"{key}/{number}", watch_id=str(number + 1)))
            created = result(socket)
            assert (created["created"], created["watch_id"]) == (True, str(number + 1))
        put(port, f"{key}/1", "one")
        event = result(socket)
        assert (event["watch_id"], value(event)) == ("2", "one")
        socket.send('{"progress_request":{}}')
        assert result(socket)["header"]["revision"].isdecimal()
        socket.send('{"cancel_request":{"watch_id":"2"}}')
        cancelled = result(socket)
        assert (cancelled["canceled"], cancelled["watch_id"]) == (True, "2")
        put(port, f"{key}/1", "nobody sees it")
        put(port, f"{key}/2", "two")
        assert value(result(socket)) == "two"


def test_a_lost_socket_goes_on_at_a_revision(port, key):
    with opened(port) as socket:
        socket.send(create(key))
        assert result(socket)["created"] is True
        seen = int(put(port, key, "1"))
        assert value(result(socket)) == "1"
        socket.socket.close()
    put(port, key, "2")
    put(port, key, "3")
    with opened(port) as socket:
        socket.send(create(key, start_revision=str(seen + 1)))
        values = []
        while len(values) < 2:
            values += [base64.b64decode(event["kv"]["value"]) for event in result(socket).get("events", [])]
        assert values == [b"2", b"3"]


def test_leases_are_kept_alive(port):
    lease = call(port, "/v3/lease/grant", {"TTL": 60})["ID"]
    with opened(port, "/v3/lease/keepalive") as socket:
        for _ in range(3):
            socket.send(json.dumps({"ID": lease}))
            kept = result(socket)
            assert (kept["ID"], kept["TTL"]) == (lease, "60")
    call(port, "/v3/lease/revoke", {"ID": lease})


def test_a_message_of_fragments_with_pings_between_them_is_one_request(port, key):
    with opened(port) as socket:
        pongs = []

        def pieces():
            for byte in create(key):
                if byte == ":":
                    pongs.append(socket.ping())
                yield byte

        socket.send(pieces())
        assert result(socket)["created"] is True
        assert len(pongs) == 2
        assert all(pong.wait(SOON) for pong in pongs)


def test_a_binary_message_is_a_request(port, key):
    with opened(port) as socket:
        socket.send(create(key).encode())
        assert result(socket)["created"] is True
        socket.send([b'{"progress_request"', b":{}}"])
        assert result(socket)["header"]["revision"].isdecimal()


def test_several_requests_share_a_message(port, key):
    with opened(port) as socket:
        socket.send(create(f"{key}/a", watch_id="1") + create(f"{key}/b", watch_id="2"))
        assert [result(socket)["watch_id"] for _ in range(2)] == ["1", "2"]


def test_a_client_that_pings_all_the_time_is_answered(port, key):
    with opened(port, ping_interval=0.05, ping_timeout=SOON) as socket:
        socket.send(create(key))
        assert result(socket)["created"] is True
        with pytest.raises(TimeoutError):
            socket.recv(timeout=2)
        assert socket.latency > 0
        put(port, key, "still here")
        assert value(result(socket)) == "still here"


def test_a_large_value_is_one_message(port, key):
    with opened(port) as socket:
        socket.send(create(key))
        assert result(socket)["created"] is True
        for size in (1, 70_000, LARGE):
            put(port, key, "x" * size)
            assert value(result(socket)) == "x" * size


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4999])
def test_a_close_is_answered_with_its_code(port, key, code):
    with opened(port) as socket:
        socket.send(create(key))
        assert result(socket)["created"] is True
        socket.close(code)
        assert socket.protocol.close_rcvd.code == code


def test_many_sockets_of_one_process(port, key):
    count = 50

    async def watch(number, ready):
        url = f"ws://127.0.0.1:{port}/v3/watch"
        async with connect(url, open_timeout=SOON) as socket:
            await socket.send(create(f"{key}/{number}"))
            assert json.loads(await socket.recv())["result"]["created"] is True
            ready.release()
            return value(json.loads(await socket.recv())["result"])

    async def run():
        ready = asyncio.Semaphore(0)
        watches = [asyncio.create_task(watch(number, ready)) for number in range(count)]
        for _ in watches:
            await ready.acquire()
        for number in range(count):
            await asyncio.to_thread(put, port, f"{key}/{number}", str(number))
        assert await asyncio.gather(*watches) == [str(number) for number in range(count)]

    asyncio.run(asyncio.wait_for(run(), 3 * SOON))


# With tokens.


@pytest.fixture
def token(port):
    """Logs in to an etcd that wants to know who one is."""
    call(port, "/v3/auth/user/add", {"name": "root", "password": "pass"})
    call(port, "/v3/auth/role/add", {"name": "root"})
    call(port, "/v3/auth/user/grant", {"user": "root", "role": "root"})
    call(port, "/v3/auth/enable", {})
    token = call(port, "/v3/auth/authenticate", {"name": "root", "password": "pass"})["token"]
    yield token
    call(port, "/v3/auth/disable", {}, token)
    call(port, "/v3/auth/user/delete", {"name": "root"})
    call(port, "/v3/auth/role/delete", {"role": "root"})


def test_a_token_by_the_subprotocol(port, key, token):
    with opened(port, subprotocols=["Bearer", token]) as socket:
        assert socket.subprotocol == "Bearer"
        socket.send(create(key))
        created = result(socket)
        assert created["created"] is True and "canceled" not in created, created


def test_a_token_by_the_cookie(port, key, token):
    with opened(port, additional_headers={"Cookie": f"a=b; token={token}"}) as socket:
        socket.send(create(key))
        created = result(socket)
        assert created["created"] is True and "canceled" not in created, created


def test_a_wrong_token_watches_nothing(port, key, token):
    with opened(port, subprotocols=["Bearer", "wrong.1"]) as socket:
        socket.send(create(key))
        created = result(socket)
        assert created["canceled"] is True
        assert re.search("invalid auth token|permission denied", created["cancel_reason"])
