"""What the gateway writes down of each request: all there is to know, and no prompt, no key, no
signature."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

import pytest
from imagekit_sandbox.serving import Rule

from imagekit import Alias
from imagekit_gateway.serving.serving import Plain

AUDIT = "imagekit.gateway.audit"
PROMPT = "a secret corgi"
POSTER = Alias("seedream-4.5", hosts=("token360", "powertokens"), failover=True)


@pytest.fixture(autouse=True)
def listening(caplog: Any) -> None:
    caplog.set_level(logging.INFO, AUDIT)


@pytest.fixture
def lines(caplog: Any) -> Any:
    """So many lines, once they are written down, which is after the answer."""

    def wait(count: int = 1) -> list[Any]:
        while len(found := [one for one in caplog.records if one.name == AUDIT]) < count:
            time.sleep(0.01)
        return [json.loads(record.getMessage()) for record in found]

    return wait


def test_a_picture_is_written_down_with_who_and_how_much(served: Any, lines: Any) -> None:
    made = served.generate(model="seedream-4.5", prompt=PROMPT)
    (line,) = lines()
    assert line.pop("seconds") > 0
    assert line == {
        "id": made.headers["X-Request-Id"],
        "from": "127.0.0.1",
        "method": "POST",
        "path": "/v1/images/generations",
        "status": 200,
        "key": "mary",
        "model": "seedream-4.5",
        "route": "powertokens:seedream-4.5",
        "host": "powertokens",
        "charged": "yes",
        "cost": "0.038",
    }


@pytest.mark.parametrize("upstreams", [[Rule("lost")]], indirect=True)
def test_what_went_wrong_is_written_down_with_whether_it_was_paid_for(
    served: Any, lines: Any
) -> None:
    served.generate(prompt=PROMPT)
    (line,) = lines()
    assert (line["status"], line["error"], line["charged"]) == (424, "outcome_unknown", "maybe")


@pytest.mark.parametrize("upstreams", [[Rule("429", host="token360")]], indirect=True)
def test_of_a_host_that_failed_and_another_was_asked_the_error_is_written_down(
    serving: Any, lines: Any
) -> None:
    served = serving(models={"poster": POSTER})
    made = served.generate(model="poster", prompt=PROMPT)
    moved, line = lines(2)
    assert moved == {
        "id": made.headers["X-Request-Id"],
        "failed": "token360:seedream-4.5",
        "asked": "powertokens:seedream-4.5",
        "error": "RateLimited",
        "status": 429,
        "code": "429",
    }
    assert (line["id"], line["host"]) == (moved["id"], "powertokens")


def test_a_line_of_the_log_steers_no_terminal_and_is_one() -> None:
    said = "no\x1b]0;owned\x07\u202e\n2026-01-01 ERROR imagekit nothing was charged"
    record = logging.makeLogRecord({"msg": "%s", "args": (said,)})
    line = Plain("%(name)s %(message)s").format(record)
    assert not {"\x1b", "\x07", "\u202e"} & {*line}
    assert line.splitlines()[1].startswith("  2026")


def test_nobody_is_written_down_for_somebody_else(served: Any, lines: Any) -> None:
    served.generate("ik-wrong", prompt=PROMPT)
    (line,) = lines()
    assert (line["status"], line["error"]) == (401, "invalid_api_key")
    assert "key" not in line


def test_neither_a_prompt_nor_a_key_nor_a_signature_is_written_down(
    served: Any, lines: Any, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    url = served.generate(prompt=PROMPT, size="1K").json["data"][0]["url"]
    served.generate(prompt=PROMPT, size="1x1")
    served.generate(prompt=PROMPT, size="1K", stream=True)
    served.ask("GET", url, headers={"Authorization": ""})
    served.get("/v1/images")
    signature = url.partition("sig=")[2]
    lines(5)
    written = [one.getMessage() for one in caplog.records if one.name.startswith("imagekit")]
    for secret in (PROMPT, served.key, signature):
        assert [line for line in written if secret in line] == []


def test_prompts_are_written_down_where_that_is_asked_for(serving: Any, lines: Any) -> None:
    served = serving(audit_prompts=True)
    served.generate(prompt=PROMPT, size="1K")
    assert lines()[0]["prompt"] == PROMPT
