"""What a key is given: what it may do, how much of it, and until when.

The command line and HTTP both read it here, and both tell of a key in the same words.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from attrs import asdict, evolve, field, fields_dict, frozen
from imagekit_store import Key, Limits

from imagekit import InvalidRequest, Problem, UsageError
from imagekit_gateway.rights.rights import DIALECTS, Rights, rights_of

__all__ = ["FORMATS", "PERIODS", "Terms", "amount_words", "terms_of", "told"]

FORMATS = ("", "url", "b64_json")
PERIODS = ("day", "month", "total")


@frozen
class Terms:
    """
    Attributes:
        rights: what a key may do.
        limits: how much.
        expires: until when; None: for ever.
    """

    rights: Rights = field(factory=Rights)
    limits: Limits = field(factory=Limits)
    expires: datetime | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """The rights as a store keeps them: what is otherwise than of most keys."""
        plain = asdict(Rights())
        mine = asdict(self.rights)
        return {name: value for name, value in mine.items() if value != plain[name]}

    def changed(self, given: Mapping[str, Any]) -> Terms:
        """The same, but for what is given: by the names that `told` has for it.

        Raises:
            InvalidRequest: something of it can't be, with all that is so.
        """
        read: dict[str, Any] = {}
        problems: list[Problem] = []
        for name, value in given.items():
            try:
                read[name] = _reader(name)(value)
            except (ValueError, UsageError) as error:
                message = str(error).removeprefix(f"{name}: ")
                problems.append(Problem(name, message, value))
        if problems:
            raise InvalidRequest("; ".join(map(str, problems)), problems=tuple(problems))
        return Terms(
            evolve(self.rights, **_of(Rights, read)),
            evolve(self.limits, **_of(Limits, read)),
            read.get("expires", self.expires),
        )


def terms_of(key: Key) -> Terms:
    """What a key has been given.

    Raises:
        UsageError: a newer gateway has given it what this one does not know.
    """
    return Terms(rights_of(key), key.limits, key.expires)


def _of(owner: type, read: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in read.items() if name in fields_dict(owner)}


# --- read ----------------------------------------------------------------------------------------


def _flag(given: Any) -> bool:
    if type(given) is not bool:
        raise ValueError(f"{given!r:.40} is neither true nor false")
    return given


def _patterns(given: Any) -> tuple[str, ...]:
    is_list = isinstance(given, list | tuple) and len(given) <= 100
    if not is_list or not all(isinstance(one, str) and 0 < len(one) <= 200 for one in given):
        raise ValueError('it is a list of models, such as ["seedream-*", "kling-image-o1"]')
    return tuple(given)


def _one_of(*words: str) -> Callable[[Any], str]:
    def read(given: Any) -> str:
        if given not in words:
            raise ValueError(f"{given!r:.40} is none of {', '.join(filter(None, words))}")
        return str(given)

    return read


def _limit(name: str) -> Callable[[Any], Any]:
    return lambda given: getattr(Limits(**{name: given}), name)


def _expiry(given: Any) -> datetime | None:
    """``90d``, or a time, of this machine where it has no zone; None: never."""
    if given is None:
        return None
    now, text = datetime.now(UTC), str(given)
    try:
        if text.endswith("d"):
            until = now + timedelta(days=int(text[:-1]))
        else:
            until = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r:.40} is no time; say 90d or 2027-01-31") from None
    if until <= now:
        raise ValueError(f"{text!r:.40} has passed already")
    return until


_READ: dict[str, Callable[[Any], Any]] = {
    "models": _patterns,
    "native": _flag,
    "keep": _flag,
    "dialect": _one_of(*DIALECTS),
    "response_format": _one_of(*FORMATS),
    "operator": _flag,
    **{name: _limit(name) for name in fields_dict(Limits)},
    "expires": _expiry,
}
assert _READ.keys() == {*fields_dict(Rights), *fields_dict(Limits), "expires"}


def _reader(name: str) -> Callable[[Any], Any]:
    if name in _READ:
        return _READ[name]
    near = difflib.get_close_matches(name[:100], _READ, 1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(_READ)}"
    raise ValueError(f"a key has no such setting; {hint}")


# --- told ----------------------------------------------------------------------------------------


def told(key: Key, last_asked: datetime | None = None) -> dict[str, Any]:
    """All that is known of a key; money as text, so that no digit is lost, and times in UTC.

    Raises:
        UsageError: a newer gateway has given it what this one does not know.
    """
    terms = terms_of(key)
    return {
        "name": key.name,
        "hint": key.hint,
        "state": key.state,
        **asdict(terms.rights),
        **asdict(terms.limits),
        "budget": None if key.limits.budget is None else amount_words(key.limits.budget),
        "spent": amount_words(key.spent),
        "created": key.created.isoformat(),
        "expires": key.expires and key.expires.isoformat(),
        "revoked": key.revoked and key.revoked.isoformat(),
        "last_asked": last_asked and last_asked.isoformat(),
    }


def amount_words(money: Decimal) -> str:
    """As people write it; a database gives it with all of its decimals."""
    return f"{money.normalize():f}"
