"""The gateway's OpenAPI document: valid, served, true of every answer to what it allows, and enough to make a client of.

schemathesis makes the calls, the same ones in each run. Any answer is of its schema, closed here against members that it
does not name, and none is an error of the server's that etcd's own gateway does not give too.
"""

import base64
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

README = Path(__file__).parents[2] / "README.md"
DOCUMENT = json.loads(Path(os.environ["OPENAPI"]).read_text())
CALLS_EACH = 10
CHECKS = [content_type_conformance, response_headers_conformance, response_schema_conformance, status_code_conformance]

# What is not called at random: it waits as it should, what it changes would decide what all others are answered, or, as
# changes of members that follow each other closely, etcd may never answer it.
NOT_AT_RANDOM = {
    "Auth_AuthEnable",
    "Cluster_MemberAdd",
    "Cluster_MemberPromote",
    "Cluster_MemberRemove",
    "Cluster_MemberUpdate",
    "Election_Campaign",
    "Lock_Lock",
    "Maintenance_Alarm",
}


def is_called(operation_id):
    method = operation_id.removesuffix("_2")
    answers = DOCUMENT["paths"]
    streams = {
        item["post"]["operationId"]
        for item in answers.values()
        if "post" in item and "text/event-stream" in item["post"]["responses"]["200"]["content"]
    }
    return method not in NOT_AT_RANDOM and method not in streams and not operation_id.endswith("_events")


def of_answers(document):
    """The names of all schemas of answers."""
    found = set()

    def visit(part):
        if isinstance(part, dict):
            name = part.get("$ref", "").removeprefix("#/components/schemas/")
            if name in document["components"]["schemas"] and name not in found:
                found.add(name)
                visit(document["components"]["schemas"][name])
            part = part.values()
        if isinstance(part, (dict, list)) or not isinstance(part, (str, int, float, type(None))):
            for element in part:
                visit(element)

    for item in document["paths"].values():
        for operation in item.values():
            visit(operation["responses"]["200"])
    return found


def strict(form):
    """The document with closed answers, and with bytes as `form` has them."""
    document = json.loads(json.dumps(DOCUMENT))
    schemas = document["components"]["schemas"]
    for name in of_answers(document):
        for schema in [schemas[name], *schemas[name].get("oneOf", [])]:
            if "properties" in schema:
                schema["additionalProperties"] = False
    if form == "base64":
        string = {"type": "string", "format": "byte", "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"}
        schemas["Bytes"] = schemas["RangeEnd"] = string
    for item in document["paths"].values():
        for operation in item.values():
            operation.pop("parameters", None)
    return document


def as_integers(value):
    """Without numbers such as 5.0, which etcd 3.5's own gateway does not take."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [as_integers(element) for element in value]
    if isinstance(value, dict):
        return {name: as_integers(member) for name, member in value.items()}
    return value


def in_base64(schema, value):
    """A request in plain text as etcd's own gateway takes it."""
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    if name in ("Bytes", "RangeEnd"):
        text = value if isinstance(value, str) else "\0"
        return value["base64"] if "base64" in value else base64.b64encode(text.encode()).decode()
    schema = DOCUMENT["components"]["schemas"].get(name, schema)
    if isinstance(value, list):
        return [in_base64(schema.get("items", {}), element) for element in value]
    if not isinstance(value, dict):
        return value
    forms = schema.get("oneOf", [schema])
    fitting = [form for form in forms if all(name in value for name in form.get("required", []))]
    properties = (fitting or [{}])[0].get("properties", {})
    return {name: in_base64(properties.get(name, {}), member) for name, member in value.items()}


@pytest.fixture(scope="session")
def own_url():
    """Where etcd's own gateway is."""
    return f"http://127.0.0.1:{os.environ['ETCD_OWN_PORT']}"


def test_the_document_is_valid():
    validate(DOCUMENT)


def test_the_gateway_serves_the_document(url):
    answer = httpx.get(f"{url}/v3/openapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == DOCUMENT
    # As the README has it.
    fence = "curl -s http://127.0.0.1:8379/v3/openapi.json"
    assert f"```sh\n{fence}\n```" in README.read_text()
    command = fence.replace("http://127.0.0.1:8379", url).split()
    assert json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout) == DOCUMENT


