"""Everything that can go wrong on the way, and what it has to become."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from imagekit.basics.classes import evolve, frozen
from imagekit.declare.error_row import ErrorRow
from imagekit.declare.host import Host
from imagekit.errors import (
    HostError,
    HostUnavailable,
    ImagekitError,
    NoPictures,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    UnreadableAnswer,
)
from imagekit.plan.routes.route import Route
from imagekit.testing.kit.outcome import AnswerChecks, Outcome, client_at, html
from imagekit.testing.kit.speaking import Spoken, spoken_on
from imagekit.testing.kit.suite import PROMPT
from imagekit.testing.loopback import Answer, Loopback, Script
from imagekit.testing.pictures import picture_base64

__all__ = ["FaultChecks"]


@frozen(eq=False)
class Row:
    """A row of a host's error table, and a route on which it may be met."""

    route: Route
    number: int
    row: ErrorRow

    def __str__(self) -> str:
        about = self.row.status or "", self.row.code or "", self.row.text or ""
        return "-".join([self.route.host.name, str(self.number), *filter(None, map(str, about))])


@frozen(eq=False)
class PasserBy:
    """A host, and what is said in its place by somebody on the way to it."""

    route: Route
    name: str
    page: Answer

    def __str__(self) -> str:
        return f"{self.route.host.name}-{self.name}"


#: What proxies and gateways say by themselves, whatever the status.
PAGES = {
    "text": Answer(
        body=b"upstream connect error or disconnect/reset before headers. reset reason: "
        b"connection termination",
        headers={"Content-Type": "text/plain"},
    ),
    "html": html(200),
    "nothing": Answer(),
    "null": Answer(body=b"null", headers={"Content-Type": "application/json"}),
    "words": Answer(json="Too Many Requests"),
    "message": Answer(json={"message": "no healthy upstream", "request_id": "1"}),
    "status": Answer(json={"error": {"code": 429, "message": "API rate limit exceeded"}}),
    "fault": Answer(json={"fault": {"faultstring": "Rate limit quota violation"}}),
}


