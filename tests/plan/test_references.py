"""References as callers give them: what is read, what is refused, and what travels."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import pickle
import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow

from imagekit import (
    Action,
    Call,
    Carriage,
    Carried,
    Client,
    DeadlineExceeded,
    Fact,
    Family,
    Image,
    InvalidRequest,
    Model,
    Offer,
    Parameter,
    Pending,
    Plan,
    Request,
    Response,
    Result,
    Spell,
    State,
    Wire,
    hookimpl,
    read_reference,
    spell,
)
from imagekit.basics.blob import Blob
from imagekit.plan.planning import ask
from imagekit.plan.references import reading as references
from imagekit.testing import Answer, Loopback
from imagekit.wires.answers import document_of
from imagekit.wires.bodies import Inline, json_body
from imagekit.wires.openai_answers import result_of
from imagekit.wires.openai_images import body_of

LINK = "https://pictures.example/a.png?signature=s3cret"


class Jobs(Wire):
    """A wire whose every answer says ``done`` or not."""

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        return Request("POST", call.route.url(), body=json_body(body_of(call)))

    @hookimpl
    def imagekit_decode_response(self, call: Call, response: Response) -> Result | Pending:
        document = document_of(call, response)
        if "data" in document:
            return result_of(call, response, document)
        return Pending(Request("GET", call.route.url(), {}, None, "poll", True), wait=5.0)


class Violets:
    """A plugin: models that differ in how the garden takes their references."""

    @hookimpl
    def imagekit_wires(self) -> Iterable[Wire]:
        return [Jobs("jobs", frozenset({"b64_json"}), paths={"generate": "/jobs"})]

    @hookimpl
    def imagekit_families(self) -> Iterable[Family]:
        names = ("violet", "raw", "slow")
        option = (Parameter("seed", int),)
        return [Family("violet", "Violet", tuple(Model(name, name, (), option) for name in names))]

    @hookimpl
    def imagekit_offers(self) -> Iterable[Offer]:
        rumour = Fact("a rumour", "2026-11-21", State.UNVERIFIED)
        raw = Spell("image", to="picture", how=Carried(Carriage.BASE64, fact=rumour))
        both = spell("model prompt image mask seed")
        return [
            Offer("violet", "violet", "openai-images", both, host="garden"),
            Offer("raw", "raw", "openai-images", (raw,), host="garden"),
            Offer("slow", "slow", "jobs", both, host="garden"),
        ]


@pytest.fixture
def client(garden: Callable[..., Client]) -> Client:
    return garden("http://127.0.0.1:1", Violets())


@pytest.fixture
def plan(client: Client) -> Callable[..., Plan]:
    def plan(*, model: str = "violet", **parameters: Any) -> Plan:
        return client.plan("a corgi", model=f"garden:{model}", **parameters)

    return plan


@pytest.fixture
def file(tmp_path: Path, png: bytes) -> Path:
    path = tmp_path / "corgi.png"
    path.write_bytes(png)
    return path


def sent(plan: Plan) -> Any:
    assert plan.problems == ()
    assert plan.request is not None
    return json.loads(plan.request.body.read())


def as_data_url(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


# --- what may be given ----------------------------------------------------------------------


SOURCES: dict[str, Callable[[Path], Any]] = {
    "path": lambda path: path,
    "path as text": str,
    "bytes": lambda path: path.read_bytes(),
    "bytearray": lambda path: bytearray(path.read_bytes()),
    "memoryview": lambda path: memoryview(path.read_bytes()),
    "file": lambda path: io.BytesIO(path.read_bytes()),
    "data URL": lambda path: as_data_url(path.read_bytes()),
    "data URL of another case": lambda path: "DATA:" + as_data_url(path.read_bytes())[5:],
    "generated picture": lambda path: Image(0, blob=Blob.of(path.read_bytes())),
    "reference": read_reference,
}


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_is_read_hashed_and_measured(kind: str, file: Path, png: bytes) -> None:
    found = read_reference(SOURCES[kind](file))
    assert found.blob is not None
    assert found.blob.read() == png
    assert found.sha256 == hashlib.sha256(png).hexdigest()
    assert (found.size, found.media_type, found.pixels) == (len(png), "image/png", (2, 1))
    assert found.defect is None


@pytest.mark.parametrize("kind", SOURCES)
def test_bytes_become_a_data_url_in_the_body(
    kind: str, file: Path, png: bytes, plan: Callable[..., Plan]
) -> None:
    assert sent(plan(image=SOURCES[kind](file)))["image"] == as_data_url(png)


def test_a_link_stays_a_link_and_nobody_follows_it(plan: Callable[..., Plan]) -> None:
    assert sent(plan(image=LINK))["image"] == LINK


def test_several_are_an_array_in_their_order(
    file: Path, png: bytes, plan: Callable[..., Plan]
) -> None:
    inline = as_data_url(png)
    assert sent(plan(image=[LINK, file, png]))["image"] == [LINK, inline, inline]
    assert sent(plan(image=(file,)))["image"] == as_data_url(png)


def test_a_file_object_is_read_from_where_it_stands(png: bytes) -> None:
    file = io.BytesIO(b"a header of your own" + png)
    file.seek(20)
    assert read_reference(file).size == len(png)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "HSV", "F", "I;16"])
def test_a_picture_of_pillows_travels_as_a_png(plan: Callable[..., Plan], mode: str) -> None:
    drawn = Pillow.new(mode, (40, 30))
    url = sent(plan(image=drawn))["image"]
    with Pillow.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as arrived:
        assert (arrived.format, arrived.size) == ("PNG", (40, 30))


def test_a_picture_of_pillows_arrives_upright_and_by_its_name(tmp_path: Path) -> None:
    lying = Pillow.new("RGB", (40, 30), "red")
    exif = lying.getexif()
    exif[0x0112] = 6
    lying.save(tmp_path / "phone.jpg", exif=exif)
    with Pillow.open(tmp_path / "phone.jpg") as opened:
        reference = read_reference(opened)
    assert (reference.name, reference.media_type) == ("phone.jpg", "image/png")
    assert (reference.pixels, reference.defect) == ((30, 40), None)


def test_a_picture_that_pillow_cannot_write_is_a_problem_of_the_call(
    tmp_path: Path, plan: Callable[..., Plan]
) -> None:
    Pillow.effect_noise((300, 300), 50).save(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:2000])
    with Pillow.open(tmp_path / "a.png") as cut_off:
        (problem,) = plan(image=[cut_off]).problems
    assert problem.message.startswith("reference 1 (a.png) can't be written as a PNG: ")


def test_an_empty_list_of_references_sends_nothing_and_is_on_the_receipt(
    plan: Callable[..., Plan],
) -> None:
    told = plan(image=[], mask=None)
    assert "image" not in sent(told)
    (line,) = [line for line in told.receipt.lines if line.parameter == "image"]
    assert (line.value, line.action, line.fields) == ([], Action.MAPPED, ())
    assert line.note == "no reference pictures"


def test_an_empty_list_is_none_where_one_is_needed() -> None:
    with Client(environment={}) as client:
        told = client.plan("x", model="sandbox:kling-v2-1-multi", image=[])
    assert [problem.field for problem in told.problems] == ["image"]
    assert "is needed" in told.problems[0].message


def test_the_bytes_decide_what_it_is_and_not_the_name(
    tmp_path: Path, png: bytes, plan: Callable[..., Plan]
) -> None:
    path = tmp_path / "corgi.jpg"
    path.write_bytes(png)
    assert sent(plan(image=path))["image"].startswith("data:image/png;base64,")


def test_a_host_may_want_base64_without_a_prefix(
    file: Path, png: bytes, plan: Callable[..., Plan]
) -> None:
    body = sent(plan(model="raw", image=[file, LINK]))
    assert body["picture"] == [base64.b64encode(png).decode(), LINK]


def test_a_mask_travels_as_references_do(file: Path, png: bytes, plan: Callable[..., Plan]) -> None:
    body = sent(plan(image=LINK, mask=file))
    assert (body["image"], body["mask"]) == (LINK, as_data_url(png))


def test_a_host_without_a_field_for_it_says_so(file: Path, plan: Callable[..., Plan]) -> None:
    (problem,) = plan(model="raw", mask=file).problems
    assert str(problem).startswith("mask: raw does not take it at garden")


def test_a_large_picture_is_whole_in_the_body(tmp_path: Path, png: bytes) -> None:
    blob = Blob.of(os.urandom((1 << 20) + 1))
    document = {"prompt": 'a "corgi"', "image": [Inline(blob, "data:x;base64,"), "é"]}
    text = f"data:x;base64,{base64.b64encode(blob.read()).decode()}"
    assert json.loads(json_body(document).read()) == {"prompt": 'a "corgi"', "image": [text, "é"]}


def test_the_host_gets_what_was_planned(
    garden: Callable[..., Client], drawn: dict[str, Any], file: Path, png: bytes
) -> None:
    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url, Violets())
        result = client.generate("a corgi", model="garden:violet", image=file)
        assert server.seen[0].json["image"] == as_data_url(png)
    assert result.receipt["image"].value[0]["name"] == "corgi.png"


# --- what is refused ---------------------------------------------------------------------------


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def loop(folder: Path) -> Path:
    (folder / "loop").symlink_to(folder / "loop")
    return folder / "loop"


def written(data: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / "file.png").write_bytes(data)
        return folder / "file.png"

    return write


def listening(folder: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")  # here, since the whole path may be too long for one
    return Path("s")


BAD: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a missing file": (lambda folder: folder / "none.png", "is not there: no file /"),
    "no name": (lambda folder: "", "is the name of no file"),
    "another kind of URL": (lambda folder: "s3://bucket/a.png", "only http, https and data"),
    "a directory": (lambda folder: folder, "is a directory; give a picture file"),
    "a pipe": (pipe, "is a named pipe; give a picture file"),
    "a device": (lambda folder: "/dev/zero", "is a device; give a picture file"),
    "a socket": (listening, "is a socket; give a picture file"),
    "a loop of links": (loop, "can't be read: "),
    "a path that is none": (lambda folder: "a\0b", "can't be read: "),
    "an empty file": (written(b""), "is empty"),
    "a text file": (written("Grüße, ".encode() * 99), "is text, not a picture; give a PNG"),
    "a short text": (written(b"hello"), "is text, not a picture"),
    "a file of another kind": (written(b"%PDF-1.7\0" * 9), "is no picture of a known kind"),
    "no bytes": (lambda folder: b"", "is empty"),
    "a file at its end": (lambda folder: io.BytesIO(), "is empty"),
    "a file open for text": (lambda folder: io.StringIO("x"), "open it with mode 'rb'"),
    "a picture opened as text": (
        lambda folder: as_text(),
        "gives text; open it with mode 'rb'",
    ),
    "a closed file": (lambda folder: closed(), "can't be read: I/O operation on closed file"),
    "a number": (lambda folder: 7, "is no path, URL, bytes, Pillow image, or file"),
    "a record of a file": (lambda folder: {"name": "a.png"}, "only described here"),
    "a URL without a host": (lambda folder: "https:///a.png", "no complete URL"),
    "a URL with a space": (lambda folder: "https://a.example/my cat.png", "no complete URL"),
    "a URL with half a surrogate": (lambda folder: "https://a.example/\ud800", "no complete URL"),
    "a URL with a broken address": (lambda folder: "https://[::1/a.png", "no complete URL"),
    "a data URL without base64": (lambda folder: "data:image/svg+xml,<svg/>", "must be: data:"),
    "a data URL of text": (lambda folder: "data:image/png;base64,aGVsbG8=", "is text"),
    "a data URL of nothing": (lambda folder: "data:image/png;base64,", "is empty"),
    "broken base64": (lambda folder: "data:image/png;base64,iVBOR", "is broken base64"),
    "base64 with a space": (lambda folder: "data:image/png;base64,iVBO Rw0K", "broken base64"),
    "base64 that is not ASCII": (lambda folder: "data:image/png;base64,é", "broken base64"),
    "a picture without pixels": (lambda folder: nothing(), "says that it has no pixels"),
}


def as_text():
    return io.TextIOWrapper(io.BytesIO(b"\x89PNG\r\n\x1a\n" * 9), encoding="utf-8")


def closed() -> io.BytesIO:
    file = io.BytesIO()
    file.close()
    return file


def nothing() -> bytes:
    """A PNG of 0x0."""
    end = b"\0\0\0\0IEND\xaeB`\x82"
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(8) + b"\x08\0\0\0\0" + bytes(4) + end


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("name", ["image", "mask"])
def test_a_bad_one_is_one_clear_problem(
    kind: str, name: str, tmp_path: Path, plan: Callable[..., Plan]
) -> None:
    make, says = BAD[kind]
    given = plan(**{name: make(tmp_path)})
    (problem,) = given.problems
    assert problem.field == name
    assert says in problem.message
    assert given.request is None


def test_one_bad_reference_stops_the_call_with_every_reason(
    garden: Callable[..., Client], file: Path, tmp_path: Path
) -> None:
    with Loopback() as server:
        client = garden(server.url, Violets())
        with pytest.raises(InvalidRequest) as caught:
            client.generate(
                "a corgi",
                model="garden:violet",
                image=[file, tmp_path, "none.png"],
                mask=b"hello",
                seed="x",  # type: ignore[arg-type]
            )
        assert [str(problem) for problem in caught.value.problems] == [
            f"image: reference 2 ({tmp_path.name}) is a directory; give a picture file",
            "image: reference 3 (none.png) is not there: no file none.png",
            "mask: bytes is text, not a picture; give a PNG, JPEG or WebP file",
            "seed: 'x' is not a whole number",
        ]
        assert server.seen == []


def test_a_source_without_an_end_is_left_in_time(
    png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            return png + bytes(size - len(png))

    monkeypatch.setattr(references, "MAX_BYTES", 1 << 20)
    defect = read_reference(Endless()).defect  # type: ignore[arg-type]
    assert defect == "has more than 1,048,576 bytes; nobody takes that"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_file_that_may_not_be_read(file: Path) -> None:
    file.chmod(0)
    assert read_reference(file).defect == "can't be read: Permission denied"


# --- what is told of them -----------------------------------------------------------------------


@pytest.fixture
def summary(png: bytes) -> dict[str, Any]:
    return {
        "name": "corgi.png",
        "media_type": "image/png",
        "bytes": len(png),
        "sha256": hashlib.sha256(png).hexdigest(),
        "width": 2,
        "height": 1,
    }


def test_the_receipt_tells_of_files_and_keeps_links(
    file: Path, summary: dict[str, Any], plan: Callable[..., Plan]
) -> None:
    line = plan(image=[file, LINK], mask=file).receipt["image"]
    assert line.value == [summary, LINK]
    assert line.fields == (("image", [summary, LINK]),)
    assert (line.action, line.note) == ("sent", "bytes travel as a data URL")


def test_bytes_are_in_no_receipt_repr_event_or_error(
    garden: Callable[..., Client], drawn: dict[str, Any], file: Path, png: bytes
) -> None:
    """Neither they nor their base64: whatever is printed, logged or stored."""
    events: list[object] = []
    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url, Violets(), observers=[events.append])
        given: dict[str, Any] = {"model": "garden:violet", "image": [file, as_data_url(png)]}
        result = client.generate("a corgi", mask=png, **given)
        with pytest.raises(InvalidRequest) as caught:
            client.generate("a corgi", mask=png[:-1], seed="x", **given)
    asking = ask(client._router, "a corgi", "garden:violet", {"image": [file], "mask": png})
    (call,) = asking.on(asking.choice.leads[0]).calls
    told = repr([result, result.receipt, events, caught.value.problems, caught.value, call])
    base64_of_it = base64.b64encode(png).decode()
    assert base64_of_it[:20] not in told
    assert repr(png)[2:20] not in told
    assert len(pickle.dumps(result.receipt)) < 2000


def test_a_reference_has_a_short_repr_without_bytes_or_signatures(file: Path) -> None:
    text = repr([read_reference(file), read_reference(LINK)])
    assert "corgi.png" in text
    assert "s3cret" not in text
    assert "IHDR" not in text


# --- jobs that outlive the process --------------------------------------------------------------


def test_a_stored_job_is_resumed_without_the_bytes(
    garden: Callable[..., Client],
    drawn: dict[str, Any],
    file: Path,
    summary: dict[str, Any],
) -> None:
    with Loopback(Answer(json={}), Answer(json=drawn)) as server:
        client = garden(server.url, Violets())
        with pytest.raises(DeadlineExceeded) as caught:
            client.generate("a corgi", model="garden:slow", image=[file, LINK], deadline=1)
        pending = caught.value.pending
        assert pending is not None
        stored = json.dumps(dict(pending.given))
        assert json.loads(stored)["image"] == [summary, LINK]
        file.unlink()
        result = garden(server.url, Violets()).resume(pending)
    assert result.receipt["image"].value == [summary, LINK]
    assert result.receipt["image"].note == "bytes travel as a data URL"


# --- plugins that change them -----------------------------------------------------------------


class Policy:
    def __init__(self, **changes: Any) -> None:
        self.changes = changes

    @hookimpl
    def imagekit_prepare_call(self, call: Call) -> Call:
        return call.change(**self.changes)


@pytest.fixture
def ruled(garden: Callable[..., Client]) -> Callable[..., Client]:
    return lambda **changes: garden("http://127.0.0.1:1", Violets(), Policy(**changes))


def test_a_policy_may_give_urls_and_take_references_away(
    ruled: Callable[..., Client], file: Path, png: bytes
) -> None:
    plan = ruled(image=[LINK, as_data_url(png)], mask=None).plan(
        "a corgi", model="garden:violet", image=file, mask=file
    )
    body = sent(plan)
    assert body["image"] == [LINK, as_data_url(png)]
    assert "mask" not in body
    assert [line.value["name"] for line in plan.receipt.lines if line.parameter == "mask"] == [
        "corgi.png"
    ]


def test_bytes_where_only_links_are_documented_are_passed_through_with_a_note(
    plan: Callable[..., Plan], png: bytes
) -> None:
    assert plan(model="raw", image=png).notes == (
        "unverified at garden, passed through: image as base64; a link is sure",
    )
    assert plan(model="raw", image="https://pictures.example/a.png").notes == ()
    assert plan(image=png).notes == ()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"image": ["/etc/hosts"]}, "reference 1 ('/etc/hosts') is no http(s) or data URL"),
        ({"image": "https://a.example/a.png"}, "is not a list of references"),
        ({"image": [{"name": "a.png", "bytes": 7}]}, "reference 1 (a.png) is only described"),
        ({"mask": ["https://a.example/a.png"]}, "is not a reference"),
    ],
)
def test_a_policy_never_makes_files_be_read(
    ruled: Callable[..., Client], changes: dict[str, Any], says: str
) -> None:
    (problem,) = ruled(**changes).plan("a corgi", model="garden:violet").problems
    assert says in problem.message


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative paths lead into an empty folder."""
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
