"""What declarations may be made of. A mistake is told where it is made, in one sentence that says
what is wrong and what would be right; `imagekit plugins` shows it to whoever installs the plugin.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attrs import fields

from imagekit.basics.closest import closest

if TYPE_CHECKING:
    from attrs import Attribute

__all__ = [
    "Check",
    "address",
    "all_of",
    "by_operation",
    "choice",
    "day",
    "each",
    "fields_of_json",
    "flag",
    "host_name",
    "kind",
    "name",
    "names",
    "one",
    "parts_of",
    "path",
    "reference",
    "text",
    "texts",
    "variables",
]

#: As attrs calls it, once everything is set.
Check = Callable[[Any, "Attribute[Any]", Any], None]

_NAME = r"[^\s:/]([^:/]*[^\s:/])?"
_HOST = r"[a-z0-9]+([._-][a-z0-9]+)*"
_VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"
_PLACEHOLDER = r"\{[^}]*\}?"
_REFERENCE = r"[A-Za-z_][\w.]*:[A-Za-z_]\w*"
_DAY = r"\d{4}-\d{2}(-\d{2})?"
#: Where requests go that every host may have; a wire may have others of its own.
OPERATIONS = ("generate", "edit")


def _refuse(thing: Any, attribute: Attribute[Any], right: str, value: Any) -> None:
    called = getattr(thing, "name", "") or getattr(thing, "parameter", "")
    whose = type(thing).__name__ + (f" {called!r}" if isinstance(called, str) and called else "")
    given = value.__name__ if isinstance(value, type) else repr(value)
    raise TypeError(f"{attribute.name} of {whose} is {right}, not {given[:80]}")


def one(*kinds: type, right: str = "", empty: bool = False) -> Check:
    """A value of one of these types.

    Args:
        right: what that is, for people.
        empty: whether it may be missing (None).
    """
    wanted = right or " or ".join(f"of type {kind.__name__}" for kind in kinds)

    def check(thing: Any, attribute: Attribute[Any], value: Any) -> None:
        is_flag = isinstance(value, bool) and bool not in kinds
        if not (empty and value is None) and (is_flag or not isinstance(value, kinds)):
            _refuse(thing, attribute, wanted, value)

    return check


#: True or False; a text.
flag = one(bool, right="True or False")
text = one(str, right="a text")


def name(thing: Any, attribute: Attribute[Any], value: Any) -> None:
    """A text by which users name it, without colons and slashes."""
    if not isinstance(value, str) or not re.fullmatch(_NAME, value):
        _refuse(thing, attribute, "a name without colons and slashes", value)


def path(thing: Any, attribute: Attribute[Any], value: Any) -> None:
    """A field, with dots before those that are inside of another."""
    if not isinstance(value, str) or not all(value.split(".")):
        _refuse(thing, attribute, "the path of a field, such as 'image_size.width'", value)


def host_name(thing: Any, attribute: Attribute[Any], value: Any) -> None:
    """What users type before the colon. Of an instance that they make themselves it is their own
    word, and what their configuration says is looked at there."""
    if not isinstance(value, str) or not (thing.kind or re.fullmatch(_HOST, value)):
        right = "what users type before the colon, small letters, digits, dots and hyphens"
        _refuse(thing, attribute, f"{right}, such as 'my-pond'", value)


def kind(thing: Any, attribute: Attribute[Any], value: Any) -> None:
    """A type of Python's."""
    if not isinstance(value, type):
        _refuse(thing, attribute, "a type, such as int", value)


def choice(known: Collection[Any], right: str) -> Check:
    """One of a few values."""

    def check(thing: Any, attribute: Attribute[Any], value: Any) -> None:
        if value not in known:
            _refuse(thing, attribute, right, value)

    return check


def each(does: str, right: str, example: str) -> Check:
    """A tuple of things of one kind, which have a method or an attribute.

    Args:
        does: its name, by which they are known.
        right: what they are, for people.
        example: one of them, in Python.
    """

    def check(thing: Any, attribute: Attribute[Any], value: Any) -> None:
        if not isinstance(value, tuple):
            comma = f"; a tuple of one has a comma: ({example},)" if hasattr(value, does) else ""
            _refuse(thing, attribute, f"a tuple of {right}{comma}", value)
        for item in value:
            if not hasattr(item, does) or isinstance(item, type):
                _refuse(thing, attribute, f"a tuple of {right}, such as ({example},)", item)

    return check


