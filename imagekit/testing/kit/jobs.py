"""Jobs: made once, asked for until they are done, and never given up for lost."""

from __future__ import annotations

import json

import pytest

from imagekit.errors import DeadlineExceeded, HostError, ImagekitError
from imagekit.settings.conversion import from_plain
from imagekit.testing.kit.outcome import AnswerChecks, client_at, html
from imagekit.testing.kit.suite import PROMPT
from imagekit.testing.loopback import Answer, Loopback, Seen
from imagekit.testing.pictures import picture_base64
from imagekit.values import Pending
from imagekit.values.plain.convert import to_plain

__all__ = ["JobChecks"]


class JobChecks(AnswerChecks):
    """Checks of dialects in which an answer may be a job that is still being done."""

    on_routes = True

    @pytest.fixture
    def job(self) -> Answer:
        document = self.answers.job()
        if document is None:
            pytest.skip("its answers know of no jobs")
        return Answer(json=document)

    def test_a_job_is_made_once_and_asked_for_until_it_is_done(self, job: Answer) -> None:
        with self._called(job, job, self._done()) as outcome:
            assert outcome.result is not None, f"it becomes {outcome.error}"
            assert len(outcome.result.images) == 1
            assert outcome.asked == 2, f"{outcome.asked} looks at a job seen running once"
            _made_once(outcome.seen)

    def test_trouble_while_a_job_is_asked_for_is_looked_past(self, job: Answer) -> None:
        """A page of a proxy, a busy host, a broken connection: the job goes on all the same."""
        busy = Answer(503, json=self.answers.refusal(None, "busy"))
        for trouble in (html(502), busy, Answer(cut=0)):
            with self._called(job, trouble, self._done()) as outcome:
                assert outcome.result is not None, f"it becomes {outcome.error}"
                _made_once(outcome.seen)

    def test_a_job_that_is_not_done_in_time_can_be_resumed(self, job: Answer) -> None:
        """Also from what was stored of it, by a client that has never heard of it."""
        route = self.routes()[0]
        with Loopback(job) as server, client_at(type(self), route.host, server.url) as client:
            with pytest.raises(DeadlineExceeded) as caught:
                client.generate(PROMPT, model=route.name, deadline=60, fetch=False)
            pending = caught.value.pending
            assert pending is not None, "the error has no job to resume"
            stored = json.loads(json.dumps(to_plain(pending)))
            restored = from_plain(stored, Pending)
            assert restored.state == pending.state, "its state is another when it was stored"
            server.script(self._done())
            with client_at(type(self), route.host, server.url) as later:
                result = later.resume(restored, fetch=False)
            assert len(result.images) == 1
            _made_once(server.seen)

    def test_a_job_that_the_host_does_not_know_any_more_may_have_been_charged(
        self, job: Answer
    ) -> None:
        """Nor is it the job's end when the key is refused, or the question sent elsewhere."""
        for status in (302, 401, 403, 404):
            gone = Answer(status, json=self.answers.refusal(None, "not found"))
            with self._called(job, gone) as outcome:
                error = outcome.error
            assert isinstance(error, ImagekitError), f"it passes for a result: {outcome.result}"
            assert str(error.charged) != "no", f"{status}: the job had been accepted"
            assert error.pending is not None, f"{status}: there is no job to resume"
            assert outcome.asked == 1, f"{status}: {outcome.asked} looks at a job that is gone"
            _made_once(outcome.seen)

    def test_a_job_that_failed_has_ended(self, job: Answer) -> None:
        """Then there is nothing to resume, and nothing to ask for again."""
        failed = self.answers.failed_job()
        if failed is None:
            pytest.skip("its answers know of no job that failed")
        with self._called(job, Answer(json=failed)) as outcome:
            error = outcome.error
        assert isinstance(error, HostError), f"it becomes {error or outcome.result!r}"
        assert error.final, f"{error!r} does not say that it is the end: `HostError.final`"
        assert error.pending is None, "it can't be resumed"
        assert outcome.asked == 1, f"{outcome.asked} looks at a job that failed at once"

    # --- shared ---------------------------------------------------------------------------------

    def _done(self) -> Answer:
        return Answer(json=self.answers.pictures(picture_base64()))


def _made_once(seen: list[Seen]) -> None:
    """The first request made the job; none of the others is the same again."""
    made, *asked = [(one.method, one.path, one.body) for one in seen]
    assert made not in asked, f"it was made {1 + asked.count(made)} times"
