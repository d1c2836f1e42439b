"""An answer that a broken plugin could not read is paid for all the same: what is in it is
put into files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from imagekit import Image, PluginError
from imagekit.basics.atomic import write_whole
from imagekit.basics.blob import Blob
from imagekit.cli import output
from imagekit.cli.saving.files import Destination
from imagekit.cli.tojson import to_json
from imagekit.errors import ImagekitError

__all__ = ["rescue"]


def rescue(error: ImagekitError, place: Destination) -> None:
    """Save the pictures that are in an unread answer, and the rest of it as JSON."""
    for one in (error, *error.others):
        if isinstance(one, PluginError) and one.response is not None:
            _save(one.response.document, place)


def _save(document: Any, place: Destination) -> None:
    try:
        for number, blob in enumerate(_blobs(document), 1):
            path = place.save(Image(number - 1, blob=blob), number)
            output.note(f"what came in the answer is in {path}")
        rest = place.directory / f"{place.group_stem()}-answer.json"
        write_whole(rest, lambda file: _write(file, document), private=True)
        output.note(f"the answer itself is in {rest}")
    except OSError as error:
        output.note(f"the answer could not be saved: {error}")


def _write(file: Any, document: Any) -> None:
    file.write(to_json(document, ascii_only=True).encode())


def _blobs(document: Any) -> Iterator[Blob]:
    if isinstance(document, Blob):
        yield document
    elif isinstance(document, Mapping):
        for value in document.values():
            yield from _blobs(value)
    elif isinstance(document, list | tuple):
        for value in document:
            yield from _blobs(value)
