"""Kling AI, and Kling at PowerTokens, from a call to the picture, over sockets.

What the sandbox's upstreams have no words for (tasks that fail, vanish or never end) is told
by a server with a script.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import urllib3
from imagekit_sandbox.serving import Rule, Upstreams

from imagekit import (
    AuthenticationError,
    BillingError,
    Charged,
    Client,
    Config,
    Credential,
    DeadlineExceeded,
    HostSettings,
    HostUnavailable,
    ImagekitError,
    InvalidRequest,
    ModelUnavailable,
    Moderated,
    NoPictures,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    RejectedRequest,
    Result,
    Retry,
    UnreadableAnswer,
)
from imagekit.testing import Answer, Loopback, picture

NO, MAYBE = Charged.NO, Charged.MAYBE
KEY_PAIR = Credential(access_key="an-access-key", secret_key="a-secret-key")


@pytest.fixture
def at(client: Callable[..., Client]) -> Callable[[Loopback], Client]:
    """``at(server)``: a client whose Kling AI is a server with a script."""

    def make(server: Loopback) -> Client:
        hosts = {"klingai": HostSettings(base_url=server.url)}
        return client(Config(hosts=hosts), credentials={"klingai": "a-key"})

    return make


def draw(client: Client, model: str = "klingai:kling-v3-omni", **given: Any) -> Result:
    return client.generate("a heron", model=model, **given)


# --- pictures ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "given"),
    [
        ("klingai:kling-image-o1", {"n": 2, "ratio": "1:1"}),
        ("klingai:kling-v3-omni", {"n": 2, "ratio": "1:1"}),
        ("klingai:kling-v3", {"n": 2, "ratio": "1:1", "negative_prompt": "fog"}),
        ("klingai-cn:kling-v2-1", {"n": 2, "ratio": "1:1"}),
        (
            "klingai-cn:kling-v2-1-multi",
            {"n": 2, "ratio": "1:1", "image": "https://pictures.example/a.png"},
        ),
        ("powertokens:kling-v3-omni", {"n": 2, "ratio": "1:1"}),
        ("powertokens:kling-v3", {"n": 2, "ratio": "1:1"}),
        (
            "powertokens:kling-v2-multi",
            {"n": 2, "ratio": "1:1", "image": "https://pictures.example/a.png"},
        ),
    ],
)
def test_pictures_are_made_paid_once_and_fetched(client, upstreams, model, given):
    result = draw(client(upstreams), model, **given)
    assert [image.pixels for image in result.images] == [(1024, 1024)] * 2
    assert [image.media_type for image in result.images] == ["image/png"] * 2
    assert [entry.pictures for entry in upstreams.ledger.entries] == [2]
    operations = [line.operation for line in upstreams.journal.entries]
    assert operations == ["generate", "poll", "poll"]
    assert result.metadata["final_unit_deduction"] == "16"
    own = model.startswith("klingai")  # a gateway passes on what its supplier deducted
    assert str(result.cost) == "16 units as the host says" if own else not result.cost.is_known


def test_a_series_is_one_task_of_several_pictures(client, upstreams):
    result = draw(
        client(upstreams),
        sequential_image_generation="auto",
        sequential_image_generation_options={"max_images": 5},
    )
    assert [image.index for image in result.images] == [0, 1, 2, 3, 4]
    assert len(upstreams.ledger.entries) == 1


def test_a_reference_as_bytes_arrives_and_so_does_what_the_prompt_says_of_it(client, upstreams):
    mine = client(upstreams)
    result = mine.generate("@1 at night", model="klingai:kling-v3-omni", image=picture(300, 300))
    assert result.receipt["prompt"].fields == (("prompt", "<<<image_1>>> at night"),)
    assert upstreams.ledger.pictures == 1


def test_every_digit_of_an_element_arrives(at):
    with Loopback(Answer(400, json={"code": 1201, "message": "no"})) as server:
        with pytest.raises(ImagekitError):
            draw(at(server), options={"element_list": [829836802793406551]})
        body = json.loads(server.seen[0].body)
    assert body["element_list"] == [{"element_id": 829836802793406551}]


def test_more_than_nine_pictures_are_several_tasks(client, upstreams):
    result = draw(client(upstreams), n=11)
    assert len(result.images) == 11
    assert sorted(entry.pictures for entry in upstreams.ledger.entries) == [2, 9]


# --- none -------------------------------------------------------------------------------------

#: fault -> the error, what it says about money, whether it may be sent again, pictures billed.
ENDS: dict[str, tuple[type[ImagekitError], Charged, bool, int]] = {
    "401": (AuthenticationError, NO, False, 0),
    "402": (BillingError, NO, False, 0),
    "403": (PermissionDenied, NO, False, 0),
    "404": (ModelUnavailable, NO, False, 0),
    "429:0": (RateLimited, NO, True, 0),
    "500": (HostUnavailable, MAYBE, True, 0),
    "503": (HostUnavailable, NO, True, 0),
    "504": (HostUnavailable, MAYBE, True, 0),
    "moderated": (Moderated, NO, False, 0),
    "html:200": (UnreadableAnswer, MAYBE, False, 0),
}


@pytest.mark.parametrize("fault", ENDS)
def test_a_call_without_a_picture_is_never_bought_twice(client, fault):
    error, charged, retryable, billed = ENDS[fault]
    with Upstreams([Rule(fault)]) as upstreams, pytest.raises(error) as caught:
        draw(client(upstreams, retry=Retry(attempts=3)))
    assert type(caught.value) is error
    assert (caught.value.charged, caught.value.retryable) == (charged, retryable)
    assert upstreams.ledger.pictures == billed
    asked = [line.operation for line in upstreams.journal.entries]
    if charged is MAYBE:
        assert asked == ["generate", "poll"], "it is looked for once, by the name it was given"
    else:
        assert asked == ["generate"] * (3 if retryable else 1)


@pytest.mark.parametrize(("key", "code"), [("broke-1", "1102"), ("frozen-1", "1100")])
def test_a_429_about_money_is_not_sent_again(client, upstreams, key, code):
    with pytest.raises(BillingError) as caught:
        draw(client(upstreams, credentials={"klingai": key}))
    assert (caught.value.status, caught.value.code) == (429, code)
    assert len(upstreams.journal.entries) == 1


def test_a_429_about_too_many_tasks_is_sent_again_and_paid_once(client):
    with Upstreams([Rule("429:1", operation="generate", times=2)]) as upstreams:
        assert len(draw(client(upstreams)).images) == 1
        assert [line.status for line in upstreams.journal.entries] == [429, 429, 200, 200, 200]
        assert upstreams.ledger.pictures == 1


def test_a_lost_task_is_in_the_list_of_the_account(client):
    """Which is what the error says."""
    rules = [Rule("lost", operation="generate"), Rule("404", operation="poll")]
    with Upstreams(rules) as upstreams:
        mine = client(upstreams, credentials={"klingai": "mine"})
        with pytest.raises(OutcomeUnknown, match="lists the account's tasks"):
            draw(mine)
        address = f"{upstreams.hosts['klingai']}/v1/images/omni-image"
        headers = {"Authorization": "Bearer mine"}
        found = urllib3.request("GET", f"{address}?pageSize=1", headers=headers).json()["data"]
        assert [task["task_status"] for task in found] == ["processing"]
        assert upstreams.ledger.pictures == 1


@pytest.mark.parametrize("fault", ["lost", "lost:502", "truncated"])
def test_a_lost_task_is_found_by_the_name_that_each_gets(client, fault):
    with Upstreams([Rule(fault, operation="generate")]) as upstreams:
        result = draw(client(upstreams))
        name = result.metadata["task_info"]["external_task_id"]
        assert result.receipt["external_task_id"].by == "imagekit"
        polls = {line.path for line in upstreams.journal.entries if line.operation == "poll"}
        assert polls == {f"/klingai/v1/images/omni-image/{name}"}
        assert [entry.pictures for entry in upstreams.ledger.entries] == [1]


@pytest.mark.parametrize("fault", ["lost:429", "lost:503"])
def test_a_task_that_was_made_though_it_was_called_free_is_found(client, fault):
    """It is asked for again, and refused: its name is taken."""
    with Upstreams([Rule(fault, operation="generate")]) as upstreams:
        assert len(draw(client(upstreams)).images) == 1
        assert [entry.pictures for entry in upstreams.ledger.entries] == [1]


def test_a_refusal_after_a_real_refusal_stays_what_it_is(client):
    rules = [
        Rule("429:1", operation="generate", times=1),
        Rule("moderated", operation="generate"),
    ]
    with Upstreams(rules) as upstreams, pytest.raises(Moderated) as caught:
        draw(client(upstreams))
    assert (caught.value.charged, caught.value.pending) == (NO, None)


def test_the_tasks_of_one_request_have_a_name_each(client):
    """Also when the answer of every one of them is lost."""
    with Upstreams([Rule("lost", operation="generate")]) as upstreams:
        assert len(draw(client(upstreams), n=10).images) == 10
        assert [entry.pictures for entry in upstreams.ledger.entries] in ([9, 1], [1, 9])


@pytest.mark.parametrize("how", ["options", "native"])
@pytest.mark.parametrize("fault", ["lost", "lost:502", "truncated"])
def test_a_lost_task_with_an_id_of_your_own_is_found_again(client, fault, how):
    with Upstreams([Rule(fault, operation="generate")]) as upstreams:
        result = draw(client(upstreams), **{how: {"external_task_id": "marsh-7"}})
        assert result.metadata["task_info"] == {"external_task_id": "marsh-7"}
        polls = [line.path for line in upstreams.journal.entries if line.operation == "poll"]
        assert polls == ["/klingai/v1/images/omni-image/marsh-7"] * 2
        assert [entry.pictures for entry in upstreams.ledger.entries] == [1]


@pytest.mark.parametrize("how", ["options", "native"])
def test_an_id_of_your_own_is_good_for_one_task(client, upstreams, how):
    with pytest.raises(InvalidRequest, match="external_task_id: is the id of one task"):
        draw(client(upstreams), n=10, **{how: {"external_task_id": "marsh-7"}})
    assert upstreams.journal.entries == ()


def test_tasks_are_named_after_the_id_of_the_request(client, upstreams):
    one = draw(client(upstreams), id="order7")
    assert one.metadata["task_info"] == {"external_task_id": "imagekit-order7"}
    assert len(draw(client(upstreams), id="order8", n=10).images) == 10
    names = [entry.name for entry in upstreams.ledger.entries]
    assert sorted(names) == ["imagekit-order7", "imagekit-order8-1", "imagekit-order8-2"]


def test_an_id_that_was_used_before_buys_nothing(client, upstreams):
    """Kling knows the name already."""
    draw(client(upstreams), id="order7")
    with pytest.raises(RejectedRequest, match="not unique") as caught:
        draw(client(upstreams), id="order7")
    assert caught.value.charged is NO
    assert upstreams.ledger.pictures == 1


# --- keys -------------------------------------------------------------------------------------


def test_a_pair_of_keys_signs_every_request(client, upstreams):
    mine = client(upstreams, credentials={"klingai": KEY_PAIR})
    assert len(draw(mine).images) == 1
    assert len({line.key for line in upstreams.journal.entries}) == 1


@pytest.mark.parametrize(("ahead", "code"), [(-3600, "1003"), (+3600, "1004")])
def test_a_clock_that_is_wrong_is_named(client, ahead, code):
    """The host's clock is an hour behind ours, or ahead of it."""
    with Upstreams(now=lambda: time.time() + ahead) as upstreams:
        with pytest.raises(AuthenticationError, match="clock: is it right") as caught:
            draw(client(upstreams, credentials={"klingai": KEY_PAIR}))
        assert (caught.value.code, caught.value.charged) == (code, NO)
        assert len(upstreams.journal.entries) == 1


