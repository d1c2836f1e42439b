"""What takes time: jobs, streams, links that expire; and many who ask at once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import urllib3
from imagekit_sandbox.serving import Upstreams

POWERTOKENS = "powertokens/v1/images/generations"


# --- jobs --------------------------------------------------------------------------------------


KLING = "klingai/v1/images/generations"


KLING_BODY = {"model_name": "kling-v3", "prompt": "a heron"}


ZAI = "zai/api/paas/v4/async/images/generations"


ZAI_BODY = {"model": "glm-image", "prompt": "a heron"}


def kling_status(ask: Callable[..., urllib3.BaseHTTPResponse], id: str) -> str:
    return str(ask("GET", f"{KLING}/{id}").json()["data"]["task_status"])


def zai_status(ask: Callable[..., urllib3.BaseHTTPResponse], id: str) -> str:
    return str(ask("GET", f"zai/api/paas/v4/async-result/{id}").json()["task_status"])


def kling_job(ask: Callable[..., urllib3.BaseHTTPResponse], **headers: str) -> str:
    return str(ask("POST", KLING, KLING_BODY, **headers).json()["data"]["task_id"])


def zai_job(ask: Callable[..., urllib3.BaseHTTPResponse], **headers: str) -> str:
    return str(ask("POST", ZAI, ZAI_BODY, **headers).json()["id"])


each_job = pytest.mark.parametrize(
    ("submit", "status", "words"),
    [
        (kling_job, kling_status, ("processing", "succeed", "failed")),
        (zai_job, zai_status, ("PROCESSING", "SUCCESS", "FAIL")),
    ],
    ids=["kling", "zai"],
)


@each_job
def test_a_job_is_accepted_at_once_and_done_when_its_time_has_come(
    submit, status, words, asking, answered
):
    """Its latency is that of the pictures: 600 seconds go by on the clock, and nobody waits."""
    clock = [1_800_000_000.0]
    with Upstreams(latency="600", now=lambda: clock[0]) as upstreams:
        ask = asking(upstreams)
        id = submit(ask)
        entry = answered(upstreams)
        assert (entry.id, entry.answered_at) == (id, clock[0])
        assert [status(ask, id) for _ in range(3)] == [words[0]] * 3
        clock[0] += 600
        assert status(ask, id) == words[1]


@each_job
def test_without_a_latency_a_job_is_done_at_the_second_look(ask, submit, status, words):
    id = submit(ask)
    assert [status(ask, id) for _ in range(3)] == [words[0], words[1], words[1]]


@each_job
def test_a_job_that_fails_is_accepted_and_not_billed(ask, upstreams, submit, status, words, order):
    id = submit(ask, X_Sandbox_Fault="job-fails")
    assert [status(ask, id) for _ in range(2)] == [words[0], words[2]]
    assert upstreams.ledger.entries == ()
    refused = ask("POST", POWERTOKENS, order(POWERTOKENS), X_Sandbox_Fault="job-fails")
    assert "job-fails acts on jobs" in refused.json()["error"]["message"]


# --- time --------------------------------------------------------------------------------------


def test_only_pictures_take_their_time(order, asking):
    with Upstreams(latency="600") as upstreams:
        assert asking(upstreams)("GET", "powertokens/v1/models").status == 200
        headers = {"Authorization": "Bearer key-1"}
        with pytest.raises(urllib3.exceptions.TimeoutError):
            urllib3.request(
                "POST",
                f"{upstreams.url}/{POWERTOKENS}",
                json=order(POWERTOKENS),
                headers=headers,
                timeout=0.2,
                retries=False,
            )


def test_a_link_is_served_until_it_expires(order, asking):
    clock = [1_800_000_000.0]
    with Upstreams(link_lifetime=60, now=lambda: clock[0]) as upstreams:
        answer = asking(upstreams)("POST", POWERTOKENS, order(POWERTOKENS))
        link = answer.json()["data"][0]["url"]
        clock[0] += 59.5
        assert urllib3.request("GET", link).status == 200
        clock[0] += 1
        assert urllib3.request("GET", link).status == 403


# --- many at once ------------------------------------------------------------------------------


def at_once(count: int, call: Callable[[int], Any]) -> list[Any]:
    """What so many threads get that all begin in the same moment."""
    barrier = threading.Barrier(count)

    def wait_and_call(number: int) -> Any:
        barrier.wait()
        return call(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(wait_and_call, range(count)))


def test_an_external_task_id_belongs_to_one_task_however_many_ask_at_once(upstreams, asking):
    body = {**KLING_BODY, "external_task_id": "order-7"}
    statuses = at_once(16, lambda _: asking(upstreams)("POST", KLING, body).status)
    assert sorted(statuses) == [200, *[400] * 15]
    (entry,) = upstreams.ledger.entries
    found = asking(upstreams)("GET", f"{KLING}/order-7").json()["data"]
    assert (entry.name, entry.id) == ("order-7", found["task_id"])


def test_hundreds_of_connections_at_once_are_all_answered(upstreams):
    def call(number: int) -> int:
        with socket.create_connection(upstreams.url.removeprefix("http://").split(":")) as one:
            one.sendall(b"GET /_sandbox HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return int(one.recv(64).split()[1])

    assert at_once(300, call) == [200] * 300
