"""Pages of other origins, and the methods that browsers and probes use."""

from __future__ import annotations

from typing import Any

import pytest

PAGE = "https://app.example.com"
PREFLIGHT = {
    "Authorization": "",
    "Origin": PAGE,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, content-type, x-stainless-lang",
}
PATH = "/v1/images/generations"


def test_no_page_may_ask_unless_it_is_configured(served: Any) -> None:
    asked = served.get("/v1/models", headers={"Origin": PAGE})
    before = served.ask("OPTIONS", PATH, headers=PREFLIGHT)
    for answer in (asked, before):
        assert [name for name in answer.headers if name.startswith("Access-Control-")] == []


@pytest.mark.parametrize("cors", [(PAGE,), ("*",)])
def test_a_page_that_is_configured_may_ask_and_read_the_answer(serving: Any, cors: Any) -> None:
    served = serving(cors=cors)
    before = served.ask("OPTIONS", PATH, headers=PREFLIGHT)
    assert before.status == 204
    assert before.headers["Access-Control-Allow-Origin"] == PAGE
    assert "POST" in before.headers["Access-Control-Allow-Methods"]
    assert before.headers["Access-Control-Allow-Headers"] == "Authorization, *"
    refused = served.generate(headers={"Origin": PAGE}, size="1x1")
    assert refused.headers["Access-Control-Allow-Origin"] == PAGE
    assert "x-should-retry" in refused.headers["Access-Control-Expose-Headers"]
    assert refused.headers["Vary"] == "Origin"


def test_a_page_of_another_origin_may_not(serving: Any) -> None:
    served = serving(cors=(PAGE,))
    asked = served.get("/v1/models", headers={"Origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in asked.headers
    assert asked.headers["Vary"] == "Origin"


@pytest.mark.parametrize("path", ["/v1/keys", "/v1/keys/mary", "/v1/images/img_1/settle"])
def test_what_operators_do_is_for_no_other_page_whatever_is_configured(
    serving: Any, path: str
) -> None:
    served = serving(cors=("*",))
    key = served.new_key("boss", operator=True)
    before = served.ask("OPTIONS", path, headers=PREFLIGHT)
    asked = served.ask("POST", path, {}, key, {"Origin": PAGE})
    for answer in (before, asked):
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_nothing_is_remembered_by_a_browser_that_would_ask_for_its_owner(served: Any) -> None:
    """No cookie, no password of the browser's own: a page of somebody else has nothing to use."""
    for answer in (served.generate(), served.get("/"), served.get("/v1/keys"), served.get("/x")):
        assert "Set-Cookie" not in answer.headers
        assert "Basic" not in answer.headers.get("WWW-Authenticate", "")
    cookie = {"Authorization": "", "Cookie": f"key={served.key}; session={served.key}"}
    assert served.get("/v1/images", headers=cookie).status == 401


def test_options_ask_for_no_key_and_do_nothing(served: Any, sent: Any) -> None:
    told = served.ask("OPTIONS", PATH, headers={"Authorization": ""})
    assert (told.status, told.body) == (204, b"")
    assert told.headers["Allow"] == "GET, POST, DELETE, OPTIONS"
    assert sent() is None


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json", "/", "/v1/models"])
def test_head_says_what_get_would(served: Any, path: str) -> None:
    got, told = served.get(path), served.ask("HEAD", path)
    assert (told.status, told.body) == (got.status, b"")
    for name in ("Content-Type", "Content-Length"):
        assert told.headers.get(name) == got.headers.get(name)


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/v1/models"])
def test_every_answer_is_safe_and_has_an_id(served: Any, path: str) -> None:
    headers = served.get(path, key="none").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    policy = headers["Content-Security-Policy"].split("; ")
    assert policy[0] == "default-src 'none'"
    assert {"require-trusted-types-for 'script'", "frame-ancestors 'none'"} <= {*policy}
    assert not [one for one in policy if "unsafe" in one or "http" in one]
    assert headers["X-Request-Id"].startswith("img_")
