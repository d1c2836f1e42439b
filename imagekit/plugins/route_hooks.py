"""The hooks of one route, bound once: composed at run time, called like plain functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import UnionType
from typing import TYPE_CHECKING, Any, NoReturn, cast

import pluggy

from imagekit.basics.classes import evolve, frozen
from imagekit.errors import ImagekitError, PluginError
from imagekit.plan.call import Call
from imagekit.values import (
    Action,
    Charged,
    Line,
    Pending,
    Problem,
    Request,
    Response,
    Result,
    ServerEvent,
)
from imagekit.values.reference import summarized

if TYPE_CHECKING:
    from imagekit.events import Event

__all__ = ["RouteHooks", "bind"]

_DECODED = Result | Pending


def bind(route: str, caller: Callable[[str], pluggy.HookCaller]) -> RouteHooks:
    """The per-call hooks behind ``caller``, which finds a hook by name."""
    prepare = tuple(
        (impl.plugin_name, _by_name(impl))
        for impl in reversed(caller("imagekit_prepare_call").get_hookimpls())
    )
    return RouteHooks(
        route,
        prepare,
        _direct(caller("imagekit_validate_request"), ("call",), collect=True),
        _direct(caller("imagekit_shape_request"), ("call",)),
        _direct(caller("imagekit_decode_response"), ("call", "response")),
        _direct(caller("imagekit_decode_event"), ("call", "event")),
    )


@frozen
class RouteHooks:
    """The per-call hooks of one route, bound to plain functions where only one answers.

    What a plugin raises or returns wrongly becomes a `PluginError` that names the hook
    and the route; an `ImagekitError` passes through.
    """

    route: str
    _prepare: tuple[tuple[str, Callable[[Call], Call | None]], ...]
    _validate: Callable[..., Any]
    _shape: Callable[..., Any]
    _decode: Callable[..., Any]
    _decode_event: Callable[..., Any]

    def prepare(self, call: Call) -> Call:
        """Fold the call through every policy, noting on the receipt who changed what."""
        if not self._prepare:
            return call
        asked = _parts(call)
        for name, implementation in self._prepare:
            changed = self._guard("imagekit_prepare_call", implementation, call)
            if changed is None:
                continue
            self._expect("imagekit_prepare_call", changed, Call)
            before, after = _parts(call), _parts(changed)
            differ = [part for part in before | after if before.get(part) != after.get(part)]
            authors = {**call.authors, **dict.fromkeys(differ, f"policy:{name}")}
            call = evolve(changed, authors=authors).change()
        taken = [part for part in asked if part not in _parts(call)]
        return _with_taken(call, {part: asked[part] for part in taken}) if taken else call

    def validate(self, call: Call) -> list[Problem]:
        hook = "imagekit_validate_request"
        problems = self._guard(
            hook, lambda: [problem for answer in self._validate(call) for problem in answer]
        )
        for problem in problems:
            self._expect(hook, problem, Problem)
        return problems  # type: ignore[no-any-return]

    def shape(self, call: Call) -> Request:
        request = self._guard("imagekit_shape_request", self._shape, call)
        self._expect_request("imagekit_shape_request", request)
        return _with_headers(call, request)

    def decode(self, call: Call, response: Response) -> Result | Pending:
        hook = "imagekit_decode_response"
        try:
            decoded = self._guard(hook, self._decode, call, response)
            self._expect(hook, decoded, _DECODED)
            if isinstance(decoded, Pending):
                self._expect_request(hook, decoded.request)
        except PluginError as error:  # what was paid for stays in reach
            error.with_details(response=response)
            raise
        if isinstance(decoded, Pending):
            return evolve(decoded, request=_with_headers(call, decoded.request))
        return _of_call(call, decoded)

    def decode_event(self, call: Call, event: ServerEvent) -> list[Event]:
        from imagekit.events import Event  # for the few hosts that stream

        hook = "imagekit_decode_event"
        found = self._guard(hook, lambda: list(self._decode_event(call, event) or ()))
        for meaning in found:
            self._expect(hook, meaning, Event)
        return found  # type: ignore[no-any-return]

    def _guard(self, hook: str, function: Callable[..., Any], *args: Any) -> Any:
        try:
            return function(*args)
        except ImagekitError:
            raise
        except Exception as error:
            what = f"raised {type(error).__name__}: {error} ({_place(error)})"
            self._broken(hook, what, error)

    def _expect(self, hook: str, value: object, kind: type | UnionType) -> None:
        if not isinstance(value, kind):
            name = kind.__name__ if isinstance(kind, type) else "Result or Pending"
            self._broken(hook, f"gave {value!r}, not a {name}")

    def _expect_request(self, hook: str, value: Any) -> None:
        """A request, to an address: hosts name those of jobs, and perhaps not as a text."""
        self._expect(hook, value, Request)
        if not isinstance(value.url, str):
            self._broken(hook, f"gave a Request to {value.url!r}, which is no address")

    def _broken(self, hook: str, what: str, cause: Exception | None = None) -> NoReturn:
        paid = Charged.MAYBE if hook.startswith("imagekit_decode") else Charged.NO
        message = f"a plugin on {self.route} is broken: {hook} {what}"
        raise PluginError(message, charged=paid) from cause


# --- what every wire would have to say, and none can forget -------------------------------------


def _with_headers(call: Call, request: Request) -> Request:
    """With those of the offer, also on what looks for a lost answer."""
    if not call.headers:
        return request
    lookup = request.lookup and _with_headers(call, request.lookup)
    return evolve(request, headers={**request.headers, **call.headers}, lookup=lookup)


def _of_call(call: Call, result: Result) -> Result:
    """With what the call knows: who was asked for what, what became of each parameter, and what
    its caller should know."""
    own = tuple(note for note in result.notes if note not in call.notes)
    return evolve(
        result,
        model=call.route.model.name,
        host=call.route.host.name,
        receipt=call.receipt,
        notes=(*own, *call.notes),
    )


def _place(error: Exception) -> str:
    """Module and line of where it was raised, which tell whose plugin it is."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None:
        return "nowhere"
    return f"in {trace.tb_frame.f_globals.get('__name__', '?')}, line {trace.tb_lineno}"


