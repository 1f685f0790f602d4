"""etcdctl, which speaks gRPC, through the port that serves JSON, and each sees what the other wrote."""

import base64
import json
import os
import select
import subprocess
import urllib.request

import pytest

SOON = 10


def encoded(text):
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def etcdctl(port):
    def run(*arguments, stdin=None):
        done = subprocess.run(command(port, *arguments), input=stdin, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


def command(port, *arguments):
    return [os.environ["ETCDCTL"], f"--endpoints=127.0.0.1:{port}", *arguments]


def call(url, path, body):
    request = urllib.request.Request(f"{url}/v3/{path}", json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=SOON) as response:
        return json.load(response)


def test_either_sees_what_the_other_wrote(etcdctl, url, key):
    assert etcdctl("put", key, "grpc") == ["OK"]
    assert call(url, "kv/range", {"key": encoded(key)})["kvs"][0]["value"] == encoded("grpc")
    call(url, "kv/put", {"key": encoded(key), "value": encoded("json")})
    assert etcdctl("get", key) == [key, "json"]
    assert etcdctl("del", key) == ["1"]


def test_a_watch_is_told_of_a_put_over_json(port, url, key):
    process = subprocess.Popen(command(port, "watch", key), stdout=subprocess.PIPE, text=True)
    try:
        # It says nothing when it begins: go on writing until it has seen one.
        for _ in range(SOON * 2):
            call(url, "kv/put", {"key": encoded(key), "value": encoded("1")})
            if select.select([process.stdout], [], [], 0.5)[0]:
                break
        assert [process.stdout.readline().rstrip("\n") for _ in range(3)] == ["PUT", key, "1"]
    finally:
        process.kill()
        process.communicate()


def test_a_json_watch_is_told_of_a_put_over_grpc(etcdctl, url, key):
    request = urllib.request.Request(f"{url}/v3/watch", json.dumps({"create_request": {"key": encoded(key)}}).encode())
    with urllib.request.urlopen(request, timeout=SOON) as response:
        assert json.loads(response.readline())["result"]["created"] is True
        etcdctl("put", key, "1")
        assert json.loads(response.readline())["result"]["events"][0]["kv"]["value"] == encoded("1")


def test_a_lease_is_kept_alive(etcdctl):
    [granted] = etcdctl("lease", "grant", "60")
    lease = granted.split()[1]
    [kept] = etcdctl("lease", "keep-alive", "--once", lease)
    assert kept == f"lease {lease} keepalived with TTL(60)"
    assert etcdctl("lease", "revoke", lease) == [f"lease {lease} revoked"]


def test_a_transaction_takes_one_of_its_branches(etcdctl, key):
    etcdctl("put", key, "1")
    text = f'value("{key}") = "1"\n\nput {key} 2\n\nget {key}\n\n'
    assert etcdctl("txn", stdin=text)[0] == "SUCCESS"
    assert etcdctl("txn", stdin=text)[0] == "FAILURE"


def test_a_lock_and_an_election_are_held(etcdctl, key):
    assert etcdctl("lock", key, "echo", "held") == ["held"]
    assert etcdctl("member", "list")[0].split(", ")[1:3] == ["started", "default"]


def test_the_endpoint_is_healthy(port):
    done = subprocess.run(command(port, "endpoint", "health"), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "is healthy" in done.stdout + done.stderr


def test_a_snapshot_is_saved(etcdctl, url, key, tmp_path):
    call(url, "kv/put", {"key": encoded(key), "value": encoded("x" * 1_000_000)})
    file = tmp_path / "snapshot"
    etcdctl("snapshot", "save", str(file))
    assert file.stat().st_size > 1_000_000
    assert not file.with_suffix(".part").exists()
