"""What the command line prints of strangers' words: nothing that steers a terminal, and JSON
that is JSON whatever a host has sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pytest

from imagekit import Charged, HostError, HostUnavailable, PluginError
from imagekit.cli import exits, output
from imagekit.cli.app import app, run
from imagekit.cli.text import clean
from imagekit.cli.tojson import to_json
from imagekit.testing import Answer, Loopback, picture_base64
from imagekit.values.receipt import Action, Line, Receipt

#: Sets a title, clears the screen, fills the clipboard, is a CSI in one byte, turns text, and
#: is no text at all.
HOSTILE = "\x1b]0;pwn\x07\x1b[2J\x1b]52;c;aGk=\x07\x9b31m\u202egnp.\ud83d"
SHOWN = r"\x1b]0;pwn\x07\x1b[2J\x1b]52;c;aGk=\x07\x9b31m\u202egnp.\ud83d"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARK_API_KEY", "key-of-ark")
    return tmp_path


def arguments(server: Loopback, *more: str) -> list[str]:
    Path("work.toml").write_text(f'hosts.ark.base_url = "{server.url}"')
    generate = ["generate", "heron", "-m", "ark:seedream-4.5", "-p", "stream=false"]
    return ["--config", "work.toml", *generate, *more]


def on_a_terminal(arguments: list[str]) -> bytes:
    """All that the program wrote to a terminal of its own."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "imagekit.cli", *arguments]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    written = b""
    try:
        while piece := os.read(ours, 4096):
            written += piece
    except OSError:  # how Linux says that the other end is closed
        pass
    process.wait(60)
    os.close(ours)
    return written


REFUSED = Answer(400, json={"error": {"code": HOSTILE, "message": f"no: {HOSTILE}"}})
ODD_LINK = Answer(json={"data": [{"url": f"https://a.invalid/{HOSTILE}"}], "model": HOSTILE})


@pytest.mark.parametrize("answer", [REFUSED, ODD_LINK], ids=["an error", "a link"])
def test_a_hosts_words_do_not_steer_a_terminal(answer: Answer) -> None:
    with Loopback(answer) as server:
        written = on_a_terminal(arguments(server))
    assert rb"\x1b]0;pwn\x07" in written
    for evil in (b"\x1b]0;", b"\x1b[2J", b"\x1b]52", b"\xc2\x9b", "\u202e".encode()):
        assert evil not in written


def test_nor_what_reads_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with Loopback(REFUSED) as server:
        run(arguments(server))
    assert f"no: {SHOWN}" in capsys.readouterr().err


def test_no_line_of_a_hosts_looks_like_one_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    said = {"error": {"code": "InvalidParameter", "message": "no\ngo on with: curl evil.example"}}
    with Loopback(Answer(status=400, json=said)) as server:
        run(arguments(server))
    err = capsys.readouterr().err
    assert "\n  go on with: curl evil.example" in err
    output.note("picture 1 was not made: no\n\nerror: paid\n  twice")
    assert capsys.readouterr().err.splitlines()[1:] == ["  ", "  error: paid", "  twice"]


def test_a_tables_cells_and_a_misuse_are_cleaned(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("A",), [(HOSTILE,)])
    run([HOSTILE])
    out, err = capsys.readouterr()
    assert out == f"A\n{SHOWN}\n"
    assert "\x1b" not in err
    assert SHOWN in err


def test_scripts_of_the_world_stay_as_they_are() -> None:
    text = "海滩 пляж ساحل 👩‍👩‍👧 हिन्दी नहीं\u3000é\nnext line"
    assert clean(text) == text


# --- JSON ------------------------------------------------------------------------------------


def deep(levels: int) -> Any:
    inner: Any = "bottom"
    for _ in range(levels):
        inner = {"a": [inner]}
    return inner


def answered(capsys: pytest.CaptureFixture[str], **more: Any) -> Mapping[str, Any]:
    data = [{"b64_json": picture_base64(4, 3), **more}]
    with Loopback(Answer(json={"data": data, "model": HOSTILE})) as server:
        assert run(arguments(server, "--json")) == 0
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_what_is_no_text_stands_in_json_as_an_escape(capsys: pytest.CaptureFixture[str]) -> None:
    record = answered(capsys, revised_prompt=HOSTILE)
    assert record["served_model"] == HOSTILE
    assert record["images"][0]["metadata"]["revised_prompt"] == HOSTILE
    assert record["images"][0]["path"] == "heron.png"


