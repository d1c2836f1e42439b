"""How a secret comes back from whoever was sent it: as it was, or encoded some way or other.

Every library has its own idea of what a URL can hold as it is: Python's ``quote`` leaves ``/``,
browsers leave ``=``, .NET writes ``%2b`` for ``%2B``; and a URL that stands in another, or in a
page, is encoded once more. So no list of spellings is complete, but each character's is.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from functools import lru_cache

__all__ = ["echo_of"]


@lru_cache(maxsize=64)  # a client has few secrets, and asks with the same ones each time
def echo_of(secrets: frozenset[str]) -> re.Pattern[str] | None:
    """What finds any of these in a text, in every spelling; None where there are none."""
    forms = {form for secret in secrets for form in _forms(secret)}
    # The longest first: one may be a part of another.
    words = ["".join(map(_spelt, form)) for form in sorted(forms, key=len, reverse=True)]
    return re.compile("|".join(words)) if words else None


def _forms(secret: str) -> Iterator[str]:
    """The secret as it is, and as headers have it."""
    yield secret
    for encoded in (base64.b64encode, base64.urlsafe_b64encode):
        yield encoded(_bytes(secret)).decode().rstrip("=")


def _spelt(char: str) -> str:
    """What matches one character: plain, as a URL (of a URL) has it, as JSON, or as HTML.

    No encoder touches letters and digits, nor those that tokens are made of besides, and most
    keys have nothing else: a pattern of theirs is a plain text, made and looked for at its speed.
    """
    if char in "-._" or (char.isascii() and char.isalnum()):
        return re.escape(char)
    plain = "[+ ]" if char == "+" else re.escape(char)  # forms read a plus as a space
    of_url = "".join(f"%(?:25)*{_hex(byte)}" for byte in _bytes(char))
    of_json = rf"\\u0*{_hex(ord(char))}"
    of_html = rf"&(?:amp;)*(?:#[xX]0*{_hex(ord(char))}|#0*{ord(char)}|[A-Za-z]+);"
    return rf"(?:\\?{plain}|{of_url}|{of_json}|{of_html})"


def _hex(number: int) -> str:
    """A number in hexadecimal digits of either case."""
    return re.sub("[a-f]", lambda digit: f"[{digit[0]}{digit[0].upper()}]", f"{number:02x}")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
