"""curl, as etcd's documentation shows it: a form's content type, bodies from the standard input, endless answers."""

import base64
import json
import re
import shlex
import subprocess
import time
from pathlib import Path

import pytest

SOON = 10
README = Path(__file__).parents[2] / "README.md"
# What curl says when --max-time ends it.
TIMED_OUT = 28


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def curl(*arguments, stdin=None, status=0):
    done = subprocess.run(["curl", "--silent", "--show-error", *arguments], input=stdin, capture_output=True, timeout=60)
    assert done.returncode == status, done.stderr
    return done.stdout.decode()


def test_keys_are_written_and_read(url, key):
    answer = json.loads(curl(f"{url}/v3/kv/put", "-d", json.dumps({"key": encoded(key), "value": encoded("1")})))
    assert answer["header"]["revision"].isdecimal()
    body = json.dumps({"key": encoded(key)})
    [kv] = json.loads(curl(f"{url}/v3/kv/range", "-X", "POST", "-d", "@-", stdin=body.encode()))["kvs"]
    assert (kv["key"], kv["value"], kv["version"]) == (encoded(key), encoded("1"), "1")


def test_a_large_body_that_expects_100_continue(url, key):
    body = json.dumps({"key": encoded(key), "value": encoded("x" * 1_400_000)}).encode()
    for options in ([], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"]):
        curl(f"{url}/v3/kv/put", "--fail", "--data-binary", "@-", *options, stdin=body)
    [kv] = json.loads(curl(f"{url}/v3/kv/range", "-d", json.dumps({"key": encoded(key)})))["kvs"]
    assert kv["version"] == "3"
    assert len(kv["value"]) == len(encoded("x" * 1_400_000))


def test_an_error_has_its_status_and_a_body(url, key):
    body = json.dumps({"key": encoded(key), "lease": "4711"})
    text, status, content_type = curl(
        f"{url}/v3/kv/put", "-d", body, "-w", "\n%{http_code}\n%{content_type}"
    ).rsplit("\n", 2)
    assert (status, content_type) == ("404", "application/json")
    answer = json.loads(text)
    assert (answer["code"], answer["message"]) == (5, "etcdserver: requested lease not found")
    curl(f"{url}/v3/kv/put", "--fail", "-d", body, status=22)


def test_an_error_is_also_called_error(url, key):
    answer = json.loads(curl(f"{url}/v3/kv/put", "-d", json.dumps({"key": encoded(key), "lease": "4711"})))
    assert answer["error"] == answer["message"]


def test_the_version_and_the_health_are_told(url):
    version = json.loads(curl(f"{url}/version"))
    assert version["etcdcluster"].split(".")[:2] == version["etcdserver"].split(".")[:2]
    assert json.loads(curl(f"{url}/health"))["health"] == "true"


def test_plain_text_as_the_readme_shows_it(url):
    section = README.read_text().partition("## Plain text\n")[2].partition("\n## ")[0]
    [fence] = re.findall("```sh\n(.*?)```", section, re.DOTALL)
    put, get, watch = (shlex.split(line.replace("http://127.0.0.1:8379", url)) for line in fence.splitlines())
    assert "error" not in json.loads(curl(*put[1:]))
    [kv] = json.loads(curl(*get[1:]))["kvs"]
    assert (kv["key"], kv["value"]) == ("/app/name", "grüße")
    with subprocess.Popen([*watch, "--max-time", str(SOON)], stdout=subprocess.PIPE, text=True) as process:
        assert json.loads(process.stdout.readline())["result"]["created"] is True
        curl(*put[1:])
        [event] = json.loads(process.stdout.readline())["result"]["events"]
        assert (event["kv"]["key"], event["kv"]["value"]) == ("/app/name", "grüße")
        process.kill()


def watch(url, *requests):
    body = "".join(json.dumps({"create_request": request}) for request in requests)
    command = ["curl", "--silent", "--no-buffer", "--max-time", str(SOON), f"{url}/v3/watch", "-d", body]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_watch_prints_a_line_as_soon_as_something_happens(url, key):
    process = watch(url, {"key": encoded(key)})
    try:
        assert json.loads(process.stdout.readline())["result"]["created"] is True
        for number in range(20):
            curl(f"{url}/v3/kv/put", "-d", json.dumps({"key": encoded(key), "value": encoded(str(number))}))
            started = time.monotonic()
            [event] = json.loads(process.stdout.readline())["result"]["events"]
            assert event["kv"]["value"] == encoded(str(number))
            assert time.monotonic() - started < 2
    finally:
        process.kill()
        process.communicate()


def test_one_stream_takes_several_watches(url, key):
    process = watch(url, {"key": encoded(f"{key}/a"), "watch_id": "7"}, {"key": encoded(f"{key}/b"), "watch_id": "8"})
    try:
        created = [json.loads(process.stdout.readline())["result"] for _ in range(2)]
        assert [answer["watch_id"] for answer in created] == ["7", "8"]
        curl(f"{url}/v3/kv/put", "-d", json.dumps({"key": encoded(f"{key}/b")}))
        assert json.loads(process.stdout.readline())["result"]["watch_id"] == "8"
    finally:
        process.kill()
        process.communicate()


def test_a_quiet_watch_waits(url, key):
    text = curl(
        "--no-buffer",
        "--max-time",
        "2",
        f"{url}/v3/watch",
        "-d",
        json.dumps({"create_request": {"key": encoded(key)}}),
        status=TIMED_OUT,
    )
    assert len(text.splitlines()) == 1


def test_every_value_of_an_upload_is_answered(url):
    leases = [json.loads(curl(f"{url}/v3/lease/grant", "-d", '{"TTL":60}'))["ID"] for _ in range(3)]
    body = "".join(json.dumps({"ID": lease}) + "\n" for lease in leases).encode()
    # A chunked body.
    text = curl("-X", "POST", "-T", "-", f"{url}/v3/lease/keepalive", stdin=body)
    assert [json.loads(line)["result"]["ID"] for line in text.splitlines()] == leases


@pytest.mark.parametrize("call", ["maintenance/status", "cluster/member/list", "kv/range"])
def test_a_call_whose_body_is_sent_in_two_pieces(url, key, call):
    body = json.dumps({"key": encoded(key)} if call == "kv/range" else {}) + "\n"
    with subprocess.Popen(
        ["curl", "--silent", "--fail", "--max-time", str(SOON), "-X", "POST", "-T", ".", f"{url}/v3/{call}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdin.write(body[: len(body) // 2])
        process.stdin.flush()
        time.sleep(0.2)
        process.stdin.write(body[len(body) // 2 :])
        process.stdin.close()
        assert "header" in json.loads(process.stdout.read())
        assert process.wait(SOON) == 0