class FaultChecks(AnswerChecks):
    """Checks on what answers and broken connections become, over a real socket."""

    on_routes = True

    # --- the host's own error table ---------------------------------------------------------

    @classmethod
    def row_cases(cls) -> Iterator[Row]:
        routes = cls.routes()
        for host in cls.subjects():
            if isinstance(host, Host):
                route = next(one for one in routes if one.host.name == host.name)
                yield from (Row(route, at, row) for at, row in enumerate(host.errors, 1))

    def test_every_error_row_is_met(self, row: Row) -> None:
        """An answer made from the row becomes its error: no row before it hides it."""
        (spoken,) = spoken_on([row.route], self.answers)
        said = spoken.answers.refusal(row.row.code, row.row.text or "no")
        with self._called(row.route, Answer(row.row.status or 400, json=said)) as outcome:
            error = _error(outcome)
        wanted = row.row
        assert type(error) is wanted.error, f"it becomes {type(error).__name__}: {error}"
        assert (error.retryable, error.charged) == (wanted.retryable, wanted.charged)

    # --- answers that are none ---------------------------------------------------------------

    def test_a_page_of_html_is_unreadable(self, spoken: Spoken) -> None:
        """A proxy's page instead of an answer: it may have been charged."""
        self._expect(spoken, UnreadableAnswer, html(200))

    def test_a_refusal_in_html_is_still_the_refusal(self, spoken: Spoken) -> None:
        with self._called(spoken, html(502)) as outcome:
            error = _error(outcome)
        assert isinstance(error, HostError), f"it becomes {type(error).__name__}"
        assert error.status == 502

    def test_an_empty_answer_is_unreadable(self, spoken: Spoken) -> None:
        self._expect(spoken, UnreadableAnswer, Answer())

    def test_an_answer_that_breaks_off_is_unreadable(self, spoken: Spoken) -> None:
        picture = picture_base64()
        self._expect(spoken, UnreadableAnswer, *spoken.pictures(picture, last=_broken_in(picture)))

    def test_what_was_whole_of_an_answer_that_breaks_off_is_kept(self, spoken: Spoken) -> None:
        """It is paid for. That there was more is a failure."""
        good, other = picture_base64(3, 2), picture_base64(2, 3)
        if spoken.answers.pictures(good) is None:
            pytest.skip("its pictures are at the end of a job, which can be asked for again")
        with self._called(spoken, *spoken.pictures(good, other, last=_broken_in(other))) as outcome:
            assert outcome.result is not None, f"one picture was whole, and yet: {outcome.error}"
            found = [image.pixels for image in outcome.result.images]
            assert found == [(3, 2)], f"the one that was whole is 3x2: {found}"
            assert len(outcome.result.failures) == 1, "nothing says that there was more"
            assert outcome.sent == 1, f"it was sent {outcome.sent} times"

    def test_json_of_another_shape_is_unreadable(self, spoken: Spoken) -> None:
        for document in ("[]", '"pictures"', "7", '{"pictures": {}}'):
            self._expect(spoken, UnreadableAnswer, _json(document.encode()))

    def test_an_error_inside_a_success_is_an_error(self, spoken: Spoken) -> None:
        """And is told in the words of the host."""
        said = spoken.answers.refusal("oops", "it went wrong")
        with self._called(spoken, Answer(json=said)) as outcome:
            error = _error(outcome)
        assert isinstance(error, HostError), f"it becomes {error!r}"
        assert "it went wrong" in str(error), f"the host said why, and not that: {error}"

    def test_an_answer_without_pictures_is_an_error(self, spoken: Spoken) -> None:
        self._expect(spoken, NoPictures, *spoken.pictures())

    def test_a_broken_picture_is_no_picture(self, spoken: Spoken) -> None:
        """Alone it is an error; beside a good one it is that picture's failure."""
        good = picture_base64()
        with self._called(spoken, *spoken.pictures(good[:21])) as outcome:
            error = _error(outcome)
        assert isinstance(error, UnreadableAnswer), f"a broken picture alone becomes {error!r}"
        with self._called(spoken, *spoken.pictures(good, good[:21])) as outcome:
            result = outcome.result
            assert result is not None, f"one is good, and yet: {outcome.error}"
            assert len(result.images) == 1, f"one is good, and there are {len(result.images)}"
            places = [failure.index for failure in result.failures]
            assert places == [1], f"the second one, of index 1, is broken: failures are of {places}"

    def test_pictures_come_in_their_order_and_are_measured(self, spoken: Spoken) -> None:
        pictures = spoken.pictures(picture_base64(3, 2), picture_base64(2, 3))
        with self._called(spoken, *pictures) as outcome:
            images = outcome.good.images
            found = [image.pixels for image in images]
            assert found == [(3, 2), (2, 3)], f"3x2 and 2x3 came, in this order: {found}"
            places = [image.index for image in images]
            assert places == [0, 1], f"`Image.index` counts from 0, and is {places}"
            outcome.heard.check_clean()

    # --- connections that break ----------------------------------------------------------------

    def test_a_lost_answer_is_outcome_unknown_and_never_sent_again(self, spoken: Spoken) -> None:
        half = spoken.pictures(picture_base64(), last=lambda answer: evolve(answer, cut=20))
        for script in ([Answer(cut=0)], half):
            with self._called(spoken, *script) as outcome:
                error = _error(outcome)
            assert isinstance(error, OutcomeUnknown | UnreadableAnswer), f"it becomes {error!r}"
            told = error.retryable, str(error.charged)
            assert told == (False, "maybe"), f"(retryable, charged) is {told}: it was sent"
            assert outcome.sent == 1, f"it was sent {outcome.sent} times"

    def test_a_refused_connection_is_not_sent_and_free(self, spoken: Spoken) -> None:
        route = spoken.route
        with Loopback() as gone:
            pass
        with client_at(type(self), route.host, gone.url) as client:
            try:
                client.generate(PROMPT, model=route.name)
                error: ImagekitError | None = None
            except ImagekitError as caught:
                error = caught
        assert isinstance(error, NotSent), f"it becomes {type(error).__name__}"
        assert (error.retryable, str(error.charged)) == (True, "no")

    # --- limits of rate ------------------------------------------------------------------------

    def test_how_long_to_wait_is_told(self, spoken: Spoken) -> None:
        """``Retry-After``: 600 seconds are more than is waited for, so the error tells."""
        said = spoken.answers.refusal(None, "slow down")
        with self._called(
            spoken, Answer(429, json=said, headers={"Retry-After": "600"})
        ) as outcome:
            error = _error(outcome)
        assert isinstance(error, RateLimited | HostUnavailable), f"it becomes {error!r}"
        assert error.retry_after == 600, f"it says to wait {error.retry_after}"

    @classmethod
    def passer_by_cases(cls) -> Iterator[PasserBy]:
        hosts = {one.host.name: one for one in reversed(cls.routes())}
        for route in hosts.values():
            yield from (PasserBy(route, name, page) for name, page in PAGES.items())

    def test_what_a_proxy_says_is_sent_once_and_may_have_been_charged(
        self, passer_by: PasserBy
    ) -> None:
        """Also with the status of a host that is busy: a proxy says it as well when it has lost
        the answer of a host that did its work."""
        for status in (429, 500, 503):
            said = evolve(passer_by.page, status=status)
            with self._called(passer_by.route, said) as outcome:
                error = _error(outcome)
            assert outcome.sent == 1, f"{status} was sent {outcome.sent} times: {error!r}"
            assert (error.retryable, str(error.charged)) == (False, "maybe"), f"{status}: {error!r}"

    def test_only_what_is_certainly_free_is_sent_again(self, spoken: Spoken) -> None:
        """By the error itself: retryable, and not charged."""
        for status in (429, 500, 502, 503, 504):
            answer = Answer(status, json=spoken.answers.refusal(None, "later"))
            with self._called(spoken, answer) as outcome:
                error = _error(outcome)
            free = error.retryable and str(error.charged) == "no"
            assert (outcome.sent > 1) == free, f"{status} was sent {outcome.sent} times: {error!r}"

    # --- shared -----------------------------------------------------------------------------------

    def _expect(self, spoken: Spoken, kind: type[ImagekitError], *script: Script) -> None:
        with self._called(spoken, *script) as outcome:
            error = _error(outcome)
            assert isinstance(error, kind), f"it becomes {type(error).__name__}: {error}"
            assert str(error.charged) != "no", "the host may well have charged for it"
            assert outcome.sent == 1, f"it was sent {outcome.sent} times"


def _error(outcome: Outcome) -> ImagekitError:
    assert outcome.error is not None, f"it passes for a result: {outcome.result!r:.200}"
    return outcome.error


def _json(body: bytes) -> Answer:
    return Answer(body=body, headers={"Content-Type": "application/json"})


def _broken_in(picture: str) -> Callable[[Answer], Answer]:
    """Breaks an answer off in the middle of one of its pictures."""

    def broken(answer: Answer) -> Answer:
        whole = answer.content
        return _json(whole[: whole.index(picture.encode()) + 20])

    return broken
