"""THE converter between imagekit's values and plain JSON-able data.

Strict for what callers and configuration give: an unknown key is an error. (What hosts
answer is read leniently, field by field, by the wires.) cattrs costs 50 ms to import,
so this module is imported only where it is used.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import cattrs

from imagekit.basics.blob import Blob
from imagekit.values import Body, Image
from imagekit.values.cost import exact
from imagekit.values.plain.strict import make_strict, must_be

__all__ = ["converter", "to_plain"]


def to_plain(value: Any) -> Any:
    """Any value of imagekit's as dicts, lists, text, numbers and None.

    A picture becomes a summary of itself (it is measured, and downloaded for that if it
    must be); bytes inside an answer become their length and digest.
    """
    return _converter.unstructure(value)


def _image(image: Image) -> dict[str, Any]:
    width, height = image.pixels or (None, None)
    return {
        "index": image.index,
        "url": image.url,
        "media_type": image.media_type,
        "width": width,
        "height": height,
        "bytes": image.blob.size,
        "sha256": image.blob.sha256,
        "metadata": _converter.unstructure(dict(image.metadata)),
    }


def _no_image(_: Any, __: Any) -> Image:
    raise ValueError(
        "is a picture, which is only told of here: its bytes are in no JSON; see imagekit.to_json"
    )


def _blob(blob: Blob) -> dict[str, Any]:
    return {"bytes": blob.size, "sha256": blob.sha256}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _decimal(text: Any, _: Any) -> Decimal:
    """Of text alone: a number of JSON's may have lost a digit on its way."""
    must_be(text, str)
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError("must be a decimal number as text, such as '0.04'") from None


def converter(omit_if_default: bool = False) -> cattrs.Converter:
    """A converter of imagekit's values, for a room that adds hooks of its own to it."""
    made = cattrs.Converter(forbid_extra_keys=True, omit_if_default=omit_if_default)
    make_strict(made)
    made.register_unstructure_hook(Image, _image)
    made.register_structure_hook(Image, _no_image)
    made.register_unstructure_hook(Blob, _blob)
    made.register_unstructure_hook(Body, lambda body: _text(body.read()))
    made.register_structure_hook(Body, lambda text, _: Body((text.encode(),)))
    made.register_unstructure_hook(bytes, _text)
    made.register_structure_hook(bytes, lambda text, _: text.encode())
    made.register_unstructure_hook(Decimal, exact)
    made.register_structure_hook(Decimal, _decimal)
    made.register_unstructure_hook(type, lambda kind: kind.__name__)
    return made


_converter = converter()
