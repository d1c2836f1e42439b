"""What goes in and what comes out, as JSON Schema; OpenAPI is made of it."""

from __future__ import annotations

from typing import Any

__all__ = ["OPERATIONS", "SCHEMAS", "answer"]

Schema = dict[str, Any]


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def answer(name: str) -> Schema:
    """The content of an answer in JSON."""
    return {"content": {"application/json": {"schema": _ref(name)}}}


def _text(description: str, *words: str) -> Schema:
    return {"type": "string", "description": description, **({"enum": [*words]} if words else {})}


def _whole(description: str, **more: Any) -> Schema:
    return {"type": "integer", "description": description, **more}


_SOURCE = {"oneOf": [_text("A link, a data URL, or base64."), {"type": "object"}]}

REQUEST: Schema = {
    "type": "object",
    "required": ["prompt"],
    "description": "Further parameters of a model are in its record: GET /v1/models/{name}.",
    "properties": {
        "model": _text("A model, host:model, or an alias; GET /v1/models lists them."),
        "prompt": _text("What to draw."),
        "image": {
            "description": "Reference pictures, in order; how many is the model's to say.",
            "oneOf": [_SOURCE, {"type": "array", "items": _SOURCE}],
        },
        "images": {"type": "array", "items": _SOURCE, "description": "As image."},
        "mask": {**_SOURCE, "description": "What of the first picture to change."},
        "n": _whole("How many pictures.", minimum=1, default=1),
        "size": _text("1024x1024, a tier such as 2K, or auto."),
        "ratio": _text("16:9, alone or with resolution."),
        "resolution": _text("A tier: 1K, 2K, 4K."),
        "quality": _text("As the model has it."),
        "response_format": {
            **_text(
                "How pictures come. By default as url, but as b64_json where OpenAI sends nothing "
                "else: from models named gpt-image-..., and from edits.",
                "url",
                "b64_json",
            ),
        },
        "output_format": _text("png, jpeg, webp."),
        "seed": _whole("The same seed gives similar pictures; -1 is any."),
        "watermark": {"type": "boolean", "description": "Whether the host stamps the picture."},
        "negative_prompt": _text("What not to draw."),
        "sequential_image_generation": _text("A group of pictures.", "auto", "disabled"),
        "sequential_image_generation_options": {
            "type": "object",
            "properties": {"max_images": _whole("The most pictures of a group.", minimum=1)},
        },
        "user": _text("An opaque id of your end user."),
        "stream": {"type": "boolean", "default": False},
        "partial_images": _whole("With stream.", minimum=0, maximum=3),
        "style": _text("Passes; dropped where a model has none."),
        "background": _text("Passes; dropped where a model has none."),
        "moderation": _text("Passes; dropped where a model has none."),
        "options": {"type": "object", "description": "Parameters of one model family."},
        "native": {"type": "object", "description": "Fields sent as they are; some keys may."},
    },
}

USAGE: Schema = {
    "type": "object",
    "required": [
        "input_tokens",
        "input_tokens_details",
        "output_tokens",
        "total_tokens",
        "generated_images",
    ],
    "properties": {
        "input_tokens": _whole("0 where nobody counted; metadata.unknown_usage names it."),
        "input_tokens_details": {
            "type": "object",
            "properties": {"text_tokens": {"type": "integer"}, "image_tokens": {"type": "integer"}},
        },
        "output_tokens": _whole("Of the pictures."),
        "total_tokens": _whole("Of both."),
        "generated_images": _whole("Pictures that were made."),
    },
}

METADATA: Schema = {
    "type": "object",
    "properties": {
        "id": _text("Of the record: GET /v1/images/{id}."),
        "asked_model": _text("The name that was asked for."),
        "host": _text("Who drew."),
        "route": _text("host:model, by the names of imagekit."),
        "charged": _text("Whether it was paid for.", "no", "maybe", "yes"),
        "cost": {"type": ["object", "null"], "description": "Null is unknown, and never 0."},
        "receipt": {"type": "array", "items": {"type": "object"}},
        "added": {"type": "array", "items": {"type": "object"}},
        "notes": {"type": "array", "items": {"type": "string"}},
        "dropped": {"type": "array", "items": {"type": "string"}},
        "errors": {"type": "array", "items": {"type": "object"}},
        "unknown_usage": {"type": "array", "items": {"type": "string"}},
    },
}

PICTURE: Schema = {
    "type": "object",
    "properties": {
        "url": _text("A link that expires."),
        "b64_json": _text("The picture in base64."),
        "size": _text("Measured: 1024x1024."),
        "revised_prompt": _text("What the model made of the prompt."),
        "error": {"type": "object", "description": "In the dialect of PowerTokens alone."},
    },
}

PICTURES: Schema = {
    "type": "object",
    "required": ["created", "model", "usage", "metadata", "data"],
    "properties": {
        "created": _whole("Unix seconds."),
        "model": _text("The host's name of the model that drew."),
        "output_format": _text("When it is the same of all."),
        "size": _text("When it is the same of all."),
        "usage": _ref("Usage"),
        "metadata": _ref("Metadata"),
        "data": {"type": "array", "items": _ref("Picture")},
    },
}

