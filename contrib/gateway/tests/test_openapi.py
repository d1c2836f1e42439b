"""The description of the API, beside what the gateway really takes and answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from imagekit_sandbox.serving import Rule
from jsonschema import Draft202012Validator, ValidationError
from openapi_spec_validator import validate

from imagekit_gateway.openapi.openapi import described
from imagekit_gateway.serving.routes import ROUTES
from imagekit_gateway.requests.words import WORDS
from imagekit_store import Limits

DOCUMENT = described(ROUTES, "https://images.example.com")
#: Seedream 4.5 gives no answer, for which it is paid.
LOST = [Rule("lost", model="seedream-4-5-*")]


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


OPERATIONS = dict(operations())


# --- as a document -------------------------------------------------------------------------------


def test_it_is_openapi() -> None:
    validate(json.loads(json.dumps(DOCUMENT)))


def test_it_has_every_route_and_nothing_else() -> None:
    routes = {route.name.replace("<path:", "<") for route in ROUTES}
    assert {name.replace("{", "<").replace("}", ">") for name in OPERATIONS} == routes


def test_every_operation_has_a_name_of_its_own_and_a_sentence() -> None:
    assert len({one["operationId"] for one in OPERATIONS.values()}) == len(OPERATIONS)
    assert [name for name, one in OPERATIONS.items() if not one["summary"].endswith(".")] == []


def test_a_request_has_the_words_that_are_taken_and_no_others() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["Request"]["properties"].keys() - {"images"} == WORDS
    assert schemas["Form"]["properties"].keys() - {"image[]"} == WORDS


def test_it_is_served_to_anybody_with_the_address_that_they_use(served: Any) -> None:
    answer = served.ask("GET", "/openapi.json", headers={"Authorization": ""})
    assert answer.json == {**DOCUMENT, "servers": [{"url": served.url}]}


# --- as the answers are --------------------------------------------------------------------------


def closed(schema: Any) -> Any:
    """The same, which nothing fits that has more members than it names."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {name: closed(one) for name, one in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        schema["additionalProperties"] = False
    return schema


COMPONENTS = closed(deepcopy(DOCUMENT["components"]))


