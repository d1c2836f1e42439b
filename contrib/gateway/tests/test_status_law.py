"""A status is money: clients repeat 408, 409, 429 and every 5xx by themselves, so these are
answered only where certainly nothing was paid for. Whatever was paid for, or may have been, is
424 with its record.

Every failure that the sandbox can play, at hosts of each kind, against the bill.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from imagekit_sandbox.serving import Upstreams
from imagekit_sandbox.serving.faults.catalogue import CATALOGUE

from imagekit import Charged, ImagekitError, errors
from imagekit_gateway.refusals import refusal_of

#: Links, base64, and jobs that are looked at; refusals that mean something, and some that don't.
MODELS = {
    "powertokens": {"model": "seedream-4.0", "size": "1024x1024"},
    "token360": {"model": "seedream-4.0", "size": "1024x1024"},
    "ark": {"model": "seedream-4.0", "size": "1024x1024"},
    "openai": {"model": "gpt-image-2"},
    "gemini": {"model": "nano-banana"},
    "zai": {"model": "glm-image"},
    "klingai": {"model": "kling-image-o1"},
}
REFUSALS = ("401", "402", "403", "404", "429:7", "500", "502", "503:7", "504")
ELSEWHERE = ("html:403", "html:502", "html:200", "redirect:307", "error-200")
PICTURES = ("moderated", "moderated-item:1", "smaller", "wrong-type", "not-a-picture")
LINKS = ("expired", "broken-link", "new-link:1")
WAYS = ("truncated", "lost", "lost:502", "drip:0.001", "drip-head:0.001", "delay:0.01")
FAULTS = (*REFUSALS, *ELSEWHERE, *PICTURES, *LINKS, *WAYS, "truncated-base64", "job-fails")
#: What clients repeat, whatever they are told.
REPEATED = {408, 409, 429, *range(500, 600)}


def name_of(host: str, fault: str) -> str:
    """Of the instance of a host at which this goes wrong."""
    return f"{host}-{fault.replace(':', '-').replace('.', '-')}"


@pytest.fixture(scope="module")
def upstreams() -> Iterator[Upstreams]:
    with Upstreams() as running:
        yield running


@pytest.fixture(scope="module")
def served(run: Any, played: Any, upstreams: Upstreams, tmp_path_factory: Any) -> Iterator[Any]:
    """One gateway, with an instance of every host for everything that can go wrong there."""
    known = played(upstreams).hosts
    hosts = {
        name_of(host, fault): evolve(known[host], kind=host, headers={"X-Sandbox-Fault": fault})
        for host in MODELS
        for fault in FAULTS
    }
    folder: Path = tmp_path_factory.mktemp("gateway")
    with run(folder, upstreams, hosts=hosts, sleep=lambda seconds: None) as served:
        yield served


def draw(served: Any, host: str, fault: str, **more: Any) -> tuple[Any, str]:
    """The answer, and the prompt, by which the bill has it."""
    fields = {**MODELS[host], **more}
    prompt = f"{host} {fault} {sorted(more)}"
    model = f"{name_of(host, fault)}:{fields.pop('model')}"
    return served.generate(model=model, prompt=prompt, **fields), prompt


def billed(upstreams: Upstreams, prompt: str) -> int:
    """How many pictures were paid for."""
    return sum(entry.pictures for entry in upstreams.ledger.entries if entry.prompt == prompt)


each = pytest.mark.parametrize(
    ("host", "fault"),
    [pytest.param(host, fault, id=name_of(host, fault)) for host in MODELS for fault in FAULTS],
)


@each
def test_what_may_have_been_paid_for_is_never_answered_with_a_status_that_is_repeated(
    served: Any, upstreams: Upstreams, host: str, fault: str
) -> None:
    answer, prompt = draw(served, host, fault)
    charged, paid = answer.headers["Imagekit-Charged"], billed(upstreams, prompt)
    assert not paid or charged != "no"
    assert answer.status not in REPEATED or charged == "no"
    if answer.status == 200:
        assert charged == "yes"
    elif charged == "no":
        assert answer.status in (400, 429, 503)
    else:
        assert answer.status == 424
        keeps_its_record(served, answer)


def keeps_its_record(served: Any, answer: Any) -> None:
    """What there is to know of a purchase can be found."""
    error = answer.error
    assert answer.headers["x-should-retry"] == "false"
    assert answer.headers["Imagekit-Record"] == error["record"]
    assert answer.headers["Location"] == f"/v1/images/{error['record']}"
    record = served.get(answer.headers["Location"])
    fetched_again = error["message"].endswith(f"is tried again, for /v1/images/{error['record']}")
    assert record.json["status"] == ("processing" if fetched_again else "failed")
    assert record.json["metadata"]["charged"] == error["charged"]


def test_every_failure_there_is_is_tried_here() -> None:
    assert {fault.partition(":")[0] for fault in FAULTS} == {*CATALOGUE}


# --- what is certainly free -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "fault", "status", "code", "again", "wait"),
    [
        ("token360", "401", 503, "upstream_credentials", "false", None),
        ("token360", "402", 503, "upstream_balance", "false", None),
        ("token360", "403", 503, "upstream_credentials", "false", None),
        ("token360", "404", 503, "model_unavailable", "false", None),
        ("token360", "429:7", 429, "rate_limit_exceeded", "true", "7"),
        ("ark", "503:7", 503, "upstream_unavailable", "true", "7"),
        ("ark", "moderated", 400, "content_policy_violation", "false", None),
        ("klingai", "429:7", 429, "rate_limit_exceeded", "true", "7"),
    ],
)
def test_what_the_hosts_own_words_say_is_free_may_be_repeated_where_that_helps(
    served: Any,
    upstreams: Upstreams,
    host: str,
    fault: str,
    status: int,
    code: str,
    again: str,
    wait: str | None,
) -> None:
    answer, prompt = draw(served, host, fault, n=1)
    assert (answer.status, answer.error["code"], answer.error["charged"]) == (status, code, "no")
    assert answer.headers["x-should-retry"] == again
    assert answer.headers.get("Retry-After") == wait
    assert billed(upstreams, prompt) == 0


@pytest.mark.parametrize("host", MODELS)
def test_nothing_is_bought_twice_by_a_gateway_that_was_not_told_what_became_of_it(
    served: Any, upstreams: Upstreams, host: str
) -> None:
    _, prompt = draw(served, host, "lost", n=1)
    assert billed(upstreams, prompt) == 1


# --- streams ----------------------------------------------------------------------------------


def events(answer: Any) -> list[tuple[str, Any]]:
    """The name and the data of each."""
    blocks = answer.body.decode().strip().split("\n\n")
    lines = [block.split("\n") for block in blocks if not block.startswith(":")]
    return [
        (name.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
        for name, data in lines
    ]


@pytest.mark.parametrize("fault", [*REFUSALS, *ELSEWHERE, "moderated", "lost", "truncated"])
@pytest.mark.parametrize("host", ["token360", "ark", "openai"])
def test_a_stream_ends_with_what_a_plain_answer_would_say(
    served: Any, upstreams: Upstreams, host: str, fault: str
) -> None:
    plain, _ = draw(served, host, fault, n=1)
    streamed, prompt = draw(served, host, fault, stream=True)
    (name, told), *none = events(streamed)
    assert (streamed.status, name, none) == (200, "error", [])
    assert told["type"] == "error"
    same = ("code", "type", "charged", "param")
    assert {one: told["error"][one] for one in same} == {one: plain.error[one] for one in same}
    assert not billed(upstreams, prompt) or told["error"]["charged"] != "no"
    assert ("record" in told["error"]) >= (told["error"]["charged"] != "no")


# --- every error there is -------------------------------------------------------------------------

ERRORS = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("charged", [Charged.MAYBE, Charged.YES])
@pytest.mark.parametrize("kind", ERRORS, ids=errors.__all__)
def test_every_error_that_may_have_been_charged_is_424(
    kind: type[ImagekitError], charged: Charged
) -> None:
    refused = refusal_of(kind("it went wrong", charged=charged), "img_1")
    assert (refused.status, refused.charged, refused.again) == (424, charged, False)
    assert refused.record == "img_1"


def test_what_certainly_failed_is_not_said_to_be_unknown_where_its_cost_is() -> None:
    failed = errors.NoPictures("too hot", charged=Charged.MAYBE, final=True)
    refused = refusal_of(failed, "img_1")
    assert (refused.status, refused.code, refused.charged) == (424, "charge_unknown", Charged.MAYBE)


@pytest.mark.parametrize("charged", [Charged.MAYBE, Charged.YES])
def test_of_several_calls_the_dearest_counts(charged: Charged) -> None:
    other = errors.OutcomeUnknown("lost", charged=charged)
    refused = refusal_of(errors.RateLimited("busy", charged=Charged.NO, others=(other,)), "img_1")
    assert (refused.status, refused.charged) == (424, charged)


@pytest.mark.parametrize("kind", ERRORS, ids=errors.__all__)
def test_every_error_that_was_free_has_a_status_of_its_own(kind: type[ImagekitError]) -> None:
    refused = refusal_of(kind("it went wrong", charged=Charged.NO), "img_1")
    assert (refused.status in (400, 404, 429, 500, 503), refused.charged) == (True, Charged.NO)
    assert not refused.again or refused.status in REPEATED
