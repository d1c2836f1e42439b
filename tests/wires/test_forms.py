"""Forms: what a server reads of them is what was given."""

from __future__ import annotations

import os
from email.message import Message
from email.parser import BytesParser

import pytest

from imagekit import (
    Blob,
    Body,
    Carriage,
    Carried,
    Client,
    Family,
    Host,
    Model,
    NoAuth,
    Offer,
    Plugins,
    Reference,
    Spell,
    hookimpl,
    read_reference,
)
from imagekit.testing import picture
from imagekit.wires.bodies import form_body

LINK = "https://pictures.example/a.png"


def parts(body: Body, kind: str) -> list[Message]:
    head = b"Content-Type: " + kind.encode() + b"\r\n\r\n"
    form = BytesParser().parsebytes(head + body.read())
    payload = form.get_payload()
    assert isinstance(payload, list)
    return payload  # type: ignore[return-value]


def told(part: Message) -> tuple[str | None, str | None, bytes]:
    name = part.get_param("name", header="content-disposition")
    return str(name), part.get_filename(), part.get_payload(decode=True)  # type: ignore[return-value]


def test_texts_stand_as_they_are_and_all_else_as_json_has_it() -> None:
    given = {
        "prompt": "a heron\r\n--x\r\n鹭",
        "n": 2,
        "sharp": True,
        "url": ["a", "b"],
        "o": {"k": 1},
    }
    found = [told(part) for part in parts(*form_body(given, []))]
    assert found == [
        ("prompt", None, "a heron\r\n--x\r\n鹭".encode()),
        ("n", None, b"2"),
        ("sharp", None, b"true"),
        ("url", None, b"a"),
        ("url", None, b"b"),
        ("o", None, b'{"k":1}'),
    ]


def test_pictures_are_files_whose_names_tell_the_type_alone(tmp_path) -> None:
    (tmp_path / "my secret trip.png").write_bytes(picture(3, 2))
    references = [read_reference(tmp_path / "my secret trip.png"), read_reference(picture(2, 3))]
    body, kind = form_body({}, [("image[]", one) for one in references])
    first, second = parts(body, kind)
    assert told(first) == ("image[]", "1.png", picture(3, 2))
    assert told(second) == ("image[]", "2.png", picture(2, 3))
    assert first.get_content_type() == "image/png"
    assert b"secret" not in body.read()


def test_large_pictures_stay_in_their_files() -> None:
    written = [picture(600, 1) + os.urandom(size) for size in (200_000, 300_000)]
    blobs = [Blob.of(data) for data in written]
    references = [Reference("large", blob=blob, media_type="image/png") for blob in blobs]
    body, kind = form_body({"n": 1}, [("image[]", one) for one in references])
    assert [part for part in body.parts if not isinstance(part, bytes)] == blobs
    assert [told(part)[2] for part in parts(body, kind)] == [b"1", *written]
    assert body.size == len(body.read())


def test_a_name_can_not_break_out_of_its_line() -> None:
    ((name, _, text),) = (told(part) for part in parts(*form_body({'a"\r\nX: y': "z"}, [])))
    assert (name, text) == ("a%22%0D%0AX: y", b"z")


def test_the_same_form_is_the_same_bytes_and_another_has_another_boundary() -> None:
    one, other = form_body({"seed": 7}, []), form_body({"seed": 8}, [])
    assert one == form_body({"seed": 7}, [])
    assert one[1] != other[1]
    assert form_body({"a": "bc"}, [])[1] != form_body({"ab": "c"}, [])[1]


# --- links and files -----------------------------------------------------------------------------


class Banks:
    """A host whose forms have a field for links, and one whose forms have none."""

    @hookimpl
    def imagekit_families(self) -> list[Family]:
        return [Family("sedge", "Sedge", (Model("sedge-1", "Sedge 1"),))]

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        return [
            Host(name, name, "https://bank.invalid", NoAuth(), (_offer(links),))
            for name, links in (("both", "url"), ("files", ""))
        ]


def _offer(links: str) -> Offer:
    spelled = Spell("image", to="image[]", how=Carried(Carriage.FORM, links=links))
    return Offer("sedge-1", "sedge", "openai-images", (spelled,))


@pytest.mark.parametrize(
    ("host", "given", "said"),
    [
        ("files", [LINK], "files takes files alone: fetch it and give that"),
        ("both", [picture(), LINK], "and others are files; the order of both is lost at both"),
    ],
)
def test_a_link_that_a_form_has_no_place_for(host, given, said) -> None:
    with Client(plugins=Plugins.of(Banks()), environment={}) as client:
        plan = client.plan("sedge", model=f"{host}:sedge-1", image=given)
    assert [problem.field for problem in plan.problems] == ["image"]
    assert said in plan.problems[0].message


@pytest.mark.parametrize(("given", "field"), [(LINK, "url"), (picture(), "image[]")])
def test_the_receipt_names_the_field_that_was_used(given, field) -> None:
    with Client(plugins=Plugins.of(Banks()), environment={}) as client:
        line = client.plan("sedge", model="both:sedge-1", image=given).receipt["image"]
    assert ([name for name, _ in line.fields], line.action) == ([field], "mapped")
