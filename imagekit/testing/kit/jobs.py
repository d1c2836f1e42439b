"""Jobs: made once, asked for until they are done, and never given up for lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from imagekit.errors import DeadlineExceeded, HostError, ImagekitError
from imagekit.settings.conversion import from_plain
from imagekit.testing.answers import Said
from imagekit.testing.kit.outcome import SECRET, AnswerChecks, Outcome, client_at, html
from imagekit.testing.kit.speaking import Spoken, as_answer
from imagekit.testing.kit.suite import PROMPT
from imagekit.testing.loopback import Answer, Loopback, Seen
from imagekit.testing.pictures import picture_base64
from imagekit.values import Pending
from imagekit.values.plain.convert import to_plain

__all__ = ["JobChecks"]


#: What a proxy, a login page, a firewall or a limit says to whoever asks, in the words of the
#: servers, gateways and frameworks in wide use. None of it is in anybody's dialect.
ANYBODYS: tuple[tuple[int, dict[str, Any]], ...] = (
    (200, {"status": "ok", "error": "Log in first"}),
    (401, {"message": "Unauthorized"}),
    (403, {"detail": "Forbidden by policy"}),
    (404, {"status": "fail", "message": "no such route"}),
    (422, {"detail": "Blocked by policy"}),
    (429, {"status": "error", "error": {"code": "rate_limited", "message": "slow down"}}),
    (502, {"status": "failed", "error": {"code": 502, "message": "bad gateway"}}),
    (503, {"status": 503, "error": "Service Unavailable", "message": "none", "path": "/"}),
    (504, {"status": "timeout"}),
)

#: Answers to a job whose pictures are in the one that says it is done.
_UNTIL_DONE = ("submitted", "running", "done")


class JobChecks(AnswerChecks):
    """Checks of dialects in which an answer may be a job that is still being done."""

    on_routes = True

    def test_a_job_is_made_once_and_asked_for_until_it_is_done(self, spoken: Spoken) -> None:
        """Each look is understood: one that is not would be looked past, and show nowhere."""
        script = spoken.job("done", picture_base64())
        with self._called(spoken, *script) as outcome:
            images = outcome.good.images
            assert len(images) == 1, f"the job had one picture, and there are {len(images)}"
            looks = len(script) - 1
            assert outcome.asked == looks, f"{outcome.asked} looks at a job that takes {looks}"
            _made_once(outcome.seen)
            outcome.heard.check_clean()
            _moved_on(outcome.seen, script)

    def test_a_look_at_a_job_is_a_free_get(self, spoken: Spoken) -> None:
        """So it can be sent again, after trouble and by `Client.resume`."""
        with self._called(spoken, *spoken.job("done", picture_base64())) as outcome:
            for pending in _pendings(outcome):
                look = pending.request
                assert look.method == "GET", f"a job is asked for by GET, and not {look.method}"
                assert look.repeatable, "a look is free: say Request(repeatable=True)"

    def test_a_job_has_an_id_and_is_asked_for_at_leisure(self, spoken: Spoken) -> None:
        with self._called(spoken, *spoken.job("done", picture_base64())) as outcome:
            for pending in _pendings(outcome):
                assert pending.task, "nobody can find the job at its host: give Pending(task=...)"
                assert pending.wait >= 0.1, (
                    f"Pending(wait={pending.wait}) asks as fast as the host answers: give seconds"
                )

    def test_trouble_while_a_job_is_asked_for_is_looked_past(self, spoken: Spoken) -> None:
        """A page of a proxy, a busy host, a broken connection: the job goes on all the same."""
        made, running, *done = spoken.job("done", picture_base64())
        busy = Answer(503, json=spoken.answers.refusal(None, "busy"))
        for trouble in (html(502), busy, Answer(cut=0)):
            with self._called(spoken, made, running, trouble, *done) as outcome:
                ended = f"trouble between two looks has ended the job: {outcome.error!r}"
                assert outcome.result is not None, ended
                _made_once(outcome.seen)

    def test_what_anybody_may_say_ends_no_job(self, spoken: Spoken) -> None:
        """Whoever is on the way, or asked too often: none of that is how a job ended, neither
        while it is done nor where its pictures would be."""
        made, running, *done = spoken.job("done", picture_base64())
        for before in ([made, running], [made, running, *done[:-1]])[: len(done)]:
            for status, page in ANYBODYS:
                with self._called(spoken, *before, Answer(status, json=page)) as outcome:
                    error = outcome.error
                what = f"after {len(before) - 1} looks, HTTP {status} {json.dumps(page)}"
                assert error is not None, f"{what} passes for a result: {outcome.result}"
                ended = f"{what} has ended the job: {error!r}"
                assert not getattr(error, "final", False), ended
                assert error.pending is not None, f"{what}: there is no job to resume"
                assert str(error.charged) != "no", f"{what}: the job had been accepted"
                _made_once(outcome.seen)

    def test_a_job_that_goes_on_goes_on_without_a_picture(self, spoken: Spoken) -> None:
        """Many hosts write every field always: an empty list is no end while the state is none."""
        made, running, *done = spoken.job("done", picture_base64())
        told = spoken.answers.job("http://127.0.0.1")
        assert told is not None
        early = _with_empty_lists(_document(told.running), _document(told.done[-1]))
        status = as_answer(told.running).status
        with self._called(spoken, made, Answer(status, json=early), running, *done) as outcome:
            went = f"{json.dumps(early)} has ended a job that goes on: {outcome.error!r}"
            assert outcome.result is not None, went
            _made_once(outcome.seen)

    def test_a_job_that_is_not_done_in_time_can_be_resumed(self, spoken: Spoken) -> None:
        """Also from what was stored of it, by a client that has never heard of it."""
        made, running, *done = spoken.job("done", picture_base64())
        route = spoken.route
        with (
            Loopback(made, running) as server,
            client_at(type(self), route.host, server.url) as client,
        ):
            with pytest.raises(DeadlineExceeded) as caught:
                client.generate(PROMPT, model=route.name, deadline=60, fetch=False)
            pending = caught.value.pending
            assert pending is not None, "the error has no job to resume"
            stored = json.loads(json.dumps(to_plain(pending)))
            restored = from_plain(stored, Pending)
            assert restored.state == pending.state, "its state is another when it was stored"
            server.script(*done)
            with client_at(type(self), route.host, server.url) as later:
                result = later.resume(restored, fetch=False)
            assert len(result.images) == 1, f"resumed, it has {len(result.images)} pictures, not 1"
            _made_once(server.seen)

    def test_a_job_that_the_host_does_not_know_any_more_may_have_been_charged(
        self, spoken: Spoken
    ) -> None:
        """Nor is it the job's end when the key is refused, or the question sent elsewhere."""
        made, *_ = spoken.job("done", picture_base64())
        for status in (302, 401, 403, 404):
            gone = Answer(status, json=spoken.answers.refusal(None, "not found"))
            with self._called(spoken, made, gone) as outcome:
                error = outcome.error
            assert isinstance(error, ImagekitError), f"it passes for a result: {outcome.result}"
            assert str(error.charged) != "no", f"{status}: the job had been accepted"
            assert error.pending is not None, f"{status}: there is no job to resume"
            assert outcome.asked == 1, f"{status}: {outcome.asked} looks at a job that is gone"
            _made_once(outcome.seen)

    def test_a_job_that_failed_has_ended(self, spoken: Spoken) -> None:
        """Then there is nothing to resume, and nothing to ask for again."""
        script = spoken.job("failed", picture_base64())
        with self._called(spoken, *script) as outcome:
            error = outcome.error
        assert isinstance(error, HostError), f"it becomes {error or outcome.result!r}"
        assert error.final, f"{error!r} does not say that it is the end: `HostError.final`"
        assert error.pending is None, "it can't be resumed"
        looks = len(script) - 1
        assert outcome.asked == looks, f"{outcome.asked} looks at a job that failed after {looks}"

    def test_a_job_at_a_strangers_address_takes_no_key_there(self, spoken: Spoken) -> None:
        """An answer may name any address as that of its job; the key is for its host alone."""
        spoken.job("done", picture_base64())
        with Loopback(Answer(404)) as stranger:
            script = spoken.job("done", picture_base64(), server=stranger.url)
            with self._called(spoken, *script):
                told = [f"{seen!r} {dict(seen.headers)}" for seen in stranger.seen]
        assert not any(SECRET in one for one in told), "the key is sent to where an answer points"


