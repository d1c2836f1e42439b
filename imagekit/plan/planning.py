"""From what a caller asks for to the calls that it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from imagekit.basics.classes import evolve, frozen
from imagekit.declare.family import CANONICAL
from imagekit.declare.sizes import SIZE_PARAMETERS, Sizes
from imagekit.errors import ImagekitError, UsageError
from imagekit.plan.call import Call, invalid, request_of, spell_call
from imagekit.plan.policies import POLICIES, OnUnsupported
from imagekit.plan.routes.choosing import Choice, Lead, Router
from imagekit.plan.routes.names import merged
from imagekit.plan.routes.route import Route
from imagekit.plan.sizes import geometry_of
from imagekit.values import Charged, Problem, Receipt
from imagekit.values.purchase import REQUEST_ID
from imagekit.values.reference import PICTURES

if TYPE_CHECKING:
    from imagekit.plan.parameters import Parameters

__all__ = ["Asked", "Asking", "ask", "filled"]


@frozen(eq=False)
class Asked:
    """What was asked for, in the words of one route.

    Attributes:
        lead: the way that it would go.
        given: every parameter by its canonical name, those of the configuration among them.
        calls: one; more where a call makes fewer pictures than are wanted.
        others: how to ask the other hosts that are preferred for it, each by its name.
    """

    lead: Lead
    given: Mapping[str, Any]
    calls: list[Call]
    others: tuple[str, ...] = ()

    def tell_of_others(self, error: BaseException) -> None:
        """Note on an error that was certainly free whom else its caller may ask."""
        if self.others and isinstance(error, ImagekitError) and error.charged is Charged.NO:
            error.add_note(f"another host is asked by {' or '.join(self.others)}")

    def part(self, number: int | None) -> int:
        """The index of the call of this number, from 1; of the only one where none is named.

        Raises:
            UsageError: there is no such call; or there are several, and none is named.
        """
        calls, count = self.calls, f"{len(self.calls)} paid call{'s' * (len(self.calls) > 1)}"
        if number is None and len(calls) > 1:
            route = calls[0].route
            raise UsageError(
                f"this takes {count} at {route.name}, and begin makes one: say which (part=1 to "
                f"{len(calls)}), ask for n={route.pictures_per_call} at a time, or use generate"
            )
        wanted: object = 1 if number is None else number
        if type(wanted) is not int or not 1 <= wanted <= len(calls):
            raise UsageError(f"this takes {count}, numbered from 1: there is no part {wanted!r}")
        return wanted - 1

    def receipt(self, calls: list[Call]) -> Receipt:
        """That of ``calls``, which plugins may have changed, as one."""
        if len(calls) == 1:
            return calls[0].receipt
        from imagekit.plan.splitting import receipt_of

        return receipt_of(calls, self.given)


@frozen(eq=False)
class Asking:
    """What a caller asks for, before it is said in any host's words.

    Attributes:
        choice: where it may go.
        policy: for what a host can't do, where neither caller nor alias says.
        streamed: ask for a stream where the host has one and the caller says nothing.
        id: the caller's own for the request; a random one when not given.
        by_default: the model is the configuration's.
    """

    choice: Choice
    prompt: str
    parameters: Mapping[str, Any]
    policy: str
    streamed: bool
    id: str | None
    by_default: bool

    def on(self, lead: Lead, like: Asked | None = None, number: int = 0) -> Asked:
        """It on one route.

        Args:
            like: the same on another route: its pictures have been read, and its id is taken.
            number: how many calls come before these, on other routes.

        Raises:
            InvalidRequest: what can't even be spelled; other mistakes are the calls' problems.
        """
        route, target = lead.route, lead.target
        said, authors = filled(self.parameters, target.defaults, route.sizes)
        if self.by_default:
            authors["model"] = "configuration"
        policy = _policy(route, said.pop("on_unsupported", self.policy))
        if like is not None:
            said |= {name: like.given[name] for name in PICTURES if name in said}
        given: dict[str, Any] = {"model": target.name, "prompt": self.prompt}
        given |= _given(route, said, policy)
        if self.streamed and "stream" in route.spells and "stream" not in given:
            given["stream"], authors["stream"] = True, "Client.stream"
        id = self.id if like is None else request_of(like.calls[0])
        calls = _named(_calls(route, given, policy, authors), id, number)
        if target.aliases:
            calls = [evolve(call, aliases=target.aliases) for call in calls]
        routed = [call.routed(*self.choice.notes, *lead.notes) for call in calls]
        return Asked(lead, given, routed, self.choice.others)


def ask(
    router: Router,
    prompt: str,
    model: str | None,
    parameters: Parameters,
    streamed: bool = False,
    id: str | None = None,
) -> Asking:
    """What is asked for, and where it may go; the rest as of `Asking`.

    Raises:
        ImagekitError: there is no such route, or no such id.
    """
    address = router.default if model is None else model
    if not isinstance(address, str):
        raise UsageError(f"model is the name of one, such as 'host:model', not {address!r}")
    _check(id)
    policy = router.config.on_unsupported
    choice = router.choose(address)
    return Asking(choice, prompt, parameters, policy, streamed, id, model is None)


def _calls(
    route: Route, given: dict[str, Any], policy: OnUnsupported, authors: Mapping[str, str]
) -> list[Call]:
    if "n" not in given or route.pictures_per_call is None:
        return [spell_call(route, given, policy, authors)]
    from imagekit.plan.splitting import calls_for

    return calls_for(route, given, policy, authors)


def _check(id: str | None) -> None:
    given: object = id
    if given is None or (isinstance(given, str) and re.fullmatch(REQUEST_ID, given)):
        return
    raise UsageError(
        "an id has 1 to 100 of a-z, A-Z, 0-9 and _, the first no _, such as uuid4().hex; no "
        f"hyphen, which ends it where a request is several calls; not {given!r:.120}"
    )


def _named(calls: list[Call], id: str | None, number: int) -> list[Call]:
    """Each call by the id of the request, which is that of its first call when not given. A call
    that is the only one is named as its request is."""
    request = calls[0].id if id is None else id
    if len(calls) == 1 and number == 0:
        return calls if id is None else [evolve(calls[0], id=request)]
    return [evolve(call, id=f"{request}-{at}") for at, call in enumerate(calls, number + 1)]


def _policy(route: Route, policy: Any) -> OnUnsupported:
    if policy in POLICIES:
        return policy  # type: ignore[no-any-return]
    message = f"{policy!r} is not one of {', '.join(POLICIES)}"
    raise invalid(route, [Problem("on_unsupported", message, policy)])


def _given(route: Route, said: Mapping[str, Any], policy: OnUnsupported) -> dict[str, Any]:
    """The parameters, with options among them, and pictures read. What may be changed is copied:
    the receipt tells what was sent, whatever becomes of the caller's objects."""
    given: dict[str, Any] = {}
    for name, value in said.items():
        if name == "options":
            given |= _copied(_options(route, value))
        elif name in PICTURES:
            adapt = policy == "adapt" and name == "image" and "mask" not in said
            given[name] = _read(value, name, route, adapt)
        else:
            given[name] = _copied(value)
    return given


