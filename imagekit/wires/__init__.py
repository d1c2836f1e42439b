"""Dialects of HTTP, and the kit of those who write one: the public door of wire authors.

What answers mean is in ``answers``, how bodies with pictures are made in ``bodies``, how jobs
are asked for in ``jobs``, and the dialect that many took after in ``openai_images``.
"""

from imagekit.declare.sizes import as_size, parse_ratio
from imagekit.wires.answers import (
    BROKEN,
    Refusal,
    about,
    as_count,
    as_int,
    as_text,
    document_of,
    error_in,
    no_pictures,
    object_of,
    refuse,
    retry_after,
    said_cost,
    strange,
)
from imagekit.wires.bodies import Inline, body_of, carried, form_body, json_body
from imagekit.wires.jobs import Phase, is_poll, phase_of, poll_request
from imagekit.wires.openai_answers import images_of, item_of, refusal_of, result_of
from imagekit.wires.openai_images import OpenAIImages

__all__ = [
    "BROKEN",
    "Inline",
    "OpenAIImages",
    "Phase",
    "Refusal",
    "about",
    "as_count",
    "as_int",
    "as_size",
    "as_text",
    "body_of",
    "carried",
    "document_of",
    "error_in",
    "form_body",
    "images_of",
    "is_poll",
    "item_of",
    "json_body",
    "no_pictures",
    "object_of",
    "parse_ratio",
    "phase_of",
    "poll_request",
    "refusal_of",
    "refuse",
    "result_of",
    "retry_after",
    "said_cost",
    "strange",
]
