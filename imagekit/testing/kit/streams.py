"""Streams: pictures one by one, and what has come is kept."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from imagekit.errors import HostError, ImagekitError
from imagekit.events import Event, Finished, Picture
from imagekit.plan.routes.route import Route
from imagekit.testing.kit.outcome import AnswerChecks, client_at
from imagekit.testing.kit.speaking import Spoken
from imagekit.testing.kit.suite import PROMPT
from imagekit.testing.loopback import Answer, Loopback
from imagekit.testing.pictures import picture_base64

__all__ = ["StreamChecks"]


class StreamChecks(AnswerChecks):
    """Checks of dialects in which a picture may be an event of a stream."""

    on_routes = True

    @pytest.fixture
    def events(self, spoken: Spoken) -> Sequence[bytes]:
        """Those of two pictures, the second one wider."""
        documents = spoken.answers.events(picture_base64(3, 3), picture_base64(5, 3))
        if not documents:
            pytest.skip("its answers know of no streams")
        return [f"data: {json.dumps(one)}\n\n".encode() for one in documents]

    def test_pictures_of_a_stream_come_one_by_one(
        self, spoken: Spoken, events: Sequence[bytes]
    ) -> None:
        told = self._told(spoken.route, _streamed(events))
        pictures = [event.image for event in told if isinstance(event, Picture)]
        found = [image.pixels for image in pictures]
        assert found == [(3, 3), (5, 3)], f"3x3 and 5x3 came, in this order: {found}"
        places = [image.index for image in pictures]
        assert places == [0, 1], f"`Image.index` counts from 0, and is {places}"
        assert isinstance(told[-1], Finished), f"the last event is {told[-1]}"
        kept = told[-1].result.images
        assert kept == tuple(pictures), f"the result has other pictures than came: {kept}"

    def test_what_had_come_of_a_stream_that_breaks_off_is_kept(
        self, spoken: Spoken, events: Sequence[bytes]
    ) -> None:
        second = next(at for at, event in enumerate(events) if _second() in event)
        broken = len(b"".join(events[:second])) + len(events[second]) // 2
        with self._called(spoken, _streamed(events, cut=broken)) as outcome:
            assert outcome.result is not None, f"it becomes {outcome.error}"
            found = [image.pixels for image in outcome.result.images]
            assert found == [(3, 3)], f"the one that came whole is 3x3: {found}"
            assert outcome.sent == 1, f"it was sent {outcome.sent} times"

    def test_a_stream_that_brings_nothing_may_have_been_charged(
        self, spoken: Spoken, events: Sequence[bytes]
    ) -> None:
        with self._called(spoken, _streamed(events, cut=1)) as outcome:
            error = outcome.error
            assert isinstance(error, ImagekitError), f"it passes for a result: {outcome.result}"
            told = error.retryable, str(error.charged)
            assert told == (False, "maybe"), f"(retryable, charged) is {told}: it was sent"
            assert outcome.sent == 1, f"it was sent {outcome.sent} times"

    def test_a_refusal_in_a_stream_is_the_refusal(
        self, spoken: Spoken, events: Sequence[bytes]
    ) -> None:
        said = json.dumps(spoken.answers.refusal("oops", "it went wrong"))
        with self._called(spoken, _streamed([f"data: {said}\n\n".encode()])) as outcome:
            error = outcome.error
            assert isinstance(error, HostError), f"it becomes {error or outcome.result!r}"
            assert error.code == "oops", f"its code is {error.code}"

    # --- shared ---------------------------------------------------------------------------------

    def _told(self, route: Route, answer: Answer) -> list[Event]:
        with Loopback(answer) as server, client_at(type(self), route.host, server.url) as client:
            return list(client.stream(PROMPT, model=route.name, fetch=False))


def _second() -> bytes:
    return picture_base64(5, 3).encode()


def _streamed(events: Sequence[bytes], cut: int | None = None) -> Answer:
    headers = {"Content-Type": "text/event-stream"}
    return Answer(body=b"".join(events), headers=headers, cut=cut)
