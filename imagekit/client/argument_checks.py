"""What a client is made of and asked for: slips are told where they are made, in a sentence.

Types are checked by whoever checks types; these are for everybody else, and for what would
otherwise come to light only when a picture has been paid for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from threading import TIMEOUT_MAX
from typing import TYPE_CHECKING, Any

from imagekit.errors import UsageError
from imagekit.journals import Journal
from imagekit.settings.config import HostSettings
from imagekit.values import Cost, Image, Pending, Result
from imagekit.values.budget import Budget, price_of_one

if TYPE_CHECKING:
    from imagekit.sharing import Shared

__all__ = [
    "a_budget",
    "a_job",
    "a_journal",
    "a_picture",
    "a_price",
    "functions",
    "heartbeats",
    "settings",
    "shared",
]


def functions(name: str, given: Iterable[Callable[..., Any]]) -> tuple[Callable[..., Any], ...]:
    """``observers`` or ``sinks``: callables, in something to go through."""
    if callable(given):
        raise UsageError(f"{name} are several: give a list, {name}=[{_called(given)}]")
    found = tuple(given)
    for one in found:
        if not callable(one):
            raise UsageError(f"{name} are functions, and {one!r} is none")
    return found


def a_journal(given: Journal | None) -> tuple[Journal, ...]:
    if given is None:
        return ()
    anything: object = given
    if isinstance(anything, Journal) and not isinstance(anything, type):
        return (given,)
    hint = f"; for a directory: FileJournal({given!r})" if isinstance(given, str) else ""
    raise UsageError(
        "a journal has the methods sending, accepted, answered, kept, left and ended, which "
        f"{given!r} has not{hint}"
    )


def shared(given: Shared) -> Shared:
    from imagekit.sharing import Shared

    anything: object = given
    if isinstance(anything, Shared) and not isinstance(anything, type):
        return given
    raise UsageError(f"sharing is a Shared, such as InProcess(), and not {given!r:.120}")


def a_budget(given: str | Budget) -> Budget:
    try:
        return given if isinstance(given, Budget) else Budget.parse(given)
    except (TypeError, ValueError) as error:
        raise UsageError(f"budget: {error}") from None


def a_price(given: str | Cost) -> Cost | None:
    """What a picture counts of which nobody knows the price; None: it is refused."""
    try:
        price = given if isinstance(given, Cost) else price_of_one(given)
        if price is None or (price.is_known and price.currency):
            return price
        raise ValueError(f"a price has an amount and a currency, and {price} has not")
    except (TypeError, ValueError) as error:
        raise UsageError(f"unknown_price: {error}") from None


def settings(hosts: Mapping[str, HostSettings]) -> Mapping[str, HostSettings]:
    for name, own in hosts.items():
        anything: object = own
        if not isinstance(anything, HostSettings):
            kind = type(anything).__name__  # and not itself: its headers may have a key
            raise UsageError(f"hosts[{name!r}] is a HostSettings(...), not of type {kind}")
    return hosts


def a_job(given: Pending) -> Pending:
    anything: object = given
    if isinstance(anything, Result):
        raise UsageError("this is a Result already: its pictures are here, nothing is to be asked")
    if not isinstance(anything, Pending):
        raise UsageError(f"a job is a Pending, as begin and errors give it, not {given!r}")
    return given


def a_picture(given: Image) -> Image:
    anything: object = given
    if not isinstance(anything, Image):
        raise UsageError(f"a picture is an Image of a result, not {given!r}")
    return given


def heartbeats(seconds: float | None) -> float | None:
    number: object = seconds
    fits = number is None or (isinstance(number, int | float) and not isinstance(number, bool))
    if not fits or (seconds is not None and not 0 < seconds <= TIMEOUT_MAX):
        raise UsageError(f"heartbeat is a number of seconds above 0, not {seconds!r}")
    return seconds


def _called(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", repr(function))
