"""Where the command line puts pictures, and what it calls them."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from imagekit.cli import exits
from imagekit.cli.app import run
from imagekit.cli.saving.files import slug

DRAW = ("generate", "corgi", "-m", "sandbox:seedream-4.0", "--resolution", "1K")
GROUP = ("--sequential-image-generation", "auto", "--sequential-image-generation-options")
TWO = (*GROUP, '{"max_images": 2}')
needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A corgi, running!", "a-corgi-running"),
        ("海滩上的柯基犬", "海滩上的柯基犬"),
        ("пляж: корги", "пляж-корги"),
        ("شاطئ البحر", "شاطئ-البحر"),
        ("हिन्दी में", "हिन्दी-में"),
        ("Cafe\u0301 7", "caf\u00e9-7"),
        ("../../etc/passwd\0", "etc-passwd"),
        ("\ud83d 👩", "picture"),
    ],
)
def test_a_name_is_the_first_words_in_any_script(prompt: str, name: str) -> None:
    assert slug(prompt) == name


@pytest.mark.parametrize("letter", ["a", "é", "海", "𠀀"])
def test_a_name_fits_into_every_file_system(letter: str) -> None:
    name = slug(letter * 500)
    assert name == letter * len(name)
    assert 20 < len(name.encode()) <= 120


def test_a_group_has_one_name_whatever_is_there(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "corgi-2.jpg").touch()  # of a single picture, or of another run
    assert run([*DRAW, *TWO, "-q"]) == run([*DRAW, *TWO, "-q"]) == 0
    said = capsys.readouterr().out.split()
    assert said == ["corgi-2-1.png", "corgi-2-2.png", "corgi-3-1.png", "corgi-3-2.png"]


@pytest.mark.parametrize("taken", ["mine.png", "mine-2.png"])
def test_a_group_that_was_given_a_name_is_refused_when_that_is_taken(
    here: Path, capsys: pytest.CaptureFixture[str], taken: str
) -> None:
    (here / taken).write_text("precious")
    assert run([*DRAW, *TWO, "-o", "mine.png"]) == exits.USAGE
    assert f"{taken} exists" in capsys.readouterr().err
    assert run([*DRAW, *TWO, "-o", "mine.png", "--force", "-q"]) == 0
    assert capsys.readouterr().out.split() == ["mine-1.png", "mine-2.png"]


def test_a_slash_at_the_end_makes_the_directory(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*DRAW, "-o", "seasons/of/mine/"]) == 0
    assert capsys.readouterr().out == "seasons/of/mine/corgi.png\n"


@pytest.mark.parametrize(
    ("output", "says"),
    [("", "-o is empty"), ("a" * 250, "shorten it"), ("none/a.png", "is not a directory")],
)
def test_what_can_be_no_place_is_refused_before_anything_is_sent(
    capsys: pytest.CaptureFixture[str], output: str, says: str
) -> None:
    assert run([*DRAW, "-o", output]) == exits.USAGE
    assert says in capsys.readouterr().err


@needs_pipes
def test_a_pipe_takes_the_picture_as_it_is(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo("pipe")
    came: list[bytes] = []
    reader = threading.Thread(target=lambda: came.append(Path("pipe").read_bytes()))
    reader.start()
    assert run([*DRAW, "-o", "pipe"]) == 0
    reader.join()
    assert came[0].startswith(b"\x89PNG")
    assert capsys.readouterr().out == "pipe\n"
    assert [path.name for path in here.iterdir()] == ["pipe"]


@needs_pipes
def test_a_device_does_too_and_of_several_pictures_none(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*DRAW, "-o", "/dev/null"]) == 0
    assert capsys.readouterr().out == "/dev/null\n"
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert not Path("/dev/null.png").exists()
    assert run([*DRAW, *TWO, "-o", "/dev/null"]) == exits.USAGE


def test_force_replaces_a_link_and_not_what_it_points_to(here: Path) -> None:
    (here / "real.png").write_text("precious")
    (here / "link.png").symlink_to("real.png")
    assert run([*DRAW, "-o", "link.png"]) == exits.USAGE
    assert run([*DRAW, "-o", "link.png", "--force"]) == 0
    assert (here / "real.png").read_text() == "precious"


def test_a_name_that_is_no_text_reaches_a_pipe_in_its_own_bytes(here: Path) -> None:
    folder = os.fsdecode(b"caf\xe9")
    try:
        Path(folder).mkdir()
    except OSError:
        pytest.skip("this file system has names of text alone")
    command = [sys.executable, "-m", "imagekit.cli", *DRAW, "-o"]
    done = subprocess.run([*command, folder], capture_output=True, check=True)
    assert done.stdout == b"caf\xe9/corgi.png\n"
    done = subprocess.run([*command, folder, "--json"], capture_output=True, check=True)
    assert json.loads(done.stdout)["images"][0]["path"] == str(Path(folder, "corgi-2.png"))
