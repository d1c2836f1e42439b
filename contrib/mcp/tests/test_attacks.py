"""A model under the spell of a prompt controls every argument."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from imagekit_sandbox.serving import Upstreams

from imagekit.testing import picture


@pytest.fixture(scope="module")
def outside(served: Any) -> Path:
    """A picture beside the roots, and ways to it from within."""
    secret, art = served.folder / "secret.png", served.folder / "art"
    secret.write_bytes(picture(32, 32))
    (art / "link.png").symlink_to(secret)
    (art / "up").symlink_to(served.folder)
    (art / ".hidden.png").write_bytes(picture(32, 32))
    os.mkfifo(art / "pipe.png")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(art / "s"))
    return Path(secret)


@pytest.mark.parametrize(
    "named",
    [
        "{secret}",
        "file://{secret}",
        "../secret.png",
        "{art}/../secret.png",
        "{art}/%2e%2e/secret.png",
        "file://{art}/%2e%2e/secret.png",
        "link.png",
        "up/secret.png",
        "{art}/up/secret.png",
        ".hidden.png",
        "pipe.png",
        "s",
        "{art}",
        "",
        ".",
        "corgi.png\0",
        "/proc/self/root{secret}",
        "/dev/zero",
        "file://elsewhere{secret}",
        "ftp://127.0.0.1/corgi.png",
        "https://evil.example/corgi.png",
        "data:image/png;base64,AAAA",
    ],
)
@pytest.mark.parametrize("parameter", ["image", "mask"])
def test_nothing_outside_the_roots_is_read(
    served: Any, upstreams: Upstreams, outside: Path, named: str, parameter: str
) -> None:
    asked = named.format(secret=outside, art=served.folder / "art")
    references = {"image": "corgi.png", parameter: asked}
    before = len(upstreams.journal.entries)
    error = served.error("edit", prompt="x", model="modelark:seedream-4.5", **references)
    assert error["kind"] == "UsageError"
    assert len(upstreams.journal.entries) == before


def test_a_root_is_named_by_any_of_its_names(served: Any, outside: Path) -> None:
    real = (served.folder / "art").resolve() / "corgi.png"
    told = served.told("plan", prompt="x", model="modelark:seedream-4.5", image=str(real))
    assert told["possible"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"native": {"x": 1}}, "'native' was unexpected"),
        ({"id": "../../x"}, "'id' was unexpected"),
        ({"options": {"callback_url": "https://evil.example/"}}, "name no address"),
        ({"options": {"callback_url": "evil.example/x"}}, "name no address"),
        ({"options": {"callback_url": "http:/evil.example/x"}}, "name no address"),
        ({"options": {"a": [{"b": " //evil.example/"}]}}, "name no address"),
        ({"options": {"image": "/etc/passwd"}}, "name no address"),
        ({"options": {"native": {"x": 1}}}, "standard parameter"),
        ({"model": "http://evil.example:seedream-4.5"}, "no installed plugin knows the model"),
    ],
)
def test_hosts_addresses_and_fields_are_not_the_callers(
    served: Any, arguments: Any, words: str
) -> None:
    error = served.error("generate", **{"prompt": "x", "model": "klingai:kling-v3", **arguments})
    assert words in error["message"]
    assert error["charged"] == "no"


def test_an_answer_steers_no_terminal(served: Any) -> None:
    error = served.error("generate", prompt="x", model="\x1b]0;owned\x07\u202egnp")
    assert not {"\x1b", "\x07", "\u202e"} & {*error["message"]}
    served.told("generate", prompt="\x1b[2J a corgi", model="sandbox:seedream-4.0")
    assert "\x1b" not in str(served.told("history")["calls"][0])
