"""What the suites and the fixtures of the pytest plugin keep out."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from imagekit import Client, MissingCredential
from imagekit.testing import Answer, Loopback, picture_base64
from imagekit.testing.isolation import isolate
from imagekit.testing.pytest_plugin import imagekit_isolated, imagekit_loopback  # noqa: F401


@pytest.fixture
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("POWERTOKENS_API_KEY", "the-machines-own")
    monkeypatch.setenv("IMAGEKIT_PLUGINS", "none")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    isolate(monkeypatch, str(tmp_path))


@pytest.mark.usefixtures("_isolated")
@pytest.mark.parametrize(
    "reach",
    [
        lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
        lambda: socket.getaddrinfo("images.example", 443),
        lambda: socket.socket().connect_ex(("192.0.2.1", 80)),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_other_machines_are_out_of_reach(reach: Callable[[], object]) -> None:
    with pytest.raises(OSError, match="tests reach loopback addresses only"):
        reach()


@pytest.mark.usefixtures("_isolated")
def test_loopback_is_within_reach() -> None:
    with Loopback(Answer()) as server, socket.create_connection(("localhost", port(server))):
        pass


@pytest.mark.usefixtures("_isolated")
def test_nothing_of_the_machine_is_seen() -> None:
    names = {"POWERTOKENS_API_KEY", "IMAGEKIT_PLUGINS", "https_proxy"}
    assert not names & os.environ.keys()
    with Client() as client, pytest.raises(MissingCredential):
        client.generate("a heron", model="powertokens:seedream-4.5")


@pytest.mark.usefixtures("imagekit_isolated")
def test_the_fixtures_are_enough_to_test_a_program(
    imagekit_loopback: Callable[..., Loopback],  # noqa: F811
) -> None:
    from imagekit import HostSettings

    answer = Answer(json={"created": 1, "data": [{"b64_json": picture_base64(2, 1)}]})
    server = imagekit_loopback(answer)
    own = {"powertokens": HostSettings(base_url=server.url)}
    with Client(hosts=own, credentials={"powertokens": "key"}) as client:
        assert client.generate("a", model="powertokens:seedream-4.5").image.pixels == (2, 1)


def port(server: Loopback) -> int:
    return int(server.url.rpartition(":")[2])
