"""Z.ai and BigModel from a call to the picture, over sockets, at the sandbox's upstreams.

What the sandbox has no words for (jobs that fail or vanish) is told by a server with a script.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from imagekit_sandbox.serving import Rule, Upstreams

from imagekit import (
    AuthenticationError,
    BillingError,
    Charged,
    Client,
    DeadlineExceeded,
    DownloadError,
    HostSettings,
    HostUnavailable,
    ImagekitError,
    Moderated,
    NoPictures,
    NotServed,
    PermissionDenied,
    Plugins,
    RateLimited,
    RejectedRequest,
    Result,
    Retry,
    UnreadableAnswer,
)
from imagekit.testing import Answer, Loopback, Seen, picture

HOSTS = ("zai", "bigmodel")
SYNCHRONOUS = {"asynchronous": False}
NO, MAYBE = Charged.NO, Charged.MAYBE

each_host = pytest.mark.parametrize("host", HOSTS)
each_way = pytest.mark.parametrize("options", [{}, SYNCHRONOUS], ids=["a job", "at once"])


def at(server: Loopback, installed: Plugins) -> Client:
    hosts = {"zai": HostSettings(base_url=server.url)}
    return Client(
        hosts=hosts,
        plugins=installed,
        environment={},
        credentials={"zai": "k.1"},
        sleep=lambda seconds: None,
    )


def draw(client: Client, host: str, **given: Any) -> Result:
    return client.generate("a heron", model=f"{host}:glm-image", size="1024x1024", **given)


def test_a_cost_of_0_in_the_answer_is_not_what_it_cost(client, upstreams):
    cost = draw(client(upstreams), "zai").cost
    assert (str(cost.amount), cost.currency, cost.by) == ("0.015", "USD", "list")


@each_host
@pytest.mark.parametrize(("chosen", "path"), [(True, "/async/images/"), (False, "/v4/images/")])
def test_what_chooses_the_address_is_no_field(installed, host, chosen, path):
    """The receipt names what is sent, and no more."""
    with Client(plugins=installed, environment={}) as client:
        plan = client.plan("a heron", model=f"{host}:glm-image", options={"asynchronous": chosen})
    line = plan.receipt["asynchronous"]
    assert (line.fields, line.note) == (
        (),
        f"chooses the address: {'submit' if chosen else 'generate'}",
    )
    assert path in plan.request.url
    assert b"operation" not in plan.request.body.read()


# --- pictures ---------------------------------------------------------------------------------


@each_way
@each_host
def test_a_picture_is_made_paid_once_and_fetched(client, upstreams, host, options):
    result = draw(client(upstreams), host, options=options)
    assert result.image.pixels == (1024, 1024)
    assert result.image.media_type == "image/png"
    assert upstreams.ledger.pictures == 1
    assert all(line.ignored == () for line in upstreams.journal.entries)


def test_a_job_is_asked_for_until_it_is_done_at_growing_intervals(client, upstreams, naps):
    result = draw(client(upstreams), "zai")
    assert [line.operation for line in upstreams.journal.entries] == ["generate"] + ["poll"] * 2
    assert naps == [2.0, 3.0]
    assert result.request_id


@pytest.mark.parametrize("model", ["zai:cogview-4", "bigmodel:cogview-3-flash"])
def test_cogview_answers_at_once(client, upstreams, model):
    result = client(upstreams).generate("a heron", model=model)
    assert result.image.pixels == (1024, 1024)
    assert [line.operation for line in upstreams.journal.entries] == ["generate"]


def test_three_pictures_are_three_jobs(client, upstreams):
    result = draw(client(upstreams), "zai", n=3)
    assert [image.index for image in result.images] == [0, 1, 2]
    assert [entry.pictures for entry in upstreams.ledger.entries] == [1, 1, 1]


def test_a_link_that_had_come_of_an_answer_that_broke_off_is_kept(client):
    with Upstreams([Rule("truncated")]) as upstreams:
        mine = client(upstreams, retry=Retry(attempts=3))
        result = mine.generate("a heron", model="zai:glm-image", options={"asynchronous": False})
        assert result.image.pixels
        assert len(result.failures) == 1
        assert upstreams.ledger.pictures == 1


def test_a_model_of_the_other_region_is_known_to_be_there(client, upstreams):
    with pytest.raises(NotServed, match="bigmodel and sandbox do"):
        client(upstreams).generate("a heron", model="zai:cogview-3-flash")


# --- none ---------------------------------------------------------------------------------------

#: fault -> the error, what it says about money, whether it may be sent again, pictures billed.
ENDS: dict[str, tuple[type[ImagekitError], Charged, bool, int]] = {
    "401": (AuthenticationError, NO, False, 0),
    "402": (BillingError, NO, False, 0),
    "403": (PermissionDenied, NO, False, 0),
    "429:0": (RateLimited, NO, True, 0),
    "503": (HostUnavailable, NO, True, 0),
    "500": (HostUnavailable, MAYBE, False, 0),
    "502": (HostUnavailable, MAYBE, True, 0),
    "moderated": (Moderated, MAYBE, False, 0),
    "html:200": (UnreadableAnswer, MAYBE, False, 0),
}


@pytest.mark.parametrize("fault", ENDS)
@each_way
@each_host
def test_a_call_without_a_picture_is_never_bought_twice(client, host, options, fault):
    error, charged, retryable, billed = ENDS[fault]
    rule = Rule(fault, host=host)
    with Upstreams([rule]) as upstreams, pytest.raises(error) as caught:
        draw(client(upstreams, retry=Retry(attempts=3)), host, options=options)
    assert type(caught.value) is error
    assert (caught.value.charged, caught.value.retryable) == (charged, retryable)
    assert upstreams.ledger.pictures == billed
    safe = retryable and charged is NO
    assert len(upstreams.journal.entries) == (3 if safe else 1)


@each_host
def test_a_locked_account_is_no_matter_of_waiting(client, upstreams, host):
    with pytest.raises(PermissionDenied) as caught:
        draw(client(upstreams, credentials={host: "frozen-1"}), host)
    assert (caught.value.status, caught.value.code) == (429, "1112")
    assert len(upstreams.journal.entries) == 1


def test_an_id_of_your_own_is_taken_once(client, upstreams):
    """Which is why imagekit sets none: the second of several sends would be refused for it."""
    mine, given = client(upstreams), {"native": {"request_id": "mine-1"}}
    draw(mine, "zai", **given)
    with pytest.raises(ImagekitError, match="1231") as caught:
        draw(mine, "zai", **given)
    assert caught.value.charged is NO


@pytest.mark.parametrize("field", ["user_id", "request_id"])
def test_a_field_of_another_type_is_refused_in_the_vendors_words(client, upstreams, field):
    with pytest.raises(RejectedRequest, match=f"1210: .*{field}"):
        draw(client(upstreams), "zai", native={field: [5]})


# --- jobs that go wrong -----------------------------------------------------------------------

SUBMITTED = Answer(
    json={"id": "job-7", "request_id": "r-7", "model": "glm-image", "task_status": "PROCESSING"}
)
GOING_ON = Answer(json={"model": "glm-image", "task_status": "PROCESSING"})


def test_a_job_that_takes_too_long_can_be_resumed_elsewhere(client, installed):
    with Upstreams([Rule("delay:2", operation="poll", times=1)]) as upstreams:
        with pytest.raises(DeadlineExceeded) as caught:
            draw(client(upstreams), "zai", deadline=1.0)
        pending = caught.value.pending
        assert pending is not None
        result = client(upstreams).resume(pending)
        assert result.image.pixels == (1024, 1024)
        assert upstreams.ledger.pictures == 1


def test_a_page_of_html_between_two_looks_is_looked_past(client):
    with Upstreams([Rule("html:200", operation="poll", times=1)]) as upstreams:
        assert draw(client(upstreams), "zai").image.pixels == (1024, 1024)


@pytest.mark.parametrize(
    ("last", "error", "said"),
    [
        (
            Answer(json={"task_status": "FAIL", "request_id": "r-7"}),
            NoPictures,
            "failed at the job",
        ),
        (
            Answer(404, json={"error": {"code": "1222", "message": "?"}}),
            NoPictures,
            "does not know",
        ),
        (Answer(404, body=b"<html>gone</html>"), NoPictures, "does not know the job"),
        (
            Answer(
                json={
                    "task_status": "SUCCESS",
                    "content_filter": [{"role": "assistant", "level": 0}],
                }
            ),
            Moderated,
            "the picture: level 0",
        ),
        (Answer(json={"task_status": "SUCCESS", "image_result": []}), NoPictures, "an empty list"),
        (Answer(json={"task_status": "FAIL", "code": "1308"}), BillingError, "1308"),
    ],
    ids=["failed", "vanished", "vanished in HTML", "filtered", "empty", "failed with a code"],
)
def test_a_job_that_ends_without_a_picture(installed, last, error, said):
    with Loopback(SUBMITTED, GOING_ON, last) as server, at(server, installed) as client:
        with pytest.raises(error, match=said) as caught:
            draw(client, "zai")
        paths = [seen.path for seen in server.seen]
    assert paths == ["/async/images/generations"] + ["/async-result/job-7"] * 2
    assert caught.value.charged is MAYBE


def test_a_job_that_vanished_is_told_in_the_vendors_words_as_well(installed):
    refusal = {"error": {"code": "1222", "message": "The task does not exist"}, "request_id": "r-8"}
    gone = Answer(404, json=refusal)
    unknown = pytest.raises(NoPictures, match="does not know the job")
    with Loopback(SUBMITTED, gone) as server, at(server, installed) as client, unknown as caught:
        draw(client, "zai")
    told = caught.value
    assert (told.code, told.vendor_message) == ("1222", "The task does not exist")
    assert told.request_id == "r-8"


# --- links --------------------------------------------------------------------------------------


def links(missed: int) -> Callable[[Seen], Answer]:
    """A host whose new link is not found so many times."""
    left = [missed]

    def answer(seen: Seen) -> Answer:
        if seen.method == "POST":
            url = f"http://{seen.headers['host']}/new.png"
            return Answer(json={"created": 1, "data": [{"url": url}]})
        left[0] -= 1
        return Answer(404) if left[0] >= 0 else Answer(body=picture(8, 8))

    return answer


def test_a_link_that_is_too_new_is_looked_at_again(installed):
    with Loopback(links(missed=3)) as server, at(server, installed) as client:
        assert draw(client, "zai", options=SYNCHRONOUS).image.pixels == (8, 8)
        assert len(server.seen) == 1 + 4


@each_host
def test_the_sandbox_has_links_that_are_too_new_as_well(client, host, naps):
    with Upstreams([Rule("new-link")]) as upstreams:
        image = draw(client(upstreams), host, options=SYNCHRONOUS).image
        assert image.pixels == (1024, 1024)
    assert naps == [0.5, 1.0]


def test_a_link_that_stays_unknown_is_given_up(installed):
    ticks = iter(range(0, 10_000, 5))
    with Loopback(links(missed=99)) as server, at(server, installed) as client:
        client.engine = client.engine.having(monotonic=lambda: float(next(ticks)))
        image = draw(client, "zai", options=SYNCHRONOUS).image
        with pytest.raises(DownloadError, match="the link may have expired"):
            image.read()
