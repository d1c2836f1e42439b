"""States of jobs in any spelling, by the wires that have jobs."""

from __future__ import annotations

import pytest

from imagekit import (
    Client,
    HostError,
    HostSettings,
    NoPictures,
    RateLimited,
    UnreadableAnswer,
)
from imagekit.testing import Answer, Loopback
from imagekit.wires.jobs import Phase, phase_of

LINK = [{"url": "https://pictures.invalid/1.png"}]
DONE = ["succeed", "SUCCEED", "Succeed", "succeeded", "success", "SUCCESS", "completed", "Finished"]
FAILED = [
    "failed",
    "FAILED",
    "failure",
    "FAIL",
    "fail",
    "cancelled",
    "CANCELED",
    "Error",
    "expired",
]
RUNNING = ["submitted", "PROCESSING", "queued", "in-progress", "In Progress", "pending"]


@pytest.mark.parametrize("state", DONE)
def test_a_job_is_done_in_any_spelling(state):
    assert phase_of(state, pictures=False) is Phase.DONE


@pytest.mark.parametrize("state", FAILED)
def test_a_job_has_failed_in_any_spelling(state):
    assert phase_of(state, pictures=False) is Phase.FAILED


@pytest.mark.parametrize("state", RUNNING)
def test_a_job_that_goes_on_goes_on_whatever_it_has_already(state):
    assert phase_of(state, pictures=False) is phase_of(state, pictures=True) is Phase.RUNNING


@pytest.mark.parametrize("state", ["partly", "", None, "99", "failed"])
def test_pictures_are_the_end_of_a_job_of_any_other_state(state):
    assert phase_of(state, pictures=True) is Phase.DONE


def test_a_word_that_nobody_knows_is_no_end():
    assert phase_of("dreaming", pictures=False) is Phase.RUNNING


# --- the wires that have jobs ---------------------------------------------------------------------


def kling(state, pictures=()):
    task = {"task_id": "t-1", "task_status": state, "task_result": {"images": list(pictures)}}
    return Answer(json={"code": 0, "message": "SUCCEED", "request_id": "r-1", "data": task})


def zai(state, pictures=()):
    return Answer(json={"id": "t-1", "task_status": state, "image_result": list(pictures)})


HOSTS = {"klingai:kling-v3": kling, "zai:glm-image": zai}
each_host = pytest.mark.parametrize("route", HOSTS)


def made(route, *answers):
    """What comes of a job that is seen running, and then answers so; and what was asked."""
    host = route.partition(":")[0]
    with (
        Loopback(HOSTS[route]("processing"), *answers) as server,
        Client(
            environment={},
            hosts={host: HostSettings(base_url=server.url)},
            credentials={host: "a-key"},
            sleep=lambda seconds: None,
        ) as client,
    ):
        try:
            return client.generate("a heron", model=route, fetch=False), server.seen
        except HostError as error:
            return error, server.seen


@each_host
@pytest.mark.parametrize("state", [*DONE, "partly"])
def test_pictures_that_are_there_are_the_result(route, state):
    result, seen = made(route, HOSTS[route](state, LINK))
    assert result.images[0].url == LINK[0]["url"]
    assert len(seen) == 2


@each_host
@pytest.mark.parametrize("state", FAILED)
def test_a_job_that_failed_is_over(route, state):
    error, seen = made(route, HOSTS[route](state))
    assert type(error) is NoPictures
    assert (error.final, error.pending, len(seen)) == (True, None, 2)


@each_host
def test_an_error_in_the_answer_to_a_look_is_not_the_jobs_end(route):
    trouble = {
        "klingai:kling-v3": {"code": 5000, "message": "Internal server error"},
        "zai:glm-image": {"error": {"code": "500", "message": "Internal error"}},
    }[route]
    result, seen = made(route, Answer(json=trouble), HOSTS[route]("succeed", LINK))
    assert result.images
    error, seen = made(route, Answer(json=trouble))
    assert error.pending.task == "t-1"
    assert sum(one.method == "POST" for one in seen) == 1


def test_a_code_of_klings_decides_with_any_status():
    error, _ = made("klingai:kling-v3", Answer(json={"code": 1303, "message": "too many"}))
    assert type(error) is RateLimited
    assert error.pending.task == "t-1"


def test_a_list_without_the_state_of_the_job_is_no_end_of_zais():
    error, _ = made("zai:glm-image", Answer(json={"status": "ok", "data": []}))
    assert type(error) is UnreadableAnswer
    assert error.pending.task == "t-1"


def test_zais_pictures_may_be_inline_and_its_lists_null():
    data = {"task_status": "SUCCESS", "image_result": None, "data": LINK}
    result, _ = made("zai:glm-image", Answer(json=data))
    assert result.images[0].url == LINK[0]["url"]
