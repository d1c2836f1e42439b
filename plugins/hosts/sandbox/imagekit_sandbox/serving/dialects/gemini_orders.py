"""What a ``GenerateContentRequest`` asks of the Gemini API: parts, configuration, sizes.

Fields have two names, as in all JSON of protocol buffers: ``imageConfig`` is ``image_config``,
too. A name that is neither is an error. Models and sizes are those of the page on image
generation, 2026-09-05; those of Nano Banana 2.1 its announcement's.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from imagekit_sandbox.serving.kit.order import Order
from imagekit_sandbox.serving.messages.magic import kind_of
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["MODELS", "Asking", "counted", "read_order", "weight"]

_USUAL = str.maketrans("-_", "+/")
NO_PICTURE = (
    "Unable to process input image. Please retry or report in "
    "https://developers.generativeai.google/guide/troubleshooting"
)

Pixels = tuple[int, int]
Table = Mapping[str, Pixels]

_FLASH: Table = {
    "1:1": (1024, 1024),
    "2:3": (832, 1248),
    "3:2": (1248, 832),
    "3:4": (864, 1184),
    "4:3": (1184, 864),
    "4:5": (896, 1152),
    "5:4": (1152, 896),
    "9:16": (768, 1344),
    "16:9": (1344, 768),
    "21:9": (1536, 672),
}
_THREE: Table = {
    "1:1": (1024, 1024),
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "3:4": (896, 1200),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
}
_LONG: Table = {"1:4": (512, 2048), "4:1": (2048, 512), "1:8": (384, 3072), "8:1": (3072, 384)}
#: imageSize -> how much larger than at 1K a side is, as the page's larger tables have it.
_SCALE = {"512": 0.5, "1K": 1, "2K": 2, "4K": 4}


@frozen
class Model:
    """One of the models.

    Attributes:
        tokens: imageSize -> what a picture of it counts; a size that is not here is refused.
        unasked: the pixels at 1K when no ratio is asked for.
        sizes: it has ``imageSize`` at all.
    """

    table: Table
    tokens: Mapping[str, int]
    format: str = "jpeg"
    unasked: Pixels = (1024, 1024)
    sizes: bool = True
    thinks: bool = True


MODELS = {
    "gemini-2.5-flash-image": Model(_FLASH, {"1K": 1290}, "png", sizes=False, thinks=False),
    "gemini-3-pro-image": Model(_THREE, {"1K": 1120, "2K": 1120, "4K": 2000}, unasked=(1408, 768)),
    "gemini-3.1-flash-image": Model(
        {**_THREE, **_LONG}, {"512": 747, "1K": 1120, "2K": 1680, "4K": 2520}
    ),
    "gemini-3.1-flash-lite-image": Model(_THREE, {"1K": 1120}),
    "gemini-nano-banana-2.1": Model({**_THREE, **_LONG}, {"1K": 1120, "2K": 1680, "4K": 2520}),
}


@frozen
class Asking:
    """An order, and what else the answer is to have.

    Attributes:
        modalities: TEXT, IMAGE or both.
        thoughts: drafts are shown as well.
        tokens: what the picture counts.
    """

    order: Order
    modalities: tuple[str, ...]
    thoughts: bool
    tokens: int


def read_order(body: Mapping[str, Any], id: str) -> Asking:
    """What a body asks of a model.

    Raises:
        Refusal: in Google's words, as far as they are known.
    """
    model = MODELS[id]
    request = _Object("", body, _REQUEST)
    config = request.inner("generationConfig", _CONFIG)
    image = config.inner("imageConfig", "aspectRatio imageSize")
    thinking = config.inner("thinkingConfig", "includeThoughts thinkingLevel thinkingBudget")
    if config.get("candidateCount", 1) != 1:
        raise _wrong("Multiple candidates is not enabled for this model")
    seed = config.get("seed")
    if seed is not None and not (type(seed) is int and -(2**31) <= seed < 2**31):
        raise _wrong(f'Invalid value at "generation_config.seed" (TYPE_INT32), {seed}')
    size = _one_of(image, "imageSize", model.tokens if model.sizes else {})
    ratio = _one_of(image, "aspectRatio", model.table)
    prompt, references = _turn(request)
    scale = _SCALE[size or "1K"]
    width, height = model.table[ratio] if ratio else model.unasked
    order = Order(
        model=id,
        prompt=prompt,
        pixels=(int(width * scale), int(height * scale)),
        identity=[prompt, references],
        seed=seed,
        carried="b64_json",
        format=model.format,
        watermark=False,
        references=references,
    )
    thoughts = thinking.get("includeThoughts", False)
    return Asking(order, _modalities(config), thoughts, model.tokens[size or "1K"])


_REQUEST = "contents generationConfig systemInstruction safetySettings tools"
_CONFIG = (
    "responseModalities imageConfig thinkingConfig seed temperature topP topK candidateCount "
    "maxOutputTokens stopSequences"
)


def counted(body: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The words and the pictures that are to be counted.

    Raises:
        Refusal: in Google's words, as far as they are known.
    """
    request = _Object("", body, "contents generateContentRequest")
    whole = request.get("generateContentRequest")
    return _turn(
        _Object("generateContentRequest", whole, f"model {_REQUEST}") if whole else request
    )


