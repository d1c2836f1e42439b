"""What goes in and what comes out, as JSON Schema; OpenAPI 3.1 takes it as it is."""

from __future__ import annotations

from imagekit import Action
from imagekit_gateway.openapi.operator_schemas import OPERATORS
from imagekit_gateway.openapi.schema import (
    CHARGED,
    ID,
    Schema,
    any_object,
    list_of,
    object_of,
    or_null,
    ref,
    text,
    whole,
)

__all__ = ["SCHEMAS"]


# --- what is asked -------------------------------------------------------------------------------

_LINK = text("A link, or a data URL.")
_REFERENCE = {
    "anyOf": [
        _LINK,
        object_of({"image_url": {"anyOf": [_LINK, object_of({"url": _LINK})]}}),
        object_of({"url": _LINK}),
    ]
}
#: By ``format``, which 3.1 has no more, programs that make clients still know a file.
_FILE = {
    "type": "string",
    "contentMediaType": "application/octet-stream",
    "format": "binary",
}
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
    "sequential_image_generation_options": object_of(
        {"max_images": whole("The most pictures of a group.", minimum=1)}, "max_images"
    ),
    "user": text("An opaque id of your end user."),
    "stream": {"type": "boolean", "default": False, "description": "Tell of each as it comes."},
    "partial_images": whole("With stream: to be seen before it is done.", minimum=0, maximum=3),
    "style": text("vivid and natural pass, and are dropped where a model has none."),
    "background": text("auto and opaque pass, and are dropped where a model has none."),
    "moderation": text("auto and low pass, and are dropped where a model has none."),
    "input_fidelity": text("low and high pass, and are dropped where a model has none."),
    "options": any_object("Parameters of one model family."),
    "native": any_object("Fields that are sent as they are; for keys that may."),
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
        "image": {"description": _PICTURES, "anyOf": [_REFERENCE, list_of(_REFERENCE)]},
        "images": list_of(_REFERENCE, "As image."),
        "mask": {"description": "What of the first picture to change.", **_REFERENCE},
    },
}
_TOLD = object_of(
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
        "image": {"description": _PICTURES, "anyOf": [_PLANNED, list_of(_PLANNED)]},
        "images": list_of(_PLANNED, "As image."),
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
        "image": {"description": _FILES, "anyOf": [_FILE, list_of(_FILE)]},
        "mask": {"description": "What of the first picture to change.", **_FILE},
    },
}

# --- what is answered ----------------------------------------------------------------------------

