"""Empty places for pictures, and a server of buckets."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from imagekit_store.pictures import Pictures, pictures_at

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """Where a server of buckets listens."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a new bucket there."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "lily")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key-of-the-pond")
    name = f"pond-{next(NUMBERS)}"
    urllib3.request("PUT", f"{s3}/{name}")
    return f"s3://{name}/lilies?endpoint={s3}&region=us-east-1"


@pytest.fixture(params=["folder", "bucket"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place for pictures, of each kind."""
    if request.param == "folder":
        return str(tmp_path / "pictures")
    return str(request.getfixturevalue("bucket"))


@pytest.fixture
def pictures(where: str) -> Pictures:
    return pictures_at(where)
