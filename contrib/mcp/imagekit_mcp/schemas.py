"""The tools as a model is told of them: what each is for, and what it takes and gives."""

from __future__ import annotations

from typing import Any

from mcp.types import Tool, ToolAnnotations

__all__ = ["tools"]

RATIOS = ["1:1", "4:3", "3:4", "3:2", "2:3", "5:4", "4:5", "16:9", "9:16", "21:9"]
TIERS = ["512", "1K", "1.5K", "2K", "3K", "4K", "8K"]
MOST_PICTURES = 10


def _text(about: str, longest: int = 200, **more: Any) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest, "description": about, **more}


def _one_of(about: str, *words: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(words), "description": about}


PROMPT = _text("What to draw, in words.", 20_000, minLength=1)
MODEL = _text("A model, `host:model` or alias, as `models` lists them; if left out, the default.")
IMAGE = _text(
    "A picture file below the allowed folders: a path, or the uri or path of an earlier result.",
    4000,
)
ASKED: dict[str, Any] = {
    "prompt": PROMPT,
    "model": MODEL,
    "n": {
        "type": "integer",
        "minimum": 1,
        "maximum": MOST_PICTURES,
        "description": "How many pictures; each is paid for.",
    },
    "size": _text("Exact pixels such as 2048x1152, or auto. Rather say ratio and resolution."),
    "ratio": _one_of("Width to height.", *RATIOS),
    "resolution": _one_of("How large; larger may cost more.", *TIERS),
    "quality": _one_of(
        "Where the model has it.", "auto", "low", "medium", "high", "standard", "hd"
    ),
    "output_format": _one_of("The kind of file.", "png", "jpeg", "webp"),
    "seed": {"type": "integer", "description": "The same seed gives similar pictures."},
    "watermark": {"type": "boolean", "description": "Whether the host stamps the picture."},
    "negative_prompt": _text("What not to draw.", 5000),
    "options": {
        "type": "object",
        "description": "Parameters of one family of models, as `models` with its name lists them.",
    },
    "on_unsupported": _one_of(
        "What to do with what the host can't do: refuse (error), take the nearest (adapt), or "
        "leave it out (drop). The answer tells.",
        *("error", "adapt", "drop"),
    ),
}
NATIVE = {"type": "object", "description": "Fields sent to the host verbatim, unchecked."}
PREVIEW = {
    "type": "boolean",
    "default": True,
    "description": "Whether small previews come with the answer. The pictures are files anyway.",
}
REFERENCES: dict[str, Any] = {
    "image": {
        "anyOf": [IMAGE, {"type": "array", "items": IMAGE, "minItems": 1, "maxItems": 16}],
        "description": "The reference picture, or several in order.",
    },
    "mask": {**IMAGE, "description": "What of the first may change, where the model takes masks."},
}

_PICTURE = {
    "type": "object",
    "properties": {
        "path": {"type": "string"},
        "uri": {"type": "string"},
        "media_type": {"type": ["string", "null"]},
        "width": {"type": ["integer", "null"]},
        "height": {"type": ["integer", "null"]},
        "bytes": {"type": "integer"},
    },
    "required": ["path", "uri"],
}
_LIST = {"type": "array"}
_WORD = {"type": "string"}
MADE = {
    "type": "object",
    "properties": {
        "model": _WORD,
        "host": _WORD,
        "sandbox": {"type": "boolean", "description": "Drawn by no model, as a trial."},
        "pictures": {"type": "array", "items": _PICTURE},
        "not_made": _LIST,
        "error": {"type": "object", "description": "Why some are not saved, and what to do."},
        "cost": _WORD,
        "charged": _one_of("Whether it was paid for.", "no", "maybe", "yes"),
        "changed": _LIST,
        "notes": _LIST,
    },
    "required": ["model", "host", "pictures", "charged"],
}
PLANNED = {
    "type": "object",
    "properties": {
        "model": _WORD,
        "host": _WORD,
        "possible": {"type": "boolean"},
        "problems": _LIST,
        "paid_calls": {"type": "integer"},
        "estimate": _WORD,
        "changed": _LIST,
        "notes": _LIST,
    },
    "required": ["model", "host", "possible", "estimate"],
}
LISTED = {"type": "object", "properties": {"models": _LIST}, "required": ["models"]}
HISTORY = {
    "type": "object",
    "properties": {
        "calls": _LIST,
        "unfinished": _LIST,
        "saved": {"type": "array", "items": _PICTURE},
        "store": {"type": ["array", "string"]},
    },
    "required": ["calls", "unfinished", "saved", "store"],
}
LATER = (
    "If this times out or is cancelled, don't call it again, which would be paid for twice: the "
    "picture is still saved, and `history` lists it. If an error says that it was or may have "
    "been charged, never repeat the call."
)


def _tool(name: str, about: str, takes: dict[str, Any], gives: dict[str, Any], **more: Any) -> Tool:
    required = more.pop("required", [])
    schema = {"type": "object", "properties": takes, "additionalProperties": False}
    buys = name in ("generate", "edit")
    return Tool(
        name=name,
        description=about,
        input_schema={**schema, "required": required},
        output_schema=gives,
        annotations=ToolAnnotations(
            read_only_hint=not buys,
            destructive_hint=False,
            idempotent_hint=not buys,
            open_world_hint=buys,
        ),
    )


def tools(budget: str | None, allow_native: bool) -> list[Tool]:
    """All of them. Without a budget those that buy say that they make only what is free."""
    money = (
        f"It costs money, within a budget of {budget}; `plan` tells the price first."
        if budget
        else "This server has no budget, so only models that cost nothing are made: sandbox:MODEL."
    )
    asked = {**ASKED, "native": NATIVE} if allow_native else ASKED
    making = {**asked, "preview": PREVIEW}
    limit = {"type": "integer", "minimum": 1, "maximum": 50, "default": 10}
    return [
        _tool(
            "generate",
            f"Make pictures from a prompt and save them as files. {money} {LATER}",
            making,
            MADE,
            required=["prompt"],
        ),
        _tool(
            "edit",
            f"Make pictures from reference pictures and a prompt that says what to change, and "
            f"save them as files. {money} {LATER}",
            {**making, **REFERENCES},
            MADE,
            required=["prompt", "image"],
        ),
        _tool(
            "plan",
            "Say what generate or edit would do with the same arguments: which host, what it "
            "should cost, and what is wrong. Free; nothing is sent.",
            {**asked, **REFERENCES},
            PLANNED,
            required=["prompt"],
        ),
        _tool(
            "models",
            "List the models that can be asked for here, and their hosts; with `model`, all that "
            "one takes: parameters, sizes, limits, price. Free.",
            {"model": MODEL},
            LISTED,
        ),
        _tool(
            "history",
            "What was asked lately, what is under way, what an ended server has left, and the "
            "pictures saved last. Look here after a time-out. Free.",
            {"limit": {**limit, "description": "How many of each, newest first."}},
            HISTORY,
        ),
    ]
