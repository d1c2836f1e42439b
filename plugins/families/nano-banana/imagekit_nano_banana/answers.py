"""Pictures in a ``GenerateContentResponse``.

``{candidates: [{content: {parts: [...]}, finishReason}], promptFeedback, usageMetadata,
modelVersion, responseId}``, recorded in 2025 and 2026. Parts come in any order, several may
be pictures, and one with ``thought: true`` is a draft and no result. Any part may have a
``thoughtSignature`` of megabytes, which is kept as it is: as text or, beyond 1 MiB, as a `Blob`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from imagekit import Blob, Failure, Image, Result, Usage
from imagekit.wires import BROKEN, as_count, strange
from imagekit_nano_banana.endings import NORMAL, Ending, ending_of, unmade
from imagekit_nano_banana.messages import Object, inline, objects, parts, pictures, read, text

if TYPE_CHECKING:
    from imagekit import Call, Response

__all__ = ["result_of"]

#: At least one of these is in every answer of this dialect.
_KNOWN = ("candidates", "promptFeedback", "usageMetadata")
#: What has a place of its own in a result.
_OWN = frozenset({"modelVersion", "model_version", "responseId", "response_id"})


def result_of(call: Call, response: Response, document: Object) -> Result:
    """Every picture of every candidate, in order.

    Raises:
        HostError: there is none; says why.
    """
    if not any(name in document for name in _KNOWN):
        raise strange(call, response, "an answer without candidates")
    candidates = objects(document, "candidates")
    found = list(enumerate(one for candidate in candidates for one in _made(candidate)))
    images = tuple(_image(call, at, one) for at, one in found if not isinstance(one, Ending))
    endings = [(at, one) for at, one in found if isinstance(one, Ending)]
    if not images:
        raise unmade(call, response, document, [one for _, one in endings])
    return Result(
        images=images,
        failures=tuple(Failure(at, one.code, str(one), one.moderated) for at, one in endings),
        served_model=text(document, "modelVersion"),
        usage=_usage(document),
        request_id=text(document, "responseId"),
        notes=tuple(_cut_short(candidates)),
        metadata=_metadata(document, candidates),
        raw=document,
    )


def _made(candidate: Object) -> Iterator[Object | Ending]:
    """The parts of a candidate that are pictures; why there is none, or why one is none."""
    found = pictures(candidate)
    if not found:
        yield ending_of(candidate)
    for part in found:
        data = read(inline(part), "data")
        if isinstance(data, Blob):
            yield part
        else:
            reason = getattr(data, "reason", "no bytes")
            yield Ending(BROKEN, f"the host sent a picture that is none: {reason}")


def _image(call: Call, index: int, part: Object) -> Image:
    """``mimeType`` in its metadata is what the host calls it; what it is, is measured."""
    data = inline(part)
    rest = {name: value for name, value in part.items() if value is not data}
    return Image(
        index=index,
        metadata={**{name: value for name, value in data.items() if name != "data"}, **rest},
        expected=call.pixels,
        blob=data["data"],
    )


def _cut_short(candidates: list[Object]) -> list[str]:
    """A note for each picture whose candidate ended early."""
    reasons = {str(read(one, "finishReason") or NORMAL) for one in candidates if pictures(one)}
    return [f"the answer ended early: {reason}" for reason in sorted(reasons - {NORMAL})]


def _usage(document: Object) -> Usage | None:
    """Tokens only. What is thought before it draws counts as words that come; other shares stand
    in the metadata, under ``usageMetadata``."""
    found = read(document, "usageMetadata")
    if not isinstance(found, dict):
        return None
    names = ("promptTokenCount", "candidatesTokenCount", "totalTokenCount")
    given, made, total = (as_count(read(found, name)) for name in names)
    drawn = _share(found, "candidatesTokensDetails", "IMAGE")
    thought = as_count(read(found, "thoughtsTokenCount")) or 0
    said = None if made is None or drawn is None else as_count(made - drawn + thought)
    return Usage(
        input_tokens=given,
        output_tokens=made,
        total_tokens=total,
        input_text_tokens=_share(found, "promptTokensDetails", "TEXT"),
        input_image_tokens=_share(found, "promptTokensDetails", "IMAGE"),
        output_text_tokens=said,
        output_image_tokens=drawn,
    )


def _share(usage: Object, details: str, modality: str) -> int | None:
    """Of the tokens of one kind, where they are listed by kind; those of no kind are text."""
    listed = objects(usage, details)
    counts = [
        as_count(read(one, "tokenCount")) for one in listed if one.get("modality") == modality
    ]
    known = [count for count in counts if count is not None]
    return sum(known) if listed and len(known) == len(counts) else None


def _metadata(document: Object, candidates: list[Object]) -> dict[str, Any]:
    """Everything else, where it stood: the words, their signatures, sources, ratings."""
    rest = {name: value for name, value in document.items() if name not in _OWN}
    return rest | {"candidates": [_without_pictures(one) for one in candidates]}


def _without_pictures(candidate: Object) -> Object:
    content = read(candidate, "content")
    if not isinstance(content, dict):
        return candidate
    kept = [part for part in parts(candidate) if not inline(part)]
    return {**candidate, "content": {**content, "parts": kept}}
