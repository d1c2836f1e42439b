"""What each route takes and answers, for the description of the API."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen
from imagekit_store import RequestState

from imagekit_gateway.answers.content import LONGEST
from imagekit_gateway.openapi.schema import Schema, ref, text, whole

__all__ = ["HEADERS", "REFUSALS", "Operation", "refusal"]


@frozen(eq=False)
class Operation:
    """
    Attributes:
        id: by which clients that are made of the description call it.
        answers: by their status, with its description.
        refused: the statuses of `REFUSALS` that it may have.
        parameters: those of the query, and headers.
        body: what it is sent, by its media type.
    """

    id: str
    answers: Mapping[str, Schema]
    refused: tuple[str, ...] = ()
    parameters: tuple[Schema, ...] = ()
    body: Mapping[str, Schema] = field(factory=dict)

    @property
    def query(self) -> tuple[str, ...]:
        """The names of the fields of the query."""
        return tuple(one["name"] for one in self.parameters if one["in"] == "query")


#: What a refusal of each status means.
REFUSALS = {
    "400": "Something is wrong with the request; error.problems has all of it.",
    "401": "There is no good key.",
    "402": "The budget of the key is used up, or nobody knows what this would cost.",
    "403": "The key may not do this, or the link has expired.",
    "404": "There is no such model, no such key, or no such record of this key.",
    "409": "It is not in a state in which this can be done; nothing was charged.",
    "413": "The body is too large.",
    "415": "The body is of a kind that is not read.",
    "416": "There is no such range.",
    "424": "It was charged, or may have been, and there is no picture: do not send it again.",
    "429": "A limit is reached; nothing was charged.",
    "503": "Nothing was charged, and a host, the store or the set-up is in the way.",
}

#: Headers of every answer; then of those with pictures, and of refusals.
_OF_ALL = {"X-Request-Id": "Which line of the log is this request's."}
_OF_PICTURES = {
    "Imagekit-Record": "Of the record: GET /v1/images/{id}.",
    "Imagekit-Host": "Who drew.",
    "Imagekit-Charged": "no, maybe or yes.",
    "Imagekit-Cost": "Such as 0.04 USD; unknown where nobody says.",
    "Imagekit-Dropped": "Parameters that the model has not.",
    "Idempotent-Replayed": "true: it was made before, and nothing was bought.",
}
_OF_REFUSALS = {
    "x-should-retry": "true or false: whether the same may be sent again.",
    "Retry-After": "After so many seconds, where that is known.",
    "Imagekit-Charged": _OF_PICTURES["Imagekit-Charged"],
    "Imagekit-Record": _OF_PICTURES["Imagekit-Record"],
    "Location": "Of the record, where there is one.",
}
HEADERS = {**_OF_ALL, **_OF_PICTURES, **_OF_REFUSALS}


def refusal(status: str) -> Schema:
    """What is answered with this status, one of `REFUSALS`."""
    return _json("Error", REFUSALS[status], *_OF_REFUSALS)


def _json(name: str, description: str, *headers: str) -> Schema:
    return _content({"application/json": ref(name)}, description, *headers)


def _content(kinds: Mapping[str, Schema], description: str, *headers: str) -> Schema:
    told = {kind: {"schema": schema} for kind, schema in kinds.items()}
    named = {name: {"$ref": f"#/components/headers/{name}"} for name in (*_OF_ALL, *headers)}
    return {"description": description, "content": told, "headers": named}


def _query(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "schema": schema}


def _header(name: str, description: str) -> Schema:
    return {"name": name, "in": "header", "schema": text(description)}


# --- pictures ------------------------------------------------------------------------------------

_PICTURES = _content(
    {"application/json": ref("Answer"), "text/event-stream": text("Events of pictures.")},
    "The pictures; with stream, events: PartialImage, Completed, StreamError.",
    *_OF_PICTURES,
)


def _making(id: str) -> Operation:
    return Operation(
        id,
        {
            "200": _PICTURES,
            "202": _json("ListedRecord", "Written down, to be made.", "Location", "Retry-After"),
        },
        ("400", "401", "402", "403", "404", "409", "413", "415", "424", "429", "503"),
        (
            _header("Idempotency-Key", "The same request when it is: answered once more."),
            _header("Prefer", "respond-async, wait=10: a record at once, or after 10 seconds."),
        ),
        {"application/json": ref("Request"), "multipart/form-data": ref("Form")},
    )


GENERATE = _making("createImage")
EDIT = _making("createImageEdit")
PLAN = Operation(
    "planImage",
    {"200": _json("Plan", "What would be sent, and what it would cost.")},
    ("400", "401", "402", "403", "404", "413", "415", "503"),
    body={"application/json": ref("PlanRequest"), "multipart/form-data": ref("Form")},
)
VARY = Operation("createImageVariation", {}, ("401", "404", "503"))

# --- records -------------------------------------------------------------------------------------

LIST = Operation(
    "listImages",
    {"200": _json("Records", "A page of them.")},
    ("400", "401", "503"),
    (
        _query("limit", whole("How many.", minimum=1, maximum=100, default=20)),
        _query("after", text("The id of the last one of the page before.")),
        _query("before", text("The id of the first one of the page after.")),
        _query("order", {**text("By time.", "asc", "desc"), "default": "desc"}),
        _query("q", text("A part of the prompt, in any case.")),
        _query("model", text("By its own name, wherever it was asked.")),
        _query("host", text("Who was asked.")),
        _query("state", text("Where it stands.", *RequestState)),
        _query("since", text("Asked at or after: 2026-11-29, or 2026-11-29T12:30 in UTC.")),
        _query("until", text("Asked before.")),
    ),
)
GET = Operation(
    "getImage",
    {"200": _json("Record", "The record.")},
    ("400", "401", "404", "503"),
    (_query("wait", whole("Seconds, for its end.", minimum=0, maximum=60, default=0)),),
)
_BYTES = _content({"image/*": {}}, "The bytes that were asked for.")
CONTENT = Operation(
    "getImageContent",
    {
        "200": _content(
            {"image/*": {}, "application/json": ref("Link")},
            "The bytes; or with format=url, where they are.",
        ),
        "206": _BYTES,
        "302": {"description": "Where the bytes are."},
        "304": {"description": "They are what you have."},
    },
    ("400", "401", "403", "404", "416", "503"),
    (
        _query("place", whole("Which picture.", minimum=0, default=0)),
        _query("format", {**text("How.", "redirect", "url", "binary"), "default": "redirect"}),
        _query(
            "longest",
            whole(
                "A small WebP, with so many pixels on its longer side; where none can be made, "
                "the picture itself.",
                enum=[*LONGEST],
            ),
        ),
        _query("exp", text("Of a signed link.")),
        _query("sig", text("Of a signed link, which needs no key.")),
    ),
)
DELETE = Operation(
    "deleteImage",
    {"200": _json("Deleted", "It is forgotten.")},
    ("401", "404", "409", "503"),
)

# --- keys, money, and what is open ---------------------------------------------------------------


def _sent(name: str) -> Mapping[str, Schema]:
    return {"application/json": ref(name)}


_FOR_OPERATORS = ("401", "403", "503")
_BODY = ("400", "413", "415", *_FOR_OPERATORS)
OWN_KEY = Operation("getOwnKey", {"200": _json("Key", "The key that asks.")}, ("401", "503"))
KEYS = Operation("listKeys", {"200": _json("Keys", "All of them.")}, _FOR_OPERATORS)
ADD_KEY = Operation(
    "createKey",
    {"201": _json("MadeKey", "It is made; its secret is shown this once.")},
    (*_BODY, "409"),
    body=_sent("NewKey"),
)
CHANGE_KEY = Operation(
    "changeKey",
    {"200": _json("Key", "As it is now.")},
    (*_BODY, "404"),
    body=_sent("KeyChange"),
)
REVOKE_KEY = Operation(
    "revokeKey",
    {"200": _json("Key", "As it is now.")},
    (*_FOR_OPERATORS, "404"),
)
COSTS = Operation(
    "getCosts",
    {"200": _json("Costs", "The sums.")},
    ("400", "401", "403", "503"),
    (
        _query("by", {**text("What for.", "day", "host", "model", "key"), "default": "day"}),
        _query("since", text("Sent then or later: 2026-11-29, or with a time; in UTC.")),
        _query("until", text("Sent before.")),
        _query("key", text("Of this one; for an operator's key, which else sees all.")),
    ),
)
OPEN = Operation(
    "listOpenRequests",
    {"200": _json("OpenRequests", "A page of them.")},
    ("400", *_FOR_OPERATORS),
    (
        _query("limit", whole("How many.", minimum=1, maximum=100, default=20)),
        _query("after", text("The id of the last one of the page before.")),
    ),
)
SETTLE = Operation(
    "settleImage",
    {"200": _json("Settled", "As it stands now.")},
    (*_BODY, "404", "409"),
    body=_sent("Settlement"),
)

# --- models, and the gateway itself --------------------------------------------------------------

MODELS = Operation(
    "listModels",
    {"200": _json("Models", "All that this key may ask for.")},
    ("400", "401", "503"),
    (_query("capabilities", {**text("With all that is known.", "true", "false")}),),
)
MODEL = Operation("getModel", {"200": _json("Model", "The model.")}, ("401", "404", "503"))
DESCRIPTION = Operation(
    "getDescription",
    {"200": _content({"application/json": {"type": "object"}}, "OpenAPI 3.1.")},
)
ALIVE = Operation("isAlive", {"200": _json("Health", "It is.")})
READY = Operation("isReady", {"200": _json("Health", "It is.")}, ("503",))
METRICS = Operation(
    "getMetrics",
    {"200": _content({"text/plain": text()}, "As Prometheus reads it.")},
    ("401", "403", "404", "503"),
)
_UNCHANGED = {"304": {"description": "It is what you have."}}
PAGE = Operation(
    "getPage",
    {
        "200": _content({"text/html": text()}, "The page."),
        **_UNCHANGED,
        "308": {"description": "Below a path of a site: the same, with a slash."},
    },
)
PAGE_FILE = Operation(
    "getPageFile",
    {"200": _content({"text/*": text(), "image/*": {}}, "The file."), **_UNCHANGED},
    ("404",),
)