def fits(name: str, document: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": COMPONENTS}
    Draft202012Validator(schema).validate(document)


def as_described(operation: str, status: int, answer: Any) -> None:
    """Whether this is an answer that the description tells of."""
    assert answer.status == status, answer.body
    told = OPERATIONS[operation]["responses"][str(status)]
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if not told.get("content"):
        assert answer.body == b""
        return
    kinds = [one for one in told["content"] if one in (kind, kind.partition("/")[0] + "/*")]
    assert kinds, (kind, told)
    schema = told["content"][kinds[0]]["schema"]
    if "$ref" in schema:
        fits(schema["$ref"].rpartition("/")[2], answer.json)
    own = {name for name in answer.headers if name.startswith(("Imagekit-", "Idempotent-"))}
    assert own <= {"Imagekit-Record", "Imagekit-Charged", *told.get("headers", ())}


#: What the description has and no case here gives, and why.
NOT_SEEN = {
    ("GET /", 308): "see test_the_page_is_below_a_path_and_not_beside_it",
    ("POST /v1/images/generations", 409): "two very same requests in one and the same moment",
    ("GET /metrics", 404): "what counts is installed with the tests",
}


class Client:
    """Who asks for everything that there is."""

    def __init__(self, served: Any, folder: Path) -> None:
        self.served, self.folder = served, folder

    def make(self, **fields: Any) -> Any:
        return self.served.generate(**fields)

    def made(self, **fields: Any) -> str:
        """The id of a request that is over."""
        answer = self.make(**fields)
        return str(answer.headers["Imagekit-Record"])

    def by(self, limits: Limits | None = None, **settings: Any) -> str:
        return str(self.served.new_key("another", limits, **settings))

    def get(self, path: str, **more: Any) -> Any:
        return self.served.get(path, **more)

    def too_often(self) -> Any:
        key = self.by(Limits(rpm=1))
        self.make(key=key)
        return self.make(key=key)

    def plan(self, key: str | None = None, **fields: Any) -> Any:
        return self.served.ask("POST", "/v1/images/plan", {**ASKED, **fields}, key)

    def again(self, path: str) -> Any:
        return self.get(path, headers={"If-None-Match": self.get(path).headers["ETag"]})

    def too_large(self, route: str = "generations") -> Any:
        gateway = self.served.gateway
        gateway.settings = evolve(gateway.settings, most_body=20)
        return self.served.ask("POST", f"/v1/images/{route}", ASKED)

    def over_budget(self) -> Any:
        return self.make(key=self.by(Limits(budget="0.01")))

    def bytes_of(self, id: str, **headers: str) -> Any:
        return self.get(f"/v1/images/{id}/content?format=binary", headers=headers)

    def bytes_again(self, id: str) -> Any:
        etag = self.bytes_of(id).headers["ETag"]
        return self.bytes_of(id, **{"If-None-Match": etag})

    def other_kind(self, route: str = "generations") -> Any:
        headers = {"Content-Type": "text/plain"}
        return self.served.ask("POST", f"/v1/images/{route}", b"a corgi", headers=headers)

    def as_operator(self, method: str, path: str, body: Any = None) -> Any:
        return self.served.ask(method, path, body, self.by(operator=True))

    def priced(self) -> str:
        return self.made(model="seedream-5.0-lite")

    def lost(self) -> str:
        return self.made(model="seedream-4.5")

    def settle(self, id: str) -> Any:
        said = {"charged": "yes", "cost": {"amount": "0.04", "currency": "USD"}, "reason": "bill"}
        return self.as_operator("POST", f"/v1/images/{id}/settle", said)

    def not_stored(self, method: str, path: str, body: Any = None) -> Any:
        """While the file of the store is not where it was."""
        database = self.folder / "store.db"
        away = database.rename(self.folder / "away.db")
        answer = self.served.ask(method, path, body)
        away.rename(database)
        return answer


def asking(operation: str) -> tuple[str, str]:
    """The method and an address of an operation."""
    method, _, path = operation.partition(" ")
    return method, path.format(id="img_none", name="nobody") if "{" in path else path


def for_operators(operation: str) -> Iterator[Any]:
    """What is answered to those who may not, and without a store."""
    method, path = asking(operation)
    yield operation, 401, lambda me: me.served.ask(method, path, **NOBODY)
    yield operation, 403, lambda me: me.served.ask(method, path)
    yield operation, 503, lambda me: me.not_stored(method, path)


def with_a_body(operation: str) -> Iterator[Any]:
    """What is answered to bodies that can't be read."""
    method, path = asking(operation.replace("{name}", "mary"))
    large = {"name": "x" * 70_000}
    yield operation, 400, lambda me: me.as_operator(method, path, {"colour": "red"})
    yield operation, 413, lambda me: me.as_operator(method, path, large)
    yield operation, 415, lambda me: me.as_operator(method, path, b"colour=red")


MAKE, EDIT = "POST /v1/images/generations", "POST /v1/images/edits"
PLAN, FILE = "POST /v1/images/plan", "GET /page/{name}"
VARY, LIST = "POST /v1/images/variations", "GET /v1/images"
GET, DELETE = "GET /v1/images/{id}", "DELETE /v1/images/{id}"
CONTENT, MODELS, MODEL = "GET /v1/images/{id}/content", "GET /v1/models", "GET /v1/models/{name}"
METRICS = "GET /metrics"
OWN, KEYS, ADD = "GET /v1/key", "GET /v1/keys", "POST /v1/keys"
CHANGE, REVOKE = "POST /v1/keys/{name}", "DELETE /v1/keys/{name}"
COSTS, OPEN, SETTLE = "GET /v1/costs", "GET /v1/open", "POST /v1/images/{id}/settle"
NOBODY = {"headers": {"Authorization": ""}}
LIMITS = Limits(rpm=9, at_once=2, budget="5")
ASKED = {"model": "seedream-4.0", "prompt": "a corgi"}

CASES: list[tuple[str, int, Callable[[Client], Any]]] = [
    (MAKE, 200, lambda me: me.make(n=2, style="vivid", watermark=True)),
    (MAKE, 200, lambda me: me.make(response_format="b64_json")),
    (MAKE, 200, lambda me: me.make(stream=True)),
    (MAKE, 200, lambda me: [me.make(headers={"Idempotency-Key": "k"}) for _ in "12"][1]),
    (MAKE, 202, lambda me: me.make(headers={"Prefer": "respond-async"})),
    (MAKE, 400, lambda me: me.make(prompt="", size="100x100", colour="red")),
    (MAKE, 401, lambda me: me.served.ask("POST", "/v1/images/generations", ASKED, **NOBODY)),
    (MAKE, 402, lambda me: me.over_budget()),
    (MAKE, 403, lambda me: me.make(key=me.by(models=["kling-*"]))),
    (MAKE, 404, lambda me: me.make(model="seedream-9")),
    (MAKE, 413, lambda me: me.too_large()),
    (MAKE, 415, lambda me: me.other_kind()),
    (MAKE, 424, lambda me: me.make(model="seedream-4.5")),
    (MAKE, 429, lambda me: me.too_often()),
    (MAKE, 503, lambda me: me.not_stored("POST", "/v1/images/generations", ASKED)),
    (PLAN, 200, lambda me: me.plan(style="vivid", image={"media_type": "image/png"})),
    (PLAN, 400, lambda me: me.plan(size="100x100")),
    (PLAN, 401, lambda me: me.served.ask("POST", "/v1/images/plan", ASKED, **NOBODY)),
    (PLAN, 402, lambda me: me.plan(key=me.by(Limits(budget="0.01")))),
    (PLAN, 403, lambda me: me.plan(key=me.by(models=["kling-*"]))),
    (PLAN, 404, lambda me: me.plan(model="seedream-9")),
    (PLAN, 413, lambda me: me.too_large("plan")),
    (PLAN, 415, lambda me: me.other_kind("plan")),
    (PLAN, 503, lambda me: me.not_stored("POST", "/v1/images/plan", ASKED)),
    (VARY, 401, lambda me: me.served.ask("POST", "/v1/images/variations", {}, **NOBODY)),
    (VARY, 503, lambda me: me.not_stored("POST", "/v1/images/variations", {})),
    (VARY, 404, lambda me: me.served.ask("POST", "/v1/images/variations", {})),
    (LIST, 200, lambda me: (me.made(), me.made(model="seedream-4.5"), me.get("/v1/images"))[-1]),
    (LIST, 200, lambda me: me.get("/v1/images")),
    (
        LIST,
        200,
        lambda me: (me.made(), me.get("/v1/images?q=Corgi&state=done&since=2026-01-01"))[-1],
    ),
    (LIST, 400, lambda me: me.get("/v1/images?limit=1000")),
    (LIST, 401, lambda me: me.get("/v1/images", **NOBODY)),
    (LIST, 503, lambda me: me.not_stored("GET", "/v1/images")),
    (GET, 200, lambda me: me.get(f"/v1/images/{me.made(size='2048x2048')}")),
    (GET, 200, lambda me: me.get(f"/v1/images/{me.made(model='seedream-4.5')}")),
    (GET, 400, lambda me: me.get(f"/v1/images/{me.made()}?wait=100")),
    (GET, 401, lambda me: me.get("/v1/images/x", **NOBODY)),
    (GET, 404, lambda me: me.get("/v1/images/x")),
    (GET, 503, lambda me: me.not_stored("GET", "/v1/images/x")),
    (CONTENT, 200, lambda me: me.get(f"/v1/images/{me.made()}/content?format=binary")),
    (CONTENT, 200, lambda me: me.get(f"/v1/images/{me.made()}/content?format=url")),
    (CONTENT, 206, lambda me: me.bytes_of(me.made(), Range="bytes=0-99")),
    (CONTENT, 304, lambda me: me.bytes_again(me.made())),
    (CONTENT, 416, lambda me: me.bytes_of(me.made(), Range="bytes=99999999-")),
    (CONTENT, 302, lambda me: me.get(f"/v1/images/{me.made()}/content")),
    (CONTENT, 400, lambda me: me.get(f"/v1/images/{me.made()}/content?format=gif")),
    (CONTENT, 401, lambda me: me.get("/v1/images/x/content", **NOBODY)),
    (CONTENT, 403, lambda me: me.get("/v1/images/x/content?exp=1&sig=0", **NOBODY)),
    (CONTENT, 404, lambda me: me.get("/v1/images/x/content")),
    (CONTENT, 503, lambda me: me.not_stored("GET", "/v1/images/x/content")),
    (DELETE, 200, lambda me: me.served.ask("DELETE", f"/v1/images/{me.made()}")),
    (DELETE, 401, lambda me: me.served.ask("DELETE", "/v1/images/x", **NOBODY)),
    (DELETE, 404, lambda me: me.served.ask("DELETE", "/v1/images/x")),
    (
        DELETE,
        409,
        lambda me: me.served.ask("DELETE", f"/v1/images/{me.made(model='seedream-4.5')}"),
    ),
    (DELETE, 503, lambda me: me.not_stored("DELETE", "/v1/images/x")),
    (MODELS, 200, lambda me: me.get("/v1/models?capabilities=true")),
    (MODELS, 400, lambda me: me.get("/v1/models?capabilities=some")),
    (MODELS, 401, lambda me: me.get("/v1/models", **NOBODY)),
    (MODELS, 503, lambda me: me.not_stored("GET", "/v1/models")),
    (MODEL, 200, lambda me: me.get("/v1/models/powertokens:seedream-4.0")),
    (MODEL, 401, lambda me: me.get("/v1/models/x", **NOBODY)),
    (MODEL, 404, lambda me: me.get("/v1/models/x")),
    (MODEL, 503, lambda me: me.not_stored("GET", "/v1/models/x")),
    (METRICS, 200, lambda me: me.get("/metrics", key=me.by(operator=True))),
    (METRICS, 401, lambda me: me.get("/metrics", **NOBODY)),
    (METRICS, 403, lambda me: me.get("/metrics")),
    (METRICS, 503, lambda me: me.not_stored("GET", "/metrics")),
    (OWN, 200, lambda me: me.get("/v1/key")),
    (OWN, 200, lambda me: me.get("/v1/key", key=me.by(LIMITS, keep=False, models=["x"]))),
    (OWN, 401, lambda me: me.get("/v1/key", **NOBODY)),
    (OWN, 503, lambda me: me.not_stored("GET", "/v1/key")),
    (KEYS, 200, lambda me: (me.made(), me.as_operator("GET", "/v1/keys"))[-1]),
    (ADD, 201, lambda me: me.as_operator("POST", "/v1/keys", {"name": "new", "expires": "1d"})),
    (ADD, 409, lambda me: me.as_operator("POST", "/v1/keys", {"name": "mary"})),
    (CHANGE, 200, lambda me: me.as_operator("POST", "/v1/keys/mary", {"budget": "5"})),
    (CHANGE, 404, lambda me: me.as_operator("POST", "/v1/keys/nobody", {})),
    (REVOKE, 200, lambda me: me.as_operator("DELETE", "/v1/keys/mary")),
    (REVOKE, 404, lambda me: me.as_operator("DELETE", "/v1/keys/nobody")),
    (COSTS, 200, lambda me: (me.lost(), me.priced(), me.get("/v1/costs"))[-1]),
    (COSTS, 400, lambda me: me.get("/v1/costs?by=colour")),
    (COSTS, 401, lambda me: me.get("/v1/costs", **NOBODY)),
    (COSTS, 403, lambda me: me.get("/v1/costs?key=bob")),
    (COSTS, 503, lambda me: me.not_stored("GET", "/v1/costs")),
    (OPEN, 200, lambda me: (me.lost(), me.as_operator("GET", "/v1/open"))[-1]),
    (OPEN, 400, lambda me: me.as_operator("GET", "/v1/open?limit=0")),
    (SETTLE, 200, lambda me: me.settle(me.lost())),
    (SETTLE, 404, lambda me: me.settle("img_none")),
    (SETTLE, 409, lambda me: me.settle(me.made())),
    *[case for name in (KEYS, ADD, CHANGE, REVOKE, OPEN, SETTLE) for case in for_operators(name)],
    *[case for name in (ADD, CHANGE, SETTLE) for case in with_a_body(name)],
    ("GET /healthz", 200, lambda me: me.get("/healthz", **NOBODY)),
    ("GET /readyz", 200, lambda me: me.get("/readyz", **NOBODY)),
    ("GET /readyz", 503, lambda me: me.not_stored("GET", "/readyz")),
    ("GET /openapi.json", 200, lambda me: me.get("/openapi.json", **NOBODY)),
    ("GET /", 200, lambda me: me.get("/", **NOBODY)),
    ("GET /", 304, lambda me: me.again("/")),
    (FILE, 200, lambda me: me.get("/page/style.css", **NOBODY)),
    (FILE, 304, lambda me: me.again("/page/style.css")),
    (FILE, 404, lambda me: me.get("/page/start.py", **NOBODY)),
]


@pytest.mark.parametrize("upstreams", [LOST], indirect=True)
@pytest.mark.parametrize(
    ("operation", "status", "ask"), CASES, ids=[f"{one[0]} {one[1]}" for one in CASES]
)
def test_what_is_answered_is_as_it_is_described(
    served: Any, tmp_path: Path, operation: str, status: int, ask: Any
) -> None:
    as_described(operation, status, ask(Client(served, tmp_path)))


def test_every_status_that_is_described_has_been_seen() -> None:
    """An edit is answered as a generation is."""
    told = {
        (name, int(status))
        for name, operation in OPERATIONS.items()
        for status in operation["responses"]
        if name != EDIT
    }
    assert {case[:2] for case in CASES} | NOT_SEEN.keys() == told


# --- what has no description of its own ----------------------------------------------------------


def test_edits_are_described_as_generations_are(served: Any, data_url: str) -> None:
    answer = served.ask("POST", "/v1/images/edits", {**ASKED, "image": data_url})
    as_described(EDIT, 200, answer)
    told = OPERATIONS[EDIT]["responses"]
    assert told == OPERATIONS[MAKE]["responses"]


@pytest.mark.parametrize("format", ["url", "b64_json"])
def test_events_are_as_they_are_described(served: Any, format: str) -> None:
    answer = served.generate(n=2, stream=True, response_format=format)
    lines = answer.body.decode().splitlines()
    events = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
    assert len(events) == 2
    for event in events:
        fits("Completed", event)


@pytest.mark.parametrize("upstreams", [LOST], indirect=True)
def test_the_error_at_the_end_of_a_stream_is_described(served: Any) -> None:
    answer = served.generate(model="seedream-4.5", stream=True)
    (line,) = [one for one in answer.body.decode().splitlines() if one.startswith("data: ")]
    fits("StreamError", json.loads(line[6:]))


@pytest.mark.parametrize("upstreams", [[Rule("moderated-item:2")]], indirect=True)
def test_a_picture_that_did_not_come_is_described_in_every_dialect(served: Any) -> None:
    group = {"prompt": "three corgis", "sequential_image_generation": "auto"}
    key = served.new_key("pages", dialect="powertokens")
    for one in (served.key, key):
        fits("Answer", served.generate(key=one, **group).json)


def test_what_is_not_described_does_not_fit() -> None:
    """Or else all of this would show nothing."""
    with pytest.raises(ValidationError):
        fits("Health", {"status": "ok", "more": 1})