@pytest.mark.parametrize("form", ["base64", "text"])
def test_every_answer_is_as_the_document_says(url, own_url, form):
    schema = schemathesis.openapi.from_dict(strict(form))
    headers = {"X-Etcd-Bytes": form}
    statuses = {}

    def own_answer(operation, body):
        if body is None:
            return httpx.get(f"{own_url}{operation.path}")
        content = operation.definition.raw["requestBody"]["content"]
        if form == "text":
            body = in_base64(content["application/json"]["schema"], body)
        return httpx.post(f"{own_url}{operation.path}", json=as_integers(body))

    def check(operation):
        @settings(
            max_examples=CALLS_EACH,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def call(case):
            answer = case.call(base_url=url, headers=headers)
            if answer.status_code >= 500:
                answer = case.call(base_url=url, headers=headers)  # no machine that is busy for once
            status = answer.status_code
            statuses.setdefault(operation.label, []).append(status)
            if status >= 500:
                own = own_answer(operation, case.body if operation.method == "post" else None)
                # What this etcd lacks is 404 to its own gateway, which has no path for it.
                lacks = (status, own.status_code) == (501, 404)
                assert lacks or own.status_code == status, (operation.label, case.body, answer.text, own.text)
            case.validate_response(answer, checks=CHECKS)

        call()

    called = 0
    for operation in schema.get_all_operations():
        operation = operation.ok()
        if is_called(operation.definition.raw["operationId"]):
            check(operation)
            called += 1
    assert called == len(DOCUMENT["paths"]) - len(NOT_AT_RANDOM) - 5
    assert sum(200 in of_call for of_call in statuses.values()) > 20, statuses


def test_every_line_of_a_stream_is_as_the_document_says(url, key):
    text = {"X-Etcd-Bytes": "text"}
    document = strict("text")

    def checked(path, body, lines):
        content = document["paths"][path]["post"]["responses"]["200"]["content"]
        line = {**content["application/json"]["schema"], "components": document["components"]}
        validator = Draft202012Validator(line)
        with httpx.stream("POST", f"{url}{path}", content=body, headers=text) as answer:
            assert answer.status_code == 200
            for count, line in zip(range(lines), answer.iter_lines()):
                validator.validate(json.loads(line))
            assert count == lines - 1

    put = {"key": key, "value": "1"}
    revision = httpx.post(f"{url}/v3/kv/put", json=put, headers=text).json()["header"]["revision"]
    lease = httpx.post(f"{url}/v3/lease/grant", json={"TTL": "600"}).json()["ID"]
    create = {"create_request": {"key": key, "range_end": {"prefix": True}, "start_revision": revision}}
    checked("/v3/watch", json.dumps(create), 2)
    checked("/v3/watch", json.dumps({"create_request": {"key": key, "start_revision": "-9223372036854775808"}}), 1)
    checked("/v3/lease/keepalive", json.dumps({"ID": lease}), 1)
    checked("/v3/maintenance/snapshot", "{}", 1)


def test_a_generated_client_puts_and_reads(url, key, tmp_path, monkeypatch):
    generate = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    folder = tmp_path / "generated_client"
    # It formats what it writes with ruff, which stands beside this Python.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [*generate, "--fail-on-warning", "--path", os.environ["OPENAPI"], "--output-path", folder],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    monkeypatch.syspath_prepend(tmp_path)
    kv_put = importlib.import_module("generated_client.api.kv.kv_put")
    kv_range = importlib.import_module("generated_client.api.kv.kv_range")
    models = importlib.import_module("generated_client.models")
    client = importlib.import_module("generated_client").Client(base_url=url)

    def encoded(text):
        return base64.b64encode(text.encode()).decode()

    put = kv_put.sync(client=client, body=models.PutRequest(key=encoded(key), value=encoded("1")))
    assert put.header.revision.isdecimal()
    answer = kv_range.sync(client=client, body=models.RangeRequest(key=encoded(key), limit=1))
    [pair] = answer.kvs
    assert (pair.key, pair.value, answer.count) == (encoded(key), encoded("1"), "1")
    prefix = models.RangeRequest(key=key, range_end=models.RangeEndPrefix(prefix=True))
    answer = kv_range.sync(client=client, body=prefix, x_etcd_bytes=models.BytesForm.TEXT)
    assert [(pair.key, pair.value) for pair in answer.kvs] == [(key, "1")]
    error = kv_range.sync(client=client, body=models.RangeRequest())
    assert (error.code, error.message) == (3, "etcdserver: key is not provided")
