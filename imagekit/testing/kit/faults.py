"""Everything that can go wrong on the way, and what it has to become."""

from __future__ import annotations

import json
from collections.abc import Iterator

from attrs import evolve

from imagekit.basics.classes import frozen
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
from imagekit.testing.kit.suite import PROMPT
from imagekit.testing.loopback import Answer, Loopback
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
        said = self.answers.refusal(row.row.code, row.row.text or "no")
        with self._called(Answer(row.row.status or 400, json=said), route=row.route) as outcome:
            error = _error(outcome)
        wanted = row.row
        assert type(error) is wanted.error, f"it becomes {type(error).__name__}: {error}"
        assert (error.retryable, error.charged) == (wanted.retryable, wanted.charged)

    # --- answers that are none ---------------------------------------------------------------

    def test_a_page_of_html_is_unreadable(self) -> None:
        """A proxy's page instead of an answer: it may have been charged."""
        self._expect(UnreadableAnswer, html(200))

    def test_a_refusal_in_html_is_still_the_refusal(self) -> None:
        with self._called(html(502)) as outcome:
            error = _error(outcome)
        assert isinstance(error, HostError), f"it becomes {type(error).__name__}"
        assert error.status == 502

    def test_an_empty_answer_is_unreadable(self) -> None:
        self._expect(UnreadableAnswer, Answer())

    def test_an_answer_that_breaks_off_is_unreadable(self) -> None:
        whole = json.dumps(self.answers.pictures(picture_base64())).encode()
        in_the_picture = whole.index(picture_base64().encode()) + 20
        self._expect(UnreadableAnswer, _json(whole[:in_the_picture]))

    def test_what_was_whole_of_an_answer_that_breaks_off_is_kept(self) -> None:
        """It is paid for. That there was more is a failure."""
        good, other = picture_base64(3, 2), picture_base64(2, 3)
        whole = json.dumps(self.answers.pictures(good, other)).encode()
        in_the_other = whole.index(other.encode()) + 20
        with self._called(_json(whole[:in_the_other])) as outcome:
            assert outcome.result is not None, f"one picture was whole, and yet: {outcome.error}"
            assert [image.pixels for image in outcome.result.images] == [(3, 2)]
            assert len(outcome.result.failures) == 1, "nothing says that there was more"
            assert outcome.sent == 1, f"it was sent {outcome.sent} times"

    def test_json_of_another_shape_is_unreadable(self) -> None:
        for document in ("[]", '"pictures"', "7", '{"pictures": {}}'):
            self._expect(UnreadableAnswer, _json(document.encode()))

    def test_an_error_inside_a_success_is_an_error(self) -> None:
        with self._called(Answer(json=self.answers.refusal("oops", "it went wrong"))) as outcome:
            assert isinstance(_error(outcome), HostError)

    def test_an_answer_without_pictures_is_an_error(self) -> None:
        self._expect(NoPictures, Answer(json=self.answers.pictures()))

    def test_a_broken_picture_is_no_picture(self) -> None:
        """Alone it is an error; beside a good one it is that picture's failure."""
        good = picture_base64()
        with self._called(Answer(json=self.answers.pictures(good[:21]))) as outcome:
            assert isinstance(_error(outcome), UnreadableAnswer)
        with self._called(Answer(json=self.answers.pictures(good, good[:21]))) as outcome:
            assert outcome.result is not None, f"one is good, and yet: {outcome.error}"
            assert (len(outcome.result.images), len(outcome.result.failures)) == (1, 1)

    def test_pictures_come_in_their_order_and_are_measured(self) -> None:
        good = self.answers.pictures(picture_base64(3, 2), picture_base64(2, 3))
        with self._called(Answer(json=good)) as outcome:
            assert outcome.result is not None, f"it becomes {outcome.error}"
            images = outcome.result.images
            assert [image.pixels for image in images] == [(3, 2), (2, 3)]
            assert [image.index for image in images] == [0, 1]

    # --- connections that break ----------------------------------------------------------------

    def test_a_lost_answer_is_outcome_unknown_and_never_sent_again(self) -> None:
        for answer in (Answer(cut=0), Answer(json=self.answers.pictures(picture_base64()), cut=20)):
            with self._called(answer) as outcome:
                error = _error(outcome)
            assert isinstance(error, OutcomeUnknown | UnreadableAnswer), type(error).__name__
            assert (error.retryable, str(error.charged)) == (False, "maybe")
            assert outcome.sent == 1, f"it was sent {outcome.sent} times"

    def test_a_refused_connection_is_not_sent_and_free(self) -> None:
        route = self.routes()[0]
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

    def test_how_long_to_wait_is_told(self) -> None:
        """``Retry-After``: 600 seconds are more than is waited for, so the error tells."""
        said = self.answers.refusal(None, "slow down")
        with self._called(Answer(429, json=said, headers={"Retry-After": "600"})) as outcome:
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
            with self._called(said, route=passer_by.route) as outcome:
                error = _error(outcome)
            assert outcome.sent == 1, f"{status} was sent {outcome.sent} times: {error!r}"
            assert (error.retryable, str(error.charged)) == (False, "maybe"), f"{status}: {error!r}"

    def test_only_what_is_certainly_free_is_sent_again(self) -> None:
        """By the error itself: retryable, and not charged."""
        for status in (429, 500, 502, 503, 504):
            answer = Answer(status, json=self.answers.refusal(None, "later"))
            with self._called(answer) as outcome:
                error = _error(outcome)
            free = error.retryable and str(error.charged) == "no"
            assert (outcome.sent > 1) == free, f"{status} was sent {outcome.sent} times: {error!r}"

    # --- shared -----------------------------------------------------------------------------------

    def _expect(self, kind: type[ImagekitError], answer: Answer) -> None:
        with self._called(answer) as outcome:
            error = _error(outcome)
            assert isinstance(error, kind), f"it becomes {type(error).__name__}: {error}"
            assert str(error.charged) != "no", "the host may well have charged for it"
            assert outcome.sent == 1, f"it was sent {outcome.sent} times"


def _error(outcome: Outcome) -> ImagekitError:
    assert outcome.error is not None, f"it passes for a result: {outcome.result!r:.200}"
    return outcome.error


def _json(body: bytes) -> Answer:
    return Answer(body=body, headers={"Content-Type": "application/json"})
