"""Requests and replies on file: what was given becomes exactly this, an answer means exactly that.

``requests/*.json``, one case each, or what several share and what differs::

    {"given": {"model": "lily-1"}, "method": "POST", "path": "/v1/images/generations",
     "cases": {
        "a seed": {"given": {"seed": 7}, "body": {"model": "l-1", "prompt": "a heron", "seed": 7}},
        "no seed": {"given": {"seed": -1}, "problems": ["seed: -1 is not from 0 to 99"]}}}

``replies/*.json``::

    {"answer": {"status": 400, "json": {"error": {"message": "no", "code": "bad"}}},
     "becomes": {"error": "RejectedRequest", "code": "bad", "retryable": false, "charged": "no"}}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from imagekit.basics.classes import frozen
from imagekit.client.plan import Plan
from imagekit.declare.auth import Credential
from imagekit.declare.host import Host
from imagekit.testing.kit.differences import differences
from imagekit.testing.kit.outcome import calling, summary
from imagekit.testing.kit.speaking import answer_of
from imagekit.testing.kit.suite import PROMPT, Suite, planner

__all__ = ["ReplyChecks", "RequestChecks"]

_SHARED = ("given", "headers", "body")  # merged with what a case says itself
_LISTS = ("images", "failures")


@frozen(eq=False)
class Golden:
    """One case of a file."""

    name: str
    said: Mapping[str, Any]

    def __str__(self) -> str:
        return self.name


class RequestChecks(Suite):
    """``requests/*.json``: what is given, and the exact request, or why there is none."""

    on_routes = True

    @classmethod
    def request_on_file_cases(cls) -> Iterator[Golden]:
        return _read(cls.folder() / "requests")

    def test_requests_are_those_on_file(self, request_on_file: Golden) -> None:
        said = request_on_file.said
        given = {"prompt": PROMPT, **said.get("given", {})}
        if "model" not in given:
            given["model"] = self.routes()[0].name
        client = planner(type(self))
        checks = {**_CHECKS, "signed": partial(_signed, client.route(given["model"]).host)}
        unknown = said.keys() - checks.keys() - {"given"}
        assert not unknown, f"{request_on_file} says {', '.join(unknown)}, which means nothing"
        plan = client.plan(**given)
        if "problems" not in said:
            assert not plan.problems, f"refused: {plan.problems[0]}"
        for name, wanted in said.items():
            if name != "given":
                differ = differences(*checks[name](plan, wanted))
                assert not differ, f"{name} is another on file: {differ}"


class ReplyChecks(Suite):
    """``replies/*.json``: an answer, and what it becomes, over a real socket."""

    on_routes = True

    @classmethod
    def reply_on_file_cases(cls) -> Iterator[Golden]:
        return _read(cls.folder() / "replies")

    def test_replies_become_what_is_on_file(self, reply_on_file: Golden) -> None:
        said = reply_on_file.said
        given = dict(said.get("given", {}))
        model = given.pop("model", None) or self.routes()[0].name
        script = map(answer_of, said["answers"] if "answers" in said else [said["answer"]])
        with calling(type(self), model, *script, **given) as outcome:
            found = summary(outcome)
            for name, wanted in said["becomes"].items():
                assert name in found, f"it became {found.get('error', 'a result')}: no {name}"
                named = _named(found[name], wanted) if name in _LISTS else found[name]
                differ = differences(named, wanted)
                assert not differ, f"{name} is another on file: {differ}"


# --- reading -----------------------------------------------------------------------------------


def _read(folder: Path) -> Iterator[Golden]:
    for path in sorted(folder.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        cases = document.pop("cases", None)
        if cases is None:
            yield Golden(path.stem, document)
            continue
        for name, case in cases.items():
            yield Golden(f"{path.stem}: {name}", _over(document, case))


def _over(shared: Mapping[str, Any], case: Mapping[str, Any]) -> dict[str, Any]:
    """A case with what its file says of all cases. One that is refused has no request."""
    refused = "problems" in case
    merged = {**({"given": shared.get("given", {})} if refused else shared), **case}
    for name in _SHARED:
        if name in case and isinstance(case[name], Mapping):
            merged[name] = {**merged_part(shared, name), **case[name]}
    return merged


def merged_part(shared: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = shared.get(name, {})
    return found if isinstance(found, Mapping) else {}


def _named(found: list[dict[str, Any]], wanted: list[Any]) -> list[dict[str, Any]]:
    """Of each picture or failure what the file names, as with everything else."""
    if len(found) != len(wanted):
        return found
    return [
        {name: one[name] for name in one if name in named}
        for one, named in zip(found, wanted, strict=True)
    ]


# --- what a file may say of a request ----------------------------------------------------------


def _body(plan: Plan, wanted: Any) -> tuple[Any, Any]:
    """As JSON; exactly, byte for byte, where the file has a text."""
    body = plan.request.body.read() if plan.request and plan.request.body else b""
    if isinstance(wanted, str):
        return body.decode(), wanted
    return (json.loads(body) if body else None), wanted


def _headers(plan: Plan, wanted: Mapping[str, str | None]) -> tuple[Any, Any]:
    """Those that are named; null: it is not there."""
    sent = {
        name.lower(): value
        for name, value in (plan.request.headers if plan.request else {}).items()
    }
    return {name: sent.get(name.lower()) for name in wanted}, dict(wanted)


def _signed(host: Host, _: Plan, wanted: Mapping[str, str]) -> tuple[Any, Any]:
    """Headers, or parameters of the query, with ``{api_key}`` where the key is."""
    credential = Credential(**{name: f"{{{name}}}" for name in host.auth.variables})
    signature = {**host.auth.headers(credential, 0.0), **host.auth.query(credential, 0.0)}
    return signature, dict(wanted)


def _problems(plan: Plan, wanted: list[str]) -> tuple[Any, Any]:
    """Each problem has the text on file in it, and there is no other."""
    found = [str(problem) for problem in plan.problems]
    if len(found) == len(wanted) and all(map(_within, wanted, found)):
        return wanted, wanted
    return found, wanted


def _within(text: str, problem: str) -> bool:
    return text in problem


def _receipt(plan: Plan, wanted: Mapping[str, str]) -> tuple[Any, Any]:
    """parameter -> what became of it, of those that are named."""
    return {name: str(plan.receipt[name].action) for name in wanted}, dict(wanted)


def _address(plan: Plan) -> str:
    return plan.request.url if plan.request else ""


_CHECKS: Mapping[str, Any] = {
    "method": lambda plan, wanted: (plan.request and plan.request.method, wanted),
    "url": lambda plan, wanted: (_address(plan), wanted),
    "path": lambda plan, wanted: (urlsplit(_address(plan)).path, wanted),
    "headers": _headers,
    "body": _body,
    "problems": _problems,
    "notes": lambda plan, wanted: (list(plan.notes), wanted),
    "receipt": _receipt,
    "added": lambda plan, wanted: ({one.field: one.value for one in plan.receipt.added}, wanted),
    "host": lambda plan, wanted: (plan.host, wanted),
    "paid_calls": lambda plan, wanted: (plan.paid_calls, wanted),
}
