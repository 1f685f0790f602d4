"""What lua-resty-etcd, the client of Apache APISIX, does with a watch: it takes chunks until one ends in a newline,
splits what it has into lines, and compares `error.http_code` with numbers."""

import base64
import http.client
import json
import socket

import pytest


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def call(port, path, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", path, json.dumps(body))
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


class Watch:
    """A watch whose chunks are seen as they are."""

    def __init__(self, port, request, headers=""):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        body = json.dumps({"create_request": request})
        head = f"POST /v3/watch HTTP/1.1\r\nHost: etcd\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        self.socket.sendall((head + body).encode())
        self.file = self.socket.makefile("rb")
        self.ended = False
        self.status = int(self.file.readline().split()[1])
        headers = iter(self.file.readline, b"\r\n")
        self.headers = {name.lower(): value.strip() for name, value in (line.split(b":", 1) for line in headers)}

    def chunk(self):
        """The next chunk; empty at the end."""
        if not self.ended:
            length = int(self.file.readline(), 16)
            data = self.file.read(length)
            assert self.file.read(2) == b"\r\n"
            self.ended = not data
        return b"" if self.ended else data

    def read(self):
        """The lines that the client makes of the next chunks."""
        text = b""
        while chunk := self.chunk():
            text += chunk
            if text.endswith(b"\n"):
                break
        return [json.loads(line) for line in text.split(b"\n") if line]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()


def test_a_watch_is_chunked(port, key):
    with Watch(port, {"key": encoded(key)}) as watch:
        assert watch.status == 200
        assert watch.headers[b"transfer-encoding"] == b"chunked"
        assert watch.read()[0]["result"]["created"] is True


def test_every_read_yields_whole_documents(port, key):
    with Watch(port, {"key": encoded(key)}) as watch:
        watch.read()
        for size in (0, 1, 10_000, 100_000, 1_000_000):
            call(port, "/v3/kv/put", {"key": encoded(key), "value": encoded("x" * size)})
            [line] = watch.read()
            [event] = line["result"]["events"]
            assert len(event["kv"].get("value", "")) == (size + 2) // 3 * 4


def test_an_error_in_a_stream_has_a_number_to_compare_with(port, key):
    with Watch(port, {"key": encoded(key)}, "Grpc-Timeout: 1S\r\n") as watch:
        watch.read()
        [line] = watch.read()
        assert line["error"]["http_code"] >= 500
        # etcd's server and its gateway race for the answer.
        assert line["error"]["grpc_code"] in (2, 4)
        assert watch.read() == []


@pytest.mark.parametrize("opened", [300])
def test_watches_are_opened_and_dropped_all_the_time(port, key, opened):
    for _ in range(opened):
        with Watch(port, {"key": encoded(key)}) as watch:
            assert watch.read()[0]["result"]["created"] is True
    assert call(port, "/v3/kv/range", {"key": encoded(key)})["header"]["revision"].isdecimal()
