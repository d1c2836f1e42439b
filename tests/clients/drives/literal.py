"""Requests as literally as the programs send them that can't be run here; what comes is JSON."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import asking

BOUNDARY = "--------------------------084723911563302847190026"


def post(path: str, body: bytes | Iterable[bytes], headers: Mapping[str, str]) -> Any:
    """
    Args:
        body: what comes in pieces is sent chunked.

    Raises:
        RuntimeError: with the status and what the gateway says of it.
    """
    request = urllib.request.Request(
        asking.URL + path,
        body,  # type: ignore[arg-type]  # pieces are taken, too
        {"Authorization": f"Bearer {asking.KEY}", **headers},
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            raise RuntimeError(f"{error.code} {error.read().decode()}") from None


def posted(path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Any:
    """The answer to an object."""
    text = json.dumps(body).encode()
    return post(path, text, {"Content-Type": "application/json", **headers})


def form(
    fields: Mapping[str, str], name: str, pictures: Iterable[Path], text_type: str = ""
) -> Iterator[bytes]:
    """The pieces of a form with files.

    Args:
        name: the field of the pictures.
        text_type: the Content-Type of the other fields' parts, if they have one.
    """
    more = f"Content-Type: {text_type}\r\n" if text_type else ""
    for field, value in fields.items():
        head = f'Content-Disposition: form-data; name="{field}"\r\n{more}\r\n'
        yield f"--{BOUNDARY}\r\n{head}{value}\r\n".encode()
    for path in pictures:
        head = f'Content-Disposition: form-data; name="{name}"; filename="{path.name}"\r\n'
        yield f"--{BOUNDARY}\r\n{head}Content-Type: image/png\r\n\r\n".encode()
        yield path.read_bytes()
        yield b"\r\n"
    yield f"--{BOUNDARY}--\r\n".encode()


FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
