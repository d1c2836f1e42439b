"""Every paid call is written down before it is sent, and at each step after that."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from attrs import define, field

from imagekit import (
    Charged,
    Client,
    JournalError,
    NotSent,
    OutcomeUnknown,
    Plugins,
    RejectedRequest,
    Result,
    SinkError,
    hookimpl,
)
from imagekit.testing.loopback import Answer, Loopback, Seen


@define
class Diary:
    """A journal that remembers; it fails at the steps that it is told to fail at."""

    fails: frozenset[str] = frozenset()
    steps: list[tuple[str, str]] = field(factory=list)
    told: list[Any] = field(factory=list)

    def _note(self, step: str, purchase: Any, what: Any = None) -> None:
        self.steps.append((step, purchase.id))
        self.told.append((purchase, what))
        if step in self.fails:
            raise OSError(f"{step} does not fit")

    def sending(self, purchase: Any) -> None:
        self._note("sending", purchase)

    def accepted(self, purchase: Any, pending: Any) -> None:
        self._note("accepted", purchase, pending)

    def answered(self, purchase: Any, result: Any, more: bool) -> None:
        self._note("answered", purchase, result)

    def kept(self, purchase: Any, result: Any) -> None:
        self._note("kept", purchase, result)

    def left(self, purchase: Any, pending: Any) -> None:
        self._note("left", purchase, pending)

    def ended(self, purchase: Any, error: Any) -> None:
        self._note("ended", purchase, error)

    @property
    def words(self) -> list[str]:
        return [step for step, _ in self.steps]


def test_a_good_call_is_sending_answered_kept(garden, drawn):
    diary = Diary()
    with Loopback(Answer(json=drawn)) as server:
        garden(server.url, journal=diary).generate("a lily", model="lily-1")
    assert diary.words == ["sending", "answered", "kept"]
    purchase, _ = diary.told[0]
    assert (purchase.host, purchase.model, purchase.places) == ("garden", "lily-1", ())
    assert purchase.provenance.parameters == {"prompt": "a lily"}
    assert len({id for _, id in diary.steps}) == 1


def test_it_is_written_before_the_request_leaves(garden, drawn):
    diary = Diary()

    def answer(seen: Seen) -> Answer:
        assert diary.words == ["sending"]
        return Answer(json=drawn)

    with Loopback(answer) as server:
        garden(server.url, journal=diary).generate("a lily", model="lily-1")
    assert len(server.seen) == 1


def test_a_call_that_can_not_be_written_down_is_not_sent(garden):
    diary = Diary(frozenset({"sending"}))
    with Loopback() as server, pytest.raises(JournalError, match="nothing was sent") as caught:
        garden(server.url, journal=diary).generate("a lily", model="lily-1")
    assert (caught.value.charged, server.seen) == (Charged.NO, [])
    assert diary.words == ["sending", "ended"]


def test_what_is_stopped_while_it_is_written_down_was_never_sent(garden):
    """Ctrl-C in the second journal: the first would say else that it may have been charged."""

    class Slow(Diary):
        def sending(self, purchase: Any) -> None:
            raise KeyboardInterrupt

    class Plugin:
        @hookimpl
        def imagekit_journal(self) -> Any:
            return Slow()

    diary = Diary()
    with Loopback() as server, pytest.raises(KeyboardInterrupt):
        garden(server.url, Plugin(), journal=diary).generate("a lily", model="lily-1")
    assert (diary.words, server.seen) == (["sending", "ended"], [])
    assert diary.told[-1][1].charged is Charged.NO


@pytest.mark.parametrize("step", ["answered", "kept"])
def test_a_later_step_that_fails_is_loud_and_gives_the_result(garden, drawn, png, step):
    diary = Diary(frozenset({step}))
    with (
        Loopback(Answer(json=drawn)) as server,
        pytest.raises(JournalError, match=f"{step} does not fit") as caught,
    ):
        garden(server.url, journal=diary).generate("a lily", model="lily-1")
    assert caught.value.result.image.read() == png
    assert diary.words == ["sending", "answered", "kept"]


def test_a_call_that_is_sent_again_is_written_down_once(garden, drawn):
    busy = Answer(429, json={"error": {"code": "slow_down", "message": "later"}})
    diary = Diary()
    with Loopback(busy, Answer(json=drawn)) as server:
        garden(server.url, journal=diary).generate("a lily", model="lily-1")
    assert (len(server.seen), diary.words) == (2, ["sending", "answered", "kept"])


@pytest.mark.parametrize(
    ("answer", "error"),
    [(Answer(400, json={}), RejectedRequest), (Answer(cut=0), OutcomeUnknown)],
    ids=["refused", "lost"],
)
def test_how_it_ended_is_written_down(garden, answer, error):
    diary = Diary()
    with Loopback(answer) as server, pytest.raises(error) as caught:
        garden(server.url, journal=diary).generate("a lily", model="lily-1")
    assert diary.words == ["sending", "ended"]
    assert diary.told[-1][1] is caught.value


def test_an_end_that_can_not_be_written_down_is_a_note_on_how_it_ended(garden):
    diary = Diary(frozenset({"ended"}))
    with Loopback(Answer(400, json={})) as server, pytest.raises(RejectedRequest) as caught:
        garden(server.url, journal=diary).generate("a lily", model="lily-1")
    (note,) = caught.value.__notes__
    assert note == "the call goes on, but the journal Diary could not note it: ended does not fit"


def test_each_of_several_calls_is_kept_as_it_comes(garden, drawn):
    """A process that is killed now loses nothing of the calls that are done."""
    diary, stored = Diary(), []

    def answer(seen: Seen) -> Answer:
        if len(server.seen) == 3:
            assert diary.words.count("kept") == len(stored) == 2
        return Answer(json=drawn)

    with Loopback(answer) as server:
        client = garden(server.url, journal=diary, sinks=[stored.append], concurrency=1)
        result = client.generate("a lily", model="lily-1", n=3)
    assert len(result.images) == 3
    assert [one.image.index for one in stored] == [0, 1, 2]
    ids = {id for _, id in diary.steps}
    assert len(ids) == 3
    assert len({id.partition("-")[0] for id in ids}) == 1


def test_a_sink_that_fails_keeps_the_call_open_and_every_picture(garden, drawn):
    diary = Diary()

    def full(result: Result) -> None:
        if result.image.index == 1:
            raise OSError("disk full")

    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url, journal=diary, sinks=[full], concurrency=1)
        with pytest.raises(SinkError, match="full") as caught:
            client.generate("a lily", model="lily-1", n=3)
    assert [image.index for image in caught.value.result.images] == [0, 1, 2]
    assert diary.words.count("kept") == 2


def test_a_streamed_picture_is_written_down_when_it_comes(garden, png):
    text = base64.b64encode(png).decode()
    kind = "image_generation.partial_succeeded"
    pictures = [{"type": kind, "image_index": at, "b64_json": text} for at in range(2)]
    events = [*pictures, {"type": "image_generation.completed"}]
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()
    answer = Answer(body=body, headers={"Content-Type": "text/event-stream"})
    diary = Diary()
    with Loopback(answer) as server:
        garden(server.url, journal=diary).generate("lilies", model="lily-1")
    assert diary.words == ["sending", "answered", "answered", "answered", "kept"]
    assert [len(result.images) for _, result in diary.told[1:4]] == [1, 1, 2]


def test_every_journal_is_written_the_client_s_own_first(garden, drawn):
    order: list[str] = []

    class Named(Diary):
        def _note(self, step: str, purchase: Any, what: Any = None) -> None:
            order.append(f"{type(self).__name__} {step}")

    class Own(Named):
        pass

    class Plugged(Named):
        pass

    class Plugin:
        @hookimpl
        def imagekit_journal(self) -> Any:
            return Plugged()

    with Loopback(Answer(json=drawn)) as server:
        garden(server.url, Plugin(), journal=Own()).generate("a lily", model="lily-1")
    steps = ("sending", "answered", "kept")
    assert order == [f"{who} {step}" for step in steps for who in ("Own", "Plugged")]


def test_what_is_no_journal_is_told_when_the_client_is_made():
    class Plugin:
        @hookimpl
        def imagekit_journal(self) -> Any:
            return object()

    with pytest.raises(Exception, match="which is no Journal"):
        Client(plugins=Plugins.of(Plugin()), environment={})


def test_a_call_that_was_stopped_before_it_was_sent_has_ended(garden):
    import threading

    stop, diary = threading.Event(), Diary()
    stop.set()
    with Loopback() as server, pytest.raises(NotSent):
        garden(server.url, journal=diary).generate("a lily", model="lily-1", stop=stop)
    assert diary.words == ["sending", "ended"]
