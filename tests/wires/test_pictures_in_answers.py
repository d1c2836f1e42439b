"""Lists of pictures, in whatever words, by a wire that does no more than read them."""

from __future__ import annotations

import pytest

from imagekit import (
    Client,
    Family,
    Host,
    HostError,
    Model,
    Moderated,
    NoAuth,
    NoPictures,
    Offer,
    Plugins,
    Request,
    Response,
    Result,
    Spell,
    UnreadableAnswer,
    Wire,
    hookimpl,
)
from imagekit.testing import Answer, Loopback, picture_base64
from imagekit.wires import body_of, images_of, is_poll, json_body, object_of, poll_request

LINK = "https://pictures.invalid/1.png"
PICTURE = picture_base64(3, 2)


class Lists(Wire):
    @hookimpl
    def imagekit_shape_request(self, call):
        return Request("POST", call.url, {}, json_body(body_of(call)))

    @hookimpl
    def imagekit_decode_response(self, call, response):
        output = object_of(call, response).get("output")
        return Result(*images_of(call, response, output, link="at", data="bytes"))


class Pond:
    def __init__(self, server):
        offer = Offer("lily-1", "lily", "lists")
        self.host = Host("pond", "Pond", server.url, NoAuth(), (offer,))

    @hookimpl
    def imagekit_families(self):
        return [Family("lily", "Lily", (Model("lily-1", "Lily 1"),))]

    @hookimpl
    def imagekit_hosts(self):
        return [self.host]

    @hookimpl
    def imagekit_wires(self):
        blobs, links = frozenset({"bytes"}), frozenset({"at"})
        paths = {"generate": "/draw"}
        return [Lists("lists", blobs, links, paths, (Spell("prompt"),))]


def came(output):
    """What becomes of this list, or of what stands in its place."""
    with (
        Loopback(Answer(json={"output": output})) as server,
        Client(plugins=Plugins.of(Pond(server)), environment={}) as client,
    ):
        try:
            return client.generate("a heron", model="pond:lily-1", fetch=False)
        except HostError as error:
            return error


def test_an_entry_is_a_link_bytes_or_an_object_of_either():
    result = came([{"at": LINK, "seed": 7}, {"bytes": PICTURE}, LINK])
    linked, whole, alone = result.images
    assert (linked.url, linked.metadata) == (LINK, {"seed": 7})
    assert (whole.pixels, whole.metadata) == ((3, 2), {})
    assert (alone.url, alone.index) == (LINK, 2)


def test_an_entry_that_is_none_fails_in_its_place():
    result = came([{"at": ""}, 7, "soon", {"bytes": "&&&"}, {"error": "too dark"}, LINK])
    assert [image.index for image in result.images] == [5]
    assert [(one.index, one.message.partition(" in place")[0]) for one in result.failures] == [
        (0, "the host sent neither a picture nor a reason"),
        (1, "the host sent 7"),
        (2, "the host sent 'soon'"),
        (3, result.failures[3].message),
        (4, "too dark"),
    ]
    assert "can't be read: bad base64" in result.failures[3].message


@pytest.mark.parametrize(
    ("output", "error"),
    [
        ([], NoPictures),
        ([{"error": {"code": "content_policy_violation", "message": "no"}}], Moderated),
        ([7], UnreadableAnswer),
        ("none", UnreadableAnswer),
        (None, UnreadableAnswer),
    ],
    ids=["empty", "moderated", "nonsense", "a text for the list", "null for the list"],
)
def test_a_list_without_a_picture_is_the_error_that_it_means(output, error):
    assert type(came(output)) is error


def test_a_job_is_asked_for_by_a_free_get():
    look = poll_request("https://pond.example/jobs/1")
    assert (look.method, look.repeatable, look.body) == ("GET", True, None)
    assert is_poll(Response(200, {}, request=look))
    assert not is_poll(Response(200, {}, request=Request("POST", "https://pond.example/jobs")))
