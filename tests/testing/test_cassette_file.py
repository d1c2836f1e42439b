"""The file of a cassette: when it is written, what stands there, and what is wrong with it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imagekit import (
    Client,
    MissingCredential,
)
from imagekit.testing import Answer, Cassette, Loopback
from imagekit.testing.cassette.cassette import CassetteError, NotOnCassette

KEY = "key-of-the-garden"
SIGNED = "X-Amz-Expires=600&X-Amz-Signature=0123456789abcdef0123456789abcdef"

Garden = Callable[..., Client]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cassettes" / "lily.json"


def files(path: Path) -> list[str]:
    return sorted(found.name for found in path.with_name("lily.files").glob("*"))


# --- modes and the file -------------------------------------------------------------------------


def test_replay_never_sends(garden: Garden, path: Path) -> None:
    with pytest.raises(CassetteError, match=r"lily\.json can't be read: No such file"):
        Cassette(path, mode="replay").__enter__()


def test_record_replaces_the_tape_and_its_files(garden: Garden, path: Path, png: bytes) -> None:
    names = []
    for colour in (b"1", b"2"):
        picture = base64.b64encode(png + colour * 2000).decode()
        answer = Answer(json={"data": [{"b64_json": picture}]})
        with Loopback(answer) as server, Cassette(path, mode="record") as cassette:
            garden(server.url, cassette).generate("a lily", model="lily-1")
        names.append(files(path))
    assert [len(found) for found in names] == [1, 1]
    assert names[0] != names[1]
    assert names[0][0].endswith(".png")


def test_recording_the_same_again_changes_no_byte(
    garden: Garden, path: Path, drawn: dict[str, Any]
) -> None:
    with Loopback(Answer(json=drawn, headers={"Date": "Mon, 01 Jan 2029 00:00:00 GMT"})) as server:
        written = []
        for _ in range(2):
            with Cassette(path, mode="record") as cassette:
                garden(server.url, cassette).generate("a lily", model="lily-1")
            written.append(path.read_bytes())
    assert written[0] == written[1]


def test_what_was_recorded_survives_the_program(
    garden: Garden, path: Path, drawn: dict[str, Any]
) -> None:
    with Loopback(Answer(json=drawn)) as server:
        cassette = Cassette(path).__enter__()
        garden(server.url, cassette).generate("a lily", model="lily-1")
    assert len(json.loads(path.read_text())["interactions"]) == 1  # and nobody closed it


def test_a_recording_of_nothing_leaves_the_tape_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("what was there")
    with Cassette(path, mode="record"):
        pass
    assert path.read_text() == "what was there"


def test_an_answer_is_not_lost_because_the_tape_is(
    garden: Garden, tmp_path: Path, drawn: dict[str, Any]
) -> None:
    (tmp_path / "file").touch()
    cassette = Cassette(tmp_path / "file" / "lily.json", mode="record").__enter__()
    with Loopback(Answer(json=drawn)) as server:
        assert garden(server.url, cassette).generate("a lily", model="lily-1").image
    with pytest.raises(CassetteError, match="be written"):
        cassette.__exit__(None)


def test_a_key_is_still_needed_to_record(garden: Garden, path: Path) -> None:
    with Cassette(path) as cassette, pytest.raises(MissingCredential):
        garden("http://127.0.0.1:9", cassette, credentials={}).generate("a", model="lily-1")


def test_a_closed_cassette_sends_nothing(garden: Garden, path: Path) -> None:
    with Cassette(path) as cassette:
        client = garden("http://127.0.0.1:9", cassette)
    with pytest.raises(NotOnCassette, match="is not open"):
        client.generate("a lily", model="lily-1")


INTERACTION = {
    "host": "garden",
    "request": {"step": "generate", "method": "POST", "url": "https://garden.invalid"},
}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no cassette: not JSON"),
        ("[]", "is no cassette: it has no 'imagekit_cassette'"),
        ('{"imagekit_cassette": 2}', "has format 2, and this imagekit reads 1"),
        ('{"imagekit_cassette": 1}', "broken: interactions"),
        ('{"imagekit_cassette": 1, "interactions": [{}]}', r"\[0\]\.host is missing"),
        (
            json.dumps({"imagekit_cassette": 1, "interactions": [INTERACTION]}),
            r"\[0\] needs either a reply or a fault",
        ),
        (
            json.dumps(
                {
                    "imagekit_cassette": 1,
                    "interactions": [
                        {**INTERACTION, "reply": {"status": 200, "file": "../../secret"}}
                    ],
                }
            ),
            r"interaction 1 needs lily\.files/\.\./\.\./secret, which is missing",
        ),
        (
            json.dumps(
                {
                    "imagekit_cassette": 1,
                    "interactions": [
                        {
                            **INTERACTION,
                            "fault": {
                                "error": "Boom",
                                "message": "",
                                "retryable": True,
                                "charged": "no",
                            },
                        }
                    ],
                }
            ),
            "names no error",
        ),
    ],
)
def test_a_broken_file_says_what_is_wrong(path: Path, text: str, message: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(CassetteError, match=message):
        Cassette(path).__enter__()


def test_an_unknown_mode_is_a_mistake(path: Path) -> None:
    with pytest.raises(ValueError, match="'replya' is not one of once, replay, record"):
        Cassette(path, mode="replya")  # type: ignore[arg-type]