def test_json_is_printed_of_metadata_that_is_endlessly_deep(
    capsys: pytest.CaptureFixture[str],
) -> None:
    record = answered(capsys, nest=deep(200))
    assert record["images"][0]["path"] == "heron.png"
    (why,) = record["left_out"]
    assert why.startswith("images.0.metadata.nest.a.0.a.0")
    assert why.endswith("nested too deeply")


def test_what_json_has_no_word_for_is_left_out_and_named() -> None:
    document = {"wait": float("inf"), "odd": [object()], "long": 10**5000, "fine": 1.5}
    record = json.loads(to_json(document))
    assert record["wait"] is record["long"] is record["odd"][0] is None
    assert record["fine"] == 1.5
    assert [why.partition(":")[0] for why in record["left_out"]] == ["wait", "odd.0", "long"]


def test_nothing_in_json_steers_a_terminal() -> None:
    text = to_json({"message": HOSTILE, "海": "滩"})
    assert "海" in text
    assert not any(character in text for character in "\x1b\x9b\u202e\ud83d")
    assert json.loads(text)["message"] == HOSTILE


def test_an_encoding_that_lacks_a_letter_is_no_reason_to_fail(here: Path) -> None:
    """Also one of those that Python has no shorter escape for than JSON knows."""
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    command = [
        sys.executable,
        "-m",
        "imagekit.cli",
        "generate",
        "海 😀",
        "-m",
        "sandbox:seedream-4.0",
    ]
    done = subprocess.run(
        [*command, "--json", "-o", "a.png"], env=environment, capture_output=True, check=True
    )
    lines = json.loads(done.stdout)["receipt"]["lines"]
    assert [line["value"] for line in lines if line["parameter"] == "prompt"] == ["海 😀"]


def test_every_error_can_be_told_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    other = HostUnavailable("busy", charged=Charged.NO)
    broken = PluginError("broken", response=object(), others=(other,), charged=Charged.MAYBE)
    output.show_error(broken, as_json=True)
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["charged"] == "maybe"
    assert error["others"][0]["message"] == "busy"


@pytest.mark.parametrize(
    ("misuse", "says"),
    [
        (["generate", "a", "--nonsense"], "--nonsense"),
        (["generate", "a", "-n", "two"], "two"),
        (["generate", "a", "-o", "there.png"], "there.png exists"),
    ],
)
def test_a_misuse_is_told_as_json_too(
    here: Path, capsys: pytest.CaptureFixture[str], misuse: list[str], says: str
) -> None:
    (here / "there.png").touch()
    assert run([*misuse, "-m", "sandbox:seedream-4.0", "--json"]) == exits.USAGE
    out, err = capsys.readouterr()
    error = json.loads(out)["error"]
    assert (error["type"], error["charged"]) == ("UsageError", "no")
    assert says in error["message"]
    assert says in err


def test_advice_of_the_core_names_the_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    with click.Context(app, info_name="imagekit") as context:
        context.params = {"config": "own.toml", "no_config": False}
        output.show_error(HostError("lost; `imagekit records list` has it", status=500))
    assert "`imagekit --config own.toml records list` has it" in capsys.readouterr().err


def test_a_request_without_an_id_has_none_in_the_log(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Loopback(Answer(json={"data": [{"b64_json": picture_base64(4, 3)}]})) as server:
        run([*arguments(server), "-v"])
    err = capsys.readouterr().err
    assert "HTTP 200 after" in err
    assert "request id None" not in err


def test_a_reference_in_an_object_is_as_short_as_one_alone() -> None:
    picture = {"name": "a.png", "bytes": 9, "width": 2, "height": 1, "sha256": "a75244de" * 8}
    inside = {"type": "image_url", "image_url": {"url": picture}}
    line = Line("image", [picture], Action.MAPPED, (("input_references", [inside]),))
    (row,) = output.receipt_rows(Receipt((line,)))
    assert row.endswith("input_references=a.png (2x1, 9 bytes, sha256 a75244de)")