RECORD: Schema = {
    "type": "object",
    "required": ["id", "object", "status", "model", "prompt", "created_at", "url", "error"],
    "properties": {
        "id": {"type": "string"},
        "object": {"const": "image"},
        "status": _text("Where it stands.", "queued", "processing", "completed", "failed"),
        "model": {"type": "string"},
        "prompt": {"type": "string"},
        "created_at": {"type": "integer"},
        "url": {"type": ["string", "null"]},
        "error": {"type": ["object", "null"]},
        "usage": _ref("Usage"),
        "metadata": _ref("Metadata"),
        "data": {"type": "array", "items": _ref("Picture")},
    },
}

ERROR: Schema = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "code", "param", "charged", "request_id"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "code": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "charged": _text("Whether it was paid for.", "no", "maybe", "yes"),
                "request_id": {"type": "string"},
                "record": {"type": "string"},
                "problems": {"type": "array", "items": {"type": "object"}},
            },
        }
    },
}

SCHEMAS: dict[str, Schema] = {
    "Request": REQUEST,
    "Usage": USAGE,
    "Metadata": METADATA,
    "Picture": PICTURE,
    "Pictures": PICTURES,
    "Record": RECORD,
    "Records": {
        "type": "object",
        "required": ["object", "data", "has_more", "first_id", "last_id"],
        "properties": {
            "object": {"const": "list"},
            "data": {"type": "array", "items": _ref("Record")},
            "has_more": {"type": "boolean"},
            "first_id": {"type": ["string", "null"]},
            "last_id": {"type": ["string", "null"]},
        },
    },
    "Deleted": {
        "type": "object",
        "required": ["id", "object", "deleted"],
        "properties": {
            "id": {"type": "string"},
            "object": {"const": "image"},
            "deleted": {"const": True},
        },
    },
    "Model": {
        "type": "object",
        "required": ["id", "object", "created", "owned_by", "imagekit"],
        "properties": {
            "id": {"type": "string"},
            "object": {"const": "model"},
            "created": {"type": "integer"},
            "owned_by": {"type": "string"},
            "imagekit": {"type": "object", "description": "All that is known of it."},
        },
    },
    "Models": {
        "type": "object",
        "required": ["object", "data"],
        "properties": {
            "object": {"const": "list"},
            "data": {"type": "array", "items": _ref("Model")},
        },
    },
    "Error": ERROR,
}


def _query(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "schema": schema}


def _header(name: str, description: str) -> Schema:
    schema = {"type": "string"}
    return {"name": name, "in": "header", "description": description, "schema": schema}


_BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": _ref("Request")},
        "multipart/form-data": {"schema": _ref("Request")},
    },
}
_MAKING: Schema = {
    "parameters": [
        _header("Idempotency-Key", "The same request when it is: answered once more, not made."),
        _header("Prefer", "respond-async, wait=10: a record at once, or after so many seconds."),
    ],
    "requestBody": _BODY,
    "responses": {
        "200": {
            "description": "The pictures. With stream, events of them.",
            "content": {
                "application/json": {"schema": _ref("Pictures")},
                "text/event-stream": {"schema": {"type": "string"}},
            },
        },
        "202": {"description": "Written down; Location has the record.", **answer("Record")},
    },
    "errors": ("400", "401", "402", "403", "404", "413", "415", "424", "429", "503"),
}

#: By the name of a route: what it takes, and what comes of it.
OPERATIONS: dict[str, Schema] = {
    "POST /v1/images/generations": _MAKING,
    "POST /v1/images/edits": _MAKING,
    "GET /v1/images": {
        "parameters": [
            _query("limit", _whole("How many.", minimum=1, maximum=100, default=20)),
            _query("after", _text("The id of the last of the page before.")),
            _query("before", _text("The id of the first of the page after.")),
            _query("order", {**_text("By time.", "asc", "desc"), "default": "desc"}),
        ],
        "responses": {"200": {"description": "A page.", **answer("Records")}},
        "errors": ("400", "401"),
    },
    "GET /v1/images/<id>": {
        "parameters": [_query("wait", _whole("Seconds.", minimum=0, maximum=60, default=0))],
        "responses": {"200": {"description": "The record.", **answer("Record")}},
    },
    "DELETE /v1/images/<id>": {
        "responses": {"200": {"description": "Forgotten.", **answer("Deleted")}},
    },
    "GET /v1/images/<id>/content": {
        "parameters": [
            _query("place", _whole("Which picture.", minimum=0, default=0)),
            _query(
                "format",
                {**_text("How.", "redirect", "url", "binary"), "default": "redirect"},
            ),
        ],
        "responses": {
            "200": {
                "description": "The bytes; or with format=url, where they are.",
                "content": {"image/*": {}, "application/json": {"schema": {"type": "object"}}},
            },
            "302": {"description": "Where the bytes are."},
        },
        "errors": ("400", "401", "403", "404"),
    },
    "GET /v1/models": {"responses": {"200": {"description": "All.", **answer("Models")}}},
    "GET /v1/models/<path:name>": {
        "responses": {"200": {"description": "One.", **answer("Model")}}
    },
}
