"""Where a picture came from: on every result, in --json, in the file; enough to ask again."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow

from imagekit import (
    Blob,
    Call,
    Client,
    DeadlineExceeded,
    Family,
    Model,
    Offer,
    Parameter,
    Pending,
    RecordError,
    Request,
    Response,
    Result,
    Wire,
    hookimpl,
    spell,
)
from imagekit.cli import exits
from imagekit.cli.app import run
from imagekit.client.metadata.png import with_text
from imagekit.client.metadata.record import embed, read_record, record_of
from imagekit.plan.provenance import portable
from imagekit.settings.conversion import from_plain
from imagekit.testing import Answer, Loopback
from imagekit.values.plain.convert import to_plain
from imagekit.wires.openai_answers import result_of
from imagekit.wires.openai_images import body_of

Make = Callable[..., Client]


def answer(png: bytes, **item: Any) -> Answer:
    return Answer(json={"data": [{"b64_json": base64.b64encode(png).decode(), **item}]})


class Slow(Wire):
    """The first answer is a job."""

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        return Request("POST", call.route.url(), body=json.dumps(body_of(call)).encode())

    @hookimpl
    def imagekit_decode_response(self, call: Call, response: Response) -> Result | Pending:
        if "data" in response.document:
            return result_of(call, response, response.document)
        return Pending(Request("GET", call.route.url(), step="poll", repeatable=True), wait=1.0)


class Form(Slow):
    """The request is a form with bytes in it."""

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        return Request("POST", call.route.url(), headers, b"--x\r\n\xff\xd8")


class Roses:
    """A plugin: one model that takes references and an option of its own, at once, as a job,
    and asked for with a form.
    """

    @hookimpl
    def imagekit_families(self) -> list[Family]:
        parameters = (Parameter("thorns", int),)
        names = ("rose", "rose-slow", "rose-form")
        return [Family("rose", "Rose", tuple(Model(n, n, parameters=parameters) for n in names))]

    @hookimpl
    def imagekit_wires(self) -> list[Wire]:
        blobs, paths = frozenset({"b64_json"}), {"generate": "/roses"}
        return [Slow("slow", blobs, paths=paths), Form("form", blobs, paths=paths)]

    @hookimpl
    def imagekit_offers(self) -> list[Offer]:
        fields = spell("model prompt image n thorns user")
        wires = {"rose": "openai-images", "rose-slow": "slow", "rose-form": "form"}
        return [Offer(name, name, wire, fields, host="garden") for name, wire in wires.items()]


ASKED: dict[str, Any] = {
    "prompt": "a rose",
    "image": ["https://example.com/a.png?signature=secret"],
    "n": 1,
    "user": "42",
    "options": {"thorns": 3},
    "native": {"petals": {"red": True}},
    "on_unsupported": "drop",
    "watermark": False,
}


def test_a_result_can_be_asked_for_again_and_the_same_body_is_sent(garden: Make, png: bytes):
    with Loopback(answer(png)) as server:
        client = garden(server.url, Roses())
        first = client.generate(model="garden:rose", **ASKED)
        client.generate(**first.provenance.arguments())
    assert first.provenance.arguments() == {**ASKED, "model": "garden:rose"}
    assert server.seen[0].body == server.seen[1].body


def test_references_given_as_bytes_are_asked_for_again_as_they_were(garden: Make, png: bytes):
    with Loopback(answer(png)) as server:
        client = garden(server.url, Roses())
        first = client.generate("x", image=[png], model="rose")
        client.generate(**first.provenance.arguments())
    assert server.seen[0].body == server.seen[1].body
    [told] = portable(first.provenance).arguments()["image"]
    assert (told["bytes"], told["media_type"]) == (len(png), "image/png")
    json.dumps(to_plain(portable(first.provenance)))


def test_what_a_policy_changed_is_not_changed_twice(garden: Make, png: bytes):
    """Asked again is what the caller had asked; the policy then does its work as before."""

    class Shouting:
        @hookimpl
        def imagekit_prepare_call(self, call: Call) -> Call:
            return call.change(prompt=call.prompt + "!")

    with Loopback(answer(png)) as server:
        client = garden(server.url, Shouting())
        first = client.generate("a lily", model="lily-1")
        client.generate(**first.provenance.arguments())
    assert [seen.json["prompt"] for seen in server.seen] == ["a lily!", "a lily!"]
    assert json.loads(first.provenance.body)["prompt"] == "a lily!"


def test_it_has_the_date_of_our_clock_the_address_and_the_body_and_no_secret(garden, png):
    with Loopback(answer(png)) as server:
        client = garden(server.url, settings={"headers": {"X-Key": "another-secret"}})
        client.engine = client.engine.having(now=lambda: 1_795_000_000.9)
        provenance = client.generate("a lily", model="garden:lily-1", seed=7).provenance
    assert provenance.date == "2026-11-18T11:06:40Z"
    assert (provenance.host, provenance.model) == ("garden", "lily-1")
    assert provenance.url == f"{server.url}/images/generations"
    assert json.loads(provenance.body) == {"model": "lily-one", "prompt": "a lily", "seed": 7}
    assert "secret" not in repr(provenance)
    assert "key-of-the-garden" not in repr(provenance)


def test_bytes_that_were_sent_are_told_by_length_and_digest(garden: Make, png: bytes):
    link = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    native = {"mask": base64.b64encode(bytes(5000)).decode(), "word": "rose" * 100}
    with Loopback(answer(png)) as server:
        asked = {"model": "rose", "native": native}
        result = garden(server.url, Roses()).generate("x", image=link, **asked)
        plain = garden(server.url).generate("x", model="lily-1", native={"word": "rose"})
    body = json.loads(result.provenance.body)
    digest = hashlib.sha256(png).hexdigest()
    assert body["image"] == f"({len(png)} bytes, sha256 {digest})"
    assert body["mask"].startswith("(5,000 bytes, sha256 ")
    assert body["word"] == native["word"]
    assert json.loads(plain.provenance.body)["word"] == "rose"


def test_a_body_that_is_not_json_is_told_too(garden: Make, png: bytes):
    with Loopback(answer(png)) as server:
        result = garden(server.url, Roses()).generate("x", model="rose-form")
    assert result.provenance.body.startswith("multipart/form-data (7 bytes, sha256 ")


def test_a_resumed_job_knows_the_call_that_made_it(garden: Make, png: bytes):
    with Loopback(Answer(json={}), answer(png)) as server:
        first = garden(server.url, Roses())
        first.engine = first.engine.having(now=lambda: 0.0)
        with pytest.raises(DeadlineExceeded) as caught:
            first.generate("a rose", model="rose-slow", deadline=0.9)
        stored = json.dumps(to_plain(caught.value.pending))
        pending = from_plain(json.loads(stored), Pending)
        provenance = garden(server.url, Roses()).resume(pending).provenance
    assert provenance.date == "1970-01-01T00:00:00Z"
    assert json.loads(provenance.body) == {"model": "rose-slow", "prompt": "a rose"}
    assert provenance.arguments()["prompt"] == "a rose"


# --- the record in a file ---------------------------------------------------------------------


def test_a_record_tells_all_of_a_result_but_the_signatures_of_links(garden: Make, png: bytes):
    with Loopback(answer(png)) as server:
        result = garden(server.url, Roses()).generate(model="garden:rose", **ASKED)
    record = read_record(embed(result.image, record_of(result)).open())
    assert record["arguments"]["image"] == ["https://example.com/a.png"]
    assert record["arguments"]["options"] == {"thorns": 3}
    assert record["request"]["body"]["petals"] == {"red": True}
    assert [line["action"] for line in record["receipt"]["lines"]].count("dropped") == 1
    assert "secret" not in json.dumps(record)
    assert (record["host"], record["model"]) == ("garden", "rose")


def test_a_result_of_nobody_has_no_record():
    with pytest.raises(RecordError, match="nobody noted"):
        record_of(Result(()))


# --- the command line ---------------------------------------------------------------------------

MODEL = ("-m", "sandbox:seedream-4.0", "--resolution", "1K")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def show(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run(["show", *arguments])
    return (code, *capsys.readouterr())


def test_generate_embeds_what_show_reads(capsys: pytest.CaptureFixture[str]) -> None:
    run(["generate", "a corgi", *MODEL, "--seed", "3", "-o", "corgi.png", "--embed", "--json"])
    answered = json.loads(capsys.readouterr().out)
    code, out, _ = show(capsys, "corgi.png", "--json")
    record = json.loads(out)
    assert code == 0
    assert record["arguments"]["prompt"] == "a corgi"
    assert record["date"] == answered["provenance"]["date"]
    assert record["receipt"] == answered["receipt"]
    [picture] = answered["images"]
    digest = hashlib.sha256(Path("corgi.png").read_bytes()).hexdigest()
    assert picture["sha256"] == digest, "--json tells of the file as it was saved"


def test_show_tells_people_what_was_asked_and_what_became_of_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(["generate", "a corgi", *MODEL, "-o", "corgi.png", "--embed"])
    code, out, _ = show(capsys, "corgi.png")
    assert code == 0
    for line in (
        "host: sandbox",
        "  prompt: a corgi",
        "  url: https://sandbox.invalid/v1/images/generations",
        "  mapped  resolution=1K -> size=1K",
    ):
        assert line in out.splitlines()


def test_show_tells_of_values_that_are_no_text(capsys: pytest.CaptureFixture[str]) -> None:
    link = "https://pictures.example/a.png"
    run(["generate", "a", *MODEL, "--image", link, "--seed", "3", "-o", "a.png", "--embed"])
    _, out, _ = show(capsys, "a.png")
    assert "not readable" not in out
    assert "  sent    seed=3" in out.splitlines()
    assert f'  sent    image=["{link}"]' in out.splitlines()


def test_embedding_leaves_the_pixels_alone(here: Path) -> None:
    for name, more in (("plain.png", ()), ("told.png", ("--embed",))):
        run(["generate", "a corgi", *MODEL, "-o", name, *more])
    with Pillow.open("plain.png") as plain, Pillow.open("told.png") as told:
        assert plain.tobytes() == told.tobytes()
        assert set(told.text) - set(plain.text) == {"imagekit"}


def test_a_picture_on_stdout_carries_its_record_too(capfdbinary: Any) -> None:
    run(["generate", "a corgi", *MODEL, "-o", "-", "--embed", "-q"])
    assert read_record(io.BytesIO(capfdbinary.readouterr().out))["arguments"]["prompt"] == "a corgi"


def test_a_jpeg_carries_its_record_too(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["-m", "sandbox:seedream-5.0-lite", "--output-format", "jpeg", "-o", "corgi.jpg"]
    assert run(["generate", "a corgi", *arguments, "--embed"]) == 0
    assert "saved without its record" not in capsys.readouterr().err
    code, out, _ = show(capsys, "corgi.jpg")
    assert code == 0
    assert "prompt" in out


def test_a_picture_that_carries_no_record_is_saved_and_a_note_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gif = io.BytesIO()
    Pillow.new("RGB", (8, 8)).save(gif, "GIF")
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    with Loopback(answer(gif.getvalue())) as server:
        Path("own.toml").write_text(f'[hosts.openai]\nbase_url = "{server.url}"\n')
        command = ["--config", "own.toml", "generate", "a", "-m", "openai:gpt-image-1", "--embed"]
        assert run([*command, "-p", "stream=false"]) == 0
    assert "saved without its record: a record fits into PNG, JPEG and WebP files only" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (None, exits.USAGE, "it.png is not there"),
        (b"", exits.NO_RECORD, "it.png: this is no picture"),
        (b"a text", exits.NO_RECORD, "it.png: this is no picture"),
        (b"\x89PNG\r\n\x1a\n", exits.NO_RECORD, "it.png: this PNG file is truncated"),
    ],
)
def test_show_says_what_is_wrong_with_a_file(
    content: bytes | None, code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        Path("it.png").write_bytes(content)
    found, out, err = show(capsys, "it.png")
    assert (found, out) == (code, "")
    assert says in err


def test_show_of_a_picture_without_a_record_says_how_to_get_one(
    png: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("it.png").write_bytes(png)
    code, _, err = show(capsys, "it.png")
    assert code == exits.NO_RECORD
    assert "it.png carries no record; imagekit generate --embed writes one" in err


def test_show_waits_for_no_pipe(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(here / "pipe")
    for name in ("pipe", "."):
        code, _, err = show(capsys, name)
        assert (code, "is no file" in err) == (exits.USAGE, True)


@pytest.mark.parametrize(
    "record",
    [
        None,
        7,
        ["a", {}],
        {"receipt": "none"},
        {"receipt": {"lines": [{"parameter": 1}]}},
        {"receipt": {"lines": [{"parameter": "image", "action": "sent", "value": {"sha256": 1}}]}},
        {"receipt": {"lines": 1, "added": {}}, "\x1b[31m": "\x1b[2J\x9b31m\u202e\ud800"},
        {"deep": json.loads("[" * 900 + "]" * 900)},
    ],
    ids=lambda record: repr(record)[:20],
)
def test_a_record_that_a_stranger_wrote_harms_nobody(
    record: Any, png: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("it.png").write_bytes(with_text(Blob.of(png), "imagekit", json.dumps(record)).read())
    for more in ((), ("--json",)):
        code, out, err = show(capsys, "it.png", *more)
        assert code in (0, exits.NO_RECORD)
        assert "Traceback" not in err
        assert all(character.isprintable() or character == "\n" for character in out)