def all_of(item: type, right: str) -> Check:
    """A tuple of values of a type; None where it may be missing."""

    def check(thing: Any, attribute: Attribute[Any], value: Any) -> None:
        if value is None:
            return
        if not isinstance(value, tuple):
            _refuse(thing, attribute, f"a tuple of {right}", value)
        for one in value:
            if not isinstance(one, item):
                _refuse(thing, attribute, f"a tuple of {right}", one)

    return check


def parts_of(whole: type) -> Check:
    """A value of a class, or a dict of some of its attributes; None where it may be missing."""

    def check(thing: Any, attribute: Attribute[Any], value: Any) -> None:
        if value is None or isinstance(value, whole):
            return
        if not isinstance(value, Mapping):
            _refuse(thing, attribute, f"a {whole.__name__}, or a dict of its attributes", value)
        known = [one.name for one in fields(whole)]
        for key in value:
            if key not in known:
                near = closest(str(key), known)
                hint = f" (did you mean {near[0]!r}?)" if near else ""
                _refuse(thing, attribute, f"attributes of a {whole.__name__}{hint}", key)

    return check


def fields_of_json(thing: Any, attribute: Attribute[Any], value: Any) -> None:
    """A set of names of fields; ``frozenset("output")`` is the letters of one."""
    if not isinstance(value, frozenset):
        _refuse(thing, attribute, "a frozenset of names of fields", value)
    if len(value) > 1 and all(len(one) == 1 for one in value):
        letters = "".join(sorted(value))
        _refuse(thing, attribute, 'names of fields, such as frozenset({"output"})', letters)


def names(thing: Any, attribute: Attribute[Any], value: Any) -> None:
    """A tuple of texts."""
    if not isinstance(value, tuple) or not all(isinstance(item, str) and item for item in value):
        comma = f"; a tuple of one has a comma: ({value!r},)" if isinstance(value, str) else ""
        _refuse(thing, attribute, f"a tuple of texts{comma}", value)


def variables(thing: Any, attribute: Attribute[Any], value: Any) -> None:
    """A tuple of names of environment variables."""
    names(thing, attribute, value)
    for item in value:
        if not re.fullmatch(_VARIABLE, item):
            raise TypeError(  # what stands there may be a key
                f"{attribute.name} of {type(thing).__name__} is names of environment variables, "
                f"such as ('POND_API_KEY',), and not what is in them: {len(item)} characters"
            )


def reference(thing: Any, attribute: Attribute[Any], value: Any) -> None:
    """Where something stands, to be imported later; empty where there is no such thing."""
    if not isinstance(value, str) or not (value == "" or re.fullmatch(_REFERENCE, value)):
        _refuse(thing, attribute, "a module and a name: 'imagekit_pond.testing:Pond'", value)


def texts(thing: Any, attribute: Attribute[Any], value: Any) -> None:
    """A mapping from text to text."""
    if not isinstance(value, Mapping):
        _refuse(thing, attribute, "a dict of texts", value)
    for item in (*value, *value.values()):
        if not isinstance(item, str):
            _refuse(thing, attribute, "a dict of texts", item)


def by_operation(thing: Any, attribute: Attribute[Any], value: Any) -> None:
    """Where requests go below a host's address, by what is asked for there."""
    texts(thing, attribute, value)
    for operation, path in value.items():
        if not path.startswith("/"):
            _refuse(thing, attribute, "a dict of paths that begin with a slash", path)
        for placeholder in re.findall(_PLACEHOLDER, path):
            if placeholder != "{id}":
                _refuse(thing, attribute, "paths in which {id} is the host's id", placeholder)
        near = closest(operation, OPERATIONS)
        if near and operation not in OPERATIONS:
            _refuse(thing, attribute, f"by operation (did you mean {near[0]!r}?)", operation)


def address(thing: Any, attribute: Attribute[Any], value: Any) -> None:
    """Where a host is: scheme, name, and perhaps a path."""
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        _refuse(thing, attribute, "an address such as https://api.example.com/v1", value)
    elif parts.query or parts.fragment:
        _refuse(thing, attribute, "an address without a query", value)


def day(thing: Any, attribute: Attribute[Any], value: Any) -> None:
    """A day, as ISO 8601 has it."""
    if not isinstance(value, str) or not (re.fullmatch(_DAY, value) or value == ""):
        _refuse(thing, attribute, "a day such as '2026-11-29'", value)
