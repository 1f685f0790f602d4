"""What the filter does for a WebSocket beyond etcd's own gateway, which lets a client wait for ever: Python's websockets."""

import contextlib
import json

import pytest
from sockets import closed, create, document, opened, result
from websockets.exceptions import ConnectionClosed, InvalidStatus

# Twice the example's max_request_bytes.
LARGEST = 4 << 20


def test_no_socket_is_opened_on_an_unknown_path(port):
    with pytest.raises(InvalidStatus) as caught, opened(port, "/v3/nothing"):
        pass
    assert caught.value.response.status_code == 404


def test_a_request_that_cannot_be_read_is_said_before_1011(port):
    with opened(port) as socket:
        socket.send('{"create_request":{"key":5}}')
        assert document(socket)["error"]["message"]
        assert closed(socket) == 1011


def test_a_message_too_large_is_1009(port, key):
    with opened(port) as socket:
        socket.send(create(key))
        assert result(socket)["created"] is True
        # The last piece alone is too much: of what is sent behind the close, the kernel would make a reset.
        begin = '{"create_request":{'
        space = " " * (LARGEST // 4)
        with contextlib.suppress(ConnectionClosed):
            socket.send([begin, space[len(begin) :], space, space, space, " "])
        assert closed(socket) == 1009


def test_text_that_is_not_utf_8_is_1007(port, key):
    with opened(port) as socket:
        socket.send(create(key).encode()[:-2] + b"\xff\xfe", text=True)
        assert closed(socket) == 1007