def _modalities(config: _Object) -> tuple[str, ...]:
    given = config.get("responseModalities", ["TEXT", "IMAGE"])
    if not isinstance(given, list) or any(one not in ("TEXT", "IMAGE") for one in given):
        raise _wrong('Invalid value at "generation_config.response_modalities"')
    return tuple(given)


def weight(prompt: str, references: tuple[str, ...]) -> int:
    """How many tokens that is."""
    return len(prompt.split()) + 258 * len(references)


class _Object:
    """A message whose fields may be named in either way."""

    def __init__(self, path: str, fields: Any, known: str) -> None:
        if not isinstance(fields, Mapping):
            raise _wrong(f'Invalid value at "{path}"')
        names = {alias: name for name in known.split() for alias in (name, _snake(name))}
        for name in fields:
            if name not in names:
                at = f' at "{path}"' if path else ""
                message = f'Invalid JSON payload received. Unknown name "{name}"{at}'
                raise _wrong(f"{message}: Cannot find field.")
        self._path = path
        self._fields = {names[name]: value for name, value in fields.items()}

    def get(self, name: str, default: Any = None) -> Any:
        value = self._fields.get(name)
        return default if value is None else value

    def inner(self, name: str, known: str) -> _Object:
        path = f"{self._path}.{_snake(name)}" if self._path else _snake(name)
        return _Object(path, self.get(name, {}), known)


def _snake(name: str) -> str:
    return re.sub("([A-Z])", r"_\1", name).lower()


def _turn(request: _Object) -> tuple[str, tuple[str, ...]]:
    """The words and the pictures of all turns."""
    contents = request.get("contents")
    if not isinstance(contents, list) or not contents:
        raise _wrong("* GenerateContentRequest.contents: contents is not specified")
    words: list[str] = []
    references: list[str] = []
    for content in contents:
        turn = _Object("contents", content, "role parts")
        parts = turn.get("parts", [])
        if not isinstance(parts, list):
            raise _wrong('Invalid value at "contents.parts"')
        for given in parts:
            part = _Object("contents.parts", given, "text inlineData fileData thoughtSignature")
            words.append(str(part.get("text", "")))
            references += _reference(part)
    prompt = " ".join(filter(str.strip, words))
    if not prompt:
        raise _wrong("* GenerateContentRequest.contents: contents.parts must not be empty.")
    return prompt, tuple(references)


def _reference(part: _Object) -> list[str]:
    if part.get("inlineData"):
        data = part.inner("inlineData", "mimeType data displayName")
        if not str(data.get("mimeType", "")).startswith("image/"):
            raise _wrong("Unsupported MIME type")
        return [f"data:{data.get('mimeType')};base64,{_checked(data.get('data', ''))}"]
    if part.get("fileData"):
        uri = str(part.inner("fileData", "mimeType fileUri").get("fileUri", ""))
        if not uri.startswith("https://"):
            raise _wrong(f"Invalid or unsupported file uri: {uri}")
        return [uri]
    return []


def _checked(data: Any) -> str:
    """A field of bytes, in the usual alphabet: JSON of protocol buffers takes the one for URLs as
    well, and neither needs its padding.
    """
    try:
        text = data.translate(_USUAL).rstrip("=")
        content = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (AttributeError, ValueError):
        path = "contents.parts.inline_data.data"
        raise _wrong(f'Invalid value at "{path}" (TYPE_BYTES), Base64 decoding failed') from None
    if kind_of(content) is None:
        raise _wrong(NO_PICTURE)
    return base64.b64encode(content).decode()


def _one_of(image: _Object, name: str, known: Mapping[str, Any]) -> str | None:
    value = image.get(name)
    if value is not None and (not isinstance(value, str) or value not in known):
        allowed = (
            f"must be one of {', '.join(known)}" if known else "is not supported by this model"
        )
        raise _wrong(f"{_snake(name)} {allowed}, not {value!r}")
    return None if value is None else str(value)


def _wrong(message: str) -> Refusal:
    return Refusal(Why.INVALID, message)
