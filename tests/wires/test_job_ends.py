"""How a job ends, and what anybody on the way may say: a wire that is too quick to call it over."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from imagekit import (
    Bearer,
    Call,
    Charged,
    Client,
    ErrorRow,
    Family,
    Host,
    HostError,
    HostSettings,
    HostUnavailable,
    Model,
    Offer,
    Parameter,
    Pending,
    Plugins,
    RateLimited,
    Request,
    Response,
    Result,
    Spell,
    Wire,
    hookimpl,
)
from imagekit.testing import Answer, Loopback
from imagekit.wires import object_of, poll_request, refusal_of, refuse

TICKET = Answer(json={"ticket": "t1"})


class Quick(Wire):
    """After the ticket, whatever comes is the end of the job."""

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        return Request("POST", call.url, body=json.dumps(call.fields).encode())

    @hookimpl
    def imagekit_decode_response(self, call: Call, response: Response) -> Result | Pending:
        document = object_of(call, response)
        if "ticket" in document:
            return Pending(poll_request(f"{call.url}/t1"), wait=1.0, task="t1")
        raise refuse(call, response, refusal_of(document, response.headers), final=True)


class Quickly:
    @hookimpl
    def imagekit_wires(self) -> Iterable[Wire]:
        return [Quick(name="quick", paths={"generate": "/jobs"}, spells=(Spell("prompt"),))]

    @hookimpl
    def imagekit_families(self) -> Iterable[Family]:
        return [
            Family(
                "rush", "Rush", (Model("rush-1", "Rush 1", parameters=(Parameter("prompt", str),)),)
            )
        ]

    @hookimpl
    def imagekit_hosts(self) -> Iterable[Host]:
        errors = (
            ErrorRow(HostUnavailable, code="worker_lost", charged=Charged.NO),
            ErrorRow(RateLimited, code="busy", retryable=True, charged=Charged.NO),
            ErrorRow(HostUnavailable, status=503),
        )
        return [
            Host(
                name="bank",
                title="Bank",
                base_url="https://api.bank.example/v1",
                auth=Bearer(("BANK_API_KEY",)),
                offers=(Offer(model="rush-1", id="r-1", wire="quick"),),
                errors=errors,
            )
        ]


def ending(status: int, document: object) -> HostError:
    """What a job comes to that is answered so from the first look on; it was made once."""
    with (
        Loopback(TICKET, Answer(status, json=document)) as server,
        Client(
            plugins=Plugins.of(Quickly()),
            environment={"BANK_API_KEY": "a-key"},
            hosts={"bank": HostSettings(base_url=server.url)},
            sleep=lambda seconds: None,
        ) as client,
    ):
        with pytest.raises(HostError) as caught:
            client.generate("a heron", model="bank:rush-1")
        assert sum(one.method == "POST" for one in server.seen) == 1
        return caught.value


def coded(code: object) -> dict[str, object]:
    return {"error": {"code": code, "message": "no"}}


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (200, {"error": "the worker is lost"}),  # the state of the job has said that it failed
        (200, coded("worker_lost")),
        (400, coded("bad_pose")),
        (409, coded("cancelled")),
        (422, coded("content_policy")),
        (499, coded("worker_lost")),
        (500, coded("worker_lost")),
        (503, coded("worker_lost.again")),
    ],
)
def test_the_host_says_how_its_job_ended(status, document):
    error = ending(status, document)
    assert (error.final, error.pending) == (True, None)


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (302, coded("worker_lost")),
        (400, {"message": "Bad Request"}),
        (401, coded("worker_lost")),
        (403, {"code": "1020", "message": "Access denied"}),
        (404, coded("no_such_job")),
        (407, coded("proxy_authentication")),
        (410, coded("gone")),
        (422, {"message": "blocked by policy"}),
        (422, {"detail": "blocked by policy"}),
        (422, {"status": 422, "error": "Unprocessable Entity", "message": "no", "path": "/"}),
        (422, {"statusCode": 422, "error": "Unprocessable Entity", "message": "no"}),
        (422, ["no"]),
        (429, coded("rate_limited")),
        (502, coded(502)),
        (502, coded("upstream_error")),
        (503, {"status": 503, "error": "Service Unavailable", "message": "no", "path": "/"}),
        (503, coded("busy")),  # which the host's table calls one to be sent again
        (503, {"error": "worker_lost"}),
        (504, {"status": "timeout"}),
    ],
)
def test_what_anybody_may_have_said_is_no_end(status, document):
    error = ending(status, document)
    assert not error.final
    assert error.pending.task == "t1"
    assert error.charged is Charged.MAYBE