_USAGE = object_of(
    {
        "input_tokens": whole("0 where nobody counted; metadata.unknown_usage names it."),
        "input_tokens_details": object_of({"text_tokens": whole(), "image_tokens": whole()}),
        "output_tokens": whole("Of the pictures."),
        "total_tokens": whole("Of both."),
        "generated_images": whole("Pictures that were made."),
    }
)
_COST = object_of(
    {
        "amount": text("A decimal number."),
        "currency": or_null(text("USD; null where nothing was paid.")),
        "by": or_null(text("Who says so.", "host", "list", "person")),
    }
)
_LINE = object_of(
    {
        "parameter": text(),
        "value": {"description": "As it was given; of a picture what it is."},
        "action": text("What became of it.", *Action),
        "fields": list_of(list_of({}), "What was sent: names and values."),
        "by": text("Who said it: caller, gateway, an alias."),
        "note": text("Why."),
    },
    "fields",
)
_ADDED = object_of({"field": text(), "value": {}, "why": text()})
_FAILED = object_of({"place": whole("Which picture, from 0."), "code": text(), "message": text()})
_METADATA = object_of(
    {
        "id": text("Of the record: GET /v1/images/{id}."),
        "asked_model": text("The name that was asked for."),
        "host": text("Who drew."),
        "route": text("host:model, by the names of imagekit."),
        "charged": CHARGED,
        "cost": {**or_null(ref("Cost")), "description": "Null is unknown, and never 0."},
        "receipt": list_of(ref("ReceiptLine"), "What became of each parameter."),
        "added": list_of(_ADDED, "What nobody asked for, and was sent."),
        "notes": list_of(text()),
        "dropped": list_of(text(), "Parameters that the model has not."),
        "errors": list_of(_FAILED, "Pictures that did not come."),
        "unknown_usage": list_of(text(), "Members of usage that nobody counted."),
    }
)
_PICTURE = object_of(
    {
        "url": text("A link that expires."),
        "b64_json": text("The picture in base64."),
        "size": text("Measured: 1024x1024."),
        "revised_prompt": text("What the model made of the prompt."),
        "error": any_object("Why there is none: in the dialect of PowerTokens alone."),
    },
    "url",
    "b64_json",
    "size",
    "revised_prompt",
    "error",
    description="With url or with b64_json.",
)
_ANSWER = object_of(
    {
        "created": whole("Unix seconds."),
        "model": text("The host's name of the model that drew."),
        "output_format": text("When it is the same of all."),
        "size": text("When it is the same of all."),
        "usage": ref("Usage"),
        "metadata": ref("Metadata"),
        "data": list_of(ref("Picture")),
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
    "url": or_null(text("Of its first picture; expires.")),
    "pictures": whole("How many there are."),
    "error": or_null(object_of({"code": text(), "message": text(), "charged": CHARGED})),
}
_RECORD = object_of(
    {
        **_SHORT,
        "usage": ref("Usage"),
        "metadata": ref("Metadata"),
        "finished_at": or_null(whole("Unix seconds.")),
        "data": list_of(ref("Picture")),
    }
)
_RECORDS = object_of(
    {
        "object": {"const": "list"},
        "data": list_of(ref("ListedRecord")),
        "has_more": {"type": "boolean"},
        "first_id": ID,
        "last_id": ID,
    }
)
_MODEL = object_of(
    {
        "id": text("To be asked for."),
        "object": {"const": "model"},
        "created": whole("0: nobody knows."),
        "owned_by": text("The host that draws."),
        "imagekit": any_object("All that is known of it: parameters, sizes, prices, sources."),
    }
)
_PROBLEM = object_of({"param": text(), "message": text(), "nearest": {}}, "nearest")
_WHY = object_of(
    {
        "message": text("For people: all that is wrong."),
        "type": text("As OpenAI has it."),
        "code": text("For programs."),
        "param": or_null(text("The first that is wrong.")),
        "charged": CHARGED,
        "request_id": text("In the gateway's log."),
        "record": text("Where what was paid for is to be found: GET /v1/images/{id}."),
        "problems": list_of(
            ref("Problem"), "Everything that is wrong; nearest is what would be right."
        ),
    },
    "record",
    "problems",
)

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


_PLAN = object_of(
    {
        "object": {"const": "plan"},
        "model": text("By its own name."),
        "host": text("Who would be asked."),
        "route": text("host:model, by the names of imagekit."),
        "calls": whole("That would be paid for."),
        "images": whole("The most that would come."),
        "cost": {**or_null(ref("Cost")), "description": "Null is unknown, and never 0."},
        "receipt": list_of(ref("ReceiptLine"), "What would become of each parameter."),
        "added": list_of(_ADDED, "What nobody asked for, and would be sent."),
        "dropped": list_of(text(), "Parameters that the model has not."),
        "notes": list_of(text()),
        "advice": list_of(ref("Problem"), "What would be sent, and might be better."),
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
    "PartialImage": object_of(
        {"type": _kinds("partial_image"), **_EVENT, "partial_image_index": whole("From 0.")},
        description="A picture that is not done: an event of a stream.",
    ),
    "Completed": object_of(
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
    "StreamError": object_of(
        {"type": {"const": "error"}, "error": _WHY},
        description="The end of a stream of which nothing more comes.",
    ),
    "PlanRequest": PLAN_REQUEST,
    "Plan": _PLAN,
    "Problem": _PROBLEM,
    "Record": _RECORD,
    "ListedRecord": object_of(_SHORT),
    "Records": _RECORDS,
    "Link": object_of({"url": text(), "image_id": text(), "expires_in": whole("Seconds.")}),
    "Deleted": object_of({"id": text(), "object": {"const": "image"}, "deleted": {"const": True}}),
    "Model": _MODEL,
    "Models": object_of({"object": {"const": "list"}, "data": list_of(ref("Model"))}),
    **OPERATORS,
    "Health": object_of({"status": {"const": "ok"}}),
    "Error": object_of({"error": _WHY}),
}
