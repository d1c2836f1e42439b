"""What strangers wrote, made fit for a terminal: hosts, files, and whoever wrote the prompt.

A terminal obeys what it is shown: it can be told to change its title, fill the clipboard or
show text backwards. Whatever is printed for people goes through `clean`, and JSON through
`imagekit.cli.tojson`, which escapes the same characters in its own way.
"""

from __future__ import annotations

import re
from typing import TextIO

__all__ = ["STEERING", "as_options", "clean", "encodable", "hanging"]

#: Controls (ESC and the 8-bit ones, too), line and paragraph separators, whatever turns the
#: direction of text, and lone surrogates, which no encoding has.
STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def clean(text: str) -> str:
    """The text with all that steers a terminal written as an escape; lines stay lines."""
    return STEERING.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return "\n" if found[0] == "\n" else ascii(found[0])[1:-1]


def hanging(text: str) -> str:
    """The text with every line but the first indented, so that none looks like one of ours."""
    return re.sub(r"\n(?!  )", "\n  ", text)


def encodable(text: str, stream: TextIO) -> str:
    """The text with what ``stream`` can't write as an escape: a locale is no reason to fail."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def as_options(text: str) -> str:
    """Advice of the core, ``size='2K'``, as it is typed here: ``--size 2K``."""
    return re.sub(r"\b(size|ratio|resolution|on_unsupported)='([^']*)'", _option, text)


def _option(found: re.Match[str]) -> str:
    return f"--{found[1].replace('_', '-')} {found[2]}"
