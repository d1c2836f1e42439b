"""What goes in and what comes out, as JSON Schema; OpenAPI 3.1 takes it as it is."""

from __future__ import annotations

from typing import Any

from imagekit_store import RequestState, State

from imagekit import Action, Charged
from imagekit_gateway.rights import DIALECTS
from imagekit_gateway.terms import FORMATS, PERIODS

__all__ = ["SCHEMAS", "Schema", "ref", "text", "whole"]

Schema = dict[str, Any]


# --- what they are made of -----------------------------------------------------------------------


def ref(name: str) -> Schema:
    """One of `SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def text(description: str = "", *words: str) -> Schema:
    """Any text, or one of these words."""
    return {"type": "string", **_told(description), **({"enum": [*words]} if words else {})}


def whole(description: str = "", **more: Any) -> Schema:
    """A whole number."""
    return {"type": "integer", **_told(description), **more}


def _told(description: str) -> Schema:
    return {"description": description} if description else {}


def _list(of: Schema, description: str = "") -> Schema:
    return {"type": "array", "items": of, **_told(description)}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(properties: dict[str, Schema], *optional: str, description: str = "") -> Schema:
    """With all of these, but for the optional ones."""
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        **_told(description),
        "required": required,
        "properties": properties,
    }


def _any_object(description: str) -> Schema:
    return {"type": "object", "description": description}


# --- what is asked -------------------------------------------------------------------------------

_LINK = text("A link, or a data URL.")
_REFERENCE = {
    "anyOf": [
        _LINK,
        _object({"image_url": {"anyOf": [_LINK, _object({"url": _LINK})]}}),
        _object({"url": _LINK}),
    ]
}
_FILE = {"type": "string", "contentMediaType": "application/octet-stream"}
_WORDS = {
    "model": text("A model, host:model, or an alias; GET /v1/models lists them."),
    "prompt": text("What to draw."),
    "n": whole("How many pictures.", minimum=1, default=1),
    "size": text("1024x1024, a tier such as 2K, or auto."),
    "ratio": text("16:9, alone or with resolution."),
    "resolution": text("A tier: 1K, 2K, 4K."),
    "quality": text("As the model has it; auto, standard, hd, low, medium and high pass on all."),
    "response_format": text(
        "How pictures come. By default as url, but as b64_json where OpenAI sends nothing else: "
        "from models named gpt-image-..., and from edits.",
        "url",
        "b64_json",
    ),
    "output_format": text("png, jpeg, webp."),
    "output_compression": whole("Passes; dropped where a model has none.", minimum=0, maximum=100),
    "seed": whole("The same seed gives similar pictures; -1 is any."),
    "watermark": {"type": "boolean", "description": "Whether the host stamps the picture."},
    "negative_prompt": text("What not to draw."),
    "sequential_image_generation": text("A group of pictures.", "auto", "disabled"),
    "sequential_image_generation_options": _object(
        {"max_images": whole("The most pictures of a group.", minimum=1)}, "max_images"
    ),
    "user": text("An opaque id of your end user."),
    "stream": {"type": "boolean", "default": False, "description": "Tell of each as it comes."},
    "partial_images": whole("With stream: to be seen before it is done.", minimum=0, maximum=3),
    "style": text("vivid and natural pass, and are dropped where a model has none."),
    "background": text("auto and opaque pass, and are dropped where a model has none."),
    "moderation": text("auto and low pass, and are dropped where a model has none."),
    "input_fidelity": text("low and high pass, and are dropped where a model has none."),
    "options": _any_object("Parameters of one model family."),
    "native": _any_object("Fields that are sent as they are; for keys that may."),
}
_MORE = "Further parameters of a model are in its record: GET /v1/models/{name}."
_PICTURES = "Reference pictures, in order; how many is the model's to say."
_FILES = f"{_PICTURES} Several as image[], or as image again."
REQUEST: Schema = {
    "type": "object",
    "required": ["prompt"],
    "description": _MORE,
    "properties": {
        **_WORDS,
        "image": {"description": _PICTURES, "anyOf": [_REFERENCE, _list(_REFERENCE)]},
        "images": _list(_REFERENCE, "As image."),
        "mask": {"description": "What of the first picture to change.", **_REFERENCE},
    },
}
_TOLD = _object(
    {
        "media_type": text("image/png."),
        "bytes": whole(minimum=1),
        "width": whole(minimum=1),
        "height": whole(minimum=1),
        "name": text("Of its file, for messages."),
    },
    "bytes",
    "width",
    "height",
    "name",
    description="A picture that is told of, and not sent.",
)
_PLANNED = {"anyOf": [_TOLD, *_REFERENCE["anyOf"]]}
#: The same, where pictures need not be sent.
PLAN_REQUEST: Schema = {
    **REQUEST,
    "properties": {
        **_WORDS,
        "image": {"description": _PICTURES, "anyOf": [_PLANNED, _list(_PLANNED)]},
        "images": _list(_PLANNED, "As image."),
        "mask": {"description": "What of the first picture to change.", **_PLANNED},
    },
}
#: Where everything is text, or a file.
FORM: Schema = {
    "type": "object",
    "required": ["prompt"],
    "description": _MORE,
    "properties": {
        **_WORDS,
        "image": {"description": _FILES, "anyOf": [_FILE, _list(_FILE)]},
        "mask": {"description": "What of the first picture to change.", **_FILE},
    },
}

# --- what is answered ----------------------------------------------------------------------------

_CHARGED = text("Whether it was paid for.", *Charged)
_USAGE = _object(
    {
        "input_tokens": whole("0 where nobody counted; metadata.unknown_usage names it."),
        "input_tokens_details": _object({"text_tokens": whole(), "image_tokens": whole()}),
        "output_tokens": whole("Of the pictures."),
        "total_tokens": whole("Of both."),
        "generated_images": whole("Pictures that were made."),
    }
)
_COST = _object(
    {
        "amount": text("A decimal number."),
        "currency": _or_null(text("USD; null where nothing was paid.")),
        "by": _or_null(text("Who says so.", "host", "list", "person")),
    }
)
_LINE = _object(
    {
        "parameter": text(),
        "value": {"description": "As it was given; of a picture what it is."},
        "action": text("What became of it.", *Action),
        "fields": _list(_list({}), "What was sent: names and values."),
        "by": text("Who said it: caller, gateway, an alias."),
        "note": text("Why."),
    },
    "fields",
)
_ADDED = _object({"field": text(), "value": {}, "why": text()})
_FAILED = _object({"place": whole("Which picture, from 0."), "code": text(), "message": text()})
_METADATA = _object(
    {
        "id": text("Of the record: GET /v1/images/{id}."),
        "asked_model": text("The name that was asked for."),
        "host": text("Who drew."),
        "route": text("host:model, by the names of imagekit."),
        "charged": _CHARGED,
        "cost": {**_or_null(ref("Cost")), "description": "Null is unknown, and never 0."},
        "receipt": _list(ref("ReceiptLine"), "What became of each parameter."),
        "added": _list(_ADDED, "What nobody asked for, and was sent."),
        "notes": _list(text()),
        "dropped": _list(text(), "Parameters that the model has not."),
        "errors": _list(_FAILED, "Pictures that did not come."),
        "unknown_usage": _list(text(), "Members of usage that nobody counted."),
    }
)
_PICTURE = _object(
    {
        "url": text("A link that expires."),
        "b64_json": text("The picture in base64."),
        "size": text("Measured: 1024x1024."),
        "revised_prompt": text("What the model made of the prompt."),
        "error": _any_object("Why there is none: in the dialect of PowerTokens alone."),
    },
    "url",
    "b64_json",
    "size",
    "revised_prompt",
    "error",
    description="With url or with b64_json.",
)
_ANSWER = _object(
    {
        "created": whole("Unix seconds."),
        "model": text("The host's name of the model that drew."),
        "output_format": text("When it is the same of all."),
        "size": text("When it is the same of all."),
        "usage": ref("Usage"),
        "metadata": ref("Metadata"),
        "data": _list(ref("Picture")),
    },
    "output_format",
    "size",
)
_SHORT = {
    "id": text(),
    "object": {"const": "image"},
    "status": text("Where it stands.", "queued", "processing", "completed", "failed"),
    "model": text("The host's name of the model."),
    "prompt": text(),
    "created_at": whole("Unix seconds."),
    "url": _or_null(text("Of its first picture; expires.")),
    "error": _or_null(_object({"code": text(), "message": text(), "charged": _CHARGED})),
}
_RECORD = _object(
    {
        **_SHORT,
        "usage": ref("Usage"),
        "metadata": ref("Metadata"),
        "finished_at": _or_null(whole("Unix seconds.")),
        "data": _list(ref("Picture")),
    }
)
_ID = {"type": ["string", "null"]}
_RECORDS = _object(
    {
        "object": {"const": "list"},
        "data": _list(ref("ListedRecord")),
        "has_more": {"type": "boolean"},
        "first_id": _ID,
        "last_id": _ID,
    }
)
_MODEL = _object(
    {
        "id": text("To be asked for."),
        "object": {"const": "model"},
        "created": whole("0: nobody knows."),
        "owned_by": text("The host that draws."),
        "imagekit": _any_object("All that is known of it: parameters, sizes, prices, sources."),
    }
)
_PROBLEM = _object({"param": text(), "message": text(), "nearest": {}}, "nearest")
_WHY = _object(
    {
        "message": text("For people: all that is wrong."),
        "type": text("As OpenAI has it."),
        "code": text("For programs."),
        "param": _or_null(text("The first that is wrong.")),
        "charged": _CHARGED,
        "request_id": text("In the gateway's log."),
        "record": text("Where what was paid for is to be found: GET /v1/images/{id}."),
        "problems": _list(
            ref("Problem"), "Everything that is wrong; nearest is what would be right."
        ),
    },
    "record",
    "problems",
)

# --- what is for whoever looks after it ----------------------------------------------------------

_SWITCH = {"type": "boolean"}
_TIME = _or_null(text("As ISO 8601 has it, in UTC."))
#: What a key is given.
_TERMS: dict[str, Schema] = {
    "models": _list(text(), "Patterns of the models that it may ask for; empty: any."),
    "native": {**_SWITCH, "description": "Whether it may send fields that nobody checks."},
    "keep": {**_SWITCH, "description": "Whether its pictures are kept."},
    "dialect": text("Whose page its answers follow.", *DIALECTS),
    "response_format": text("For requests that name none; empty: the gateway's.", *FORMATS),
    "operator": {**_SWITCH, "description": "Whether it may see and do what operators may."},
    "rpm": _or_null(whole("Requests a minute.", minimum=1)),
    "at_once": _or_null(whole("Requests under way.", minimum=1)),
    "budget": _or_null(text("A decimal number: what it may spend in a period.")),
    "currency": text("Of the budget."),
    "period": text("Of the budget, in UTC.", *PERIODS),
    "expires": _TIME,
}
_KEY = {
    "name": text("1 to 64 letters, digits, _, . and -."),
    "hint": text("The end of its secret."),
    "state": text("", "active", "expired", "revoked"),
    **_TERMS,
    "spent": text("In this period, of its budget: a decimal number."),
    "created": _TIME,
    "revoked": _TIME,
    "last_asked": _TIME,
}
_GIVEN = {**_TERMS, "expires": _or_null(text("90d, or a time; null: never."))}
_SPENT = _object(
    {
        "name": text("A day in UTC, a host, a model or a key; of all of them: total."),
        "calls": whole("That were sent."),
        "free": whole("That were certainly not charged."),
        "unknown": whole("Whose cost nobody knows; it is in no amount, and not 0."),
        "pictures": whole("That are kept now."),
        "amounts": _list(
            _object(
                {
                    "currency": _or_null(text("Null where nobody names it.")),
                    "cost": text("All that is known, as a decimal number."),
                    "by_host": text("So much is the host's own word."),
                    "by_person": text("So much a person has said."),
                    "by_list": text("So much is reckoned from price lists."),
                    "expected": text("What was foretold of calls whose cost is known."),
                    "compared": text("What those did cost."),
                }
            ),
            "One for each currency.",
        ),
    }
)
_CALL = _object(
    {
        "id": text("To be settled by itself."),
        "state": text("", *State),
        "charged": _CHARGED,
        "host_request": _or_null(text("The host's own id of it.")),
        "began": _or_null(whole("Unix seconds.")),
        "expected": {**_or_null(ref("Cost")), "description": "By the price list."},
    }
)
_OPEN = {
    "id": text(),
    "key": text("Whose it is."),
    "model": text(),
    "host": text("Empty until it is planned."),
    "state": text("", *RequestState),
    "since": whole("Unix seconds."),
    "charged": _CHARGED,
    "why": _or_null(text("What went wrong so far.")),
    "calls": _list(_CALL),
}

# --- all of them ---------------------------------------------------------------------------------

#: Of every event that brings a picture.
_EVENT = {
    "created_at": whole("Unix seconds."),
    "background": text(),
    "quality": text(),
    "output_format": text(),
    "size": text(),
    "b64_json": text(),
}


def _kinds(event: str) -> Schema:
    return text("", f"image_generation.{event}", f"image_edit.{event}")


_PLAN = _object(
    {
        "object": {"const": "plan"},
        "model": text("By its own name."),
        "host": text("Who would be asked."),
        "route": text("host:model, by the names of imagekit."),
        "calls": whole("That would be paid for."),
        "images": whole("The most that would come."),
        "cost": {**_or_null(ref("Cost")), "description": "Null is unknown, and never 0."},
        "receipt": _list(ref("ReceiptLine"), "What would become of each parameter."),
        "added": _list(_ADDED, "What nobody asked for, and would be sent."),
        "dropped": _list(text(), "Parameters that the model has not."),
        "notes": _list(text()),
        "advice": _list(ref("Problem"), "What would be sent, and might be better."),
    }
)


SCHEMAS: dict[str, Schema] = {
    "Request": REQUEST,
    "Form": FORM,
    "Answer": _ANSWER,
    "Picture": _PICTURE,
    "Usage": _USAGE,
    "Metadata": _METADATA,
    "Cost": _COST,
    "ReceiptLine": _LINE,
    "PartialImage": _object(
        {"type": _kinds("partial_image"), **_EVENT, "partial_image_index": whole("From 0.")},
        description="A picture that is not done: an event of a stream.",
    ),
    "Completed": _object(
        {
            "type": _kinds("completed"),
            **_EVENT,
            "url": text("In place of b64_json, where links were asked for."),
            "usage": ref("Usage"),
            "metadata": ref("Metadata"),
            "model": text("The host's name of the model that drew."),
        },
        "url",
        "b64_json",
        "metadata",
        "model",
        description="A picture: an event of a stream. The last one counts for all of them.",
    ),
    "StreamError": _object(
        {"type": {"const": "error"}, "error": _WHY},
        description="The end of a stream of which nothing more comes.",
    ),
    "PlanRequest": PLAN_REQUEST,
    "Plan": _PLAN,
    "Problem": _PROBLEM,
    "Record": _RECORD,
    "ListedRecord": _object(_SHORT),
    "Records": _RECORDS,
    "Link": _object({"url": text(), "image_id": text(), "expires_in": whole("Seconds.")}),
    "Deleted": _object({"id": text(), "object": {"const": "image"}, "deleted": {"const": True}}),
    "Model": _MODEL,
    "Models": _object({"object": {"const": "list"}, "data": _list(ref("Model"))}),
    "NewKey": _object(_GIVEN | {"name": _KEY["name"]}, *_GIVEN),
    "KeyChange": _object(_GIVEN, *_GIVEN),
    "Key": _object(_KEY),
    "MadeKey": _object({**_KEY, "key": text("The secret, this once.")}),
    "Keys": _object({"object": {"const": "list"}, "data": _list(ref("Key"))}),
    "Spent": _SPENT,
    "Costs": _object({"by": text(), "groups": _list(ref("Spent")), "total": ref("Spent")}),
    "OpenRequests": _object(
        {
            "object": {"const": "list"},
            "data": _list(_object(_OPEN)),
            "has_more": {"type": "boolean"},
            "last_id": _ID,
        }
    ),
    "Settlement": _object(
        {
            "charged": text("Whether its host's bill has it.", "yes", "no"),
            "cost": _object({"amount": text("A decimal number."), "currency": text()}),
            "reason": text("How that is known; it stands on the call."),
        },
        "cost",
        "reason",
    ),
    "Settled": _object({**_OPEN, "settled": _list(text(), "The ids of the calls.")}),
    "Health": _object({"status": {"const": "ok"}}),
    "Error": _object({"error": _WHY}),
}