def _copied(value: Any) -> Any:
    """The same plain data, as deep as it is; one that is deeper than Python can follow is refused
    where it is checked."""
    try:
        return _copy(value)
    except RecursionError:
        return value


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copy(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_copy(inner) for inner in value]
    return tuple(map(_copy, value)) if type(value) is tuple else value


def _options(route: Route, options: Any) -> dict[str, Any]:
    if not isinstance(options, Mapping):
        raise invalid(route, [Problem("options", f"{options!r} is not an object", options)])
    standard = [
        Problem(f"options.{name}", f"is a standard parameter; pass {name}=... itself", value)
        for name, value in options.items()
        if name in CANONICAL or name == "native"
    ]
    if standard:
        raise invalid(route, standard)
    return {name: value for name, value in options.items() if value is not None}


def _read(value: Any, name: str, route: Route, adapt: bool) -> Any:
    from imagekit.plan.references.fitting import gathered  # for the calls that have pictures

    return gathered(name, value, route.references, adapt and name in route.spells)


def filled(
    parameters: Mapping[str, Any], defaults: Mapping[str, Any], sizes: Sizes | None
) -> tuple[dict[str, Any], dict[str, str]]:
    """The parameters of a call with an alias's defaults, and who gave what was not given.

    What the caller gave wins, also where it is said in other words: a default ratio gives
    way to exact pixels, and a default size in pixels to a ratio.
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    if not defaults:
        return given, {}
    fitting = {name: defaults[name] for name in _fitting(given, defaults, sizes)}
    authors = {
        inner: "alias"
        for name, value in fitting.items()
        for inner in _parts(name, value)
        if inner not in _parts(name, given.get(name))
    }
    return merged(fitting, given), authors


def _fitting(
    given: Mapping[str, Any], defaults: Mapping[str, Any], sizes: Sizes | None
) -> Iterator[str]:
    """The names of the defaults that don't contradict the size the caller gave."""
    said = {name: given[name] for name in SIZE_PARAMETERS if name in given}
    for name in defaults:
        if said and name in SIZE_PARAMETERS and name not in given:
            if not all(isinstance(value, str) for value in said.values()):
                continue
            wider = {**said, name: defaults[name]}
            if geometry_of(wider, sizes)[1]:
                continue
            said = wider
        yield name


def _parts(name: str, value: Any) -> list[str]:
    """What the receipt lists for a parameter: options by their names, native fields by path."""
    if name not in ("options", "native") or not isinstance(value, Mapping):
        return [] if value is None else [name]
    return [*value] if name == "options" else [f"native.{inner}" for inner in value]
