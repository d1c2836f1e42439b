"""An error in a document, and what comes of it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_type_hints

import cattrs
from attrs import asdict

from imagekit import errors
from imagekit.basics.classes import evolve
from imagekit.errors import Details, ImagekitError
from imagekit.values import Response, Trouble
from imagekit.values.plain.strict import must_be

__all__ = ["error_hooks", "error_of"]

_HINTS = get_type_hints(Details)
#: Always told: what is left out is at the default of the class, and who reads may not know that.
_ALWAYS = ("charged", "retryable")


def error_of(trouble: Trouble) -> ImagekitError:
    """The error that a `Trouble` tells of, to be raised again: with its ``charged``, ``retryable``,
    ``pending`` and ``status``. One whose class is a plugin's own, or of a later version, is an
    `ImagekitError`.
    """
    kind, told = _kind(trouble.type), asdict(trouble, recurse=False)
    return kind(trouble.message, **{name: told[name] for name in kind.details if name in told})


def error_hooks(made: cattrs.Converter) -> None:
    """Have a converter write errors, and read them."""

    def write(error: ImagekitError) -> dict[str, Any]:
        kind = next(one for one in type(error).__mro__ if one.__name__ in errors.__all__)
        details = {
            name: made.unstructure(value, unstructure_as=_HINTS[name])
            for name, value in _details(error, _kind(kind.__name__))
        }
        return {"type": kind.__name__, "message": str(error), **details}

    def read(plain: Any, _: Any) -> ImagekitError:
        must_be(plain, dict, Mapping)
        kind = _kind(_text(plain, "type"))
        for name in plain.keys() - {"type", "message"} - _HINTS.keys():
            raise ValueError(f"has {name!r:.60}, which no error has")
        known = {name: plain[name] for name in kind.details if name in plain}
        details = {name: made.structure(one, _HINTS[name]) for name, one in known.items()}
        return kind(_text(plain, "message"), **details)

    made.register_unstructure_hook(ImagekitError, write)
    made.register_structure_hook(ImagekitError, read)


def _details(error: ImagekitError, kind: type[ImagekitError]) -> Iterator[tuple[str, Any]]:
    """Those that are not what every error of its class has."""
    for name in kind.details:
        value = getattr(error, name)
        if isinstance(value, Response):
            value = evolve(value, request=None)  # which has every reference that was sent
        if name in _ALWAYS or value != getattr(kind, name):
            yield name, value


def _kind(name: str) -> type[ImagekitError]:
    return getattr(errors, name) if name in errors.__all__ else ImagekitError


def _text(plain: Mapping[str, Any], name: str) -> str:
    text = plain.get(name)
    must_be(text, str)
    return str(text)
