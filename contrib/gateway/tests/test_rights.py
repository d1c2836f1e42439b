"""What a key may do, and what it has nothing to do with."""

from __future__ import annotations

from typing import Any

import pytest

from imagekit_gateway.gateway import callers
from imagekit_gateway.serving.routes import ROUTES
from imagekit_store import Keys

SMALL = {"size": "1K"}


# --- models ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model", ["seedream-4.0", "seedream-4-0-250828", "powertokens:seedream-4.0", "gpt-image-1"]
)
def test_a_key_asks_for_its_models_by_any_of_their_names(served: Any, model: str) -> None:
    key = served.new_key("mine", models=["seedream-4.*"])
    assert served.generate(key, model=model, **SMALL).status == 200


def test_a_key_does_not_ask_for_other_models(served: Any, sent: Any) -> None:
    key = served.new_key("mine", models=["seedream-4.*"])
    refused = served.generate(key, model="zai:glm-image")
    assert (refused.status, refused.error["code"]) == (403, "model_not_allowed")
    told = "this key may not ask for zai:glm-image, but for seedream-4.*"
    assert refused.error["message"] == told
    assert sent() is None


def test_a_key_is_shown_its_own_models_alone(served: Any) -> None:
    key = served.new_key("mine", models=["seedream-4.5"])
    listed = [one["id"] for one in served.get("/v1/models", key=key).json["data"]]
    assert "seedream-4.5" in listed
    assert [name for name in listed if "seedream-4.5" not in name] == []
    assert served.get("/v1/models/seedream-4.5", key=key).status == 200
    assert served.get("/v1/models/zai:glm-image", key=key).status == 404


# --- native, operators, formats, keeping ----------------------------------------------------------


def test_fields_that_nobody_checks_are_sent_for_keys_that_may(served: Any, sent: Any) -> None:
    key = served.new_key("trusted", native=True)
    assert served.generate(key, native={"user": "x"}, **SMALL).status == 200
    assert sent()["user"] == "x"


def test_numbers_of_the_gateway_are_for_operators(served: Any) -> None:
    assert served.get("/metrics").status == 403
    operator = served.new_key("operator", operator=True)
    assert served.get("/metrics", key=operator).status == 200


def test_a_key_may_have_a_format_of_its_own(served: Any) -> None:
    key = served.new_key("inline", response_format="b64_json")
    assert "b64_json" in served.generate(key, **SMALL).json["data"][0]
    assert "url" in served.generate(key, response_format="url", **SMALL).json["data"][0]


def test_where_pictures_are_not_kept_the_links_of_the_host_are_passed_on(
    served: Any, upstreams: Any
) -> None:
    key = served.new_key("passing", keep=False)
    made = served.generate(key, **SMALL)
    url = made.json["data"][0]["url"]
    assert url.startswith(upstreams.url)
    record = f"/v1/images/{made.json['metadata']['id']}"
    assert served.get(f"{record}/content", key=key).headers["Location"] == url
    refused = served.get(f"{record}/content?format=binary", key=key)
    assert (refused.status, refused.error["code"]) == (404, "not_kept")


# --- other keys' records --------------------------------------------------------------------------

OF_A_RECORD = [one for one in ROUTES if "<id>" in one.path and one.door != "operator"]


@pytest.mark.parametrize("route", OF_A_RECORD, ids=[route.name for route in OF_A_RECORD])
def test_of_another_keys_record_nobody_is_told_that_it_is_there(served: Any, route: Any) -> None:
    id = served.generate(**SMALL).json["metadata"]["id"]
    other = served.new_key("other")
    theirs, none = (
        served.ask(route.method, route.path.replace("<id>", one), key=other)
        for one in (id, "img_none")
    )
    assert theirs.status == none.status == 404
    assert theirs.error["message"].replace(id, "img_none") == none.error["message"]
    assert served.get(f"/v1/images/{id}").status == 200


def test_what_went_out_with_its_answer_and_is_not_kept_is_no_failure(served: Any) -> None:
    """Of a host that answers with bytes, which nobody can be given twice."""
    key = served.new_key("passing", keep=False)
    asked = {"model": "sandbox:nano-banana", "response_format": "b64_json"}
    headers = {"Idempotency-Key": "k", "Prefer": "respond-async"}
    made = served.generate(key, headers, **asked)
    assert (made.status, [*made.json["data"][0]][-1]) == (200, "b64_json")
    record = served.get(f"/v1/images/{made.json['metadata']['id']}", key=key).json
    assert (record["status"], record["error"], record["url"]) == ("completed", None, None)
    again = served.generate(key, headers, **asked)
    assert (again.status, again.error["code"]) == (424, "not_kept")
    assert again.headers["Location"] == f"/v1/images/{record['id']}"


# --- keys that change -----------------------------------------------------------------------------


def test_a_key_that_is_revoked_is_refused_from_then_on(served: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(callers, "FRESH", 0.0)
    key = served.new_key("leaver")
    assert served.get("/v1/models", key=key).status == 200
    Keys(served.store).revoke("leaver")
    assert served.get("/v1/models", key=key).status == 401


def test_a_right_that_this_gateway_has_not_heard_of_is_none_to_be_guessed(served: Any) -> None:
    key = served.new_key("newer", may_fly=True)
    refused = served.generate(key, **SMALL)
    assert (refused.status, refused.error["code"]) == (503, "outdated")
    assert "may_fly" not in refused.body.decode()
