"""A client that goes away wastes nothing: what was paid for is in its record."""

from __future__ import annotations

import time
from typing import Any

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def program(start: Any) -> Any:
    return start()


@pytest.mark.parametrize("streamed", [False, True])
def test_its_record_has_the_picture(program: Any, streamed: bool) -> None:
    program.host.lets.clear()
    connection = program.asking(stream=streamed)
    if streamed:
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200 OK")
    connection.close()
    program.host.lets.set()
    (newest,) = program.ask("GET", "/v1/images?limit=1").json()["data"]
    done = program.ask("GET", f"/v1/images/{newest['id']}?wait=60").json()
    assert done["status"] == "completed"
    content = program.ask("GET", f"/v1/images/{newest['id']}/content?format=binary")
    assert content.headers["Content-Type"] == "image/png"


def test_one_that_has_told_half_of_what_it_wants_has_bought_nothing(program: Any) -> None:
    told = {"Content_Type": "application/json", "Content_Length": "100"}
    program.connect("POST /v1/images/generations", b'\r\n{"model": "', **told).close()
    while '"truncated"' not in program.log.read_text():
        time.sleep(0.02)
    assert not program.host.asked.acquire(blocking=False)
