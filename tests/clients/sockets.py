"""Sockets of Python's websockets to etcd's JSON API, for the suites that use them."""

import base64
import contextlib
import http.client
import json

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

SOON = 20


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def call(port, path, body, token=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SOON)
    connection.request("POST", path, json.dumps(body), {"Authorization": token} if token else {})
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    assert answer.status == 200, said
    return json.loads(said)


def put(port, key, value):
    return call(port, "/v3/kv/put", {"key": encoded(key), "value": encoded(value)})["header"]["revision"]


def create(key, **more):
    return json.dumps({"create_request": {"key": encoded(key), **more}})


def document(socket):
    message = socket.recv(timeout=SOON)
    assert isinstance(message, str)
    return json.loads(message)


def result(socket):
    found = document(socket)
    return found["result"]


def value(found):
    [event] = found["events"]
    return base64.b64decode(event["kv"]["value"]).decode()


@contextlib.contextmanager
def opened(port, path="/v3/watch", **options):
    with connect(f"ws://127.0.0.1:{port}{path}", max_size=None, open_timeout=SOON, close_timeout=SOON, **options) as socket:
        yield socket


def closed(socket):
    """The code that the server closes with; None where it goes without a word."""
    with pytest.raises(ConnectionClosed) as caught:
        socket.recv(timeout=SOON)
    return caught.value.rcvd and caught.value.rcvd.code
