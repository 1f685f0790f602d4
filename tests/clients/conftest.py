"""What every suite here is given: where etcd's JSON API is served, by etcd itself or by the filter in front of it."""

import os
import uuid

import pytest


@pytest.fixture(scope="session")
def port():
    """The port on 127.0.0.1."""
    return int(os.environ["ETCD_PORT"])


@pytest.fixture(scope="session")
def url(port):
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def key():
    """A key of the test's own, under which it may have more."""
    return f"/{uuid.uuid4()}"