def test_a_key_of_the_other_region_is_told_of(client, upstreams):
    wrong = pytest.raises(AuthenticationError, match="klingai-cn in China")
    with wrong:
        draw(client(upstreams, credentials={"klingai": "bad-1"}))


# --- tasks that go wrong ----------------------------------------------------------------------


def task(status: str, **more: Any) -> Answer:
    data = {"task_id": "t/7", "task_status": status, **more}
    return Answer(json={"code": 0, "message": "SUCCEED", "request_id": "r-7", "data": data})


GONE = {"code": 1203, "message": "task not found", "request_id": "r-7"}


PAID = {"task_result": {"images": [{"url": "https://cdn.invalid/1.png"}]}}


@pytest.mark.parametrize(
    ("units", "quota", "cost"),
    [
        ("8", "0", "8 units as the host says"),
        ("0", "0.21", "0.21 of a currency that is not named, as the host says"),
        ("8", "0.21", "unknown, at least 8 units and 0.21: a part was deducted in units"),
        ("0", "0", "perhaps 0.028 USD by the host's list"),
        ("", {}, "perhaps 0.028 USD by the host's list"),
    ],
)
def test_what_was_deducted_is_what_it_cost(at, units, quota, cost):
    deducted = {"final_unit_deduction": units, "final_balance_deduction": {"quota": quota}}
    with Loopback(task("submitted"), task("succeed", **PAID, **deducted)) as server:
        assert str(draw(at(server), fetch=False).cost).startswith(cost)


