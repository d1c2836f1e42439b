"""What every drive does alike: ask, keep the picture that comes, tell how it went.

A drive is run as a program, in the environment of its client, so this needs the standard library
alone. It prints one object: ``{"version", "calls": {name: "ok" or why not}}``.
"""

from __future__ import annotations

import base64
import json
import os
import urllib.request
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
#: Two pictures to work on, and a mask for either: clear where it may be drawn anew.
ONE, TWO, MASK = HERE / "one.png", HERE / "two.png", HERE / "mask.png"

#: The gateway's address, with ``/v1``, and a key of it.
URL, KEY = os.environ["GATEWAY_URL"], os.environ["GATEWAY_KEY"]
#: Begins every prompt, so that the bill says who bought what.
CLIENT = os.environ["CLIENT"]
#: A folder: here goes every picture that came, named by its call.
PICTURES = Path(os.environ["PICTURES"])

#: The gateway's names of a model that takes masks and sends partial pictures, of one that takes
#: longer than `HASTE`, and of one whose answers get lost after they have been paid for.
MASKED, SLOW, LOST = "gpt-image-2", "gpt-image-slow", "gpt-image-lost"
#: Seconds after which a client gives up waiting, and how often it then asks again.
HASTE, AGAIN = 1.0, 10
#: Too small for what draws as ``gpt-image-1``, and the nearest size that is not.
TOO_SMALL, NEAREST = "512x512", "960x960"
#: What is said of a picture that was lost, so that nobody asks for it again without a thought.
UNKNOWN = "it may have been carried out"

calls: dict[str, str] = {}

#: Whatever a client gives for a picture: its bytes, base64, a data URL, or a link.
Picture = bytes | str


def makes(call: Callable[[str], Picture | Iterable[Picture]]) -> None:
    """Runs a call that makes a picture, or several, the last being the one that was asked for."""

    def keep(prompt: str) -> None:
        made = call(prompt)
        for number, one in enumerate([made] if isinstance(made, (bytes, str)) else made):
            (PICTURES / f"{call.__name__}-{number}").write_bytes(bytes_of(one))

    _run(call.__name__, keep)


def lists(call: Callable[[], Iterable[str]]) -> None:
    """Runs a call that lists the names of models."""

    def look(prompt: str) -> None:
        names = list(call())
        if "gpt-image-1" not in names:
            raise LookupError(f"gpt-image-1 is not among {names}")

    _run(call.__name__, look)


def fails(saying: str) -> Callable[[Callable[[str], object]], None]:
    """Runs a call that has to fail, and to tell the caller this."""

    def run(call: Callable[[str], object]) -> None:
        def try_(prompt: str) -> None:
            try:
                call(prompt)
            except Exception as error:
                if saying not in _told(error):
                    raise
            else:
                raise RuntimeError("no error was seen")

        _run(call.__name__, try_)

    return run


def tell(distribution: str = "", release: str = "") -> None:
    """Prints what came of all.

    Args:
        distribution: that of the client, which knows its version.
        release: the version, where none is installed.
    """
    print(json.dumps({"version": release or version(distribution), "calls": calls}))


def bytes_of(picture: Picture) -> bytes:
    """A picture, fetched without a key where it is a link, as a browser does."""
    if isinstance(picture, bytes):
        return picture
    if picture.startswith(("http:", "https:", "data:")):
        with urllib.request.urlopen(picture, timeout=60) as answer:
            return bytes(answer.read())
    return base64.b64decode(picture, validate=True)


def _run(name: str, call: Callable[[str], None]) -> None:
    try:
        call(f"{CLIENT} {name}: a heron in the mist")
    except Exception as error:
        calls[name] = f"{type(error).__name__}: {error}"
    else:
        calls[name] = "ok"


def _told(error: BaseException | None) -> str:
    """All that an error says, with those that it was raised from."""
    said = ""
    while error is not None:
        said, error = f"{said}{error}\n", error.__cause__ or error.__context__
    return said
