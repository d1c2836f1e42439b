"""Replies that come as server-sent events, over a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import imagekit_powertokens
import imagekit_seedream
import pytest

from imagekit import (
    Client,
    HostSettings,
    Moderated,
    Plugins,
    Result,
    UnreadableAnswer,
    events,
    hookimpl,
)
from imagekit.send import stream_result
from imagekit.send.reading import body as payload, sse
from imagekit.testing import Answer, Loopback

LINK = "https://pictures.example/{}.jpeg"
PICTURE = {"type": "image_generation.partial_succeeded", "size": "2048x2048", "created": 7}
REFUSED = {
    "type": "image_generation.partial_failed",
    "error": {"code": "OutputImageSensitiveContentDetected", "message": "not this one"},
}
DONE = {
    "type": "image_generation.completed",
    "model": "seedream-4-5-251128",
    "created": 9,
    "usage": {"generated_images": 2, "output_tokens": 32768, "total_tokens": 32768},
}


def stream(*documents: object, newline: str = "\n", end: str = "data: [DONE]") -> bytes:
    events = [f"data: {json.dumps(document)}" for document in documents]
    return "".join(event + 2 * newline for event in [*events, end]).encode()


def picture(index: int) -> dict[str, object]:
    return {**PICTURE, "image_index": index, "url": LINK.format(index)}


def generate(
    body: bytes, seen: list[events.Event] | None = None, *more: object, **fault: object
) -> Result:
    """What becomes of a call whose answer is this stream, with ``more`` plugins."""
    answer = Answer(body=body, headers={"Content-Type": "text/event-stream"}, **fault)  # type: ignore[arg-type]
    plugins = Plugins.of(imagekit_seedream, imagekit_powertokens, *more)
    observers = [] if seen is None else [seen.append]
    with (
        Loopback(answer) as server,
        Client(
            plugins=plugins,
            environment={},
            credentials={"powertokens": "sk-1"},
            hosts={"powertokens": HostSettings(base_url=server.url)},
            observers=observers,
        ) as client,
    ):
        return client.generate(
            "two corgis",
            model="powertokens:seedream-4.5",
            native={"stream": True},
            fetch=False,
        )


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_pictures_and_failures_are_gathered_in_order(newline: str) -> None:
    refused = {**REFUSED, "image_index": 1}
    result = generate(stream(picture(0), refused, picture(2), DONE, newline=newline))
    assert [(image.index, image.url) for image in result.images] == [
        (0, LINK.format(0)),
        (2, LINK.format(2)),
    ]
    (failure,) = result.failures
    assert (failure.index, failure.moderated) == (1, True)
    assert result.usage is not None
    assert (result.usage.generated_images, result.served_model) == (2, "seedream-4-5-251128")


def test_a_number_that_was_given_twice_loses_no_picture() -> None:
    result = generate(stream(picture(1), picture(1), picture(7), DONE))
    assert [image.index for image in result.images] == [1, 0, 7]


def test_a_number_that_no_picture_can_have_loses_no_picture() -> None:
    """A database of a journal keeps none of them."""
    result = generate(stream(picture(2**62), picture(10**30), picture(-1), DONE))
    assert [image.index for image in result.images] == [0, 1, 2]


def test_observers_see_each_picture_as_it_comes() -> None:
    seen: list[events.Event] = []
    generate(stream(picture(0), picture(1), DONE), seen)
    kinds = [type(event).__name__ for event in seen]
    assert kinds == ["Sending", "Received", "Picture", "Picture", "Completed", "Finished"]


def test_an_event_split_over_lines_and_single_bytes_is_one_event() -> None:
    body = (
        b'event: x\ndata: {"type": "image_generation.completed",\ndata: "url": "https://a/b"}\n\n'
    )
    result = generate(b": hello\n\n" + body, drip=0.001)
    assert result.image.url == "https://a/b"


def test_a_stream_that_breaks_off_leaves_what_had_come() -> None:
    body = stream(picture(0), picture(1), DONE)
    result = generate(body, cut=len(stream(picture(0), end="")) + 20)
    assert [image.url for image in result.images] == [LINK.format(0)]
    assert any("broke off" in note for note in result.notes)


def test_a_stream_has_as_many_pictures_at_most_as_any_other_answer() -> None:
    result = generate(stream(*map(picture, range(payload.MOST_BLOBS + 50)), DONE))
    assert len(result.images) == payload.MOST_BLOBS
    assert any("more than 256 pictures" in note for note in result.notes)


def test_a_stream_has_as_many_failures_at_most_as_pictures() -> None:
    refused = [REFUSED] * (payload.MOST_BLOBS + 50)
    result = generate(stream(picture(0), *refused, picture(1), DONE))
    assert len(result.failures) == payload.MOST_BLOBS
    assert any("more than 256 failures" in note for note in result.notes)


def test_of_a_stream_of_junk_a_few_errors_are_kept_and_how_many_there_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each holds the frames that it came through, and those its event."""
    gathered: list[stream_result.Gathering] = []
    result_of = stream_result.Gathering.result
    monkeypatch.setattr(
        stream_result.Gathering,
        "result",
        lambda self, headers: gathered.append(self) or result_of(self, headers),
    )
    result = generate(stream(picture(0), end="data: junk\n\n" * 100))
    (gathering,) = gathered
    assert len(gathering.overlooked) == 8
    assert not any(error.__traceback__ for error in gathering.overlooked)
    told = [note for note in result.notes if note.startswith("passed over")]
    assert (len(told), told[-1]) == (9, "passed over: 92 more events")


def test_comments_alone_do_not_keep_a_stream_going(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MOST_SILENCE", 0.0)
    one, more = stream(picture(0), end=""), stream(picture(1), DONE)
    result = generate(one + b": still here\n\n" + more)
    assert [image.url for image in result.images] == [LINK.format(0)]
    assert any("broke off" in note for note in result.notes)


def test_a_stream_comes_to_an_end_even_without_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MOST_SECONDS", 0.0)
    with pytest.raises(UnreadableAnswer) as caught:
        generate(stream(picture(0)))
    assert caught.value.charged == "maybe"


class Breaking:
    """A plugin that can't cope with the end of a stream."""

    @hookimpl(wrapper=True)
    def imagekit_decode_event(self, event: Any) -> Iterator[None]:
        meanings = yield
        if event.document["type"].endswith(".completed"):
            raise ValueError("oops")
        return meanings


def test_a_plugin_that_breaks_leaves_what_had_come_too() -> None:
    result = generate(stream(picture(0), DONE), None, Breaking())
    assert [image.url for image in result.images] == [LINK.format(0)]
    assert any("imagekit_decode_event raised ValueError: oops" in note for note in result.notes)


def test_a_stream_that_breaks_off_before_any_picture_may_have_been_charged() -> None:
    with pytest.raises(UnreadableAnswer) as caught:
        generate(stream(picture(0)), cut=20)
    assert caught.value.charged == "maybe"


def test_an_error_event_is_the_error_it_names() -> None:
    error = {"code": "InputTextSensitiveContentDetected", "message": "no", "type": "BadRequest"}
    for said in ({"error": error}, error):  # an endpoint of ModelArk's has it without the wrapping
        with pytest.raises(Moderated):
            generate(stream(said))