def _parts(call: Call) -> dict[str, Any]:
    """What was given, native fields one by one, as the receipt lists them."""
    given = {name: value for name, value in call.given.items() if name != "native"}
    native = call.given.get("native") or {}
    return given | {f"native.{name}": value for name, value in native.items()}


def _with_taken(call: Call, taken: Mapping[str, Any]) -> Call:
    """The call with a line on its receipt for everything that policies took away."""
    lines = tuple(
        Line(name, summarized(value), Action.DROPPED, (), call.authors[name], "taken away")
        for name, value in taken.items()
    )
    return evolve(call, receipt=evolve(call.receipt, lines=call.receipt.lines + lines))


def _by_name(impl: pluggy.HookImpl) -> Callable[[Call], Call | None]:
    function = cast("Callable[..., Call | None]", impl.function)
    return lambda call: function(**dict.fromkeys(impl.argnames, call))


def _direct(
    caller: pluggy.HookCaller, arguments: tuple[str, ...], collect: bool = False
) -> Callable[..., Any]:
    """The plain functions behind a hook, or the hook itself where pluggy has work to do.

    ``collect`` is for hooks that collect every answer that is not None.
    """
    impls = caller.get_hookimpls()
    if collect and all(_is_plain(impl, arguments) for impl in impls):
        functions: list[Callable[..., Any]] = [impl.function for impl in reversed(impls)]
        return lambda *args: [
            answer for function in functions if (answer := function(*args)) is not None
        ]
    if not collect and len(impls) == 1 and _is_plain(impls[0], arguments):
        function: Callable[..., Any] = impls[0].function
        return function
    return lambda *args: caller(**dict(zip(arguments, args, strict=True)))


def _is_plain(impl: pluggy.HookImpl, arguments: tuple[str, ...]) -> bool:
    """Whether an implementation can be called without pluggy between."""
    return not (impl.wrapper or impl.hookwrapper) and tuple(impl.argnames) == arguments
