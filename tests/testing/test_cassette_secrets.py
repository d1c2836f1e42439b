"""Nothing secret gets onto a tape, and what was hidden still matches."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imagekit import (
    Client,
    RateLimited,
    Retry,
)
from imagekit.testing import Answer, Cassette, Loopback
from imagekit.testing.cassette.scrubbing import Scrubber

KEY = "key-of-the-garden"
SIGNED = "X-Amz-Expires=600&X-Amz-Signature=0123456789abcdef0123456789abcdef"

Garden = Callable[..., Client]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cassettes" / "lily.json"


def files(path: Path) -> list[str]:
    return sorted(found.name for found in path.with_name("lily.files").glob("*"))


def everything(path: Path) -> str:
    return "".join(
        found.read_bytes().decode("latin-1")
        for found in path.parent.rglob("*")
        if found.is_file() and found.suffix != ".png"
    )


def test_keys_are_hidden_wherever_they_come_back(garden: Garden, path: Path) -> None:
    refused = Answer(
        429,
        json={"error": {"code": "slow_down", "message": f"{KEY} is slow"}, KEY: [f"x{KEY}"]},
        headers={
            "Set-Cookie": "session=id-of-mine",
            "X-Echo": f"Bearer {KEY}",
            "X-Api-Key": "sent-back",
        },
    )
    with Loopback(refused) as server, Cassette(path) as cassette:
        client = garden(
            server.url,
            cassette,
            settings={"headers": {"X-Gateway-Pass": "open-sesame-please"}},
            retry=Retry(attempts=1),
        )
        with pytest.raises(RateLimited):
            client.generate(
                f"my key is {KEY}, and open-sesame-please",
                model="lily-1",
                native={"api_key": "in-a-field"},
            )
    written = everything(path)
    for secret in (KEY, "id-of-mine", "sent-back", "open-sesame", "in-a-field"):
        assert secret not in written
    assert '"x-echo": "***"' in written


def test_a_body_with_the_key_in_it_is_found_again_with_another_key(
    garden: Garden, path: Path, drawn: dict[str, Any]
) -> None:
    with Loopback(Answer(json=drawn)) as server, Cassette(path) as cassette:
        garden(server.url, cassette).generate(f"{KEY}!", model="lily-1")
    with Cassette(path) as cassette:
        client = garden(server.url, cassette, credentials={"garden": "another-key"})
        client.generate("another-key!", model="lily-1")


def test_links_lose_their_signature_and_match_when_signed_anew(
    garden: Garden, path: Path, drawn: dict[str, Any]
) -> None:
    link = "https://user:pw@pictures.example/1.png?v=3&X-Amz-Expires=60&X-Amz-Signature="
    with Loopback(Answer(json=drawn)) as server, Cassette(path) as cassette:
        garden(server.url, cassette).generate(f"like {link}aaaaaaaaaaaa", model="lily-1")
    written = everything(path)
    shown = "like https://pictures.example/1.png?v=3&X-Amz-Expires=***1&X-Amz-Signature=***1"
    assert shown in written
    with Cassette(path) as cassette:
        garden(server.url, cassette).generate(f"like {link}bbbbbbbbbbbb", model="lily-1")


def test_what_else_is_secret_can_be_named(
    garden: Garden, path: Path, drawn: dict[str, Any]
) -> None:
    with Loopback(Answer(json=drawn)) as server, Cassette(path, secrets=["Rosebud"]) as cassette:
        garden(server.url, cassette).generate("Rosebud, my sledge", model="lily-1")
    assert "Rosebud" not in everything(path)


def test_the_access_key_inside_a_signed_token_is_hidden_as_well() -> None:
    claims = base64.urlsafe_b64encode(b'{"iss":"access-key-1","exp":1}').decode().rstrip("=")
    scrub = Scrubber()
    scrub.learn({"Authorization": f"Bearer eyJhbGciOiJIUzI1NiJ9.{claims}.c2lnbmF0dXJl"})
    assert scrub.text(f"access-key-1 sent {claims}.") == f"*** sent {claims}."
    assert scrub.text(f"eyJhbGciOiJIUzI1NiJ9.{claims}.c2lnbmF0dXJl") == "***"