def _pendings(outcome: Outcome) -> list[Pending]:
    found = [one for one in outcome.heard.decoded if isinstance(one, Pending)]
    assert found, "no answer became a `Pending`: the job is never asked for"
    return found


def _document(said: Said) -> Any:
    return said.json if isinstance(said, Answer) else said


def _with_empty_lists(document: Any, other: Any) -> Any:
    """What a look says, and each empty list of the other where it says nothing."""
    if not (isinstance(document, Mapping) and isinstance(other, Mapping)):
        return document
    lists: dict[str, Any] = {name: [] for name, value in other.items() if value == []}
    inner = {
        name: grown
        for name, value in other.items()
        if isinstance(value, Mapping)
        and (grown := _with_empty_lists(document.get(name, {}), value)) != {}
    }
    return {**lists, **document, **inner}


def _moved_on(seen: list[Seen], script: list[Any]) -> None:
    """Where the pictures are one more look away, that look is at another address."""
    *_, before, last = [one.path for one in seen]
    further = len(script) > len(_UNTIL_DONE)
    assert not further or before != last, (
        f"the job is done, and what it made is one look further: {last} was asked for again instead"
    )


def _made_once(seen: list[Seen]) -> None:
    """The first request made the job; none of the others is the same again."""
    made, *asked = [(one.method, one.path, one.body) for one in seen]
    assert made not in asked, f"it was made {1 + asked.count(made)} times"