def test_a_task_that_never_ends_is_asked_for_less_and_less_and_can_be_resumed(at, naps):
    running = [task("submitted"), *[task("processing")] * 8]
    done = task("succeed", task_result={"images": [{"url": "https://pictures.example/7.png"}]})
    with Loopback(*running, done) as server:
        client = at(server)
        clock = [0.0]
        client.engine = client.engine.having(monotonic=lambda: clock[0] + sum(naps))
        with pytest.raises(DeadlineExceeded) as caught:
            draw(client, deadline=50)
        assert naps == [2.0, 3.0, 4.5, 6.75, 10.0, 10.0, 10.0, pytest.approx(2.75, abs=0.1)]
        pending = caught.value.pending
        assert pending is not None
        assert (pending.task, pending.progress) == ("t/7", "processing")
        assert client.resume(pending).image.url == "https://pictures.example/7.png"
        assert {seen.path for seen in server.seen[1:]} == {"/v1/images/omni-image/t%2F7"}


@pytest.mark.parametrize(
    ("last", "error", "said", "resumable"),
    [
        (task("failed", task_status_msg="content risk control"), Moderated, "risk", False),
        (task("failed", task_status_msg="download failed"), NoPictures, "download failed", False),
        (task("failed"), NoPictures, "no reason is given", False),
        (task("succeed", task_result={}), NoPictures, "an empty list", False),
        (Answer(404, json=GONE), NoPictures, "does not know the task any more", True),
        (Answer(404, body=b"<html>gone</html>"), NoPictures, "does not know the task", True),
        (Answer(json={"code": 0, "data": []}), NoPictures, "does not know the task", True),
        (Answer(body=b"<html>wait</html>"), UnreadableAnswer, "not JSON", True),
    ],
    ids=["moderated", "failed", "silent", "empty", "gone", "gone in HTML", "not listed", "HTML"],
)
def test_a_task_that_ends_without_a_picture(at, last, error, said, resumable):
    with Loopback(task("submitted"), last) as server:
        with pytest.raises(error, match=said) as caught:
            draw(at(server))
        assert [seen.method for seen in server.seen].count("POST") == 1
    assert caught.value.charged is MAYBE
    assert (caught.value.pending is not None) == resumable


def test_trouble_between_two_looks_is_looked_past(client):
    rules = [Rule(fault, operation="poll", times=1) for fault in ("html:200", "503")]
    with Upstreams(rules) as upstreams:
        assert len(draw(client(upstreams)).images) == 1
        assert upstreams.ledger.pictures == 1
